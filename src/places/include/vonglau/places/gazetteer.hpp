// The province's places on a day: its units, their outlines, and the unit of a point.
//
// A Gazetteer never changes; make one, share it (shared_ptr<const Gazetteer>) among threads, and
// put another in its place when boundaries are imported. Making one takes some 0.1 s.
#pragma once

#include <vonglau/places/outlines.hpp>
#include <vonglau/places/units.hpp>

namespace vl::places {

class Gazetteer {
 public:
  /// Bac Ninh with generated outlines.
  static Gazetteer demonstration();

  /// The outlines are of units that exist on that day.
  Gazetteer(UnitRegister units, Outlines outlines, Date on);

  const UnitRegister& units() const { return units_; }
  const Outlines& outlines() const { return outlines_; }
  Date on() const { return on_; }

  /// The ward or commune in which the point lies, or null outside every outline.
  const AdministrativeUnit* unit_at(LatLon point) const;
  /// A FeatureCollection of the outlines (see outlines_geojson).
  std::string outlines_geojson() const;

 private:
  UnitRegister units_;
  Outlines outlines_;
  Date on_;
  OutlineIndex index_;
};

}  // namespace vl::places
