// Import of surveyed outlines from a GeoJSON file (RFC 7946) that somebody hands us.
//
// Pure, any thread. The file is not trusted: size, depth, number of features, rings and positions
// are limited, memory is in proportion to the positions allowed, and time to the text's length
// (rings are checked for crossing themselves in bounded time). A fault of one feature refuses that
// feature with its reason; a fault of the file refuses the file and says at which byte.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/places/outlines.hpp>

namespace vl::places {

struct BoundaryLimits {
  std::size_t bytes = 32 << 20;
  int depth = 32;
  std::size_t features = 5'000;
  std::size_t positions = 1'000'000;  // in the whole file
  std::size_t ring_positions = 50'000;
  std::size_t rings = 2'000;  // of one feature
  double centre_away_km = 20;
};

struct RefusedFeature {
  std::size_t feature = 0;  // counted from 0
  std::string reason;       // English, names the remedy where there is one
};

struct BoundaryImport {
  Outlines outlines;  // of the features taken, sorted by code, outer rings counter-clockwise
  std::vector<RefusedFeature> refused;
};

/// Polygons and MultiPolygons are given to the wards, communes (and the province) of a day by a
/// property with their code (code, ma, ma_xa, ...) or, without one, their name (full_name, name,
/// ten, ten_xa, ...), in any spelling; where both are given they must agree. Refused are: unknown
/// or repeated units, rings that are open, cross or touch themselves, holes outside, positions off
/// the earth, and outlines that lie far from their unit's known centre.
/// Errors: bad_geojson, too_large.
Result<BoundaryImport> import_boundaries(std::string_view geojson, const UnitRegister& units,
                                         Date on, const BoundaryLimits& limits = {});

}  // namespace vl::places
