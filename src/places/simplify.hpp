// Thinning of polylines (Ramer, 1972; Douglas and Peucker, 1973). Private to this room.
#pragma once

#include <span>
#include <vector>

#include "plane.hpp"

namespace vl::places {

/// Leaves out points that lie within the tolerance of the line through those kept; the ends stay.
std::vector<Vec> simplify(std::span<const Vec> line, double tolerance_m);

}  // namespace vl::places
