// A report (tin báo): one signal from outside, claimed by one person and triaged once.
// Pure: decide functions look at the state and give events; apply folds them.
#pragma once

#include <vector>

#include <vonglau/incidents/error.hpp>
#include <vonglau/incidents/events.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::incidents {

struct Report {
  static constexpr std::string_view kStream = "report";
  bool exists = false;
  ReportReceived received;
  ReportState state{};
  std::optional<PersonId> claimed_by;
  std::optional<Closure> closure;
  std::optional<IncidentId> incident_id;

  void apply(const journal::Event& event);
};

Result<ReportClaimed> decide_claim(const Report& report, PersonId by);
/// `force`: a duty officer may take a report out of somebody's hands.
Result<ReportReleased> decide_release(const Report& report, PersonId by, bool force);
Result<ReportTriaged> decide_triage(const Report& report, PersonId by, Closure closure,
                                    std::optional<IncidentId> incident_id);

}  // namespace vl::incidents
