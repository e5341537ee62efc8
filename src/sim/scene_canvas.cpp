#include "scene_canvas.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace vl::sim {
namespace {

constexpr std::uint32_t kSkyFace = std::numeric_limits<std::uint32_t>::max();
struct Shift {
  float x, y;
};
// Where the passes look within a sample; the first is its middle, for depth.
constexpr std::array<Shift, 4> kShifts{
    {{0, 0}, {0.25F, -0.375F}, {-0.375F, 0.25F}, {0.375F, 0.375F}}};

struct PlainCorner {
  Vec3 at;
};

}  // namespace

Canvas::Canvas(const World& world, const Lighting& light, const SunMap* sun, const Projection& view,
               int width, int height, int passes)
    : view_(view),
      width_(width),
      height_(height),
      wide_(width * kSamples),
      high_(height * kSamples),
      tiles_x_((width + kTile - 1) / kTile),
      tiles_y_((height + kTile - 1) / kTile) {
  const auto count = static_cast<std::size_t>(wide_) * static_cast<std::size_t>(high_);
  still_colour_.resize(count);
  still_depth_.resize(count);
  touched_.assign(static_cast<std::size_t>(tiles_x_ * tiles_y_), 0);
  stale_.assign(touched_.size(), 1);
  draw_still(world, light, sun, std::clamp(passes, 1, static_cast<int>(kShifts.size())));
  colour_ = still_colour_;
  depth_ = still_depth_;
}

void Canvas::visible_faces(const World& world, float shift_x, float shift_y,
                           std::vector<std::uint32_t>& faces, std::vector<float>& depth) const {
  std::ranges::fill(faces, kSkyFace);
  std::ranges::fill(depth, 0.0F);
  for (const StillTriangle& t : world.triangles) {
    // Markings lie on the road: they win where both are equally far.
    const bool on_top = world.coats[world.faces[t.face].coat].surface == Surface::marking;
    const float bias = on_top ? 1.0008F : 1.0F;
    const std::array<PlainCorner, 3> corners{
        {{view_.to_camera(t.a)}, {view_.to_camera(t.b)}, {view_.to_camera(t.c)}}};
    clip_near(
        corners,
        [](const PlainCorner& a, const PlainCorner& b, float k) {
          return PlainCorner{mix(a.at, b.at, k)};
        },
        [&](const PlainCorner& ca, const PlainCorner& cb, const PlainCorner& cc) {
          ScreenVertex a = view_.to_screen(ca.at), b = view_.to_screen(cb.at),
                       c = view_.to_screen(cc.at);
          for (ScreenVertex* v : {&a, &b, &c}) v->x -= shift_x, v->y -= shift_y;
          const Gradients gradients(a, b, c);
          if (gradients.flat()) return;
          const Gradient q = gradients.of(a.q, b.q, c.q);
          scan_triangle(a, b, c, wide_, high_, [&](int y, int x0, int x1) {
            const auto row = static_cast<std::size_t>(y) * static_cast<std::size_t>(wide_);
            float value = q.at(static_cast<float>(x0) + 0.5F, static_cast<float>(y) + 0.5F) * bias;
            const float step = q.step_x() * bias;
            for (int x = x0; x < x1; ++x, value += step) {
              const auto i = row + static_cast<std::size_t>(x);
              if (value > depth[i]) depth[i] = value, faces[i] = t.face;
            }
          });
        });
  }
}

void Canvas::draw_still(const World& world, const Lighting& light, const SunMap* sun, int passes) {
  const std::size_t count = still_colour_.size();
  std::vector<std::uint32_t> faces(count);
  std::vector<float> depth(count);
  std::vector<std::array<std::uint16_t, 3>> sum(count);
  std::vector<std::uint8_t> flags(count);
  for (int pass = 0; pass < passes; ++pass) {
    const Shift shift = kShifts[static_cast<std::size_t>(pass)];
    visible_faces(world, shift.x, shift.y, faces, depth);
    for (int y = 0; y < high_; ++y)
      for (int x = 0; x < wide_; ++x) {
        const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(wide_) +
                       static_cast<std::size_t>(x);
        const Vec3 ray = view_.ray(static_cast<float>(x) + 0.5F + shift.x,
                                   static_cast<float>(y) + 0.5F + shift.y);
        Vec3 colour;
        float sunlit = 0;
        bool ground = false;
        if (faces[i] == kSkyFace) {
          colour = light.sky(ray);
        } else {
          const Face& face = world.faces[faces[i]];
          const Vec3 at = view_.at + ray * (1 / depth[i]);
          colour = shade_still(world, light, sun, face, at, view_.at, sunlit);
          ground = face.normal.z > 0.9F && at.z < 0.4F;
        }
        const Vec3 shown = light.to_display(colour);
        sum[i][0] = static_cast<std::uint16_t>(sum[i][0] + static_cast<int>(shown.x));
        sum[i][1] = static_cast<std::uint16_t>(sum[i][1] + static_cast<int>(shown.y));
        sum[i][2] = static_cast<std::uint16_t>(sum[i][2] + static_cast<int>(shown.z));
        if (pass == 0) {
          flags[i] = static_cast<std::uint8_t>((ground ? 1 : 0) | (sunlit > 0.5F ? 2 : 0));
          still_depth_[i] = depth[i];
        }
      }
  }
  const auto n = static_cast<unsigned>(passes);
  for (std::size_t i = 0; i < count; ++i)
    still_colour_[i] = static_cast<std::uint32_t>(flags[i]) << 24 | (sum[i][0] / n) << 16 |
                       (sum[i][1] / n) << 8 | (sum[i][2] / n);
}

