// From strokes on a plane to the parts of a road network. Private to this room; used while a
// network is made, by one thread.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "road_strokes.hpp"

namespace vl::places {

struct RoadDraft {
  Road road;                                          // without pieces and length
  std::vector<std::pair<std::size_t, bool>> strokes;  // end to end, with "backwards"
};

struct RoadDrawing {
  std::vector<Stroke> strokes;
  std::vector<RoadDraft> drafts;  // a stroke's road is an index here
};

/// Cuts the strokes where they meet and bends them. Streets and lanes that touch nothing else of
/// the network are left out. `bend` gives a point of the drawing its place on the earth.
RoadParts assemble_roads(RoadDrawing drawing, const std::function<LatLon(Vec)>& bend);

}  // namespace vl::places
