// The commands of dispatch, ready for the journal.
#pragma once

#include <vonglau/dispatch/unit.hpp>
#include <vonglau/incidents/commands.hpp>

namespace vl::dispatch {

using incidents::Request;

/// Call signs are 1 to 40 characters and unique in the province.
journal::Command register_unit(Request request, UnitId id, UnitRegistered unit);
journal::Command set_availability(Request request, UnitId id, bool available);
journal::Command assign_unit(Request request, IncidentId incident, UnitId unit);
journal::Command reach_milestone(Request request, IncidentId incident, UnitId unit,
                                 Milestone milestone);

}  // namespace vl::dispatch
