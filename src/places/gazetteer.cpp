#include <vonglau/places/gazetteer.hpp>

namespace vl::places {

Gazetteer Gazetteer::demonstration() {
  constexpr Date kOn = std::chrono::July / 1 / 2025;
  UnitRegister units = UnitRegister::bac_ninh();
  Outlines outlines = generate_outlines(units, kOn);
  return {std::move(units), std::move(outlines), kOn};
}

Gazetteer::Gazetteer(UnitRegister units, Outlines outlines, Date on)
    : units_(std::move(units)),
      outlines_(std::move(outlines)),
      on_(on),
      index_(outlines_, units_, on) {}

const AdministrativeUnit* Gazetteer::unit_at(LatLon point) const {
  const auto code = index_.code_at(point);
  return code ? units_.find(*code, on_) : nullptr;
}

std::string Gazetteer::outlines_geojson() const {
  return places::outlines_geojson(outlines_, units_, on_);
}

}  // namespace vl::places
