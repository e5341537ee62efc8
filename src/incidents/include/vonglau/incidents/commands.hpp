// The commands of intake and incidents, ready for the journal. Personal data is sealed by the
// caller beforehand; `seal_rows` writes the sealed items in the journal's transaction.
// The reply of each is the id of what it made or changed, as text.
#pragma once

#include <functional>

#include <vonglau/incidents/incident.hpp>
#include <vonglau/incidents/report.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::incidents {

using WriteRows = std::function<Result<void>(store::Session&)>;

/// What every command carries: who, and the key of a retried request.
struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
  PersonId person() const { return {actor.id}; }
};

journal::Command receive_report(Request request, ReportId id, ReportReceived report,
                                WriteRows seal_rows);
journal::Command claim_report(Request request, ReportId id);
journal::Command release_report(Request request, ReportId id, bool force);

/// What triage may correct on the way into an incident; empty members stay as reported.
struct Corrections {
  std::optional<IncidentCategory> category;
  std::optional<Severity> severity;
  std::optional<GeoPoint> point;
  std::optional<std::string> unit_code;
};
journal::Command open_incident_from(Request request, ReportId report, IncidentId fresh,
                                    Corrections corrections);
journal::Command attach_to_incident(Request request, ReportId report, IncidentId incident);
/// For closures without an incident.
journal::Command close_report(Request request, ReportId report, Closure closure);

journal::Command classify_incident(Request request, IncidentId id, IncidentCategory category,
                                   Severity severity);
journal::Command add_note(Request request, IncidentId id, Uuid note_id, PersonalRef text,
                          WriteRows seal_rows);
journal::Command add_attachment(Request request, IncidentId id, AttachmentAdded attachment,
                                WriteRows seal_rows);
journal::Command close_incident(Request request, IncidentId id, Outcome outcome,
                                std::optional<PersonalRef> summary, WriteRows seal_rows);
journal::Command reopen_incident(Request request, IncidentId id, PersonalRef reason,
                                 WriteRows seal_rows);

}  // namespace vl::incidents
