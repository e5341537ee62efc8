// An incident (vụ việc): what the centre does about one or several reports.
#pragma once

#include <map>
#include <vector>

#include <vonglau/incidents/error.hpp>
#include <vonglau/incidents/events.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::incidents {

struct Incident {
  static constexpr std::string_view kStream = "incident";
  bool exists = false;
  IncidentState state{};
  IncidentCategory category{};
  Severity severity{};
  std::vector<ReportId> reports;
  std::map<UnitId, Milestone> assignments;  // without the released ones

  void apply(const journal::Event& event);
};

Result<ReportAttached> decide_attach(const Incident& incident, ReportId report, PersonId by);
Result<IncidentClassified> decide_classify(const Incident& incident, IncidentCategory category,
                                           Severity severity, PersonId by);
Result<void> may_annotate(const Incident& incident);
Result<UnitAssigned> decide_assign(const Incident& incident, UnitId unit, PersonId by);
Result<UnitMilestone> decide_milestone(const Incident& incident, UnitId unit, Milestone milestone);
/// Refused while units are still on it: release them first, so that none is forgotten.
Result<IncidentClosed> decide_close(const Incident& incident, Outcome outcome,
                                    std::optional<PersonalRef> summary, PersonId by);
Result<IncidentReopened> decide_reopen(const Incident& incident, PersonalRef reason, PersonId by);

}  // namespace vl::incidents
