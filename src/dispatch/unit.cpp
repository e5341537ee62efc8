#include <vonglau/dispatch/unit.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::dispatch {
namespace {

struct Saved {
  UnitStatus status{};
  std::optional<IncidentId> incident_id;
};
BOOST_DESCRIBE_STRUCT(Saved, (), (status, incident_id))

Result<void> is_there(const Unit& unit) {
  if (!unit.exists) return fail(DispatchError::not_found, "there is no such unit", "unit_id");
  return {};
}

}  // namespace

void Unit::apply(const journal::Event& event) {
  journal::when<UnitRegistered>(event,
                                [&](const UnitRegistered&) {
                                  exists = true;
                                  status = UnitStatus::available;
                                }) ||
      journal::when<UnitStatusChanged>(event, [&](const UnitStatusChanged& e) {
        status = e.status;
        incident_id = e.incident_id;
      });
}

std::string Unit::save() const {
  return json::write(Saved{status, incident_id});
}

Result<Unit> Unit::load(std::string_view text) {
  VL_TRY(const auto saved, json::read_text<Saved>(text));
  return Unit{true, saved.status, saved.incident_id};
}

Result<UnitStatusChanged> decide_assign(const Unit& unit, IncidentId incident) {
  VL_CHECK(is_there(unit));
  if (unit.status == UnitStatus::unavailable)
    return fail(DispatchError::unit_unavailable, "the unit is off duty; choose another", "unit_id");
  if (unit.status != UnitStatus::available)
    return fail(DispatchError::unit_busy,
                "the unit is on incident " + unit.incident_id.value_or(IncidentId{}).text() +
                    "; choose another",
                "unit_id");
  return UnitStatusChanged{UnitStatus::assigned, incident};
}

Result<UnitStatusChanged> decide_milestone(const Unit& unit, IncidentId incident,
                                           Milestone milestone) {
  VL_CHECK(is_there(unit));
  if (unit.incident_id != incident)
    return fail(DispatchError::unit_busy, "the unit is not on this incident", "unit_id");
  switch (milestone) {
    case Milestone::en_route:
      return UnitStatusChanged{UnitStatus::en_route, incident};
    case Milestone::on_scene:
      return UnitStatusChanged{UnitStatus::on_scene, incident};
    case Milestone::released:
      return UnitStatusChanged{UnitStatus::available, std::nullopt};
    case Milestone::assigned:
    case Milestone::accepted:
      break;
  }
  return UnitStatusChanged{UnitStatus::assigned, incident};
}

Result<UnitStatusChanged> decide_availability(const Unit& unit, bool available) {
  VL_CHECK(is_there(unit));
  if (unit.incident_id)
    return fail(DispatchError::unit_busy,
                "the unit is on incident " + unit.incident_id->text() + "; release it first",
                "status");
  return UnitStatusChanged{available ? UnitStatus::available : UnitStatus::unavailable,
                           std::nullopt};
}

}  // namespace vl::dispatch
