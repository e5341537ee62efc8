// Vectors, colours and seeded noise of the scene renderer. Values only; any thread.
//
// World axes: x to the right of the camera's street, y away along it, z up; metres. Colours are
// linear light until `to_display` turns them into 8-bit display values.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace vl::sim {

constexpr float kPi = 3.14159265358979F;

struct Vec2 {
  float x = 0, y = 0;
  friend Vec2 operator+(Vec2 a, Vec2 b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec2 operator-(Vec2 a, Vec2 b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec2 operator*(Vec2 a, float k) { return {a.x * k, a.y * k}; }
};
inline float dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}
inline float length(Vec2 a) {
  return std::sqrt(dot(a, a));
}

struct Vec3 {
  float x = 0, y = 0, z = 0;
  friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
  friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
  friend Vec3 operator*(Vec3 a, float k) { return {a.x * k, a.y * k, a.z * k}; }
  friend Vec3 operator*(Vec3 a, Vec3 b) { return {a.x * b.x, a.y * b.y, a.z * b.z}; }
};
inline float dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 cross(Vec3 a, Vec3 b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline float length(Vec3 a) {
  return std::sqrt(dot(a, a));
}
inline Vec3 normalize(Vec3 a) {
  const float n = length(a);
  return n > 1e-9F ? a * (1 / n) : Vec3{0, 0, 1};
}
inline Vec3 mix(Vec3 a, Vec3 b, float t) {
  return a + (b - a) * t;
}

inline float saturate(float v) {
  return std::clamp(v, 0.0F, 1.0F);
}
inline float smooth_step(float low, float high, float v) {
  const float t = saturate((v - low) / (high - low));
  return t * t * (3 - 2 * t);
}

/// A colour as people write it, 0xRRGGBB in display values, turned into linear light.
inline Vec3 linear_rgb(std::uint32_t hex) {
  const auto one = [](std::uint32_t v) { return std::pow(static_cast<float>(v) / 255.0F, 2.2F); };
  return {one(hex >> 16 & 255), one(hex >> 8 & 255), one(hex & 255)};
}

inline std::uint64_t mix64(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}
inline std::uint32_t mix32(std::uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7FEB352DU;
  x = (x ^ (x >> 15)) * 0x846CA68BU;
  return x ^ (x >> 16);
}

/// The one source of chance in the simulator: the same seed, the same draws, on any machine.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(mix64(seed)) {}
  std::uint64_t bits() { return mix64(state_++); }
  float unit() { return static_cast<float>(bits() >> 40) / 16777216.0F; }
  float between(float low, float high) { return low + (high - low) * unit(); }
  int below(int n) { return static_cast<int>(bits() % static_cast<std::uint64_t>(n)); }
  bool happens(float probability) { return unit() < probability; }

 private:
  std::uint64_t state_;
};

inline float hash_unit(int x, int y, std::uint32_t seed) {
  const std::uint32_t h = mix32(static_cast<std::uint32_t>(x) * 0x9E3779B1U ^
                                mix32(static_cast<std::uint32_t>(y) * 0x85EBCA77U ^ seed));
  return static_cast<float>(h >> 8) / 16777216.0F;
}

/// A lattice of chance values that repeats every 256; the seed moves the window.
inline const std::array<float, 65536> kLattice = [] {
  std::array<float, 65536> lattice{};
  for (int i = 0; i < 65536; ++i)
    lattice[static_cast<std::size_t>(i)] = hash_unit(i & 255, i >> 8, 77);
  return lattice;
}();

/// Smooth noise in 0..1 with a feature size of 1.
inline float value_noise(float x, float y, std::uint32_t seed) {
  const float fx = std::floor(x), fy = std::floor(y);
  const std::uint32_t window = mix32(seed);
  const auto ix = static_cast<std::uint32_t>(static_cast<int>(fx)) + window;
  const auto iy = static_cast<std::uint32_t>(static_cast<int>(fy)) + (window >> 8);
  float tx = x - fx, ty = y - fy;
  tx = tx * tx * (3 - 2 * tx), ty = ty * ty * (3 - 2 * ty);
  const float* low = &kLattice[static_cast<std::size_t>((iy & 255) << 8)];
  const float* high = &kLattice[static_cast<std::size_t>(((iy + 1) & 255) << 8)];
  const auto x0 = ix & 255, x1 = (ix + 1) & 255;
  return (low[x0] + (low[x1] - low[x0]) * tx) * (1 - ty) +
         (high[x0] + (high[x1] - high[x0]) * tx) * ty;
}

}  // namespace vl::sim
