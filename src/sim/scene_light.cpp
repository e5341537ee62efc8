#include "scene_light.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "scene_raster.hpp"

namespace vl::sim {

Lighting Lighting::of(Light light, Layout layout) {
  Lighting l;
  if (light == Light::dusk) {
    l.dusk = true;
    l.to_sun = normalize({-0.6F, 0.75F, 0.12F});
    l.sun = {0, 0, 0};
    l.zenith = {0.10F, 0.13F, 0.24F};
    l.horizon = {0.34F, 0.24F, 0.24F};
    l.bounce = {0.045F, 0.045F, 0.055F};
    l.haze = {0.20F, 0.17F, 0.20F};
    l.haze_m = 340;
    l.exposure = 1.15F;
    l.draw_curve();
    return l;
  }
  const bool behind = layout != Layout::junction;  // gates are best lit from the camera's side
  l.to_sun = normalize(behind ? Vec3{0.60F, -0.28F, 0.75F} : Vec3{-0.62F, 0.12F, 0.78F});
  l.sun = {1.62F, 1.46F, 1.18F};
  l.zenith = {0.34F, 0.55F, 0.95F};
  l.horizon = {0.62F, 0.68F, 0.75F};
  l.bounce = {0.22F, 0.20F, 0.17F};
  l.haze = {0.72F, 0.80F, 0.90F};
  l.haze_m = 520;
  l.exposure = 0.78F;
  l.draw_curve();
  return l;
}

Vec3 Lighting::sky(Vec3 direction) const {
  const Vec3 d = normalize(direction);
  const float up = saturate(d.z);
  Vec3 colour = mix(horizon * 1.15F, zenith, std::pow(up, 0.55F));
  if (dusk) {
    const float glow = std::pow(saturate(dot(d, to_sun)), 5.0F);
    colour = colour + Vec3{0.75F, 0.32F, 0.12F} * glow * (1 - up);
  }
  // Wooded hills far away.
  const float around = std::atan2(d.x, d.y);
  const float ridge = 0.012F + 0.030F * value_noise(around * 5, 0.5F, 91) +
                      0.010F * value_noise(around * 23, 0.5F, 92);
  if (d.z < ridge)
    return mix(haze, dusk ? Vec3{0.05F, 0.06F, 0.08F} : Vec3{0.16F, 0.24F, 0.27F}, 0.45F);
  // Thin clouds, drawn on a plane far above.
  if (d.z > 0.015F) {
    const float x = d.x / (d.z + 0.09F) * 1.1F, y = d.y / (d.z + 0.09F) * 1.1F;
    const float n = 0.55F * value_noise(x, y, 5) + 0.3F * value_noise(x * 2.3F, y * 2.3F, 6) +
                    0.15F * value_noise(x * 5.1F, y * 5.1F, 7);
    const float cloud = smooth_step(0.48F, 0.78F, n) * smooth_step(0.0F, 0.12F, d.z);
    const Vec3 white = dusk ? Vec3{0.42F, 0.30F, 0.32F} : Vec3{1.05F, 1.06F, 1.08F};
    colour = mix(colour, white, cloud * 0.6F);
  }
  return colour;
}

void Lighting::draw_curve() {
  curve.resize(kCurveSize);
  for (std::size_t i = 0; i < kCurveSize; ++i) {
    // Neutral up to the middle, then a shoulder, then the display's gamma.
    const float root = static_cast<float>(i) / (kCurveSize - 1);
    const float v = root * root * kCurveTop * exposure;
    const float bent = v < 0.5F ? v : 0.5F + 0.5F * (1 - std::exp(-(v - 0.5F) / 0.5F));
    curve[i] = 255 * std::pow(saturate(bent), 1 / 2.2F);
  }
}

Vec3 lamp_light(const World& world, Vec3 at, Vec3 normal) {
  Vec3 sum;
  for (const std::uint16_t index : world.lamps_near(at)) {
    const Lamp& lamp = world.lamps[index];
    const Vec3 d = lamp.at - at;
    const float square = dot(d, d);
    if (square > lamp.reach_m * lamp.reach_m) continue;
    const float distance = std::sqrt(square);
    const float fade = 1 - distance / lamp.reach_m;
    const float facing = 0.25F + 0.75F * std::max(0.0F, dot(d * (1 / distance), normal));
    sum = sum + lamp.colour * (facing * fade * fade);
  }
  return sum;
}

SunMap::SunMap(const World& world, Vec3 to_sun, Vec3 middle, float reach_m)
    : middle_(middle),
      to_sun_(to_sun),
      scale_(kSize / (2 * reach_m)),
      height_(static_cast<std::size_t>(kSize) * kSize, -1e9F) {
  right_ = normalize(cross(to_sun_, {0, 0, 1}));
  up_ = cross(right_, to_sun_);
  const auto place = [&](Vec3 p) {
    const Vec3 d = p - middle_;
    return ScreenVertex{kSize / 2.0F + dot(d, right_) * scale_, kSize / 2.0F + dot(d, up_) * scale_,
                        dot(d, to_sun_)};
  };
  for (const StillTriangle& t : world.triangles) {
    if (world.coats[world.faces[t.face].coat].thin) continue;
    const ScreenVertex a = place(t.a), b = place(t.b), c = place(t.c);
    const Gradients gradients(a, b, c);
    if (gradients.flat()) continue;
    const Gradient height = gradients.of(a.q, b.q, c.q);
    scan_triangle(a, b, c, kSize, kSize, [&](int y, int x0, int x1) {
      float* row = &height_[static_cast<std::size_t>(y) * kSize];
      for (int x = x0; x < x1; ++x)
        row[x] =
            std::max(row[x], height.at(static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F));
    });
  }
}

float SunMap::lit(Vec3 at) const {
  const Vec3 d = at - middle_;
  const float x = kSize / 2.0F + dot(d, right_) * scale_ - 0.5F;
  const float y = kSize / 2.0F + dot(d, up_) * scale_ - 0.5F;
  if (!(x > 1 && y > 1 && x < kSize - 3 && y < kSize - 3)) return 1;
  const float h = dot(d, to_sun_) + 0.12F;
  const int ix = static_cast<int>(x), iy = static_cast<int>(y);
  const float fx = x - static_cast<float>(ix), fy = y - static_cast<float>(iy);
  const auto open = [&](int dx, int dy) {
    return height_[static_cast<std::size_t>(iy + dy) * kSize + static_cast<std::size_t>(ix + dx)] <=
                   h
               ? 1.0F
               : 0.0F;
  };
  return (open(0, 0) * (1 - fx) + open(1, 0) * fx) * (1 - fy) +
         (open(0, 1) * (1 - fx) + open(1, 1) * fx) * fy;
}

Vec3 shade_still(const World& world, const Lighting& light, const SunMap* sun, const Face& face,
                 Vec3 at, Vec3 eye, float& sunlit) {
  const Coat& coat = world.coats[face.coat];
  const Vec3 d = at - face.origin;
  Vec3 given_off;
  const Vec3 albedo =
      albedo_of(world, coat, face, dot(d, face.along), dot(d, face.up), at, given_off);
  Vec3 normal = face.normal;
  if (dot(normal, eye - at) < 0 && coat.surface != Surface::foliage) normal = normal * -1.0F;
  Vec3 arriving = light.ambient(normal);
  // Corners and the foot of walls see less of the sky.
  if (normal.z < 0.5F) arriving = arriving * (0.62F + 0.38F * smooth_step(0.0F, 2.2F, at.z));
  sunlit = 0;
  if (sun != nullptr) {
    const bool leaf = coat.surface == Surface::foliage || coat.surface == Surface::awning;
    const float facing =
        leaf ? 0.35F + 0.65F * saturate(dot(normal, light.to_sun)) : dot(normal, light.to_sun);
    if (facing > 0) {
      sunlit = sun->lit(at + normal * 0.05F);
      arriving = arriving + light.sun * (facing * sunlit);
    }
  } else {
    arriving = arriving + lamp_light(world, at, normal);
  }
  return light.through_haze(albedo * arriving + given_off, length(at - eye));
}

}  // namespace vl::sim
