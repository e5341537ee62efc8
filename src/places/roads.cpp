#include <algorithm>
#include <cmath>
#include <map>

#include <vonglau/base/assert.hpp>
#include <vonglau/places/roads.hpp>

#include "geojson_text.hpp"

namespace vl::places {
namespace {

constexpr double kCell_deg = 0.01;  // of the index: about a kilometre
constexpr double kMetresPerDegree = 111'194.93;

}  // namespace

std::string_view text_of(RoadClass road_class) {
  switch (road_class) {
    case RoadClass::trunk:
      return "trunk";
    case RoadClass::provincial:
      return "provincial";
    case RoadClass::street:
      return "street";
    case RoadClass::lane:
      return "lane";
  }
  return "";
}

RoadNetwork::RoadNetwork(RoadParts parts) : parts_(std::move(parts)) {
  for (const RoadEdge& edge : parts_.edges) {
    VL_ASSERT(edge.from < parts_.nodes.size() && edge.to < parts_.nodes.size());
    VL_ASSERT(edge.from != edge.to);
    VL_ASSERT(edge.points >= 2 && edge.first_point + edge.points <= parts_.points.size());
    VL_ASSERT(edge.speed_kmh > 0);
  }
  index_nodes();
  find_junctions();
  index_edges();
}

void RoadNetwork::index_nodes() {
  first_arc_.assign(parts_.nodes.size() + 1, 0);
  for (const RoadEdge& edge : parts_.edges) {
    ++first_arc_[edge.from + 1];
    ++first_arc_[edge.to + 1];
  }
  for (std::size_t n = 1; n < first_arc_.size(); ++n) first_arc_[n] += first_arc_[n - 1];
  arcs_.resize(parts_.edges.size() * 2);
  auto next = first_arc_;
  for (EdgeIndex e = 0; e < parts_.edges.size(); ++e) {
    arcs_[next[parts_.edges[e].from]++] = e;
    arcs_[next[parts_.edges[e].to]++] = e;
  }
}

// A node within a stretch that two roads share is no junction of theirs: one is where the edges of
// a node carry different sets of roads.
void RoadNetwork::find_junctions() {
  std::vector<std::vector<RoadIndex>> roads_on(parts_.edges.size());
  for (RoadIndex r = 0; r < parts_.roads.size(); ++r)
    for (const RoadPiece piece : parts_.roads[r].pieces) {
      auto& on = roads_on[piece.edge];
      if (on.empty() || on.back() != r) on.push_back(r);
    }
  for (NodeIndex node = 0; node < parts_.nodes.size(); ++node) {
    std::vector<RoadIndex> roads;
    const std::vector<RoadIndex>* first = nullptr;
    bool differ = false;
    for (const EdgeIndex e : edges_at(node)) {
      const auto& on = roads_on[e];
      if (on.empty()) continue;
      differ |= first != nullptr && *first != on;
      first = &on;
      roads.insert(roads.end(), on.begin(), on.end());
    }
    std::ranges::sort(roads);
    roads.erase(std::unique(roads.begin(), roads.end()), roads.end());
    if (differ && roads.size() > 1) junctions_.push_back({node, std::move(roads)});
  }
}

std::span<const LatLon> RoadNetwork::course(EdgeIndex edge) const {
  const RoadEdge& e = parts_.edges[edge];
  return std::span(parts_.points).subspan(e.first_point, e.points);
}

std::vector<LatLon> RoadNetwork::course_of(const Road& road) const {
  std::vector<LatLon> out;
  for (const RoadPiece piece : road.pieces) {
    const auto points = course(piece.edge);
    const auto add = [&](LatLon p) {
      if (out.empty() || out.back() != p) out.push_back(p);
    };
    if (piece.backwards)
      std::for_each(points.rbegin(), points.rend(), add);
    else
      std::for_each(points.begin(), points.end(), add);
  }
  return out;
}

void RoadNetwork::index_edges() {
  bounds_ = bounds_of(parts_.points);
  if (bounds_.empty()) return;
  rows_ = static_cast<std::size_t>((bounds_.north - bounds_.south) / kCell_deg) + 1;
  columns_ = static_cast<std::size_t>((bounds_.east - bounds_.west) / kCell_deg) + 1;
  cells_.resize(rows_ * columns_);
  for (EdgeIndex e = 0; e < parts_.edges.size(); ++e) {
    const auto points = course(e);
    for (std::size_t i = 1; i < points.size(); ++i) {
      const Bounds box = bounds_of(points.subspan(i - 1, 2));
      const std::size_t low = cell_of(box.south, box.west);
      const std::size_t high = cell_of(box.north, box.east);
      for (std::size_t row = low / columns_; row <= high / columns_; ++row)
        for (std::size_t column = low % columns_; column <= high % columns_; ++column) {
          auto& cell = cells_[row * columns_ + column];
          if (cell.empty() || cell.back() != e) cell.push_back(e);
        }
    }
  }
}

std::size_t RoadNetwork::cell_of(double lat, double lon) const {
  const auto part = [](double at, double low, std::size_t count) {
    const double steps = std::floor((at - low) / kCell_deg);
    return static_cast<std::size_t>(std::clamp(steps, 0.0, static_cast<double>(count - 1)));
  };
  return part(lat, bounds_.south, rows_) * columns_ + part(lon, bounds_.west, columns_);
}

std::optional<Snap> RoadNetwork::snap(LatLon point, double limit_m) const {
  if (cells_.empty() || !is_valid(point)) return std::nullopt;
  std::optional<Snap> best;
  double best_m = std::min(limit_m, kSnapLimit_m);
  const double shrink = std::cos(point.lat * 3.14159265358979 / 180);
  const auto visit = [&](std::size_t row, std::size_t column) {
    for (const EdgeIndex e : cells_[row * columns_ + column]) {
      const auto points = course(e);
      double along_m = 0;
      for (std::size_t i = 1; i < points.size(); ++i) {
        const double step_m = distance_m(points[i - 1], points[i]);
        const Nearest near = nearest_on_segment(point, points[i - 1], points[i]);
        if (near.distance_m < best_m) {
          best_m = near.distance_m;
          best = Snap{e, along_m + near.fraction * step_m, near.point, near.distance_m};
        }
        along_m += step_m;
      }
    }
  };
  // Rings of cells around the point, until the next ring is farther than what was found.
  const auto row = static_cast<std::int64_t>(std::floor((point.lat - bounds_.south) / kCell_deg));
  const auto column = static_cast<std::int64_t>(std::floor((point.lon - bounds_.west) / kCell_deg));
  for (std::int64_t ring = 0;; ++ring) {
    const double nearest_m = static_cast<double>(ring - 1) * kCell_deg * kMetresPerDegree * shrink;
    if (nearest_m > best_m) return best;
    for (std::int64_t r = row - ring; r <= row + ring; ++r) {
      if (r < 0 || r >= static_cast<std::int64_t>(rows_)) continue;
      const bool edge_row = r == row - ring || r == row + ring;
      const std::int64_t step = edge_row || ring == 0 ? 1 : 2 * ring;
      for (std::int64_t c = column - ring; c <= column + ring; c += step)
        if (c >= 0 && c < static_cast<std::int64_t>(columns_))
          visit(static_cast<std::size_t>(r), static_cast<std::size_t>(c));
    }
  }
}

std::optional<LatLon> RoadNetwork::at_kilometre(RoadIndex road, double metres) const {
  const Road& r = parts_.roads[road];
  if (!r.start_m || metres < *r.start_m || metres > *r.start_m + r.length_m) return std::nullopt;
  return point_along(course_of(r), metres - *r.start_m);
}

std::vector<KilometrePost> RoadNetwork::kilometre_posts() const {
  std::vector<KilometrePost> posts;
  for (RoadIndex index = 0; index < parts_.roads.size(); ++index) {
    const Road& road = parts_.roads[index];
    if (!road.start_m) continue;
    const auto points = course_of(road);
    const int first = static_cast<int>(std::ceil(*road.start_m / 1000));
    const int last = static_cast<int>(std::floor((*road.start_m + road.length_m) / 1000));
    for (int km = first; km <= last; ++km)
      posts.push_back({index, km, point_along(points, km * 1000.0 - *road.start_m)});
  }
  return posts;
}

// The road's course in as few lines as its own edges allow.
std::vector<std::vector<LatLon>> RoadNetwork::lines_of(const Road& road, RoadIndex index) const {
  std::vector<std::vector<LatLon>> lines;
  bool open = false;
  for (const RoadPiece piece : road.pieces) {
    if (parts_.edges[piece.edge].road != index) {
      open = false;
      continue;
    }
    if (!open) lines.emplace_back();
    open = true;
    std::vector<LatLon> points(course(piece.edge).begin(), course(piece.edge).end());
    if (piece.backwards) std::ranges::reverse(points);
    auto& line = lines.back();
    line.insert(line.end(), points.begin() + (line.empty() ? 0 : 1), points.end());
  }
  return lines;
}

std::string RoadNetwork::geojson() const {
  GeoJsonText text;
  const auto feature = [&](std::string_view name, RoadClass road_class,
                           std::span<const std::vector<LatLon>> lines) {
    if (lines.empty()) return;
    text.begin_feature();
    text.property("class", text_of(road_class));
    text.property("name", name);
    text.property("generated", parts_.generated);
    text.multi_line(lines);
  };
  constexpr std::size_t kLanesInAFeature = 200;
  std::vector<std::vector<LatLon>> lanes;
  for (EdgeIndex e = 0; e < parts_.edges.size(); ++e) {
    if (parts_.edges[e].road == kNoRoad) lanes.emplace_back(course(e).begin(), course(e).end());
    if (lanes.size() < kLanesInAFeature && e + 1 < parts_.edges.size()) continue;
    feature("", RoadClass::lane, lanes);
    lanes.clear();
  }
  for (RoadIndex r = 0; r < parts_.roads.size(); ++r)
    feature(parts_.roads[r].name, parts_.roads[r].road_class, lines_of(parts_.roads[r], r));
  return text.finish();
}

}  // namespace vl::places
