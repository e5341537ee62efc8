#include <vonglau/incidents/commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::incidents {
namespace {

using journal::Command;
using journal::Decision;
using journal::draft_of;

template <class Decide>
Command command(const Request& request, std::string name, Decide decide) {
  return {request.actor, std::move(name), request.idempotency_key, std::move(decide)};
}

template <class E>
Result<void> record(Decision& d, std::string_view stream, const Uuid& id, const E& event) {
  return d.record(draft_of(stream, id, event));
}

/// A command on one incident: looks, decides, records, and writes the sealed rows.
template <class Decide>
Command on_incident(const Request& request, std::string name, IncidentId id, WriteRows rows,
                    Decide decide) {
  return command(
      request, std::move(name),
      [id, rows = std::move(rows), decide = std::move(decide)](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* incident, d.state<Incident>(id.value));
        VL_TRY(const auto event, decide(*incident));
        VL_CHECK(record(d, Incident::kStream, id.value, event));
        if (rows) d.also_write(rows);
        return id.text();
      });
}

}  // namespace

Command receive_report(Request request, ReportId id, ReportReceived report, WriteRows seal_rows) {
  return command(request, "reports.receive",
                 [id, report = std::move(report),
                  seal_rows = std::move(seal_rows)](Decision& d) -> Result<std::string> {
                   VL_TRY(const auto* fresh, d.fresh<Report>(id.value));
                   VL_ASSERT(!fresh->exists);
                   VL_CHECK(record(d, Report::kStream, id.value, report));
                   if (seal_rows) d.also_write(seal_rows);
                   return id.text();
                 });
}

Command claim_report(Request request, ReportId id) {
  return command(request, "reports.claim",
                 [id, by = request.person()](Decision& d) -> Result<std::string> {
                   VL_TRY(const auto* report, d.state<Report>(id.value));
                   VL_TRY(const auto event, decide_claim(*report, by));
                   VL_CHECK(record(d, Report::kStream, id.value, event));
                   return id.text();
                 });
}

Command release_report(Request request, ReportId id, bool force) {
  return command(request, "reports.release",
                 [id, by = request.person(), force](Decision& d) -> Result<std::string> {
                   VL_TRY(const auto* report, d.state<Report>(id.value));
                   VL_TRY(const auto event, decide_release(*report, by, force));
                   VL_CHECK(record(d, Report::kStream, id.value, event));
                   return id.text();
                 });
}

Command open_incident_from(Request request, ReportId report_id, IncidentId fresh,
                           Corrections corrections) {
  return command(
      request, "reports.open_incident",
      [report_id, fresh, by = request.person(),
       corrections = std::move(corrections)](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* report, d.state<Report>(report_id.value));
        VL_TRY(const auto triaged, decide_triage(*report, by, Closure::incident_opened, fresh));
        const ReportReceived& r = report->received;
        IncidentOpened opened{r.service,
                              corrections.category.value_or(r.category),
                              corrections.severity.value_or(r.severity),
                              corrections.point ? corrections.point : r.point,
                              corrections.unit_code ? corrections.unit_code : r.unit_code,
                              r.place_text,
                              report_id,
                              by};
        VL_CHECK(record(d, Report::kStream, report_id.value, triaged));
        VL_TRY(const auto* incident, d.fresh<Incident>(fresh.value));
        VL_ASSERT(!incident->exists);
        VL_CHECK(record(d, Incident::kStream, fresh.value, opened));
        return fresh.text();
      });
}

Command attach_to_incident(Request request, ReportId report_id, IncidentId incident_id) {
  return command(
      request, "reports.attach",
      [report_id, incident_id, by = request.person()](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* report, d.state<Report>(report_id.value));
        VL_TRY(const auto triaged, decide_triage(*report, by, Closure::duplicate, incident_id));
        VL_TRY(const auto* incident, d.state<Incident>(incident_id.value));
        VL_TRY(const auto attached, decide_attach(*incident, report_id, by));
        VL_CHECK(record(d, Report::kStream, report_id.value, triaged));
        VL_CHECK(record(d, Incident::kStream, incident_id.value, attached));
        return incident_id.text();
      });
}

Command close_report(Request request, ReportId id, Closure closure) {
  return command(request, "reports.close",
                 [id, by = request.person(), closure](Decision& d) -> Result<std::string> {
                   VL_TRY(const auto* report, d.state<Report>(id.value));
                   VL_TRY(const auto event, decide_triage(*report, by, closure, std::nullopt));
                   VL_CHECK(record(d, Report::kStream, id.value, event));
                   return id.text();
                 });
}

Command classify_incident(Request request, IncidentId id, IncidentCategory category,
                          Severity severity) {
  return on_incident(request, "incidents.classify", id, {},
                     [category, severity, by = request.person()](const Incident& incident) {
                       return decide_classify(incident, category, severity, by);
                     });
}

Command add_note(Request request, IncidentId id, Uuid note_id, PersonalRef text,
                 WriteRows seal_rows) {
  return on_incident(
      request, "incidents.note", id, std::move(seal_rows),
      [note_id, text, by = request.person()](const Incident& incident) -> Result<NoteAdded> {
        VL_CHECK(may_annotate(incident));
        return NoteAdded{note_id, text, by};
      });
}

Command add_attachment(Request request, IncidentId id, AttachmentAdded attachment,
                       WriteRows seal_rows) {
  return on_incident(
      request, "incidents.attach", id, std::move(seal_rows),
      [attachment = std::move(attachment)](const Incident& incident) -> Result<AttachmentAdded> {
        VL_CHECK(may_annotate(incident));
        return attachment;
      });
}

Command close_incident(Request request, IncidentId id, Outcome outcome,
                       std::optional<PersonalRef> summary, WriteRows seal_rows) {
  return on_incident(
      request, "incidents.close", id, std::move(seal_rows),
      [outcome, summary = std::move(summary), by = request.person()](const Incident& incident) {
        return decide_close(incident, outcome, summary, by);
      });
}

Command reopen_incident(Request request, IncidentId id, PersonalRef reason, WriteRows seal_rows) {
  return on_incident(request, "incidents.reopen", id, std::move(seal_rows),
                     [reason, by = request.person()](const Incident& incident) {
                       return decide_reopen(incident, reason, by);
                     });
}

}  // namespace vl::incidents
