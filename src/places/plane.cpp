#include "plane.hpp"

#include <numbers>

namespace vl::places {
namespace {

constexpr double kMetresPerDegree = 111'194.93;

std::uint64_t lattice_bits(std::int64_t x, std::int64_t y, std::uint64_t seed) {
  // splitmix64's finisher over the three numbers.
  std::uint64_t z = seed * 0x9e3779b97f4a7c15ULL +
                    static_cast<std::uint64_t>(x) * 0xd1342543de82ef95ULL +
                    static_cast<std::uint64_t>(y) * 0xaf251af3b0f025b5ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

double smooth(double t) {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

// Gradient noise on the integer lattice, about [-0.7, 0.7].
double gradient_noise(double x, double y, std::uint64_t seed) {
  const double fx = std::floor(x);
  const double fy = std::floor(y);
  const auto ix = static_cast<std::int64_t>(fx);
  const auto iy = static_cast<std::int64_t>(fy);
  const auto corner = [&](std::int64_t dx, std::int64_t dy) {
    const std::uint64_t bits = lattice_bits(ix + dx, iy + dy, seed);
    const double gx = static_cast<double>(bits >> 32) * 0x1.0p-31 - 1;
    const double gy = static_cast<double>(bits & 0xffffffff) * 0x1.0p-31 - 1;
    return gx * (x - fx - static_cast<double>(dx)) + gy * (y - fy - static_cast<double>(dy));
  };
  const double sx = smooth(x - fx);
  const double sy = smooth(y - fy);
  const double low = std::lerp(corner(0, 0), corner(1, 0), sx);
  const double high = std::lerp(corner(0, 1), corner(1, 1), sx);
  return std::lerp(low, high, sy);
}

}  // namespace

Plane::Plane(LatLon origin)
    : origin_(origin),
      per_lat_(kMetresPerDegree),
      per_lon_(kMetresPerDegree * std::cos(origin.lat * std::numbers::pi / 180)) {}

Vec Plane::to_plane(LatLon p) const {
  return {(p.lon - origin_.lon) * per_lon_, (p.lat - origin_.lat) * per_lat_};
}

LatLon Plane::to_lat_lon(Vec v) const {
  const auto five_decimals = [](double degrees) { return std::round(degrees * 1e5) / 1e5; };
  return {five_decimals(origin_.lat + v.y / per_lat_), five_decimals(origin_.lon + v.x / per_lon_)};
}

double lattice_random(std::int64_t x, std::int64_t y, std::uint64_t seed) {
  return static_cast<double>(lattice_bits(x, y, seed) >> 11) * 0x1.0p-53;
}

double Noise::at(Vec p) const {
  double sum = 0;
  double amplitude = 1;
  double frequency = 1 / wavelength_m;
  for (int octave = 0; octave < octaves; ++octave) {
    // Each octave is shifted, or all would have their zeros at the same lattice points.
    const double shift = 17.31 * octave;
    sum += amplitude * gradient_noise(p.x * frequency + shift, p.y * frequency - shift,
                                      seed + static_cast<std::uint64_t>(octave));
    amplitude *= roughness;
    frequency *= 2;
  }
  return sum;
}

Vec Warp::invert(Vec p) const {
  Vec guess = p;
  for (int i = 0; i < 60; ++i) guess = guess + (p - apply(guess)) * 0.8;
  return guess;
}

}  // namespace vl::places
