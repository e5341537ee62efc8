#include "simplify.hpp"

#include <algorithm>

namespace vl::places {
namespace {

double distance_to_segment(Vec p, Vec a, Vec b) {
  const Vec along = b - a;
  const double square = dot(along, along);
  const double t = square > 0 ? std::clamp(dot(p - a, along) / square, 0.0, 1.0) : 0;
  return length(p - (a + along * t));
}

}  // namespace

std::vector<std::size_t> simplified(std::span<const Vec> line, double tolerance_m) {
  if (line.empty()) return {};
  std::vector<bool> kept(line.size(), false);
  kept.front() = kept.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> open = {{0, line.size() - 1}};
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    std::size_t farthest = first;
    double most = tolerance_m;
    for (std::size_t i = first + 1; i < last; ++i) {
      const double d = distance_to_segment(line[i], line[first], line[last]);
      if (d <= most) continue;
      most = d;
      farthest = i;
    }
    if (farthest == first) continue;
    kept[farthest] = true;
    open.push_back({first, farthest});
    open.push_back({farthest, last});
  }
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < line.size(); ++i)
    if (kept[i]) out.push_back(i);
  return out;
}

}  // namespace vl::places
