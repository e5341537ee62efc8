// The sample buffer of a picture: two by two samples a pixel, colour and depth, restored from
// the still part of the scene tile by tile and resolved into 4:2:0. One thread.
#pragma once

#include <cstdint>
#include <vector>

#include <vonglau/sim/scene.hpp>

#include "scene_light.hpp"
#include "scene_raster.hpp"
#include "scene_world.hpp"

namespace vl::sim {

constexpr int kSamples = 2;                     // in each direction
constexpr int kTile = 16;                       // pixels
constexpr std::uint32_t kGround = 0x01000000U;  // takes shadows
constexpr std::uint32_t kSunlit = 0x02000000U;  // the sun reaches it past what stands still
constexpr std::uint32_t kShaded = 0x04000000U;  // a mover's shadow already lies here

inline std::uint32_t pack(Vec3 c) {
  const auto one = [](float v) { return static_cast<std::uint32_t>(std::clamp(v, 0.0F, 255.0F)); };
  return one(c.x) << 16 | one(c.y) << 8 | one(c.z);
}

class Canvas {
 public:
  /// Draws everything that stands still, once.
  Canvas(const World& world, const Lighting& light, const SunMap* sun, const Projection& view,
         int width, int height, int passes);

  const Projection& view() const { return view_; }
  int samples_wide() const { return wide_; }
  int samples_high() const { return high_; }
  std::uint32_t* colour_row(int y) {
    return &colour_[static_cast<std::size_t>(y) * static_cast<std::size_t>(wide_)];
  }
  float* depth_row(int y) {
    return &depth_[static_cast<std::size_t>(y) * static_cast<std::size_t>(wide_)];
  }

  void begin_frame();
  /// Must cover every sample that is drawn afterwards.
  void touch(float x0, float y0, float x1, float y1);
  /// Brings the picture up to date; `out` keeps its contents between frames.
  void resolve(Picture& out);

 private:
  void draw_still(const World& world, const Lighting& light, const SunMap* sun, int passes);
  void visible_faces(const World& world, float shift_x, float shift_y,
                     std::vector<std::uint32_t>& faces, std::vector<float>& depth) const;
  void restore_tile(int tx, int ty);
  void resolve_tile(int tx, int ty, const std::vector<std::uint32_t>& from, Picture& out) const;

  Projection view_;
  int width_, height_, wide_, high_, tiles_x_, tiles_y_;
  std::vector<std::uint32_t> still_colour_, colour_;
  std::vector<float> still_depth_, depth_;
  std::vector<std::uint8_t> touched_, stale_;
};

}  // namespace vl::sim
