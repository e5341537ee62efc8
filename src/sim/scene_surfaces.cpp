// The procedural looks of still surfaces: asphalt, paving, house fronts, leaves, tin, signs.
#include <algorithm>
#include <array>
#include <cmath>

#include "scene_light.hpp"

namespace vl::sim {
namespace {

Vec3 asphalt(const Coat& coat, Vec3 at) {
  const float fine = value_noise(at.x * 41, at.y * 41, coat.seed + 1);
  const float grain = value_noise(at.x * 13, at.y * 13, coat.seed + 2);
  const float broad = value_noise(at.x * 0.30F, at.y * 0.11F, coat.seed + 3);
  const float streak = value_noise(at.x * 2.6F, at.y * 0.06F, coat.seed + 5);
  float k = 0.78F + 0.14F * fine + 0.12F * grain + 0.26F * (broad - 0.5F) + 0.14F * (streak - 0.5F);
  // Mended patches with straight edges.
  const float px = std::floor(at.x / 3.1F), py = std::floor(at.y / 5.3F);
  if (hash_unit(static_cast<int>(px), static_cast<int>(py), coat.seed + 4) < 0.09F) {
    const float ux = at.x / 3.1F - px, uy = at.y / 5.3F - py;
    if (ux > 0.12F && ux < 0.86F && uy > 0.2F && uy < 0.72F) k *= 0.84F;
  }
  return coat.colour * k;
}

Vec3 paving(const Coat& coat, Vec3 at) {
  const float s = 0.4F;
  const float gx = at.x / s, gy = at.y / s;
  const int ix = static_cast<int>(std::floor(gx)), iy = static_cast<int>(std::floor(gy));
  const float fx = gx - std::floor(gx), fy = gy - std::floor(gy);
  Vec3 c = (ix + iy) % 2 == 0 ? coat.colour : mix(coat.colour, coat.second, 0.55F);
  c = c * (0.86F + 0.2F * hash_unit(ix, iy, coat.seed));
  if (fx < 0.05F || fy < 0.05F) c = c * 0.72F;
  const float dirt = value_noise(at.x * 0.6F, at.y * 0.6F, coat.seed + 1);
  return c * (0.84F + 0.28F * dirt);
}

struct Opening {
  bool inside = false, frame = false;
  float x = 0, y = 0;  // 0..1 within
};
Opening opening(float u, float v, float u0, float u1, float v0, float v1) {
  Opening o;
  if (u < u0 - 0.07F || u > u1 + 0.07F || v < v0 - 0.07F || v > v1 + 0.07F) return o;
  o.inside = true;
  o.frame = u < u0 || u > u1 || v < v0 || v > v1;
  o.x = (u - u0) / (u1 - u0), o.y = (v - v0) / (v1 - v0);
  return o;
}

Vec3 window_look(const Coat& coat, const Opening& o, std::uint32_t id, Vec3& given_off) {
  if (o.frame) return coat.second;
  const bool lit = coat.glow > 0 && hash_unit(static_cast<int>(id), 3, coat.seed) < 0.5F;
  const float split = std::abs(o.x - 0.5F);
  if (split < 0.035F || std::abs(o.y - 0.7F) < 0.02F) return coat.second * 0.9F;
  if (lit) {
    const float warm = hash_unit(static_cast<int>(id), 7, coat.seed);
    given_off = mix(Vec3{0.95F, 0.62F, 0.30F}, Vec3{0.75F, 0.80F, 0.72F}, warm) *
                (0.35F + 0.5F * o.y) * coat.glow;
  }
  const float curtain = hash_unit(static_cast<int>(id), 11, coat.seed);
  if (curtain > 0.6F && std::abs(o.x - 0.5F) > 0.25F) return Vec3{0.30F, 0.27F, 0.23F};
  return mix(Vec3{0.05F, 0.065F, 0.08F}, Vec3{0.16F, 0.20F, 0.25F}, o.y);
}

// The ground floor is a shop: open with goods inside, or shut behind a roller.
Vec3 shop_look(const Coat& coat, const Opening& o, float u, float v, Vec3& given_off) {
  if (o.frame) return coat.second * 0.7F;
  if (hash_unit(1, 1, coat.seed) < 0.22F) {
    const float rib = v * 9 - std::floor(v * 9);
    return (hash_unit(2, 2, coat.seed) < 0.5F ? linear_rgb(0x6F8FA6) : linear_rgb(0x9CA29F)) *
           (0.72F + 0.28F * rib);
  }
  Vec3 c{0.035F, 0.033F, 0.032F};
  const float shelf = v * 2.6F - std::floor(v * 2.6F);
  const int row = static_cast<int>(std::floor(v * 2.6F)),
            cell = static_cast<int>(std::floor(u * 4.2F));
  if (shelf > 0.16F && shelf < 0.16F + 0.7F * hash_unit(cell, row, coat.seed + 8) && o.y < 0.86F) {
    const float h = hash_unit(cell, row, coat.seed + 9);
    c = Vec3{0.10F + 0.32F * h, 0.09F + 0.25F * hash_unit(cell, row, coat.seed + 10),
             0.08F + 0.22F * (1 - h)} *
        0.7F;
  }
  if (coat.glow > 0)
    given_off = (c * 1.5F + Vec3{0.16F, 0.14F, 0.11F} * smooth_step(0.0F, 1.0F, o.y)) * coat.glow;
  return c;
}

Vec3 facade(const Coat& coat, float u, float v, Vec3& given_off) {
  constexpr float kStorey = 3.4F;
  const int storey = std::min(static_cast<int>(v / kStorey), coat.storeys);
  const float h = v - static_cast<float>(storey) * kStorey;
  Vec3 wall = coat.colour * (0.92F + 0.10F * value_noise(u * 2, v * 2, coat.seed));
  // Rain streaks below ledges.
  wall = wall * (1 - 0.22F * smooth_step(0.5F, 1.0F, value_noise(u * 5, v * 0.35F, coat.seed + 2)) *
                         smooth_step(1.0F, 3.2F, h));
  if (storey == 0) {
    const Opening shop = opening(u, h, 0.3F, coat.width_m - 0.3F, 0.0F, 2.85F);
    return shop.inside ? shop_look(coat, shop, u, h, given_off) : wall;
  }
  if (storey >= coat.storeys) return wall;
  const bool wide = hash_unit(storey, 5, coat.seed) < 0.35F;
  const int bays = wide || coat.width_m < 4.6F ? 1 : 2;
  const float bay = coat.width_m / static_cast<float>(bays);
  const int index = std::min(static_cast<int>(u / bay), bays - 1);
  const float x = u - static_cast<float>(index) * bay;
  const float half = wide ? bay * 0.36F : bay * 0.27F;
  const bool door = !wide && hash_unit(storey, index, coat.seed + 6) < 0.4F;
  const Opening o = opening(x, h, bay / 2 - half, bay / 2 + half, door ? 0.1F : 0.95F, 2.55F);
  if (o.inside)
    return window_look(coat, o, static_cast<std::uint32_t>(storey * 4 + index), given_off);
  if (h > 3.15F) return wall * 1.08F;  // the slab's edge
  return wall;
}

Vec3 leaves(const Coat& coat, Vec3 at) {
  const float n = value_noise(at.x * 5 + at.z * 3.1F, at.y * 5 - at.z * 4.3F, coat.seed);
  return coat.colour * (0.55F + 0.75F * n);
}

Vec3 sign(const World& world, const Coat& coat, float u, float v) {
  const Texture& t = world.textures[static_cast<std::size_t>(coat.texture)];
  const float x = saturate(u / coat.width_m) * static_cast<float>(t.width) - 0.5F;
  const float y = saturate(1 - v / coat.height_m) * static_cast<float>(t.height) - 0.5F;
  const int x0 = std::clamp(static_cast<int>(std::floor(x)), 0, t.width - 1),
            x1 = std::min(x0 + 1, t.width - 1);
  const int y0 = std::clamp(static_cast<int>(std::floor(y)), 0, t.height - 1),
            y1 = std::min(y0 + 1, t.height - 1);
  const float fx = saturate(x - static_cast<float>(x0)), fy = saturate(y - static_cast<float>(y0));
  Vec3 out;
  const auto texel = [&](int tx, int ty) {
    static const auto curve = [] {
      std::array<float, 256> table{};
      for (std::size_t i = 0; i < 256; ++i) table[i] = std::pow(static_cast<float>(i) / 255, 2.2F);
      return table;
    }();
    const auto& c = t.at(tx, ty);
    return Vec3{curve[c[0]], curve[c[1]], curve[c[2]]};
  };
  out = mix(mix(texel(x0, y0), texel(x1, y0), fx), mix(texel(x0, y1), texel(x1, y1), fx), fy);
  return out;
}

}  // namespace

Vec3 albedo_of(const World& world, const Coat& coat, const Face&, float u, float v, Vec3 at,
               Vec3& given_off) {
  switch (coat.surface) {
    case Surface::plain:
      return coat.colour;
    case Surface::asphalt:
      return asphalt(coat, at);
    case Surface::marking: {
      const float worn = value_noise(at.x * 7, at.y * 7, coat.seed) * 0.6F +
                         value_noise(at.x * 26, at.y * 26, coat.seed + 1) * 0.4F;
      return mix(coat.colour, Vec3{0.19F, 0.19F, 0.2F}, 0.75F * smooth_step(0.60F, 0.85F, worn));
    }
    case Surface::pavement:
      return paving(coat, at);
    case Surface::kerb:
      return coat.colour * (0.75F + 0.35F * value_noise(at.x * 6, at.y * 6, 17));
    case Surface::facade:
      return facade(coat, u, v, given_off);
    case Surface::foliage:
      return leaves(coat, at);
    case Surface::grass: {
      const float n = value_noise(at.x * 7, at.y * 7, coat.seed) * 0.5F +
                      value_noise(at.x * 0.5F, at.y * 0.5F, coat.seed + 1) * 0.5F;
      return mix(coat.colour * 0.62F, coat.colour * 1.25F, n);
    }
    case Surface::tin: {
      const float rib = u * 3.2F - std::floor(u * 3.2F);
      return coat.colour *
             ((rib < 0.12F ? 0.78F : 1.0F) * (0.86F + 0.22F * value_noise(u * 0.5F, v * 0.5F, 23)));
    }
    case Surface::awning:
      return coat.colour * (0.9F + 0.14F * value_noise(u * 3, v * 0.8F, 29));
    case Surface::sign: {
      const Vec3 c = sign(world, coat, u, v);
      given_off = c * coat.glow;
      return c;
    }
    case Surface::glow:
      given_off = coat.colour * coat.glow;
      return coat.colour;
    case Surface::concrete: {
      const float n = value_noise(u * 1.3F + at.z, v * 1.3F + at.x * 0.2F, coat.seed) * 0.6F +
                      value_noise(u * 7, v * 7, coat.seed + 1) * 0.4F;
      return coat.colour * (0.78F + 0.36F * n);
    }
  }
  return coat.colour;
}

}  // namespace vl::sim
