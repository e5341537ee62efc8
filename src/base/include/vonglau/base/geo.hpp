// A point on the ground.
#pragma once

#include <boost/describe/class.hpp>

namespace vl {

/// WGS 84, degrees.
struct GeoPoint {
  double lat = 0;
  double lon = 0;
  friend bool operator==(const GeoPoint&, const GeoPoint&) = default;
};
BOOST_DESCRIBE_STRUCT(GeoPoint, (), (lat, lon))

/// Metres along the great circle (haversine on a sphere of 6,371,009 m).
double distance_m(const GeoPoint& a, const GeoPoint& b);

}  // namespace vl
