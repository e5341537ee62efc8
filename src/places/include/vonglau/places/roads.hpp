// The road network: nodes, edges with their course, named roads, kilometre posts, junctions, the
// nearest road of a point, and routes.
//
// A RoadNetwork is made once, never changes, and may be read by any thread. Edges are passable both
// ways. Sizes: some 10^4 edges; a route takes a few milliseconds (a faster router is to come behind
// the same `route`).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/places/gazetteer.hpp>

namespace vl::places {

enum class RoadClass { trunk, provincial, street, lane };
/// "trunk", "provincial", "street" or "lane".
std::string_view text_of(RoadClass road_class);

using NodeIndex = std::uint32_t;
using EdgeIndex = std::uint32_t;
using RoadIndex = std::uint32_t;
inline constexpr RoadIndex kNoRoad = 0xffffffff;

struct RoadEdge {
  NodeIndex from = 0;
  NodeIndex to = 0;
  double length_m = 0;
  RoadClass road_class = RoadClass::lane;
  RoadIndex road = kNoRoad;  // the first road that runs over it
  double speed_kmh = 30;
  std::uint32_t first_point = 0;  // of its course, see RoadNetwork::course
  std::uint32_t points = 0;
};

/// An edge as a road runs over it.
struct RoadPiece {
  EdgeIndex edge = 0;
  bool backwards = false;
};

struct Road {
  std::string name;  // "QL1A", "ĐT295B", "Đường Lý Thái Tổ"
  RoadClass road_class = RoadClass::street;
  std::vector<RoadPiece> pieces;  // end to end
  std::optional<double> start_m;  // what the kilometre posts say at its beginning, where it has any
  double length_m = 0;
};

/// Where two or more named roads meet.
struct Junction {
  NodeIndex node = 0;
  std::vector<RoadIndex> roads;  // sorted
};

struct KilometrePost {
  RoadIndex road = 0;
  int kilometre = 0;
  LatLon at;
};

struct Snap {
  EdgeIndex edge = 0;
  double along_m = 0;  // from the edge's `from`
  LatLon point;        // on the edge
  double distance_m = 0;
};

struct Route {
  std::vector<LatLon> polyline;  // from the road nearest `from` to the road nearest `to`
  double distance_m = 0;
  double time_s = 0;
};

/// What a network is made of.
struct RoadParts {
  std::vector<LatLon> nodes;
  std::vector<RoadEdge> edges;
  std::vector<LatLon> points;  // of all courses, one after the other
  std::vector<Road> roads;
  bool generated = false;
};

class RoadNetwork {
 public:
  static constexpr double kSnapLimit_m = 5'000;

  /// Roads generated between the units' centres: the same units, the same roads. Names and rough
  /// ways of trunk and provincial roads are real, their courses are not.
  static RoadNetwork demonstration(const Gazetteer& gazetteer);

  explicit RoadNetwork(RoadParts parts);

  std::span<const LatLon> nodes() const { return parts_.nodes; }
  std::span<const RoadEdge> edges() const { return parts_.edges; }
  std::span<const Road> roads() const { return parts_.roads; }
  std::span<const Junction> junctions() const { return junctions_; }
  bool generated() const { return parts_.generated; }

  std::span<const EdgeIndex> edges_at(NodeIndex node) const {
    return std::span(arcs_).subspan(first_arc_[node], first_arc_[node + 1] - first_arc_[node]);
  }
  /// The edge's points from its `from` to its `to`, ends included.
  std::span<const LatLon> course(EdgeIndex edge) const;
  /// The road's whole course.
  std::vector<LatLon> course_of(const Road& road) const;

  /// The nearest road within the limit.
  std::optional<Snap> snap(LatLon point, double limit_m = kSnapLimit_m) const;

  /// The quickest way by the edges' speeds. Errors: no_road (an end is too far from any road),
  /// no_route (the ends lie on networks that do not meet).
  Result<Route> route(LatLon from, LatLon to) const;

  /// The point at "Km k+m" of a road that has posts; nothing where the road has no such kilometre.
  std::optional<LatLon> at_kilometre(RoadIndex road, double metres) const;
  std::vector<KilometrePost> kilometre_posts() const;

  /// A FeatureCollection: one feature a named road (an edge is drawn under its first road only),
  /// with properties class, name and generated; lanes without a name are gathered.
  std::string geojson() const;

 private:
  void index_nodes();
  void find_junctions();
  void index_edges();
  std::size_t cell_of(double lat, double lon) const;
  std::vector<std::vector<LatLon>> lines_of(const Road& road, RoadIndex index) const;

  RoadParts parts_;
  std::vector<Junction> junctions_;
  std::vector<std::uint32_t> first_arc_;  // per node, into arcs_
  std::vector<EdgeIndex> arcs_;
  Bounds bounds_;
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<std::vector<EdgeIndex>> cells_;
};

}  // namespace vl::places
