// Routes by A* (Hart, Nilsson and Raphael, 1968) over travel time.
#include <algorithm>
#include <queue>
#include <utility>

#include <vonglau/places/roads.hpp>

namespace vl::places {
namespace {

constexpr double kFastest_mps = 90 / 3.6;  // no edge is faster: keeps the estimate below the truth

double time_s(const RoadEdge& edge, double part_m) {
  return part_m / (edge.speed_kmh / 3.6);
}

struct Open {
  double estimate_s;
  NodeIndex node;
  friend bool operator>(const Open& a, const Open& b) {
    return std::pair(a.estimate_s, a.node) > std::pair(b.estimate_s, b.node);
  }
};

struct Visit {
  double time_s = 1e18;
  EdgeIndex by = 0;
  NodeIndex before = 0;
  bool start = false;
  bool closed = false;
};

// One search, from amid one edge to amid another.
class Search {
 public:
  Search(const RoadNetwork& network, const Snap& start, const Snap& goal)
      : network_(network),
        start_(start),
        goal_(goal),
        first_(network.edges()[start.edge]),
        last_(network.edges()[goal.edge]),
        visits_(network.nodes().size()) {}

  bool run() {
    if (start_.edge == goal_.edge)
      best_s_ = time_s(first_, std::abs(goal_.along_m - start_.along_m));
    const double rest_m = first_.length_m - start_.along_m;
    reach(first_.from, {time_s(first_, start_.along_m), start_.edge, first_.from, true});
    reach(first_.to, {time_s(first_, rest_m), start_.edge, first_.to, true});
    while (!open_.empty() && open_.top().estimate_s < best_s_) {
      const NodeIndex node = open_.top().node;
      open_.pop();
      if (std::exchange(visits_[node].closed, true)) continue;
      if (node == last_.from) finish(node, goal_.along_m);
      if (node == last_.to) finish(node, last_.length_m - goal_.along_m);
      for (const EdgeIndex e : network_.edges_at(node)) {
        const RoadEdge& edge = network_.edges()[e];
        const NodeIndex next = edge.from == node ? edge.to : edge.from;
        reach(next, {visits_[node].time_s + time_s(edge, edge.length_m), e, node});
      }
    }
    return best_s_ < 1e17;
  }

  Route route() const {
    Route route;
    route.time_s = best_s_;
    if (!entry_) {
      append_part(route.polyline, start_.edge, start_.along_m, goal_.along_m);
    } else {
      std::vector<NodeIndex> path = {*entry_};
      while (!visits_[path.back()].start) path.push_back(visits_[path.back()].before);
      std::ranges::reverse(path);
      append_part(route.polyline, start_.edge, start_.along_m,
                  path.front() == first_.from ? 0 : first_.length_m);
      for (std::size_t i = 1; i < path.size(); ++i) {
        const EdgeIndex e = visits_[path[i]].by;
        const RoadEdge& edge = network_.edges()[e];
        const bool forward = edge.from == path[i - 1];
        append_part(route.polyline, e, forward ? 0 : edge.length_m, forward ? edge.length_m : 0);
      }
      append_part(route.polyline, goal_.edge, *entry_ == last_.from ? 0 : last_.length_m,
                  goal_.along_m);
    }
    route.distance_m = length_m(route.polyline);
    return route;
  }

 private:
  void reach(NodeIndex node, const Visit& visit) {
    if (visit.time_s >= visits_[node].time_s) return;
    visits_[node] = visit;
    const double rest_m = distance_m(network_.nodes()[node], goal_.point);
    open_.push({visit.time_s + rest_m / kFastest_mps, node});
  }

  void finish(NodeIndex node, double part_m) {
    const double at_s = visits_[node].time_s + time_s(last_, part_m);
    if (at_s >= best_s_) return;
    best_s_ = at_s;
    entry_ = node;
  }

  // The edge's course between two lengths along it, in either direction.
  void append_part(std::vector<LatLon>& out, EdgeIndex e, double from_m, double to_m) const {
    const auto course = network_.course(e);
    const auto append = [&](LatLon p) {
      if (out.empty() || out.back() != p) out.push_back(p);
    };
    append(point_along(course, from_m));
    std::vector<LatLon> inner;
    double along_m = 0;
    for (std::size_t i = 1; i + 1 < course.size(); ++i) {
      along_m += distance_m(course[i - 1], course[i]);
      if (along_m > std::min(from_m, to_m) && along_m < std::max(from_m, to_m))
        inner.push_back(course[i]);
    }
    if (to_m < from_m) std::ranges::reverse(inner);
    for (const LatLon p : inner) append(p);
    append(point_along(course, to_m));
  }

  const RoadNetwork& network_;
  const Snap& start_;
  const Snap& goal_;
  const RoadEdge& first_;
  const RoadEdge& last_;
  std::vector<Visit> visits_;
  std::priority_queue<Open, std::vector<Open>, std::greater<>> open_;
  double best_s_ = 1e18;
  std::optional<NodeIndex> entry_;  // through which the best way enters the goal's edge
};

}  // namespace

Result<Route> RoadNetwork::route(LatLon from, LatLon to) const {
  const auto start = snap(from);
  if (!start) return fail(PlacesError::no_road, "no road within 5 km of the start", "from");
  const auto goal = snap(to);
  if (!goal) return fail(PlacesError::no_road, "no road within 5 km of the destination", "to");
  Search search(*this, *start, *goal);
  if (!search.run())
    return fail(PlacesError::no_route, "the roads at the two places do not meet", "to");
  return search.route();
}

}  // namespace vl::places