void Canvas::begin_frame() {
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    if (touched_[i] != 0) stale_[i] = 1;
    touched_[i] = 0;
  }
}

void Canvas::touch(float x0, float y0, float x1, float y1) {
  constexpr float kStep = kTile * kSamples;
  if (!(x1 >= 0 && y1 >= 0 && x0 < static_cast<float>(wide_) && y0 < static_cast<float>(high_)))
    return;
  const int tx0 = std::max(0, static_cast<int>((x0 - 2) / kStep)),
            tx1 = std::min(tiles_x_ - 1, static_cast<int>((x1 + 2) / kStep));
  const int ty0 = std::max(0, static_cast<int>((y0 - 2) / kStep)),
            ty1 = std::min(tiles_y_ - 1, static_cast<int>((y1 + 2) / kStep));
  for (int ty = ty0; ty <= ty1; ++ty)
    for (int tx = tx0; tx <= tx1; ++tx) {
      auto& touched = touched_[static_cast<std::size_t>(ty * tiles_x_ + tx)];
      if (touched == 0) restore_tile(tx, ty);
      touched = 1;
    }
}

void Canvas::restore_tile(int tx, int ty) {
  const int x0 = tx * kTile * kSamples, x1 = std::min(wide_, x0 + kTile * kSamples);
  const int y0 = ty * kTile * kSamples, y1 = std::min(high_, y0 + kTile * kSamples);
  for (int y = y0; y < y1; ++y) {
    const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(wide_) +
                   static_cast<std::size_t>(x0);
    const auto n = static_cast<std::size_t>(x1 - x0);
    std::memcpy(&colour_[i], &still_colour_[i], n * sizeof colour_[0]);
    std::memcpy(&depth_[i], &still_depth_[i], n * sizeof depth_[0]);
  }
}

void Canvas::resolve(Picture& out) {
  if (out.width != width_ || out.height != height_) {
    out.resize(width_, height_);
    std::ranges::fill(stale_, std::uint8_t{1});
  }
  for (int ty = 0; ty < tiles_y_; ++ty)
    for (int tx = 0; tx < tiles_x_; ++tx) {
      const auto i = static_cast<std::size_t>(ty * tiles_x_ + tx);
      if (touched_[i] != 0)
        resolve_tile(tx, ty, colour_, out);
      else if (stale_[i] != 0)
        resolve_tile(tx, ty, still_colour_, out);
      stale_[i] = 0;
    }
}

void Canvas::resolve_tile(int tx, int ty, const std::vector<std::uint32_t>& from,
                          Picture& out) const {
  const int x0 = tx * kTile, x1 = std::min(width_, x0 + kTile);
  const int y0 = ty * kTile, y1 = std::min(height_, y0 + kTile);
  for (int y = y0; y < y1; y += 2)
    for (int x = x0; x < x1; x += 2) {
      int red = 0, green = 0, blue = 0;
      for (int dy = 0; dy < 2; ++dy)
        for (int dx = 0; dx < 2; ++dx) {
          const auto at =
              static_cast<std::size_t>((y + dy) * kSamples) * static_cast<std::size_t>(wide_) +
              static_cast<std::size_t>((x + dx) * kSamples);
          const std::uint32_t a = from[at], b = from[at + 1];
          const std::uint32_t c = from[at + static_cast<std::size_t>(wide_)],
                              d = from[at + static_cast<std::size_t>(wide_) + 1];
          // Two channels at a time, eight bits apart.
          const std::uint32_t rb =
              (a & 0xFF00FFU) + (b & 0xFF00FFU) + (c & 0xFF00FFU) + (d & 0xFF00FFU);
          const auto g =
              static_cast<int>((a >> 8 & 255) + (b >> 8 & 255) + (c >> 8 & 255) + (d >> 8 & 255));
          const auto r = static_cast<int>(rb >> 16), bl = static_cast<int>(rb & 0xFFFF);
          // BT.709, limited range; of sums of four samples, in 1/2^20.
          const int luma = (47865 * r + 161017 * g + 16255 * bl + (1 << 19)) >> 20;
          out.luma[static_cast<std::size_t>(y + dy) * static_cast<std::size_t>(width_) +
                   static_cast<std::size_t>(x + dx)] = static_cast<std::uint8_t>(16 + luma);
          red += r, green += g, blue += bl;
        }
      const auto chroma = static_cast<std::size_t>(y / 2) * static_cast<std::size_t>(width_ / 2) +
                          static_cast<std::size_t>(x / 2);
      out.cb[chroma] = static_cast<std::uint8_t>(
          128 +
          ((-26390 * (red >> 2) - 88748 * (green >> 2) + 115138 * (blue >> 2) + (1 << 19)) >> 20));
      out.cr[chroma] = static_cast<std::uint8_t>(
          128 +
          ((115138 * (red >> 2) - 104591 * (green >> 2) - 10547 * (blue >> 2) + (1 << 19)) >> 20));
    }
}

void Picture::resize(int new_width, int new_height) {
  width = new_width, height = new_height;
  const auto area = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  luma.assign(area, 16);
  cb.assign(area / 4, 128);
  cr.assign(area / 4, 128);
}

}  // namespace vl::sim
