#include "rings.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace vl::places {
namespace {

constexpr std::size_t kMaxComparisons = 20'000'000;

struct Point {
  std::int64_t x = 0;
  std::int64_t y = 0;
  friend bool operator==(Point, Point) = default;
};

struct Segment {
  Point a, b;
  std::size_t order = 0;  // along the ring
};

// Differences are at most 3.6e8, so products fit 64 bits with room to spare.
int side(Point a, Point b, Point p) {
  const std::int64_t cross = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
  return cross > 0 ? 1 : cross < 0 ? -1 : 0;
}

bool within(Point p, Point a, Point b) {
  return p.x >= std::min(a.x, b.x) && p.x <= std::max(a.x, b.x) && p.y >= std::min(a.y, b.y) &&
         p.y <= std::max(a.y, b.y);
}

// Whether the segments have any point in common.
bool meet(const Segment& s, const Segment& t) {
  const int a = side(s.a, s.b, t.a);
  const int b = side(s.a, s.b, t.b);
  const int c = side(t.a, t.b, s.a);
  const int d = side(t.a, t.b, s.b);
  if (a * b < 0 && c * d < 0) return true;
  return (a == 0 && within(t.a, s.a, s.b)) || (b == 0 && within(t.b, s.a, s.b)) ||
         (c == 0 && within(s.a, t.a, t.b)) || (d == 0 && within(s.b, t.a, t.b));
}

// The later segment starts where the earlier ends and runs back over it.
bool folds_back(const Segment& earlier, const Segment& later) {
  if (side(earlier.a, earlier.b, later.b) != 0) return false;
  const std::int64_t dot = (earlier.b.x - earlier.a.x) * (later.b.x - later.a.x) +
                           (earlier.b.y - earlier.a.y) * (later.b.y - later.a.y);
  return dot < 0;
}

std::string at(Point p) {
  return fmt::format("near {:.5f}, {:.5f}", static_cast<double>(p.y) / 1e6,
                     static_cast<double>(p.x) / 1e6);
}

std::vector<Segment> segments_of(const Ring& ring) {
  std::vector<Segment> segments;
  const auto point = [](LatLon p) {
    return Point{std::llround(p.lon * 1e6), std::llround(p.lat * 1e6)};
  };
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const Segment segment{point(ring[i - 1]), point(ring[i]), segments.size()};
    if (segment.a != segment.b) segments.push_back(segment);
  }
  return segments;
}

std::optional<std::string> crossing(std::vector<Segment> segments) {
  const std::size_t n = segments.size();
  std::ranges::sort(segments, {}, [](const Segment& s) { return std::min(s.a.x, s.b.x); });
  std::size_t comparisons = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const Segment& s = segments[i];
    const std::int64_t east = std::max(s.a.x, s.b.x);
    for (std::size_t j = i + 1; j < n; ++j) {
      const Segment& t = segments[j];
      if (std::min(t.a.x, t.b.x) > east) break;
      if (++comparisons > kMaxComparisons) return "has a ring too intricate to check: simplify it";
      const bool s_first = (s.order + 1) % n == t.order;
      const bool t_first = (t.order + 1) % n == s.order;
      if (s_first || t_first) {
        if (s_first ? folds_back(s, t) : folds_back(t, s))
          return "has a ring that runs back over itself " + at(s_first ? s.b : t.b);
      } else if (meet(s, t)) {
        return "has a ring that crosses or touches itself " + at(s.a);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> ring_fault(const Ring& ring) {
  if (ring.size() < 4) return "has a ring of fewer than four positions";
  if (ring.front() != ring.back())
    return "has a ring that is not closed: its last position must repeat its first";
  std::vector<Segment> segments = segments_of(ring);
  if (segments.size() < 3) return "has a ring of fewer than three corners";
  return crossing(std::move(segments));
}

}  // namespace vl::places
