#include <algorithm>
#include <cmath>
#include <numbers>

#include <vonglau/places/geometry.hpp>

namespace vl::places {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

}  // namespace

bool is_valid(LatLon point) {
  return std::isfinite(point.lat) && std::isfinite(point.lon) && std::abs(point.lat) <= 90 &&
         std::abs(point.lon) <= 180;
}

double bearing_deg(LatLon a, LatLon b) {
  const double dlon = (b.lon - a.lon) * kRadians;
  const double y = std::sin(dlon) * std::cos(b.lat * kRadians);
  const double x = std::cos(a.lat * kRadians) * std::sin(b.lat * kRadians) -
                   std::sin(a.lat * kRadians) * std::cos(b.lat * kRadians) * std::cos(dlon);
  const double degrees = std::atan2(y, x) / kRadians;
  return degrees < 0 ? degrees + 360 : degrees;
}

double length_m(std::span<const LatLon> polyline) {
  double sum = 0;
  for (std::size_t i = 1; i < polyline.size(); ++i) sum += distance_m(polyline[i - 1], polyline[i]);
  return sum;
}

LatLon point_along(std::span<const LatLon> polyline, double along_m) {
  if (polyline.empty()) return {};
  if (along_m <= 0) return polyline.front();
  for (std::size_t i = 1; i < polyline.size(); ++i) {
    const LatLon a = polyline[i - 1];
    const LatLon b = polyline[i];
    const double step = distance_m(a, b);
    if (along_m <= step && step > 0) {
      const double t = along_m / step;
      return {a.lat + (b.lat - a.lat) * t, a.lon + (b.lon - a.lon) * t};
    }
    along_m -= step;
  }
  return polyline.back();
}

Nearest nearest_on_segment(LatLon point, LatLon a, LatLon b) {
  // Flat about the point: exact enough over the few kilometres of a road's segment.
  const double shrink = std::cos(point.lat * kRadians);
  const double dx = (b.lon - a.lon) * shrink;
  const double dy = b.lat - a.lat;
  const double square = dx * dx + dy * dy;
  double t = 0;
  if (square > 0)
    t = std::clamp(((point.lon - a.lon) * shrink * dx + (point.lat - a.lat) * dy) / square, 0.0,
                   1.0);
  const LatLon nearest{a.lat + (b.lat - a.lat) * t, a.lon + (b.lon - a.lon) * t};
  return {nearest, t, distance_m(point, nearest)};
}

void Bounds::add(LatLon p) {
  south = std::min(south, p.lat);
  north = std::max(north, p.lat);
  west = std::min(west, p.lon);
  east = std::max(east, p.lon);
}

Bounds bounds_of(std::span<const LatLon> points) {
  Bounds bounds;
  for (const LatLon p : points) bounds.add(p);
  return bounds;
}

}  // namespace vl::places
