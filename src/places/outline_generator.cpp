// Outlines for a demonstration: a power diagram of the units' centres, weighted until each cell has
// its unit's area, on a plane that is then bent by noise. Bending moves a shared border once for
// both sides, and keeps every centre in its cell because the centre is bent with it.
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <set>

#include <vonglau/base/assert.hpp>
#include <vonglau/places/outlines.hpp>

#include "plane.hpp"
#include "power_diagram.hpp"
#include "simplify.hpp"

namespace vl::places {
namespace {

constexpr LatLon kOrigin{21.28, 106.4};
constexpr double kFrame_m = 40'000;
constexpr double kStep_m = 120;            // between points of a border before it is thinned
constexpr double kTolerance_m = 14;        // of thinning
constexpr std::size_t kConstraining = 40;  // neighbours that may bound a weight
constexpr int kRounds = 100;               // of weighting
constexpr double kHaste = 0.5;             // share of an error mended in one round
constexpr double kBorderShare = 0.7;  // borders stay within 0.15 .. 0.85 of the way to a neighbour
constexpr double kGhostSpacing_m = 4'500;
constexpr double kClaimRadii = 1.2;  // ghosts keep so many radii away from a centre
constexpr double kCove_m = 11'000;

// Three bends of one plane: broad, like rivers; then like ridges; then like hedges.
struct Bends {
  Warp broad{{11, 17'000, 2, 0.45}, {12, 17'000, 2, 0.45}, 3'600};
  Warp fine{{13, 6'500, 5, 0.56}, {14, 6'500, 5, 0.56}, 1'500};
  Vec apply(Vec p) const { return fine.apply(broad.apply(p)); }
  Vec invert(Vec p) const { return broad.invert(fine.invert(p)); }
};

struct Diagram {
  std::vector<const AdministrativeUnit*> units;
  std::vector<PowerSite> sites;           // the units', then ghosts around the province
  std::vector<std::vector<int>> nearest;  // for each unit, all sites, nearest first
  bool is_ghost(int site) const { return site >= static_cast<int>(units.size()); }
  PowerCell cell(std::size_t unit) const {
    return power_cell(sites, static_cast<int>(unit), nearest[unit], kFrame_m);
  }
};

double radius_m(const AdministrativeUnit& unit) {
  return std::sqrt(unit.area_km2.value_or(40) * 1e6 / std::numbers::pi);
}

// How far a point lies from the land that the centres claim.
double claim_distance_m(const Diagram& diagram, Vec at) {
  double nearest = 1e9;
  for (std::size_t s = 0; s < diagram.units.size(); ++s)
    nearest = std::min(
        nearest, length(at - diagram.sites[s].at) - kClaimRadii * radius_m(*diagram.units[s]));
  return nearest;
}

// Sites without a unit all around the province: what they keep is the land of neighbours. They
// stay out of gaps between the units that a disc of kCove_m cannot enter from outside.
void add_ghosts(Diagram& diagram) {
  constexpr int kRows = 26;
  const double row_m = kGhostSpacing_m * std::sqrt(3) / 2;
  std::vector<Vec> outside;
  std::vector<Vec> open;  // middles of discs that lie outside altogether
  for (int row = -kRows; row <= kRows; ++row) {
    for (int column = -kRows; column <= kRows; ++column) {
      const double jitter_x = lattice_random(column, row, 21) - 0.5;
      const double jitter_y = lattice_random(column, row, 22) - 0.5;
      const Vec at{(column + (row % 2 != 0 ? 0.5 : 0) + jitter_x * 0.5) * kGhostSpacing_m,
                   (row + jitter_y * 0.5) * row_m};
      const double distance = claim_distance_m(diagram, at);
      if (distance > 0 && distance < 2 * kCove_m) outside.push_back(at);
      if (distance > kCove_m && distance < 3 * kCove_m) open.push_back(at);
    }
  }
  for (const Vec at : outside)
    if (std::ranges::any_of(open, [&](Vec o) { return length(o - at) < kCove_m; }))
      diagram.sites.push_back({at, 0});
}

// The area of a cell after bending, from a few points of each edge.
double bent_area_m2(const PowerCell& cell, const Bends& bends) {
  PowerCell bent;
  for (std::size_t i = 0; i < cell.corners.size(); ++i) {
    const Vec from = cell.corners[i];
    const Vec to = cell.corners[(i + 1) % cell.corners.size()];
    const int steps = 1 + static_cast<int>(length(to - from) / 1'000);
    for (int k = 0; k < steps; ++k)
      bent.corners.push_back(bends.apply(from + (to - from) * (static_cast<double>(k) / steps)));
  }
  return bent.area_m2();
}

// Raises the weight of cells that are too small and lowers that of cells too large, never so far
// that a site leaves its own cell.
void balance(Diagram& diagram, const Bends& bends) {
  const std::size_t n = diagram.units.size();
  std::vector<double> swelling(n, 1);  // a cell's area after bending over that before
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> wanted(n);
    for (std::size_t s = 0; s < n; ++s) {
      const PowerCell cell = diagram.cell(s);
      const double area = cell.area_m2();
      if (round % 15 == 10) swelling[s] = bent_area_m2(cell, bends) / area;
      const double target = diagram.units[s]->area_km2.value_or(40) * 1e6 / swelling[s];
      wanted[s] = diagram.sites[s].weight_m2 + (target - area) * kHaste / std::numbers::pi;
    }
    for (std::size_t s = 0; s < n; ++s) {
      for (const int near : std::span(diagram.nearest[s]).first(kConstraining)) {
        const auto t = static_cast<std::size_t>(near);
        const Vec apart = diagram.sites[t].at - diagram.sites[s].at;
        const double other = diagram.sites[t].weight_m2;
        const double slack = kBorderShare * dot(apart, apart);
        wanted[s] = std::min(wanted[s], other + slack);
        if (!diagram.is_ghost(near)) wanted[s] = std::max(wanted[s], other - slack);
      }
      diagram.sites[s].weight_m2 = wanted[s];
    }
  }
}

// Borders between two sites, drawn once and used by both.
class Borders {
 public:
  Borders(const Diagram& diagram, const Plane& plane, const Bends& bends)
      : diagram_(diagram), plane_(plane), bends_(bends) {}

  /// The points of the cell's edge i, its end left out.
  Ring edge(int site, const PowerCell& cell, std::size_t i) {
    const std::size_t n = cell.corners.size();
    const int before = cell.neighbours[(i + n - 1) % n];
    const int beside = cell.neighbours[i];
    const int after = cell.neighbours[(i + 1) % n];
    VL_ASSERT(before >= 0 && beside >= 0 && after >= 0);
    Key key{std::minmax(site, beside), std::minmax(before, after)};
    const Ring& points = drawn(key);
    const bool forward = key.ends.first == before;
    Ring out(points);
    if (!forward) std::ranges::reverse(out);
    out.pop_back();
    return out;
  }

 private:
  struct Key {
    std::pair<int, int> sides;
    std::pair<int, int> ends;
    auto operator<=>(const Key&) const = default;
  };

  const Ring& drawn(const Key& key) {
    const auto [at, fresh] = drawn_.try_emplace(key);
    if (!fresh) return at->second;
    const auto [a, b] = key.sides;
    const Vec from = power_corner(diagram_.sites, a, b, key.ends.first);
    const Vec to = power_corner(diagram_.sites, a, b, key.ends.second);
    const int steps = std::max(1, static_cast<int>(std::ceil(length(to - from) / kStep_m)));
    std::vector<Vec> bent;
    for (int k = 0; k <= steps; ++k)
      bent.push_back(bends_.apply(from + (to - from) * (static_cast<double>(k) / steps)));
    for (const std::size_t kept : simplified(bent, kTolerance_m))
      at->second.push_back(plane_.to_lat_lon(bent[kept]));
    return at->second;
  }

  const Diagram& diagram_;
  const Plane& plane_;
  const Bends& bends_;
  std::map<Key, Ring> drawn_;
};

void close(Ring& ring) {
  ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
  if (ring.front() != ring.back()) ring.push_back(ring.front());
}

// Joins the pieces of border that have a ghost on their other side into rings.
std::vector<Polygon> join_coast(std::vector<Ring> pieces) {
  std::vector<Polygon> polygons;
  while (!pieces.empty()) {
    Ring ring = std::move(pieces.back());
    pieces.pop_back();
    while (ring.front() != ring.back()) {
      const auto next =
          std::ranges::find(pieces, ring.back(), [](const Ring& r) { return r.front(); });
      VL_ASSERT(next != pieces.end());
      ring.insert(ring.end(), next->begin() + 1, next->end());
      pieces.erase(next);
    }
    close(ring);
    polygons.push_back({std::move(ring)});
  }
  return polygons;
}

}  // namespace

Outlines generate_outlines(const UnitRegister& units, Date on) {
  const Plane plane(kOrigin);
  const Bends bends;
  Diagram diagram;
  std::string province;
  for (const auto* unit : units.on(on)) {
    if (unit->kind == UnitKind::province) province = unit->code;
    if (unit->kind != UnitKind::ward && unit->kind != UnitKind::commune) continue;
    diagram.units.push_back(unit);
    diagram.sites.push_back({bends.invert(plane.to_plane(unit->centre)), 0});
  }
  add_ghosts(diagram);
  for (int s = 0; s < static_cast<int>(diagram.units.size()); ++s)
    diagram.nearest.push_back(nearest_sites(diagram.sites, s));
  balance(diagram, bends);

  Borders borders(diagram, plane, bends);
  Outlines outlines;
  std::vector<Ring> coast;
  for (int s = 0; s < static_cast<int>(diagram.units.size()); ++s) {
    const PowerCell cell = diagram.cell(static_cast<std::size_t>(s));
    const std::size_t n = cell.corners.size();
    Ring ring;
    for (std::size_t i = 0; i < n; ++i) {
      Ring piece = borders.edge(s, cell, i);
      ring.insert(ring.end(), piece.begin(), piece.end());
      if (!diagram.is_ghost(cell.neighbours[i])) continue;
      piece.push_back(borders.edge(s, cell, (i + 1) % n).front());
      coast.push_back(std::move(piece));
    }
    close(ring);
    outlines.units.push_back({diagram.units[static_cast<std::size_t>(s)]->code, {{ring}}, true});
  }
  outlines.units.push_back({province, join_coast(std::move(coast)), true});
  std::ranges::sort(outlines.units, {}, &UnitOutline::code);
  return outlines;
}

}  // namespace vl::places
