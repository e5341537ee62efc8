#include <vonglau/routes/operations.hpp>

#include "report_views.hpp"

namespace vl::routes {

namespace bj = boost::json;
using incidents::ReportId;

namespace {

struct ReportNew {
  incidents::Channel channel{};
  incidents::Service service{};
  incidents::IncidentCategory category{};
  incidents::Severity severity{};
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code, place_text, caller_name, caller_number, narrative;
};
BOOST_DESCRIBE_STRUCT(ReportNew, (),
                      (channel, service, category, severity, lat, lon, unit_code, place_text,
                       caller_name, caller_number, narrative))

enum class TriageDecision { open_incident, duplicate, false_report, transferred, information_only };
BOOST_DESCRIBE_ENUM(TriageDecision, open_incident, duplicate, false_report, transferred,
                    information_only)
struct Triage {
  TriageDecision decision{};
  std::optional<incidents::IncidentId> incident_id;
  std::optional<incidents::IncidentCategory> category;
  std::optional<incidents::Severity> severity;
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code;
};
BOOST_DESCRIBE_STRUCT(Triage, (), (decision, incident_id, category, severity, lat, lon, unit_code))

vault::Purpose intake_purpose(const Caller& caller, ReportId report) {
  return {caller.person, {"report", report.value}, "receive_report"};
}

/// The caller's subject: the one who called from this number before, else a new one.
Result<vault::SubjectId> caller_subject(Core& core, store::Session& session, const Caller& caller,
                                        ReportId report, const std::optional<std::string>& number) {
  if (number && !number->empty()) {
    VL_TRY(const auto known, core.vault.find(session, vault::Kind::phone, *number,
                                             intake_purpose(caller, report), 1));
    if (!known.empty()) return known.front().subject;
  }
  return vault::SubjectId{core.ids.next()};
}

Result<http::Response> receive(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto body, body_of<ReportNew>(request));
  VL_TRY(auto command, command_request(request, caller));
  incidents::ReportReceived report;
  report.channel = body.channel;
  report.service = body.service;
  report.category = body.category;
  report.severity = body.severity;
  VL_TRY(report.point, point_of(body.lat, body.lon));
  report.unit_code = body.unit_code;
  if (report.unit_code && report.unit_code->size() > 16)
    return fail(RouteError::bad_parameter, "unit_code: at most 16 characters", "unit_code");
  // Who gives a point need not know whose commune it is in.
  const auto places = core.places.now();
  if (!report.unit_code && report.point)
    if (const auto* unit = places.gazetteer->unit_at(*report.point)) report.unit_code = unit->code;
  const ReportId id{core.ids.next()};
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto subject, caller_subject(core, *session, caller, id, body.caller_number));
  Sealing sealing(core);
  using enum vault::Kind;
  VL_TRY(report.place_text, sealing.add(subject, address, body.place_text));
  VL_TRY(report.caller_name, sealing.add(subject, name, body.caller_name));
  VL_TRY(report.caller_number, sealing.add(subject, phone, body.caller_number));
  VL_TRY(report.narrative, sealing.add(subject, text, body.narrative));
  VL_TRY(const auto receipt, core.journal.execute(incidents::receive_report(
                                 std::move(command), id, std::move(report), sealing.rows())));
  const auto made = Uuid::parse(receipt.reply);
  VL_TRY(const auto row,
         incidents::report(*session, core.province, ReportId{made.value_or(id.value)}));
  return answer(json::value_of(row), receipt);
}

Result<http::Response> list_reports(Core& core, const http::Request& request) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto ids, ids_in_query(request));
  if (ids) {
    std::vector<incidents::ReportRow> rows;
    for (const auto& id : *ids) {
      auto row = incidents::report(*session, core.province, ReportId{id});
      if (row) rows.push_back(std::move(*row));
    }
    return list_answer("reports", rows);
  }
  VL_TRY(const auto state, word_in_query<incidents::ReportState>(request, "state"));
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  VL_TRY(const auto rows, incidents::reports(*session, core.province, state, limit.value_or(200)));
  return list_answer("reports", rows);
}

Result<http::Response> detail(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ReportId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::report(*session, core.province, id));
  std::optional<PersonalReader> reader;
  if (row.incident_id) {
    VL_TRY(const auto incident,
           incidents::incident(*session, core.province, incidents::IncidentId{*row.incident_id}));
    VL_TRY(auto allowed, incident_reader(core, *session, incident, caller));
    if (allowed) reader.emplace(std::move(*allowed));
  }
  VL_TRY(auto out, report_detail(core, *session, row, caller, reader ? &*reader : nullptr));
  return answer(out);
}

