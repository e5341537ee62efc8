// Points on the earth and distances between them.
//
// WGS 84, degrees, latitude before longitude (GeoJSON writes them the other way round). Pure
// functions, any thread. Distances are in metres on a sphere: within 0.5 % of the
// ellipsoid, which is less than a caller's own uncertainty.
#pragma once

#include <span>
#include <vector>

#include <vonglau/base/geo.hpp>

namespace vl::places {

using LatLon = GeoPoint;
using vl::distance_m;

/// Finite, latitude within 90 and longitude within 180 degrees.
bool is_valid(LatLon point);

/// Direction from a to b, 0 north, 90 east, in [0, 360).
double bearing_deg(LatLon a, LatLon b);
double length_m(std::span<const LatLon> polyline);
/// The point at a length along the polyline; its ends where the length lies outside.
LatLon point_along(std::span<const LatLon> polyline, double along_m);

/// The nearest point of the segment a-b, for segments of some kilometres.
struct Nearest {
  LatLon point;
  double fraction = 0;  // 0 at a, 1 at b
  double distance_m = 0;
};
Nearest nearest_on_segment(LatLon point, LatLon a, LatLon b);

/// A box; empty until something is added.
struct Bounds {
  double south = 91;
  double west = 181;
  double north = -91;
  double east = -181;
  bool empty() const { return south > north; }
  void add(LatLon p);
  bool contains(LatLon p) const {
    return p.lat >= south && p.lat <= north && p.lon >= west && p.lon <= east;
  }
};
Bounds bounds_of(std::span<const LatLon> points);

}  // namespace vl::places
