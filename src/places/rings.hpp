// What makes a ring of a polygon unfit. Private to this room; pure, any thread.
#pragma once

#include <optional>
#include <string>

#include <vonglau/places/outlines.hpp>

namespace vl::places {

/// Why the ring cannot bound a polygon, in words for a person, or nothing when it can: it must be
/// closed, have at least three corners, and neither cross nor touch itself. Exact, on
/// coordinates rounded to a millionth of a degree (about 0.1 m). Work is bounded: a ring whose
/// check would take too many comparisons is refused for that.
std::optional<std::string> ring_fault(const Ring& ring);

}  // namespace vl::places
