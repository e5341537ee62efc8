#include "road_assembly.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include "simplify.hpp"

namespace vl::places {
namespace {

constexpr double kCourseStep_m = 80;
constexpr double kCourseTolerance_m = 6;

double speed_kmh(RoadClass road_class) {
  switch (road_class) {
    case RoadClass::trunk:
      return 70;
    case RoadClass::provincial:
      return 50;
    case RoadClass::street:
      return 35;
    case RoadClass::lane:
      return 30;
  }
  return 30;
}

// Whether each stroke belongs to the network of the first.
std::vector<bool> joined(const std::vector<Stroke>& strokes) {
  NodeSet nodes;
  const auto along = cut_strokes(strokes, nodes);
  std::vector<NodeIndex> group(nodes.all().size());
  std::iota(group.begin(), group.end(), 0);
  const auto top = [&](NodeIndex n) {
    while (group[n] != n) n = group[n] = group[group[n]];
    return n;
  };
  for (const auto& stroke : along)
    for (const NodeIndex n : stroke) group[top(n)] = top(stroke.front());
  std::vector<bool> out;
  for (const auto& stroke : along) out.push_back(top(stroke.front()) == top(along.front().front()));
  return out;
}

RoadDrawing without_islands(RoadDrawing drawing) {
  const auto is_joined = joined(drawing.strokes);
  RoadDrawing kept;
  std::vector<RoadIndex> new_road(drawing.drafts.size(), kNoRoad);
  std::vector<std::size_t> new_stroke(drawing.strokes.size());
  for (std::size_t s = 0; s < drawing.strokes.size(); ++s) {
    new_stroke[s] = kept.strokes.size();
    if (is_joined[s]) kept.strokes.push_back(drawing.strokes[s]);
  }
  for (std::size_t d = 0; d < drawing.drafts.size(); ++d) {
    RoadDraft& draft = drawing.drafts[d];
    std::erase_if(draft.strokes, [&](const auto& s) { return !is_joined[s.first]; });
    if (draft.strokes.empty()) continue;
    for (auto& [stroke, backwards] : draft.strokes) stroke = new_stroke[stroke];
    new_road[d] = static_cast<RoadIndex>(kept.drafts.size());
    kept.drafts.push_back(std::move(draft));
  }
  for (Stroke& stroke : kept.strokes)
    if (stroke.road != kNoRoad) stroke.road = new_road[stroke.road];
  return kept;
}

// The straight stretch between two nodes, bent.
std::vector<LatLon> course(Vec a, Vec b, const std::function<LatLon(Vec)>& bend) {
  const int steps = std::max(1, static_cast<int>(std::ceil(length(b - a) / kCourseStep_m)));
  std::vector<LatLon> points;
  for (int k = 0; k <= steps; ++k)
    points.push_back(bend(a + (b - a) * (static_cast<double>(k) / steps)));
  const Plane plane(points.front());
  std::vector<Vec> flat;
  for (const LatLon p : points) flat.push_back(plane.to_plane(p));
  std::vector<LatLon> out;
  for (const std::size_t kept : simplified(flat, kCourseTolerance_m)) out.push_back(points[kept]);
  return out;
}

}  // namespace

RoadParts assemble_roads(RoadDrawing drawing, const std::function<LatLon(Vec)>& bend) {
  drawing = without_islands(std::move(drawing));
  NodeSet nodes;
  const auto along = cut_strokes(drawing.strokes, nodes);
  RoadParts parts;
  parts.generated = true;
  for (const Vec node : nodes.all()) parts.nodes.push_back(bend(node));
  std::vector<std::vector<RoadPiece>> pieces(drawing.strokes.size());
  std::map<std::pair<NodeIndex, NodeIndex>, EdgeIndex> known;
  for (std::size_t s = 0; s < drawing.strokes.size(); ++s) {
    const Stroke& stroke = drawing.strokes[s];
    for (std::size_t k = 1; k < along[s].size(); ++k) {
      const NodeIndex from = along[s][k - 1];
      const NodeIndex to = along[s][k];
      const auto [at, fresh] =
          known.try_emplace(std::minmax(from, to), static_cast<EdgeIndex>(parts.edges.size()));
      if (fresh) {
        const auto points = course(nodes.all()[from], nodes.all()[to], bend);
        parts.edges.push_back({from, to, length_m(points), stroke.road_class, stroke.road,
                               speed_kmh(stroke.road_class),
                               static_cast<std::uint32_t>(parts.points.size()),
                               static_cast<std::uint32_t>(points.size())});
        parts.points.insert(parts.points.end(), points.begin(), points.end());
      }
      pieces[s].push_back({at->second, parts.edges[at->second].from != from});
    }
  }
  for (RoadDraft& draft : drawing.drafts) {
    for (const auto& [stroke, backwards] : draft.strokes) {
      auto run = pieces[stroke];
      if (backwards) std::ranges::reverse(run);
      for (const RoadPiece piece : run) {
        draft.road.pieces.push_back({piece.edge, piece.backwards != backwards});
        draft.road.length_m += parts.edges[piece.edge].length_m;
      }
    }
    parts.roads.push_back(std::move(draft.road));
  }
  return parts;
}

}  // namespace vl::places
