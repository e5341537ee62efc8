// The outlines of units: polygons, the look-up of the unit in which a point lies, and GeoJSON.
//
// Outlines and OutlineIndex never change once made and may be read by any thread. Rings follow RFC
// 7946: closed (first point = last), outer ring counter-clockwise, holes clockwise.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/places/geometry.hpp>
#include <vonglau/places/units.hpp>

namespace vl::places {

using Ring = std::vector<LatLon>;
using Polygon = std::vector<Ring>;  // the outer ring, then holes

struct UnitOutline {
  std::string code;
  std::vector<Polygon> polygons;
  bool generated = false;  // drawn by us and not surveyed
};

struct Outlines {
  std::vector<UnitOutline> units;  // sorted by code
};

/// What `imported` has takes the place of what `base` has. A generated outline of the province goes
/// as soon as any unit is surveyed, because it would cross the surveyed ones.
Outlines replace_outlines(Outlines base, const Outlines& imported, const UnitRegister& units,
                          Date on);

/// Area on the sphere's local plane, positive for counter-clockwise rings.
double signed_area_km2(const Ring& ring);
double area_km2(const UnitOutline& outline);
bool contains(const Polygon& polygon, LatLon point);

/// Outlines for the wards and communes of a date, grown from their centres so that each has about
/// its area; borders are made to wander. The same units give the same outlines. An outline of the
/// province around them is added under its own code.
Outlines generate_outlines(const UnitRegister& units, Date on);

/// A FeatureCollection with properties code, name, full_name, kind and generated; coordinates have
/// five decimals (about a metre).
std::string outlines_geojson(const Outlines& outlines, const UnitRegister& units, Date on);

/// Finds the ward or commune of a point. A point on a border that neighbours share belongs to
/// exactly one of them; where outlines overlap a surveyed one goes before a generated one.
class OutlineIndex {
 public:
  /// Outlines of provinces are left out. Keeps a copy of what it needs.
  OutlineIndex(const Outlines& outlines, const UnitRegister& units, Date on);

  /// The code of the unit, or nothing outside the province.
  std::optional<std::string_view> code_at(LatLon point) const;

 private:
  struct Entry {
    std::string code;
    bool generated = false;
    Bounds bounds;
    std::vector<Polygon> polygons;
  };
  std::size_t cell_of(double lat, double lon) const;

  std::vector<Entry> entries_;
  Bounds bounds_;
  std::vector<std::vector<std::uint32_t>> cells_;  // kCells * kCells, entries that touch the cell
};

}  // namespace vl::places
