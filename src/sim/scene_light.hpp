// Sun, sky, lamps, haze and the way from linear light to display values.
#pragma once

#include <cstdint>
#include <vector>

#include <vonglau/sim/scene.hpp>

#include "scene_math.hpp"
#include "scene_world.hpp"

namespace vl::sim {

struct Lighting {
  Vec3 to_sun{0.45F, -0.35F, 0.8F};
  Vec3 sun, zenith, horizon, bounce, haze;
  float haze_m = 300;
  float exposure = 1;
  bool dusk = false;

  static Lighting of(Light light, Layout layout);
  Vec3 sky(Vec3 direction) const;
  void draw_curve();
  /// Light from the sky and the ground on a surface with this normal.
  Vec3 ambient(Vec3 normal) const {
    const float up = normal.z * 0.5F + 0.5F;
    return mix(bounce, zenith * 0.45F + horizon * 0.55F, up);
  }
  Vec3 through_haze(Vec3 colour, float distance_m) const {
    return mix(haze, colour, std::exp(-distance_m / haze_m));
  }
  /// Display values 0..255.
  Vec3 to_display(Vec3 linear) const {
    const auto one = [&](float v) {
      const float root = std::sqrt(saturate(v * (1 / kCurveTop)));
      return curve[static_cast<std::size_t>(root * (kCurveSize - 1))];
    };
    return {one(linear.x), one(linear.y), one(linear.z)};
  }

  static constexpr std::size_t kCurveSize = 4096;
  static constexpr float kCurveTop = 4;  // linear light at the end of the curve
  std::vector<float> curve;              // display values by the square root of light
};

/// What the lamps add at a point; only those in reach are asked.
Vec3 lamp_light(const World& world, Vec3 at, Vec3 normal);

/// Which places the sun reaches past everything that stands still.
class SunMap {
 public:
  SunMap(const World& world, Vec3 to_sun, Vec3 middle, float reach_m);
  /// 0 in shadow to 1 in the sun.
  float lit(Vec3 at) const;

 private:
  static constexpr int kSize = 2048;
  Vec3 middle_, right_, up_, to_sun_;
  float scale_;
  std::vector<float> height_;
};

/// The look of a still face at a point of it, in linear light.
Vec3 shade_still(const World& world, const Lighting& light, const SunMap* sun, const Face& face,
                 Vec3 at, Vec3 eye, float& sunlit);
Vec3 albedo_of(const World& world, const Coat& coat, const Face& face, float u, float v, Vec3 at,
               Vec3& given_off);

}  // namespace vl::sim
