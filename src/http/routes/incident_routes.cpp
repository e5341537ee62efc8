#include <vonglau/dispatch/commands.hpp>
#include <vonglau/http/uri.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/routes/event_json.hpp>
#include <vonglau/routes/operations.hpp>
#include <vonglau/situation/situation.hpp>

#include "report_views.hpp"

namespace vl::routes {

namespace bj = boost::json;
using incidents::IncidentId;
using incidents::UnitId;

namespace {

constexpr std::size_t kAttachmentBytes = 32 * 1024 * 1024;
constexpr std::string_view kMediaTypes[] = {"image/jpeg", "image/png",       "image/webp",
                                            "video/mp4",  "audio/mpeg",      "audio/ogg",
                                            "audio/wav",  "application/pdf", "text/plain"};

struct NoteNew {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(NoteNew, (), (text))
struct AssignmentNew {
  UnitId unit_id;
};
BOOST_DESCRIBE_STRUCT(AssignmentNew, (), (unit_id))
struct AssignmentStatusNew {
  incidents::Milestone status{};
};
BOOST_DESCRIBE_STRUCT(AssignmentStatusNew, (), (status))
struct Classification {
  incidents::IncidentCategory category{};
  incidents::Severity severity{};
};
BOOST_DESCRIBE_STRUCT(Classification, (), (category, severity))
struct Close {
  incidents::Outcome outcome{};
  std::optional<std::string> summary;
};
BOOST_DESCRIBE_STRUCT(Close, (), (outcome, summary))
struct Reopen {
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(Reopen, (), (reason))

/// Free text about an incident belongs to the incident as a subject of its own.
vault::SubjectId subject_of(IncidentId id) {
  return {id.value};
}

Result<http::Response> list_incidents(Core& core, const http::Request& request) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto ids, ids_in_query(request));
  if (ids) {
    std::vector<incidents::IncidentRow> rows;
    for (const auto& id : *ids) {
      auto row = incidents::incident(*session, core.province, IncidentId{id});
      if (row) rows.push_back(std::move(*row));
    }
    return list_answer("incidents", rows);
  }
  VL_TRY(const auto state, word_in_query<incidents::IncidentState>(request, "state"));
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  VL_TRY(const auto before, number_in_query(request, "before", 1, INT64_MAX));
  VL_TRY(const auto rows, incidents::incidents(*session, core.province, state, limit.value_or(200),
                                               before.value_or(INT64_MAX)));
  return list_answer("incidents", rows);
}

Result<std::vector<journal::Event>> stream_of(Core& core, store::Session& session,
                                              const std::string& kind, const Uuid& id,
                                              std::int64_t to) {
  std::vector<journal::Event> events;
  journal::EventRange range;
  range.stream = journal::StreamKey{kind, id};
  range.to = to;
  VL_CHECK(journal::read_events(session, core.province, range, &core.upcasters,
                                [&](journal::Event&& event) {
                                  events.push_back(std::move(event));
                                  return true;
                                }));
  return events;
}

Result<http::Response> detail(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(const auto as_of, number_in_query(request, "as_of_us", 0, INT64_MAX));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto now, incidents::incident(*session, core.province, id));
  VL_TRY(auto out, incident_detail(core, *session, now, caller));
  if (!as_of) return answer(out);
  // The coded facts as they stood then; what was added later is left out.
  VL_TRY(const auto sequence, journal::sequence_at(*session, core.province, {*as_of}));
  VL_TRY(const auto events, stream_of(core, *session, "incident", id.value, sequence));
  const auto then = situation::incident_after(events);
  if (!then)
    return fail(RouteError::missing, "the incident had not been opened at that time", "as_of_us");
  for (auto& [key, value] : json::value_of(*then).as_object()) out[key] = value;
  for (const auto* gone : {"outcome", "closed_us"})
    if (!json::value_of(*then).as_object().contains(gone)) out.erase(gone);
  const auto cut = [&](std::string_view name, std::string_view time) {
    auto& list = out[name].as_array();
    for (auto it = list.begin(); it != list.end();)
      it = it->as_object().at(time).to_number<std::int64_t>() > *as_of ? list.erase(it) : it + 1;
  };
  cut("notes", "at_us");
  cut("attachments", "at_us");
  cut("reports", "received_us");
  return answer(out);
}

Result<http::Response> timeline(Core& core, const http::Request& request) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::incident(*session, core.province, id));
  VL_TRY(auto events, stream_of(core, *session, "incident", id.value, INT64_MAX));
  for (const auto& report : row.report_ids) {
    VL_TRY(auto more, stream_of(core, *session, "report", report.value, INT64_MAX));
    for (auto& event : more) events.push_back(std::move(event));
  }
  std::ranges::sort(events, {}, &journal::Event::sequence);
  bj::array out;
  for (const auto& event : events) out.push_back(timeline_json(event));
  return answer(bj::object{{"events", std::move(out)}});
}

/// Runs a command on one incident and answers with its detail.
Result<http::Response> run(Core& core, IncidentId id, const Caller& caller,
                           journal::Command command) {
  VL_TRY(const auto receipt, core.journal.execute(std::move(command)));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::incident(*session, core.province, id));
  VL_TRY(auto out, incident_detail(core, *session, row, caller));
  return answer(out, receipt);
}

Result<std::string> some_text(std::string text, std::string field) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(RouteError::bad_parameter, field + ": write something", field);
  return text;
}

Result<http::Response> note(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(auto body, body_of<NoteNew>(request));
  VL_TRY(const auto text, some_text(std::move(body.text), "text"));
  VL_TRY(auto command, command_request(request, caller));
  Sealing sealing(core);
  VL_TRY(const auto ref, sealing.add(subject_of(id), vault::Kind::text, text));
  return run(core, id, caller,
             incidents::add_note(std::move(command), id, core.ids.next(), *ref, sealing.rows()));
}

