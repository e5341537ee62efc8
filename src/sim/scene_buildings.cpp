#include <algorithm>
#include <array>
#include <cmath>

#include "scene_build.hpp"

namespace vl::sim {
namespace {

constexpr std::array<std::string_view, 24> kTrades{
    "PHỞ BÒ",  "CÀ PHÊ",       "NHÀ THUỐC",   "TẠP HÓA",  "SỬA XE MÁY", "ĐIỆN THOẠI",
    "BÁNH MÌ", "CƠM BÌNH DÂN", "HIỆU SÁCH",   "MAY ĐO",   "CẮT TÓC",    "BIA HƠI",
    "GIẶT LÀ", "ĐIỆN NƯỚC",    "THỜI TRANG",  "NHA KHOA", "TRÀ SỮA",    "VĂN PHÒNG PHẨM",
    "BÚN CHẢ", "KÍNH MẮT",     "ĐỒ GIA DỤNG", "HOA TƯƠI", "NỘI THẤT",   "RỬA XE"};
struct SignColours {
  std::uint32_t ground, ink;
};
constexpr std::array<SignColours, 8> kSignColours{{{0xB3201F, 0xFFE27A},
                                                   {0x1A4C9C, 0xFFFFFF},
                                                   {0x1F7A45, 0xFFFFFF},
                                                   {0xF3EFE4, 0xA71D2A},
                                                   {0xF2C230, 0x9C1C20},
                                                   {0x2B2D33, 0xF4E7C5},
                                                   {0xE7722E, 0xFFFFFF},
                                                   {0xE9F0F4, 0x1C4F8F}}};
constexpr std::array<std::uint32_t, 12> kWalls{0xD9C79E, 0xC8D2C6, 0xE2DCCB, 0xD8B98A,
                                               0xB9C7CF, 0xE3D3B4, 0xC9A27C, 0xDCDAD4,
                                               0xA9BBA4, 0xD9B7A5, 0xCFCBB8, 0xBFD0D8};

void box_at(World& world, const Frontage& f, float u0, float u1, float w0, float w1, float z0,
            float z1, std::uint32_t coat) {
  // w grows towards the street; the box is drawn from outside.
  const auto p = [&](float u, float w, float z) { return f.at(u, w, z); };
  world.quad(p(u0, w1, z0), p(u1, w1, z0), p(u1, w1, z1), p(u0, w1, z1), coat);
  world.quad(p(u1, w1, z0), p(u1, w0, z0), p(u1, w0, z1), p(u1, w1, z1), coat);
  world.quad(p(u0, w0, z0), p(u0, w1, z0), p(u0, w1, z1), p(u0, w0, z1), coat);
  world.quad(p(u0, w1, z1), p(u1, w1, z1), p(u1, w0, z1), p(u0, w0, z1), coat);
  world.quad(p(u1, w1, z0), p(u0, w1, z0), p(u0, w0, z0), p(u1, w0, z0), coat);
}

void add_shop_sign(World& world, const Frontage& f, float u, float width, bool dusk,
                   Chance& chance) {
  const SignColours colours =
      kSignColours[static_cast<std::size_t>(chance.below(kSignColours.size()))];
  const auto trade = kTrades[static_cast<std::size_t>(chance.below(kTrades.size()))];
  const float height = chance.between(0.8F, 1.15F);
  const float glow = dusk && chance.happens(0.6F) ? chance.between(0.6F, 1.1F) : 0;
  const float z = 3.35F + height / 2;
  world.board(trade, f.at(u + width / 2, 0.22F, z), {f.along.x, f.along.y, 0}, width - 0.3F, height,
              colours.ground, colours.ink, glow);
  box_at(world, f, u + 0.15F, u + width - 0.15F, 0.02F, 0.2F, z - height / 2, z + height / 2,
         world.plain(colours.ground));
  if (glow > 0)
    world.lamps.push_back({f.at(u + width / 2, 1.2F, z - 0.4F), {0.9F, 0.75F, 0.55F}, 5, 0});
  if (chance.happens(0.35F)) {  // a narrow board standing out from the wall
    const SignColours side =
        kSignColours[static_cast<std::size_t>(chance.below(kSignColours.size()))];
    const float su = u + (chance.happens(0.5F) ? 0.25F : width - 0.25F);
    const Vec2 out = f.out();
    const auto other = kTrades[static_cast<std::size_t>(chance.below(kTrades.size()))];
    for (const float side_of : {-1.0F, 1.0F})
      world.board(other, f.at(su + side_of * 0.06F, 0.85F, 5.2F),
                  {out.x * side_of, out.y * side_of, 0}, 1.3F, 0.9F, side.ground, side.ink,
                  dusk ? 0.7F : 0);
    box_at(world, f, su - 0.05F, su + 0.05F, 0.2F, 1.5F, 4.75F, 5.65F, world.plain(side.ground));
  }
}

void add_upper_storeys(World& world, const Frontage& f, float u, float width, int storeys,
                       std::uint32_t wall, Chance& chance) {
  const auto rail = world.plain(chance.happens(0.5F) ? 0x4A4E52 : 0xD8D8D2);
  const auto plant = world.add_coat({.surface = Surface::foliage,
                                     .colour = linear_rgb(0x4E7A3A),
                                     .seed = static_cast<std::uint32_t>(chance.bits())});
  for (int s = 1; s < storeys; ++s) {
    const float z = 0.15F + 3.4F * static_cast<float>(s) + 0.1F;
    if (chance.happens(0.7F)) {
      box_at(world, f, u + 0.1F, u + width - 0.1F, 0, 0.95F, z, z + 0.14F, wall);
      box_at(world, f, u + 0.1F, u + width - 0.1F, 0.90F, 0.95F, z + 0.95F, z + 1.02F, rail);
      for (float x = u + 0.2F; x < u + width - 0.1F; x += 0.28F)
        box_at(world, f, x, x + 0.045F, 0.90F, 0.94F, z + 0.14F, z + 0.95F, rail);
      if (chance.happens(0.45F)) {
        const float px = chance.between(u + 0.4F, u + width - 0.8F);
        box_at(world, f, px, px + 0.5F, 0.5F, 0.9F, z + 0.3F, z + chance.between(0.8F, 1.2F),
               plant);
      }
    } else if (chance.happens(0.6F)) {  // air conditioner
      const float px = chance.between(u + 0.3F, u + width - 1.1F);
      box_at(world, f, px, px + 0.75F, 0, 0.32F, z + 0.3F, z + 0.85F, world.plain(0xE4E6E4));
    }
  }
}

void add_roof(World& world, const Frontage& f, float u, float width, float depth, float top,
              Chance& chance) {
  if (chance.happens(0.45F)) {  // steel water tank
    const Vec3 foot = f.at(u + width * 0.5F, -depth * 0.4F, top);
    world.bar(foot + Vec3{0, 0, 0.9F}, foot + Vec3{0, 0, 2.3F}, 0.55F, 0.55F, 10,
              world.plain(0xC9CFD4));
    world.bar(foot, foot + Vec3{0, 0, 0.9F}, 0.3F, 0.3F, 4, world.plain(0x7A7E82));
  } else if (chance.happens(0.6F)) {  // tin roof over the terrace
    const auto tin =
        world.add_coat({.surface = Surface::tin,
                        .colour = linear_rgb(chance.happens(0.5F) ? 0x9C4A3A : 0x4F7FA0)});
    world.quad(f.at(u, 0.5F, top + 1.9F), f.at(u + width, 0.5F, top + 1.9F),
               f.at(u + width, -depth, top + 2.7F), f.at(u, -depth, top + 2.7F), tin);
    for (const float x : {u + 0.15F, u + width - 0.15F})
      world.bar(f.at(x, -0.2F, top), f.at(x, -0.2F, top + 2.0F), 0.05F, 0.05F, 4,
                world.plain(0x8A8E90));
  }
}

}  // namespace

void build_shop_house(World& world, const Frontage& f, float u, float width, int storeys, bool dusk,
                      Chance& chance) {
  constexpr float kDepth = 13;
  const float top = 0.15F + 3.4F * static_cast<float>(storeys) + 0.7F;
  const std::uint32_t wall_rgb = kWalls[static_cast<std::size_t>(chance.below(kWalls.size()))];
  Coat facade{.surface = Surface::facade, .colour = linear_rgb(wall_rgb)};
  facade.second = linear_rgb(chance.happens(0.5F) ? 0x5B4636 : 0x6E7F86);
  facade.seed = static_cast<std::uint32_t>(chance.bits());
  facade.width_m = width, facade.height_m = top - 0.15F, facade.storeys = storeys;
  facade.glow = dusk ? 1.0F : 0.0F;
  const auto front = world.add_coat(facade);
  const auto p = [&](float x, float w, float z) { return f.at(x, w, z); };
  world.quad(p(u, 0, 0.15F), p(u + width, 0, 0.15F), p(u + width, 0, top), p(u, 0, top), front);
  const auto side =
      world.add_coat({.surface = Surface::concrete,
                      .colour = linear_rgb(chance.happens(0.4F) ? 0xA9A59C : wall_rgb),
                      .seed = facade.seed});
  const float r = u + width;
  world.quad(p(r, 0, 0), p(r, -kDepth, 0), p(r, -kDepth, top), p(r, 0, top), side);
  world.quad(p(u, -kDepth, 0), p(u, 0, 0), p(u, 0, top), p(u, -kDepth, top), side);
  world.quad(p(r, -kDepth, 0), p(u, -kDepth, 0), p(u, -kDepth, top), p(r, -kDepth, top), side);
  const auto flat = world.add_coat(
      {.surface = Surface::concrete, .colour = linear_rgb(0x9A958A), .seed = facade.seed + 1});
  world.quad(p(u, 0, top - 0.6F), p(r, 0, top - 0.6F), p(r, -kDepth, top - 0.6F),
             p(u, -kDepth, top - 0.6F), flat);
  const auto wall = world.plain(wall_rgb);
  box_at(world, f, u - 0.02F, r + 0.02F, -0.05F, 0.18F, top - 0.22F, top, wall);
  add_upper_storeys(world, f, u, width, storeys, wall, chance);
  if (chance.happens(0.85F)) add_shop_sign(world, f, u, width, dusk, chance);
  if (chance.happens(0.6F)) {  // awning over the pavement
    constexpr std::array<std::uint32_t, 6> kCloth{0xB23A34, 0x2C6E9E, 0x3D8455,
                                                  0xD9A23A, 0x8C9299, 0xC9653A};
    const auto cloth = world.add_coat(
        {.surface = Surface::awning,
         .colour = linear_rgb(kCloth[static_cast<std::size_t>(chance.below(kCloth.size()))])});
    const float reach = chance.between(1.4F, 2.4F);
    world.quad(p(u + 0.1F, reach, 2.65F), p(r - 0.1F, reach, 2.65F), p(r - 0.1F, 0.1F, 3.2F),
               p(u + 0.1F, 0.1F, 3.2F), cloth);
    world.quad(p(u + 0.1F, reach, 2.4F), p(r - 0.1F, reach, 2.4F), p(r - 0.1F, reach, 2.65F),
               p(u + 0.1F, reach, 2.65F), cloth);
  }
  if (dusk) world.lamps.push_back({f.at(u + width / 2, 1.5F, 2.6F), {0.85F, 0.8F, 0.68F}, 5.5F, 0});
  add_roof(world, f, u, width, kDepth, top - 0.6F, chance);
}

void build_house_row(World& world, const Frontage& front, float row_m, int max_storeys, bool dusk,
                     Chance& chance) {
  float u = 0;
  while (u < row_m - 3.9F) {
    const float width = std::min(chance.between(4.0F, 6.2F), row_m - u);
    if (chance.happens(0.93F))
      build_shop_house(world, front, u, width, 1 + chance.below(max_storeys), dusk, chance);
    u += width + (chance.happens(0.15F) ? 1.2F : 0.02F);
  }
}

void build_shed(World& world, const Frontage& f, float width, float depth, float height,
                std::uint32_t wall_rgb, std::uint32_t roof_rgb) {
  const auto wall = world.add_coat({.surface = Surface::tin, .colour = linear_rgb(wall_rgb)});
  const auto roof = world.add_coat({.surface = Surface::tin, .colour = linear_rgb(roof_rgb)});
  const auto p = [&](float u, float w, float z) { return f.at(u, w, z); };
  const float ridge = height + width * 0.09F;
  world.quad(p(0, 0, 0), p(width, 0, 0), p(width, 0, height), p(0, 0, height), wall);
  world.triangle(p(0, 0, height), p(width, 0, height), p(width / 2, 0, ridge), wall);
  world.quad(p(0, -depth, 0), p(0, 0, 0), p(0, 0, height), p(0, -depth, height), wall);
  world.quad(p(width, 0, 0), p(width, -depth, 0), p(width, -depth, height), p(width, 0, height),
             wall);
  world.quad(p(-0.4F, 0.5F, height - 0.1F), p(width / 2, 0.5F, ridge), p(width / 2, -depth, ridge),
             p(-0.4F, -depth, height - 0.1F), roof);
  world.quad(p(width / 2, 0.5F, ridge), p(width + 0.4F, 0.5F, height - 0.1F),
             p(width + 0.4F, -depth, height - 0.1F), p(width / 2, -depth, ridge), roof);
  const auto door = world.plain(0x3C4650);
  for (float u = width * 0.12F; u + 5 < width; u += width * 0.3F)
    world.quad(p(u, 0.03F, 0), p(u + 4.5F, 0.03F, 0), p(u + 4.5F, 0.03F, 4.6F), p(u, 0.03F, 4.6F),
               door);
  const auto strip = world.plain(0xB9C9D2);
  world.quad(p(0.8F, 0.03F, height - 1.6F), p(width - 0.8F, 0.03F, height - 1.6F),
             p(width - 0.8F, 0.03F, height - 0.7F), p(0.8F, 0.03F, height - 0.7F), strip);
}

void build_wall(World& world, Vec2 from, Vec2 to, float height, std::uint32_t rgb) {
  const Vec2 d = to - from;
  const float n = length(d);
  const Vec2 along = d * (1 / n), middle = from + d * 0.5F;
  const auto coat =
      world.add_coat({.surface = Surface::concrete, .colour = linear_rgb(rgb), .seed = 7});
  world.block(middle, along, {0.22F, n, height}, 0, coat);
  world.block(middle, along, {0.34F, n, 0.12F}, height, world.plain(0x9C968A));
  const auto pier = world.plain(0xC9BFA8);
  for (float s = 0; s <= n; s += 4)
    world.block(from + along * s, along, {0.4F, 0.4F, height + 0.3F}, 0, pier);
}

void build_umbrella(World& world, Vec2 at, float radius, float height, std::uint32_t rgb) {
  const auto cloth = world.add_coat({.surface = Surface::awning, .colour = linear_rgb(rgb)});
  const auto white = world.add_coat({.surface = Surface::plain, .colour = linear_rgb(0xE8E4DA)});
  const Vec3 top{at.x, at.y, height + 0.45F};
  constexpr int kSides = 8;
  for (int i = 0; i < kSides; ++i) {
    const auto rim = [&](int k) {
      const float a = 2 * kPi * static_cast<float>(k) / kSides + 0.2F;
      return Vec3{at.x + radius * std::cos(a), at.y + radius * std::sin(a), height};
    };
    world.triangle(rim(i), rim(i + 1), top, i % 2 == 0 ? cloth : white);
    world.triangle(rim(i + 1), rim(i), top - Vec3{0, 0, 0.03F}, cloth);
  }
  world.bar({at.x, at.y, 0}, top, 0.035F, 0.035F, 5, world.plain(0x8F9498));
}

void build_stall(World& world, Vec2 at, Vec2 along, Chance& chance) {
  const auto cloth = world.plain(0x6B5A45);
  world.block(at, {-along.y, along.x}, {2.0F, 1.0F, 0.7F}, 0.02F, cloth);
  constexpr std::array<std::uint32_t, 8> kGoods{0x4F8A3A, 0xC8452F, 0xE0A030, 0x7FAE4A,
                                                0xD9742E, 0x8C3B52, 0xD9CE9A, 0x3F7040};
  for (int i = 0; i < 9; ++i) {
    const Vec2 p = at + along * chance.between(-0.85F, 0.85F) +
                   Vec2{-along.y, along.x} * chance.between(-0.35F, 0.35F);
    const auto goods = world.add_coat(
        {.surface = Surface::foliage,
         .colour = linear_rgb(kGoods[static_cast<std::size_t>(chance.below(kGoods.size()))]),
         .seed = static_cast<std::uint32_t>(chance.bits())});
    world.block(
        p, along,
        {chance.between(0.3F, 0.5F), chance.between(0.3F, 0.5F), chance.between(0.12F, 0.3F)},
        0.72F, goods);
  }
}

}  // namespace vl::sim
