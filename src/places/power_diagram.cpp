#include "power_diagram.hpp"

#include <algorithm>

namespace vl::places {
namespace {

// Keeps what lies on the near side of the line {p : dot(p, normal) = offset}.
void clip(PowerCell& cell, Vec normal, double offset, int neighbour) {
  if (std::ranges::none_of(cell.corners, [&](Vec c) { return dot(c, normal) > offset; })) return;
  PowerCell out;
  const std::size_t n = cell.corners.size();
  out.corners.reserve(n + 1);
  out.neighbours.reserve(n + 1);
  for (std::size_t i = 0; i < n; ++i) {
    const Vec a = cell.corners[i];
    const Vec b = cell.corners[(i + 1) % n];
    const double da = dot(a, normal) - offset;
    const double db = dot(b, normal) - offset;
    if (da <= 0) {
      out.corners.push_back(a);
      out.neighbours.push_back(cell.neighbours[i]);
    }
    if ((da <= 0) == (db <= 0)) continue;
    // Leaving: the new edge starts here. Entering: the old edge goes on from here.
    out.corners.push_back(a + (b - a) * (da / (da - db)));
    out.neighbours.push_back(da <= 0 ? neighbour : cell.neighbours[i]);
  }
  cell = std::move(out);
}

}  // namespace

double PowerCell::area_m2() const {
  double twice = 0;
  for (std::size_t i = 0; i < corners.size(); ++i)
    twice += cross(corners[i], corners[(i + 1) % corners.size()]);
  return twice / 2;
}

PowerCell power_cell(std::span<const PowerSite> sites, int of, std::span<const int> others,
                     double frame_m) {
  const auto& site = sites[static_cast<std::size_t>(of)];
  PowerCell cell;
  for (const auto& [dx, dy] : {std::pair{-1, -1}, {1, -1}, {1, 1}, {-1, 1}}) {
    cell.corners.push_back(Vec{dx * frame_m, dy * frame_m});
    cell.neighbours.push_back(PowerCell::kOutside);
  }
  for (const int t : others) {
    if (cell.corners.empty()) break;
    const auto& other = sites[static_cast<std::size_t>(t)];
    const Vec to = other.at - site.at;
    clip(cell, to, (dot(to, to) + site.weight_m2 - other.weight_m2) / 2, t);
  }
  for (Vec& corner : cell.corners) corner = corner + site.at;
  return cell;
}

std::vector<int> nearest_sites(std::span<const PowerSite> sites, int of) {
  const Vec at = sites[static_cast<std::size_t>(of)].at;
  std::vector<std::pair<double, int>> by_distance;
  for (int t = 0; t < static_cast<int>(sites.size()); ++t) {
    const Vec to = sites[static_cast<std::size_t>(t)].at - at;
    if (t != of) by_distance.emplace_back(dot(to, to), t);
  }
  std::ranges::sort(by_distance);
  std::vector<int> others;
  for (const auto& [square, t] : by_distance) others.push_back(t);
  return others;
}

Vec power_corner(std::span<const PowerSite> sites, int a, int b, int c) {
  int order[] = {a, b, c};
  std::ranges::sort(order);
  const auto& s = sites[static_cast<std::size_t>(order[0])];
  const auto line = [&](int other) {
    const auto& o = sites[static_cast<std::size_t>(other)];
    const Vec to = o.at - s.at;
    return std::pair{to, (dot(to, to) + s.weight_m2 - o.weight_m2) / 2};
  };
  const auto [n1, d1] = line(order[1]);
  const auto [n2, d2] = line(order[2]);
  const double det = cross(n1, n2);
  return s.at + Vec{d1 * n2.y - d2 * n1.y, d2 * n1.x - d1 * n2.x} * (1 / det);
}

}  // namespace vl::places
