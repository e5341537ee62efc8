// A small software rasteriser: pinhole camera, near clipping, depth as 1/w (larger is nearer),
// spans of samples. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include "scene_math.hpp"

namespace vl::sim {

/// Screen position in samples and 1/w, which is linear on the screen.
struct ScreenVertex {
  float x = 0, y = 0, q = 0;
};

/// Pinhole camera for a target of width x height samples.
struct Projection {
  Vec3 at, right, up, ahead;
  float focal = 1, centre_x = 0, centre_y = 0;
  int width = 0, height = 0;

  static Projection look(Vec3 from, Vec3 target, float field_deg, int width, int height) {
    Projection p;
    p.at = from;
    p.ahead = normalize(target - from);
    p.right = normalize(cross(p.ahead, {0, 0, 1}));
    p.up = cross(p.right, p.ahead);
    p.width = width, p.height = height;
    p.centre_x = static_cast<float>(width) / 2, p.centre_y = static_cast<float>(height) / 2;
    p.focal = p.centre_x / std::tan(field_deg * kPi / 360);
    return p;
  }
  /// Camera space: x right, y up, z depth.
  Vec3 to_camera(Vec3 p) const {
    const Vec3 d = p - at;
    return {dot(d, right), dot(d, up), dot(d, ahead)};
  }
  ScreenVertex to_screen(Vec3 camera) const {
    const float q = 1 / camera.z;
    return {centre_x + focal * camera.x * q, centre_y - focal * camera.y * q, q};
  }
  /// Unnormalised direction through a sample; its component along `ahead` is 1.
  Vec3 ray(float x, float y) const {
    return ahead + right * ((x - centre_x) / focal) + up * ((centre_y - y) / focal);
  }
};

constexpr float kNear_m = 0.4F;

/// Cuts a triangle in camera space at the near plane; `emit(a, b, c)` gets what remains. `mix`
/// blends two corners (position and whatever rides on it).
template <class Corner, class Mix, class Emit>
void clip_near(const std::array<Corner, 3>& corners, Mix&& blend, Emit&& emit) {
  std::array<Corner, 4> kept;
  std::size_t n = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Corner &a = corners[i], &b = corners[(i + 1) % 3];
    const bool a_in = a.at.z >= kNear_m, b_in = b.at.z >= kNear_m;
    if (a_in) kept[n++] = a;
    if (a_in != b_in) kept[n++] = blend(a, b, (kNear_m - a.at.z) / (b.at.z - a.at.z));
  }
  for (std::size_t i = 1; i + 1 < n; ++i) emit(kept[0], kept[i], kept[i + 1]);
}

/// Calls row(y, first x, one past last x) for the samples whose centres lie in the triangle.
template <class Row>
void scan_triangle(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c, int width,
                   int height, Row&& row) {
  const float low_y = std::min({a.y, b.y, c.y}), high_y = std::max({a.y, b.y, c.y});
  const int y0 = std::max(0, static_cast<int>(std::ceil(std::max(low_y, -1.0F) - 0.5F)));
  const int y1 = std::min(height - 1, static_cast<int>(std::floor(std::min(high_y, 1e6F) - 0.5F)));
  if (y0 > y1) return;
  const std::array<const ScreenVertex*, 3> v{&a, &b, &c};
  const float limit = static_cast<float>(width);
  for (int y = y0; y <= y1; ++y) {
    const float fy = static_cast<float>(y) + 0.5F;
    float left = limit, right = -1;
    for (std::size_t i = 0; i < 3; ++i) {
      const ScreenVertex *p = v[i], *r = v[(i + 1) % 3];
      if (p->y > r->y) std::swap(p, r);
      if (fy < p->y || fy > r->y || p->y == r->y) continue;
      const float x = p->x + (r->x - p->x) * ((fy - p->y) / (r->y - p->y));
      left = std::min(left, x), right = std::max(right, x);
    }
    if (left > right) continue;
    // The first centre at or past an edge: for what is not negative, rounding is truncation.
    const int x0 = static_cast<int>(std::max(left, 0.0F) + 0.5F);
    const int x1 = static_cast<int>(std::clamp(right, 0.0F, limit) + 0.5F);
    if (x0 < x1) row(y, x0, x1);
  }
}

/// Twice the area on the screen, negative when seen from behind (y runs down).
inline float facing_of(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c) {
  return (b.y - a.y) * (c.x - a.x) - (b.x - a.x) * (c.y - a.y);
}
/// Whether no sample's middle can lie within: most triangles of what is far away.
inline bool between_samples(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c) {
  const auto empty = [](float p, float q, float r) {
    const float low = std::min({p, q, r}), high = std::max({p, q, r});
    return static_cast<int>(low + 0.5F) == static_cast<int>(high + 0.5F) && low > 0;
  };
  return empty(a.x, b.x, c.x) || empty(a.y, b.y, c.y);
}

/// The plane through three values given at the corners: value = at_origin + x * dx + y * dy. In
/// double: a road that starts under the camera has corners a hundred thousand samples away.
struct Gradient {
  double at_origin = 0, dx = 0, dy = 0;
  float at(float x, float y) const { return static_cast<float>(at_origin + x * dx + y * dy); }
  float step_x() const { return static_cast<float>(dx); }
};
class Gradients {
 public:
  Gradients(const ScreenVertex& a, const ScreenVertex& b, const ScreenVertex& c)
      : ax_(a.x), ay_(a.y), bx_(b.x - ax_), by_(b.y - ay_), cx_(c.x - ax_), cy_(c.y - ay_) {
    const double area = bx_ * cy_ - by_ * cx_;
    inverse_ = std::abs(area) < 1e-9 ? 0 : 1 / area;
  }
  bool flat() const { return inverse_ == 0; }
  /// Twice the area on the screen, negative when seen from behind (y runs down).
  double facing() const { return by_ * cx_ - bx_ * cy_; }
  Gradient of(double a, double b, double c) const {
    const double db = b - a, dc = c - a;
    Gradient g;
    g.dx = (db * cy_ - dc * by_) * inverse_;
    g.dy = (dc * bx_ - db * cx_) * inverse_;
    g.at_origin = a - ax_ * g.dx - ay_ * g.dy;
    return g;
  }

 private:
  double ax_, ay_, bx_, by_, cx_, cy_, inverse_ = 0;
};

}  // namespace vl::sim