Result<http::Response> attach(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(auto command, command_request(request, caller));
  const std::string type(
      request.header("Content-Type").substr(0, request.header("Content-Type").find(';')));
  if (std::ranges::find(kMediaTypes, type) == std::end(kMediaTypes))
    return fail(RouteError::bad_parameter,
                "Content-Type: pictures, MP4, audio, PDF or plain text are taken", "Content-Type");
  if (request.body.empty())
    return fail(RouteError::bad_parameter, "the file is empty; nothing was kept", "body");
  const auto name = http::percent_decode(request.header("X-File-Name"));
  if (!name || name->empty() || name->size() > 255)
    return fail(RouteError::bad_parameter, "X-File-Name: 1 to 255 bytes, percent-encoded",
                "X-File-Name");
  VL_TRY(auto writer, core.vault.begin_attachment(subject_of(id)));
  VL_CHECK(writer.add(request.body_bytes()));
  VL_TRY(auto finished, writer.finish());
  Sealing sealing(core);
  incidents::AttachmentAdded added;
  added.attachment_id = core.ids.next();
  added.by = {caller.person};
  added.media_type = type;
  added.size_bytes = finished.size_bytes;
  added.content = sealing.add_sealed(std::move(finished.sealed));
  VL_TRY(const auto name_ref, sealing.add(subject_of(id), vault::Kind::text, *name));
  added.name = *name_ref;
  return run(core, id, caller,
             incidents::add_attachment(std::move(command), id, added, sealing.rows()));
}

Result<http::Response> download(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<TypedId<struct AttachmentTag>>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, incidents::attachment(*session, core.province, id.value));
  VL_TRY(const auto incident, incidents::incident(*session, core.province, row.incident_id));
  VL_TRY(auto reader, incident_reader(core, *session, incident, caller));
  if (!reader)
    return fail(RouteError::forbidden_here, "only who works on the incident reads its files");
  VL_CHECK(reader->prepare(*session, {row.name_item, row.content_item}));
  std::string content;
  content.reserve(static_cast<std::size_t>(row.size_bytes));
  VL_CHECK(core.vault.read_attachment(*session, vault::ItemId{row.content_item}, reader->purpose(),
                                      [&](ByteView piece) -> Result<void> {
                                        content += as_text(piece);
                                        return {};
                                      }));
  VL_TRY(const auto name, reader->open(*session, row.name_item));
  auto response = http::Response::bytes(http::SharedBytes(std::move(content)), row.media_type);
  response.compressible = false;
  return std::move(response).with(
      "Content-Disposition",
      "attachment; filename*=UTF-8''" + http::percent_encode(name.value_or("file")));
}

Result<http::Response> close(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(const auto body, body_of<Close>(request));
  VL_TRY(auto command, command_request(request, caller));
  Sealing sealing(core);
  VL_TRY(const auto summary, sealing.add(subject_of(id), vault::Kind::text, body.summary));
  return run(
      core, id, caller,
      incidents::close_incident(std::move(command), id, body.outcome, summary, sealing.rows()));
}

Result<http::Response> reopen(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(auto body, body_of<Reopen>(request));
  VL_TRY(const auto reason, some_text(std::move(body.reason), "reason"));
  VL_TRY(auto command, command_request(request, caller));
  Sealing sealing(core);
  VL_TRY(const auto ref, sealing.add(subject_of(id), vault::Kind::text, reason));
  return run(core, id, caller,
             incidents::reopen_incident(std::move(command), id, *ref, sealing.rows()));
}

Result<http::Response> assign(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(const auto body, body_of<AssignmentNew>(request));
  VL_TRY(auto command, command_request(request, caller));
  return run(core, id, caller, dispatch::assign_unit(std::move(command), id, body.unit_id));
}

Result<http::Response> milestone(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(const auto unit, id_in_path<UnitId>(request, "unit_id"));
  VL_TRY(const auto body, body_of<AssignmentStatusNew>(request));
  VL_TRY(auto command, command_request(request, caller));
  return run(core, id, caller,
             dispatch::reach_milestone(std::move(command), id, unit, body.status));
}

Result<http::Response> classify(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<IncidentId>(request));
  VL_TRY(const auto body, body_of<Classification>(request));
  VL_TRY(auto command, command_request(request, caller));
  return run(core, id, caller,
             incidents::classify_incident(std::move(command), id, body.category, body.severity));
}

}  // namespace

void add_incident_routes(http::Router& router, Core& core) {
  using enum http::Method;
  using Run = Result<http::Response> (*)(Core&, const http::Request&, const Caller&);
  const auto on = [&](http::Method method, const char* path, Run handle,
                      http::RouteOptions options = {}) {
    add(
        router, method, path,
        [&core, handle](const auto& r, const auto& c) { return handle(core, r, c); }, options);
  };
  add(router, get, "/incidents",
      [&](const auto& r, const auto&) { return list_incidents(core, r); });
  add(router, get, "/incidents/{id}/timeline",
      [&](const auto& r, const auto&) { return timeline(core, r); });
  on(get, "/incidents/{id}", detail);
  on(post, "/incidents/{id}/notes", note);
  on(post, "/incidents/{id}/attachments", attach, {.body_limit_bytes = kAttachmentBytes});
  on(get, "/attachments/{id}", download);
  on(post, "/incidents/{id}/assignments", assign);
  on(post, "/incidents/{id}/assignments/{unit_id}/status", milestone);
  on(post, "/incidents/{id}/classification", classify);
  on(post, "/incidents/{id}/close", close);
  on(post, "/incidents/{id}/reopen", reopen);
}

}  // namespace vl::routes
