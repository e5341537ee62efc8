// A power diagram: the plane divided among weighted sites, each point going to the site with the
// least (distance^2 - weight). Cells are convex and meet edge to edge. Private to this room.
#pragma once

#include <span>
#include <vector>

#include "plane.hpp"

namespace vl::places {

struct PowerSite {
  Vec at;
  double weight_m2 = 0;
};

/// A cell's corners counter-clockwise; edge i runs from corner i to the next and divides the cell
/// from `neighbours[i]` (kOutside at the frame).
struct PowerCell {
  static constexpr int kOutside = -1;
  std::vector<Vec> corners;
  std::vector<int> neighbours;
  double area_m2() const;
};

/// The cell of one site within a square frame of that half-width about it; empty where heavier
/// sites leave it nothing. `others` are the sites that may border it, best the nearest first.
PowerCell power_cell(std::span<const PowerSite> sites, int of, std::span<const int> others,
                     double frame_m);
/// All other sites, nearest first.
std::vector<int> nearest_sites(std::span<const PowerSite> sites, int of);

/// The corner at which three cells meet: the same point whichever cell asks.
Vec power_corner(std::span<const PowerSite> sites, int a, int b, int c);

}  // namespace vl::places
