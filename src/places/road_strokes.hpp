// Straight strokes on the plane, and their cutting into a planar graph where they meet. Private to
// this room; used while a network is made, by one thread.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include <vonglau/places/roads.hpp>

#include "plane.hpp"

namespace vl::places {

struct Stroke {
  Vec from;
  Vec to;
  RoadClass road_class = RoadClass::lane;
  RoadIndex road = kNoRoad;
};

/// Points that are nodes; two within `kSame_m` are one.
class NodeSet {
 public:
  static constexpr double kSame_m = 4;
  NodeIndex at(Vec p);
  const std::vector<Vec>& all() const { return nodes_; }

 private:
  std::vector<Vec> nodes_;
  std::map<std::pair<std::int64_t, std::int64_t>, std::vector<NodeIndex>> grid_;
};

/// For each stroke the nodes along it, from its beginning to its end. Strokes that cross are cut
/// there; a stroke that ends on another cuts it.
std::vector<std::vector<NodeIndex>> cut_strokes(const std::vector<Stroke>& strokes, NodeSet& nodes);

}  // namespace vl::places
