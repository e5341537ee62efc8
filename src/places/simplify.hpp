// Thinning of polylines (Ramer, 1972; Douglas and Peucker, 1973). Private to this room.
#pragma once

#include <span>
#include <vector>

#include "plane.hpp"

namespace vl::places {

/// Which points stay when those within the tolerance of the line through the others are left out;
/// the ends always stay.
std::vector<std::size_t> simplified(std::span<const Vec> line, double tolerance_m);

}  // namespace vl::places
