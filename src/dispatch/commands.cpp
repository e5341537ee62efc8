#include <vonglau/dispatch/commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::dispatch {

using incidents::Incident;
using journal::Command;
using journal::Decision;
using journal::draft_of;

Command register_unit(Request request, UnitId id, UnitRegistered unit) {
  return {request.actor, "units.register", request.idempotency_key,
          [id, unit = std::move(unit)](Decision& d) -> Result<std::string> {
            if (unit.call_sign.empty() || unit.call_sign.size() > 40)
              return fail(DispatchError::bad_call_sign, "a call sign has 1 to 40 characters",
                          "call_sign");
            VL_TRY(const auto taken,
                   d.tables().query_integer("SELECT count(*) FROM units WHERE province_id = $1"
                                            " AND call_sign = $2",
                                            {d.province(), unit.call_sign}));
            if (taken.value_or(0) > 0)
              return fail(DispatchError::bad_call_sign, "another unit has this call sign",
                          "call_sign");
            VL_CHECK(d.record(draft_of(Unit::kStream, id.value, unit)));
            return id.text();
          }};
}

Command set_availability(Request request, UnitId id, bool available) {
  return {request.actor, "units.availability", request.idempotency_key,
          [id, available](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* unit, d.state<Unit>(id.value));
            VL_TRY(const auto event, decide_availability(*unit, available));
            VL_CHECK(d.record(draft_of(Unit::kStream, id.value, event)));
            return id.text();
          }};
}

Command assign_unit(Request request, IncidentId incident_id, UnitId unit_id) {
  return {request.actor, "dispatch.assign", request.idempotency_key,
          [=, by = request.person()](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* unit, d.state<Unit>(unit_id.value));
            VL_TRY(const auto status, decide_assign(*unit, incident_id));
            VL_TRY(const auto* incident, d.state<Incident>(incident_id.value));
            VL_TRY(const auto assigned, incidents::decide_assign(*incident, unit_id, by));
            VL_CHECK(d.record(draft_of(Incident::kStream, incident_id.value, assigned)));
            VL_CHECK(d.record(draft_of(Unit::kStream, unit_id.value, status)));
            return incident_id.text();
          }};
}

Command reach_milestone(Request request, IncidentId incident_id, UnitId unit_id,
                        Milestone milestone) {
  return {request.actor, "dispatch.milestone", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* incident, d.state<Incident>(incident_id.value));
            VL_TRY(const auto reached, incidents::decide_milestone(*incident, unit_id, milestone));
            VL_TRY(const auto* unit, d.state<Unit>(unit_id.value));
            VL_TRY(const auto status, decide_milestone(*unit, incident_id, milestone));
            VL_CHECK(d.record(draft_of(Incident::kStream, incident_id.value, reached)));
            VL_CHECK(d.record(draft_of(Unit::kStream, unit_id.value, status)));
            return incident_id.text();
          }};
}

}  // namespace vl::dispatch
