#include <cmath>
#include <numbers>

#include <vonglau/base/geo.hpp>

namespace vl {

double distance_m(const GeoPoint& a, const GeoPoint& b) {
  constexpr double kEarth_m = 6'371'009;
  constexpr double kRadians = std::numbers::pi / 180;
  const double dlat = (b.lat - a.lat) * kRadians;
  const double dlon = (b.lon - a.lon) * kRadians;
  const double h = std::pow(std::sin(dlat / 2), 2) + std::cos(a.lat * kRadians) *
                                                         std::cos(b.lat * kRadians) *
                                                         std::pow(std::sin(dlon / 2), 2);
  return 2 * kEarth_m * std::asin(std::min(1.0, std::sqrt(h)));
}

}  // namespace vl
