#include <vonglau/incidents/report.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::incidents {

void Report::apply(const journal::Event& event) {
  using journal::when;
  when<ReportReceived>(event,
                       [&](const ReportReceived& e) {
                         exists = true;
                         received = e;
                         state = ReportState::waiting;
                       }) ||
      when<ReportClaimed>(event,
                          [&](const ReportClaimed& e) {
                            state = ReportState::claimed;
                            claimed_by = e.by;
                          }) ||
      when<ReportReleased>(event,
                           [&](const ReportReleased&) {
                             state = ReportState::waiting;
                             claimed_by.reset();
                           }) ||
      when<ReportTriaged>(event, [&](const ReportTriaged& e) {
        state = ReportState::closed;
        closure = e.closure;
        incident_id = e.incident_id;
      });
}

namespace {

Result<void> open_to(const Report& report, PersonId by) {
  if (!report.exists) return fail(IncidentError::not_found, "there is no such report");
  if (report.state == ReportState::closed)
    return fail(IncidentError::already_closed, "this report has been dealt with");
  if (report.claimed_by && *report.claimed_by != by)
    return fail(IncidentError::already_claimed,
                "person " + report.claimed_by->text() + " has this report; take the next one",
                "claimed_by");
  return {};
}

}  // namespace

Result<ReportClaimed> decide_claim(const Report& report, PersonId by) {
  VL_CHECK(open_to(report, by));
  if (report.claimed_by)
    return fail(IncidentError::already_claimed, "you have this report already", "claimed_by");
  return ReportClaimed{by};
}

Result<ReportReleased> decide_release(const Report& report, PersonId by, bool force) {
  if (!force) VL_CHECK(open_to(report, by));
  if (!report.exists) return fail(IncidentError::not_found, "there is no such report");
  if (report.state != ReportState::claimed)
    return fail(IncidentError::not_claimed_by_you, "nobody has claimed this report");
  return ReportReleased{by};
}

Result<ReportTriaged> decide_triage(const Report& report, PersonId by, Closure closure,
                                    std::optional<IncidentId> incident_id) {
  VL_CHECK(open_to(report, by));
  if (!report.claimed_by)
    return fail(IncidentError::not_claimed_by_you, "claim the report before you triage it");
  return ReportTriaged{closure, incident_id, by};
}

}  // namespace vl::incidents
