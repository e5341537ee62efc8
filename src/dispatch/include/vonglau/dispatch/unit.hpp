// A unit: a patrol, an engine, an ambulance, a commune's police. Pure state and decisions.
#pragma once

#include <optional>
#include <string>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/geo.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/incidents/vocabulary.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::dispatch {

using incidents::IncidentId;
using incidents::Milestone;
using incidents::UnitId;

enum class DispatchError { not_found, unit_busy, unit_unavailable, bad_call_sign };
constexpr ErrorCode code_of(DispatchError e) {
  switch (e) {
    case DispatchError::not_found:
      return {Category::not_found, "dispatch.not_found"};
    case DispatchError::unit_busy:
      return {Category::conflict, "dispatch.unit_busy"};
    case DispatchError::unit_unavailable:
      return {Category::conflict, "dispatch.unit_unavailable"};
    case DispatchError::bad_call_sign:
      break;
  }
  return {Category::invalid, "dispatch.bad_call_sign"};
}

enum class UnitKind {
  police_patrol,
  traffic_police,
  fire_engine,
  rescue,
  ambulance,
  commune_police
};
BOOST_DESCRIBE_ENUM(UnitKind, police_patrol, traffic_police, fire_engine, rescue, ambulance,
                    commune_police)

enum class UnitStatus { available, assigned, en_route, on_scene, unavailable };
BOOST_DESCRIBE_ENUM(UnitStatus, available, assigned, en_route, on_scene, unavailable)

struct UnitRegistered {
  static constexpr std::string_view kType = "unit.registered";
  static constexpr std::uint32_t kVersion = 1;
  std::string call_sign;
  UnitKind kind{};
  std::optional<GeoPoint> base;  // where it is stationed
};
BOOST_DESCRIBE_STRUCT(UnitRegistered, (), (call_sign, kind, base))

struct UnitStatusChanged {
  static constexpr std::string_view kType = "unit.status_changed";
  static constexpr std::uint32_t kVersion = 1;
  UnitStatus status{};
  std::optional<IncidentId> incident_id;
};
BOOST_DESCRIBE_STRUCT(UnitStatusChanged, (), (status, incident_id))

struct Unit {
  static constexpr std::string_view kStream = "unit";
  static constexpr std::uint32_t kSnapshotVersion = 1;
  bool exists = false;
  UnitStatus status{};
  std::optional<IncidentId> incident_id;

  void apply(const journal::Event& event);
  std::string save() const;
  static Result<Unit> load(std::string_view text);
};

Result<UnitStatusChanged> decide_assign(const Unit& unit, IncidentId incident);
/// The unit's status that goes with a milestone of its incident.
Result<UnitStatusChanged> decide_milestone(const Unit& unit, IncidentId incident,
                                           Milestone milestone);
/// On and off duty; refused while it is on an incident.
Result<UnitStatusChanged> decide_availability(const Unit& unit, bool available);

}  // namespace vl::dispatch