/// Runs a command on one report and answers with the report.
Result<http::Response> run(Core& core, ReportId id, journal::Command command) {
  VL_TRY(const auto receipt, core.journal.execute(std::move(command)));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::report(*session, core.province, id));
  return answer(json::value_of(row), receipt);
}

Result<http::Response> duplicates(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ReportId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::report(*session, core.province, id));
  VL_TRY(const auto open, incidents::incidents(*session, core.province, "open", 500));
  std::vector<incidents::IncidentId> same_number;
  if (row.number_item && row.claimed_by == caller.person) {
    PersonalReader reader(core, actor_of(caller),
                          {caller.person, {"report", id.value}, "claimed_report"});
    VL_CHECK(reader.prepare(*session, {row.number_item}));
    VL_TRY(const auto number, reader.open(*session, row.number_item));
    if (number) {
      VL_TRY(const auto known,
             core.vault.find(*session, vault::Kind::phone, *number, reader.purpose(), 50));
      for (const auto& match : known)
        VL_CHECK(session->query(
            "SELECT incident_id FROM reports WHERE province_id = $1 AND number_item = $2 AND"
            " incident_id IS NOT NULL",
            {core.province, match.item}, [&](const store::Row& found) {
              same_number.push_back(found.id<incidents::IncidentId>(0));
              return true;
            }));
    }
  }
  return list_answer("candidates",
                     incidents::duplicates_of(row, open, same_number, core.clock.wall()));
}

Result<http::Response> triage(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ReportId>(request));
  VL_TRY(const auto body, body_of<Triage>(request));
  VL_TRY(auto command, command_request(request, caller));
  std::optional<incidents::IncidentId> incident_id;
  journal::Command todo;
  switch (body.decision) {
    case TriageDecision::open_incident: {
      incidents::Corrections corrections{body.category, body.severity, {}, body.unit_code};
      VL_TRY(corrections.point, point_of(body.lat, body.lon));
      incident_id = incidents::IncidentId{core.ids.next()};
      todo = incidents::open_incident_from(std::move(command), id, *incident_id,
                                           std::move(corrections));
      break;
    }
    case TriageDecision::duplicate:
      if (!body.incident_id)
        return fail(RouteError::bad_parameter, "incident_id: name the incident it belongs to",
                    "incident_id");
      incident_id = body.incident_id;
      todo = incidents::attach_to_incident(std::move(command), id, *incident_id);
      break;
    case TriageDecision::false_report:
      todo = incidents::close_report(std::move(command), id, incidents::Closure::false_report);
      break;
    case TriageDecision::transferred:
      todo = incidents::close_report(std::move(command), id, incidents::Closure::transferred);
      break;
    case TriageDecision::information_only:
      todo = incidents::close_report(std::move(command), id, incidents::Closure::information_only);
      break;
  }
  VL_TRY(const auto receipt, core.journal.execute(std::move(todo)));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::report(*session, core.province, id));
  bj::object out{{"report", json::value_of(row)}};
  if (row.incident_id) {
    VL_TRY(const auto incident,
           incidents::incident(*session, core.province, incidents::IncidentId{*row.incident_id}));
    out["incident"] = json::value_of(incident);
  }
  return answer(out, receipt);
}

}  // namespace

void add_report_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, post, "/reports", [&](const auto& r, const auto& c) { return receive(core, r, c); });
  add(router, get, "/reports", [&](const auto& r, const auto&) { return list_reports(core, r); });
  add(router, get, "/reports/{id}",
      [&](const auto& r, const auto& c) { return detail(core, r, c); });
  add(router, post, "/reports/{id}/claim",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<ReportId>(r));
        VL_TRY(auto command, command_request(r, c));
        return run(core, id, incidents::claim_report(std::move(command), id));
      });
  add(router, post, "/reports/{id}/release",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<ReportId>(r));
        VL_TRY(auto command, command_request(r, c));
        const bool force = c.roles.has(access::Role::duty_officer);
        return run(core, id, incidents::release_report(std::move(command), id, force));
      });
  add(router, get, "/reports/{id}/duplicates",
      [&](const auto& r, const auto& c) { return duplicates(core, r, c); });
  add(router, post, "/reports/{id}/triage",
      [&](const auto& r, const auto& c) { return triage(core, r, c); });
}

}  // namespace vl::routes
