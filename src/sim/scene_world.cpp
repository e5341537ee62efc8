#include "scene_world.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "scene_font.hpp"

namespace vl::sim {

namespace {

// Cells of the ground for finding lamps; what lies outside is counted to the nearest cell.
constexpr float kCell_m = 6;
constexpr int kCellsWide = 54, kCellsLong = 50;
constexpr float kLowX = -162, kLowY = -40;

int cell_along(float value, float low, int count) {
  return std::clamp(static_cast<int>((value - low) / kCell_m), 0, count - 1);
}

}  // namespace

void World::index_lamps() {
  lamps_by_cell.assign(static_cast<std::size_t>(kCellsWide * kCellsLong), {});
  for (std::size_t i = 0; i < lamps.size(); ++i) {
    const Lamp& lamp = lamps[i];
    const int x0 = cell_along(lamp.at.x - lamp.reach_m, kLowX, kCellsWide);
    const int x1 = cell_along(lamp.at.x + lamp.reach_m, kLowX, kCellsWide);
    const int y0 = cell_along(lamp.at.y - lamp.reach_m, kLowY, kCellsLong);
    const int y1 = cell_along(lamp.at.y + lamp.reach_m, kLowY, kCellsLong);
    for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x)
        lamps_by_cell[static_cast<std::size_t>(y * kCellsWide + x)].push_back(
            static_cast<std::uint16_t>(i));
  }
}

std::span<const std::uint16_t> World::lamps_near(Vec3 at) const {
  const int x = cell_along(at.x, kLowX, kCellsWide), y = cell_along(at.y, kLowY, kCellsLong);
  return lamps_by_cell[static_cast<std::size_t>(y * kCellsWide + x)];
}

std::uint32_t World::add_coat(const Coat& coat) {
  coats.push_back(coat);
  return static_cast<std::uint32_t>(coats.size() - 1);
}

std::uint32_t World::plain(std::uint32_t rgb) {
  return add_coat({.surface = Surface::plain, .colour = linear_rgb(rgb)});
}

void World::quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, std::uint32_t coat) {
  const Vec3 normal = normalize(cross(b - a, c - a));
  const Vec3 along = normalize(b - a);
  faces.push_back({a, along, cross(normal, along), normal, coat});
  const auto face = static_cast<std::uint32_t>(faces.size() - 1);
  triangles.push_back({a, b, c, face});
  triangles.push_back({a, c, d, face});
}

void World::triangle(Vec3 a, Vec3 b, Vec3 c, std::uint32_t coat) {
  const Vec3 normal = normalize(cross(b - a, c - a));
  const Vec3 along = normalize(b - a);
  faces.push_back({a, along, cross(normal, along), normal, coat});
  triangles.push_back({a, b, c, static_cast<std::uint32_t>(faces.size() - 1)});
}

void World::box(Vec3 low, Vec3 high, std::uint32_t coat) {
  const Vec3 a{low.x, low.y, low.z}, b{high.x, low.y, low.z};
  const Vec3 c{high.x, high.y, low.z}, d{low.x, high.y, low.z};
  const Vec3 e{low.x, low.y, high.z}, f{high.x, low.y, high.z};
  const Vec3 g{high.x, high.y, high.z}, h{low.x, high.y, high.z};
  quad(a, b, f, e, coat);
  quad(b, c, g, f, coat);
  quad(c, d, h, g, coat);
  quad(d, a, e, h, coat);
  quad(e, f, g, h, coat);
}

void World::block(Vec2 middle, Vec2 ahead, Vec3 size, float bottom, std::uint32_t coat) {
  const Vec2 right{ahead.y, -ahead.x};
  const auto corner = [&](float x, float y, float z) {
    const Vec2 p = middle + right * (x * size.x / 2) + ahead * (y * size.y / 2);
    return Vec3{p.x, p.y, bottom + z * size.z};
  };
  const Vec3 a = corner(-1, -1, 0), b = corner(1, -1, 0), c = corner(1, 1, 0), d = corner(-1, 1, 0);
  const Vec3 e = corner(-1, -1, 1), f = corner(1, -1, 1), g = corner(1, 1, 1), h = corner(-1, 1, 1);
  quad(a, b, f, e, coat);
  quad(b, c, g, f, coat);
  quad(c, d, h, g, coat);
  quad(d, a, e, h, coat);
  quad(e, f, g, h, coat);
}

void World::bar(Vec3 from, Vec3 to, float from_radius, float to_radius, int sides,
                std::uint32_t coat) {
  const Vec3 axis = normalize(to - from);
  const Vec3 helper = std::abs(axis.z) < 0.9F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 u = normalize(cross(axis, helper)), v = cross(axis, u);
  const auto rim = [&](Vec3 centre, float radius, int i) {
    const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
    return centre + u * (radius * std::cos(angle)) + v * (radius * std::sin(angle));
  };
  for (int i = 0; i < sides; ++i) {
    quad(rim(from, from_radius, i), rim(from, from_radius, i + 1), rim(to, to_radius, i + 1),
         rim(to, to_radius, i), coat);
    triangle(to, rim(to, to_radius, i), rim(to, to_radius, i + 1), coat);
  }
}

