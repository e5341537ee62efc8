// A flat plane in metres about the middle of the province, on which demonstration outlines and
// roads are drawn, and the smooth noise that bends them. Private to this room; pure, any thread.
#pragma once

#include <cmath>
#include <cstdint>

#include <vonglau/places/geometry.hpp>

namespace vl::places {

struct Vec {
  double x = 0;
  double y = 0;
  friend Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y}; }
  friend Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y}; }
  friend Vec operator*(Vec a, double k) { return {a.x * k, a.y * k}; }
  friend bool operator==(Vec, Vec) = default;
};
inline double dot(Vec a, Vec b) {
  return a.x * b.x + a.y * b.y;
}
inline double cross(Vec a, Vec b) {
  return a.x * b.y - a.y * b.x;
}
inline double length(Vec a) {
  return std::sqrt(dot(a, a));
}
inline Vec middle(Vec a, Vec b) {
  return (a + b) * 0.5;
}

/// Equirectangular about an origin: scale is true to 0.5 % over a province.
class Plane {
 public:
  explicit Plane(LatLon origin);
  Vec to_plane(LatLon p) const;
  /// Rounded to five decimals, so that what is computed here is what is written.
  LatLon to_lat_lon(Vec v) const;

 private:
  LatLon origin_;
  double per_lat_;
  double per_lon_;
};

/// A fixed pseudo-random number in [0, 1) for three integers; the same on every machine.
double lattice_random(std::int64_t x, std::int64_t y, std::uint64_t seed);

/// Sum of octaves of smooth noise, about [-1, 1]; each octave has half the wavelength and
/// `roughness` times the amplitude of the one before.
struct Noise {
  std::uint64_t seed = 0;
  double wavelength_m = 1000;
  int octaves = 1;
  double roughness = 0.5;
  double at(Vec p) const;
};

/// A displacement of the plane by two noises: bends straight lines so that they neither cross nor
/// touch as long as its slope stays below one.
struct Warp {
  Noise east;
  Noise north;
  double amplitude_m = 0;
  Vec apply(Vec p) const { return p + Vec{east.at(p), north.at(p)} * amplitude_m; }
  /// The point that `apply` moves to p, by fixed-point iteration.
  Vec invert(Vec p) const;
};

}  // namespace vl::places
