#include <vonglau/incidents/incident.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::incidents {

void Incident::apply(const journal::Event& event) {
  using journal::when;
  when<IncidentOpened>(event,
                       [&](const IncidentOpened& e) {
                         exists = true;
                         state = IncidentState::open;
                         category = e.category;
                         severity = e.severity;
                         if (e.report_id) reports.push_back(*e.report_id);
                       }) ||
      when<ReportAttached>(event,
                           [&](const ReportAttached& e) { reports.push_back(e.report_id); }) ||
      when<IncidentClassified>(event,
                               [&](const IncidentClassified& e) {
                                 category = e.category;
                                 severity = e.severity;
                               }) ||
      when<UnitAssigned>(
          event, [&](const UnitAssigned& e) { assignments[e.unit_id] = Milestone::assigned; }) ||
      when<UnitMilestone>(event,
                          [&](const UnitMilestone& e) {
                            if (e.status == Milestone::released)
                              assignments.erase(e.unit_id);
                            else
                              assignments[e.unit_id] = e.status;
                          }) ||
      when<IncidentClosed>(event, [&](const IncidentClosed&) { state = IncidentState::closed; }) ||
      when<IncidentReopened>(event, [&](const IncidentReopened&) { state = IncidentState::open; });
}

namespace {

Result<void> is_there(const Incident& incident) {
  if (!incident.exists) return fail(IncidentError::not_found, "there is no such incident");
  return {};
}

Result<void> is_open(const Incident& incident) {
  VL_CHECK(is_there(incident));
  if (incident.state != IncidentState::open)
    return fail(IncidentError::not_open, "the incident is closed; reopen it first");
  return {};
}

}  // namespace

Result<ReportAttached> decide_attach(const Incident& incident, ReportId report, PersonId by) {
  VL_CHECK(is_open(incident));
  return ReportAttached{report, by};
}

Result<IncidentClassified> decide_classify(const Incident& incident, IncidentCategory category,
                                           Severity severity, PersonId by) {
  VL_CHECK(is_there(incident));
  return IncidentClassified{category, severity, by};
}

Result<void> may_annotate(const Incident& incident) {
  return is_there(incident);
}

Result<UnitAssigned> decide_assign(const Incident& incident, UnitId unit, PersonId by) {
  VL_CHECK(is_open(incident));
  if (incident.assignments.contains(unit))
    return fail(IncidentError::already_assigned, "this unit is on the incident already", "unit_id");
  return UnitAssigned{unit, by};
}

Result<UnitMilestone> decide_milestone(const Incident& incident, UnitId unit, Milestone milestone) {
  VL_CHECK(is_open(incident));
  const auto found = incident.assignments.find(unit);
  if (found == incident.assignments.end())
    return fail(IncidentError::not_assigned, "this unit is not on the incident", "unit_id");
  if (milestone <= found->second)
    return fail(IncidentError::milestone_passed, "the unit has passed this milestone", "status");
  return UnitMilestone{unit, milestone};
}

Result<IncidentClosed> decide_close(const Incident& incident, Outcome outcome,
                                    std::optional<PersonalRef> summary, PersonId by) {
  VL_CHECK(is_open(incident));
  if (!incident.assignments.empty())
    return fail(IncidentError::still_assigned,
                std::to_string(incident.assignments.size()) +
                    " units are still on the incident; release them first",
                "assignments");
  return IncidentClosed{outcome, std::move(summary), by};
}

Result<IncidentReopened> decide_reopen(const Incident& incident, PersonalRef reason, PersonId by) {
  VL_CHECK(is_there(incident));
  if (incident.state != IncidentState::closed)
    return fail(IncidentError::not_closed, "the incident is open");
  return IncidentReopened{std::move(reason), by};
}

}  // namespace vl::incidents