void World::slab(const std::vector<Vec2>& outline, float bottom, float top, std::uint32_t top_coat,
                 std::uint32_t side_coat) {
  const auto lift = [](Vec2 p, float z) { return Vec3{p.x, p.y, z}; };
  const Vec3 normal{0, 0, 1};
  faces.push_back({{0, 0, top}, {1, 0, 0}, {0, 1, 0}, normal, top_coat});
  const auto face = static_cast<std::uint32_t>(faces.size() - 1);
  for (std::size_t i = 1; i + 1 < outline.size(); ++i)
    triangles.push_back(
        {lift(outline[0], top), lift(outline[i], top), lift(outline[i + 1], top), face});
  for (std::size_t i = 0; i < outline.size(); ++i) {
    const Vec2 p = outline[i], q = outline[(i + 1) % outline.size()];
    quad(lift(p, bottom), lift(q, bottom), lift(q, top), lift(p, top), side_coat);
  }
}

void World::mesh(const Mesh& mesh, Vec2 at, Vec2 ahead, const Palette& palette, float lift) {
  std::array<std::uint32_t, static_cast<std::size_t>(Part::count)> coat_of{};
  for (std::size_t i = 0; i < coat_of.size(); ++i)
    coat_of[i] = add_coat({.surface = Surface::plain,
                           .colour = look_of(static_cast<Part>(i), palette, false, false).colour});
  const Vec2 right{ahead.y, -ahead.x};
  const auto place = [&](Vec3 p) {
    const Vec2 q = at + right * p.x + ahead * p.y;
    return Vec3{q.x, q.y, p.z + lift};
  };
  for (const auto& t : mesh.triangles)
    triangle(place(mesh.vertices[t[0]].at), place(mesh.vertices[t[1]].at),
             place(mesh.vertices[t[2]].at),
             coat_of[static_cast<std::size_t>(mesh.vertices[t[0]].part)]);
}

void World::board(std::string_view text, Vec3 middle, Vec3 along, float width, float height,
                  std::uint32_t ground, std::uint32_t ink, float glow) {
  const int texels_high = std::clamp(static_cast<int>(height * 70), 24, 160);
  const int texels_wide = static_cast<int>(static_cast<float>(texels_high) * width / height);
  Texture texture = blank_texture(texels_wide, texels_high, ground);
  TextStyle style{static_cast<float>(texels_high) * 0.44F, 0.17F, 1};
  TextMask mask = draw_text(text, style);
  const float room = static_cast<float>(texels_wide) * 0.9F;
  if (static_cast<float>(mask.width) > room) {
    style.width = std::max(0.62F, room / static_cast<float>(mask.width));
    style.cap_height_px *= std::min(1.0F, room / (static_cast<float>(mask.width) * style.width));
    mask = draw_text(text, style);
  }
  print_text(texture, mask, (texels_wide - mask.width) / 2,
             (texels_high - mask.height) / 2 - static_cast<int>(style.cap_height_px * 0.08F), ink);
  textures.push_back(std::move(texture));
  const auto coat = add_coat({.surface = Surface::sign,
                              .texture = static_cast<int>(textures.size() - 1),
                              .width_m = width,
                              .height_m = height,
                              .glow = glow});
  const Vec3 half_along = along * (width / 2), half_up{0, 0, height / 2};
  quad(middle - half_along - half_up, middle + half_along - half_up, middle + half_along + half_up,
       middle - half_along + half_up, coat);
}

PartLook look_of(Part part, const Palette& palette, bool dusk, bool braking) {
  switch (part) {
    case Part::paint:
      return {palette[0], 0.55F, {}};
    case Part::trim:
      return {palette[1], 0.4F, {}};
    case Part::coat:
      return {palette[2], 0, {}};
    case Part::trousers:
      return {palette[3], 0, {}};
    case Part::hat:
      return {palette[4], 0.5F, {}};
    case Part::skin:
      return {palette[5], 0, {}};
    case Part::load:
      return {palette[6], 0.05F, {}};
    case Part::glass:
      return {{0.012F, 0.016F, 0.02F}, 1.0F, {}};
    case Part::rubber:
      return {{0.012F, 0.012F, 0.013F}, 0, {}};
    case Part::chrome:
      return {{0.33F, 0.34F, 0.36F}, 0.6F, {}};
    case Part::plastic:
      return {{0.03F, 0.032F, 0.035F}, 0.1F, {}};
    case Part::seat:
      return {{0.02F, 0.02F, 0.022F}, 0.15F, {}};
    case Part::dark:
      return {{0.01F, 0.01F, 0.011F}, 0, {}};
    case Part::white:
      return {{0.72F, 0.74F, 0.76F}, 0.1F, {}};
    case Part::head_light:
      return {{0.75F, 0.78F, 0.8F}, 0.8F, dusk ? Vec3{3.2F, 3.0F, 2.5F} : Vec3{0.1F, 0.1F, 0.1F}};
    case Part::tail_light:
      return {{0.35F, 0.015F, 0.015F}, 0.5F, dusk ? Vec3{0.9F, 0.03F, 0.02F} : Vec3{}};
    case Part::brake_light:
      return {{0.35F, 0.02F, 0.02F}, 0.5F, braking ? Vec3{2.0F, 0.08F, 0.05F} : Vec3{}};
    case Part::indicator:
      return {{0.6F, 0.25F, 0.02F}, 0.4F, {}};
    case Part::count:
      break;
  }
  return {};
}

}  // namespace vl::sim
