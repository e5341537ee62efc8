#include <vonglau/cameras/schema.hpp>
#include <vonglau/evidence/signature.hpp>
#include <vonglau/exports/commands.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/event_json.hpp>
#include <vonglau/routes/operations.hpp>
#include <vonglau/routes/personal.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;
using exports::BookmarkId;
using exports::CaseId;
using exports::ExportError;
using exports::ExportId;

// Named, because other routes have handlers of these names.
namespace of_exports {

constexpr std::int64_t download_ticket_us = 5LL * 60 * 1'000'000;
constexpr std::int64_t day_us = 86'400'000'000;
constexpr std::size_t most_text_bytes = 4000;

struct CaseNew {
  std::string number;
  exports::CaseKind kind{};
};
BOOST_DESCRIBE_STRUCT(CaseNew, (), (number, kind))
struct KindNew {
  exports::CaseKind kind{};
};
BOOST_DESCRIBE_STRUCT(KindNew, (), (kind))
struct BookmarkNew {
  exports::CameraId camera_id;
  std::int64_t from_us = 0;
  std::optional<std::int64_t> to_us;
  std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(BookmarkNew, (), (camera_id, from_us, to_us, note))
struct ExportNew {
  CaseId case_id;
  std::vector<exports::CameraId> camera_ids;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  exports::Purpose purpose{};
  std::string reason;
  std::optional<std::int64_t> keep_days;
  std::optional<std::vector<exports::MaskRegion>> masks;
};
BOOST_DESCRIBE_STRUCT(ExportNew, (),
                      (case_id, camera_ids, from_us, to_us, purpose, reason, keep_days, masks))
struct RefusalNew {
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(RefusalNew, (), (reason))

Result<exports::Request> export_request(const http::Request& request, const Caller& caller) {
  VL_TRY(const auto command, command_request(request, caller));
  return exports::Request{command.actor, command.idempotency_key};
}

Result<std::string> written(std::string text, const char* field) {
  if (text.find_first_not_of(" \t\r\n") == std::string::npos)
    return fail(RouteError::bad_parameter, std::string(field) + ": write something", field);
  if (text.size() > most_text_bytes)
    return fail(RouteError::bad_parameter, std::string(field) + ": at most 4000 bytes", field);
  return text;
}

Result<std::vector<Uuid>> recorder_ids(Core& core, store::Session& session) {
  VL_TRY(const auto nodes, node::nodes(session, core.province));
  std::vector<Uuid> out;
  for (const auto& node : nodes)
    if (node.kind == "recorder") out.push_back(node.id);
  return out;
}

/// The recorder of each of these cameras.
Result<std::vector<Uuid>> recorders_of(Core& core, store::Session& session,
                                       const std::vector<exports::CameraId>& ids) {
  VL_TRY(const auto recorders, recorder_ids(core, session));
  std::vector<Uuid> out;
  for (const auto& id : ids) {
    VL_TRY(const auto camera, cameras::camera(session, core.province, id));
    const auto recorder = NodeHub::recorder_of(camera.id.value, recorders);
    if (!recorder)
      return fail(RouteError::no_recorder, "no recorder has registered yet; ask again later");
    out.push_back(*recorder);
  }
  return out;
}

/// Who asked, who decides and who may decide read what was written; auditors see that it was.
std::optional<PersonalReader> reader_of(Core& core, const exports::ExportRow& row,
                                        const Caller& caller) {
  if (caller.person == row.requested_by)
    return PersonalReader(core, actor_of(caller),
                          {caller.person, {"export", row.id.value}, "export_request"});
  if (access::grant(access::Permission::exports_decide, caller.roles) == access::Grant::all)
    return PersonalReader(core, actor_of(caller),
                          ExportDesk::purpose_of_decision(row.id, caller.person));
  return std::nullopt;
}

bj::object export_json(Core& core, const exports::ExportRow& row) {
  bj::object out = json::value_of(row).as_object();
  if (row.state == "approved" && core.exports != nullptr)
    if (const auto progress = core.exports->progress(row.id))
      out["progress"] =
          bj::object{{"done_bytes", progress->done_bytes}, {"all_bytes", progress->all_bytes}};
  return out;
}

Result<bj::array> timeline_of(Core& core, store::Session& session, const char* kind,
                              const Uuid& id) {
  bj::array out;
  journal::EventRange range;
  range.stream = journal::StreamKey{kind, id};
  VL_CHECK(journal::read_events(session, core.province, range, &core.upcasters,
                                [&](journal::Event&& event) {
                                  out.push_back(timeline_json(event));
                                  return true;
                                }));
  return out;
}

Result<bj::object> export_detail(Core& core, store::Session& session, const exports::ExportRow& row,
                                 const Caller& caller) {
  bj::object out = export_json(core, row);
  VL_TRY(const auto nodes, node::nodes(session, core.province));
  for (auto& recorder : out["recorders"].as_array())
    for (const auto& node : nodes)
      if (recorder.at("recorder_id").as_string() == node.id.text())
        recorder.as_object()["name"] = node.name;
  if (auto reader = reader_of(core, row, caller)) {
    VL_CHECK(reader->prepare(session, {row.reason_item, row.refusal_item}));
    bj::object personal;
    VL_TRY(const auto reason, reader->open(session, row.reason_item));
    VL_TRY(const auto refusal, reader->open(session, row.refusal_item));
    if (reason) personal["reason"] = *reason;
    if (refusal) personal["refusal"] = *refusal;
    out["personal"] = std::move(personal);
  }
  VL_TRY(out["events"], timeline_of(core, session, "export", row.id.value));
  return out;
}

Result<http::Response> shown(Core& core, ExportId id, const Caller& caller,
                             const journal::Receipt& receipt) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, exports::export_of(*session, core.province, id));
  VL_TRY(const auto out, export_detail(core, *session, row, caller));
  return answer(out, receipt);
}

Result<http::Response> list_exports(Core& core, const http::Request& request) {
  VL_TRY(const auto state, word_in_query<exports::ExportState>(request, "state"));
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  std::optional<CaseId> case_id;
  if (const auto text = request.query_value("case_id")) {
    const auto id = Uuid::parse(*text);
    if (!id) return fail(RouteError::bad_parameter, "case_id: an id of 36 characters", "case_id");
    case_id = CaseId{*id};
  }
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto rows,
         exports::exports(*session, core.province, state, case_id, limit.value_or(200)));
  bj::array out;
  for (const auto& row : rows) out.push_back(export_json(core, row));
  return answer(bj::object{{"exports", std::move(out)}});
}

Result<http::Response> export_shown(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ExportId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, exports::export_of(*session, core.province, id));
  VL_TRY(const auto out, export_detail(core, *session, row, caller));
  return answer(out);
}

Result<http::Response> ask_for_export(Core& core, const http::Request& request,
                                      const Caller& caller) {
  VL_TRY(auto body, body_of<ExportNew>(request));
  VL_TRY(const auto reason, written(std::move(body.reason), "reason"));
  VL_TRY(auto command, export_request(request, caller));
  if (body.camera_ids.empty() || body.camera_ids.size() > exports::most_export_cameras)
    return fail(ExportError::bad_request, "camera_ids: 1 to 64", "camera_ids");
  std::vector<Uuid> recorders;
  {
    VL_TRY(auto session, core.readers.take());
    VL_TRY(recorders, recorders_of(core, *session, body.camera_ids));
  }
  // Of a contributed camera only what its owner allows now, and the owner sees that it was asked
  // for.
  for (const auto& camera : body.camera_ids)
    VL_CHECK(allow_view(core, caller, camera, fleet::ViewKind::copy, std::nullopt));
  const ExportId id{core.ids.next()};
  const auto keep_days = body.keep_days.value_or(30);
  if (keep_days < 1 || keep_days > exports::most_kept_days)
    return fail(ExportError::bad_request, "keep_days: 1 to 730", "keep_days");
  Sealing sealing(core);
  VL_TRY(const auto ref, sealing.add(vault::SubjectId{id.value}, vault::Kind::text, reason));
  exports::ExportRequested asked{body.case_id,
                                 std::move(body.camera_ids),
                                 body.from_us,
                                 body.to_us,
                                 body.purpose,
                                 *ref,
                                 core.clock.wall().us + keep_days * day_us,
                                 {caller.person},
                                 std::move(recorders),
                                 std::move(body.masks)};
  VL_TRY(const auto receipt, core.journal.execute(exports::request_export(
                                 std::move(command), id, std::move(asked), sealing.rows())));
  return shown(core, ExportId{Uuid::parse(receipt.reply).value_or(id.value)}, caller, receipt);
}

Result<http::Response> approve(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ExportId>(request));
  VL_TRY(auto command, export_request(request, caller));
  {
    // Who approves has read the reason, and that is on record.
    VL_TRY(auto session, core.readers.take());
    VL_TRY(const auto row, exports::export_of(*session, core.province, id));
    PersonalReader reader(core, actor_of(caller),
                          ExportDesk::purpose_of_decision(id, caller.person));
    if (caller.person != row.requested_by) VL_CHECK(reader.prepare(*session, {row.reason_item}));
  }
  const auto head = core.journal.head();
  VL_TRY(const auto receipt,
         core.journal.execute(exports::approve_export(
             std::move(command), id,
             {head.sequence, head.hash, core.clock.wall().us, {caller.person}})));
  return shown(core, id, caller, receipt);
}

Result<http::Response> refuse(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ExportId>(request));
  VL_TRY(auto body, body_of<RefusalNew>(request));
  VL_TRY(const auto reason, written(std::move(body.reason), "reason"));
  VL_TRY(auto command, export_request(request, caller));
  Sealing sealing(core);
  VL_TRY(const auto ref, sealing.add(vault::SubjectId{id.value}, vault::Kind::text, reason));
  VL_TRY(const auto receipt, core.journal.execute(exports::refuse_export(std::move(command), id,
                                                                         *ref, sealing.rows())));
  return shown(core, id, caller, receipt);
}

Result<http::Response> withdraw(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ExportId>(request));
  VL_TRY(auto command, export_request(request, caller));
  VL_TRY(const auto receipt,
         core.journal.execute(exports::withdraw_export(std::move(command), id)));
  return shown(core, id, caller, receipt);
}

/// Recorded before the ticket is given.
Result<http::Response> download_ticket(Core& core, const http::Request& request,
                                       const Caller& caller) {
  VL_TRY(const auto id, id_in_path<ExportId>(request));
  VL_TRY(auto command, export_request(request, caller));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, exports::export_of(*session, core.province, id));
  if (row.recorders.empty()) return fail(ExportError::not_ready, "it is on no recorder");
  VL_TRY(const auto node, node::node(*session, core.province, row.recorders.front().recorder_id));
  VL_TRY(const auto receipt, core.journal.execute(exports::note_ticket(std::move(command), id)));
  const node::MediaTicket ticket{core.province,
                                 id.value,
                                 caller.person,
                                 node::MediaPurpose::download,
                                 {},
                                 core.clock.wall().plus_us(download_ticket_us),
                                 core.ids.next()};
  const auto base = node.public_url.starts_with("wss://")  ? "https" + node.public_url.substr(3)
                    : node.public_url.starts_with("ws://") ? "http" + node.public_url.substr(2)
                                                           : node.public_url;
  return answer(bj::object{{"url", base + "/media/export"},
                           {"ticket", node::sign_ticket(ticket, core.ticket_key)},
                           {"expires_us", ticket.expires_us.us}},
                receipt);
}

Result<bj::object> case_detail(Core& core, store::Session& session, const exports::CaseRow& row,
                               const Caller& caller) {
  bj::object out = json::value_of(row).as_object();
  VL_TRY(const auto marks, exports::bookmarks(session, core.province, row.id));
  PersonalReader reader(core, actor_of(caller),
                        {caller.person, {"case", row.id.value}, "case_file"});
  // Auditors see the file and not what was written in it.
  const bool reads =
      access::grant(access::Permission::exports_request, caller.roles) == access::Grant::all;
  if (reads) {
    std::vector<std::optional<Uuid>> items;
    for (const auto& mark : marks) items.push_back(mark.note_item);
    VL_CHECK(reader.prepare(session, items));
  }
  bj::array marks_json;
  for (const auto& mark : marks) {
    bj::object one = json::value_of(mark).as_object();
    if (reads) {
      VL_TRY(const auto note, reader.open(session, mark.note_item));
      if (note) one["note"] = *note;
    }
    marks_json.push_back(std::move(one));
  }
  out["bookmarks"] = std::move(marks_json);
  VL_TRY(const auto rows, exports::exports(session, core.province, {}, row.id, 1000));
  bj::array exports_json;
  for (const auto& one : rows) exports_json.push_back(export_json(core, one));
  out["exports"] = std::move(exports_json);
  VL_TRY(out["events"], timeline_of(core, session, "case", row.id.value));
  return out;
}

Result<http::Response> case_after(Core& core, CaseId id, const Caller& caller,
                                  journal::Command command) {
  VL_TRY(const auto receipt, core.journal.execute(std::move(command)));
  VL_TRY(auto session, core.readers.take());
  const CaseId made{Uuid::parse(receipt.reply).value_or(id.value)};
  VL_TRY(const auto row, exports::case_of(*session, core.province, made));
  VL_TRY(const auto out, case_detail(core, *session, row, caller));
  return answer(out, receipt);
}

Result<http::Response> list_cases(Core& core, const http::Request& request) {
  VL_TRY(auto session, core.readers.take());
  if (const auto number = request.query_value("number")) {
    VL_TRY(const auto found,
           exports::case_of_number(*session, core.province, std::string(*number)));
    std::vector<exports::CaseRow> rows;
    if (found) rows.push_back(*found);
    return list_answer("cases", rows);
  }
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  VL_TRY(const auto rows, exports::cases(*session, core.province, limit.value_or(500)));
  return list_answer("cases", rows);
}

Result<http::Response> case_shown(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CaseId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, exports::case_of(*session, core.province, id));
  VL_TRY(const auto out, case_detail(core, *session, row, caller));
  return answer(out);
}

Result<http::Response> open_case(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(auto body, body_of<CaseNew>(request));
  VL_TRY(auto command, export_request(request, caller));
  const CaseId id{core.ids.next()};
  return case_after(core, id, caller,
                    exports::open_case(std::move(command), id, std::move(body.number), body.kind));
}

Result<http::Response> classify(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CaseId>(request));
  VL_TRY(const auto body, body_of<KindNew>(request));
  VL_TRY(auto command, export_request(request, caller));
  return case_after(core, id, caller, exports::classify_case(std::move(command), id, body.kind));
}

Result<http::Response> bookmark(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CaseId>(request));
  VL_TRY(auto body, body_of<BookmarkNew>(request));
  VL_TRY(auto command, export_request(request, caller));
  {
    VL_TRY(auto session, core.readers.take());
    VL_CHECK(cameras::camera(*session, core.province, body.camera_id));
  }
  if (body.note && body.note->size() > most_text_bytes)
    return fail(RouteError::bad_parameter, "note: at most 4000 bytes", "note");
  Sealing sealing(core);
  exports::BookmarkAdded added{
      {core.ids.next()}, body.camera_id, body.from_us, body.to_us.value_or(body.from_us), {},
      {caller.person}};
  VL_TRY(added.note, sealing.add(vault::SubjectId{id.value}, vault::Kind::text, body.note));
  return case_after(
      core, id, caller,
      exports::add_bookmark(std::move(command), id, std::move(added), sealing.rows()));
}

Result<http::Response> remove_bookmark(Core& core, const http::Request& request,
                                       const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CaseId>(request));
  VL_TRY(const auto mark, id_in_path<BookmarkId>(request, "bookmark_id"));
  VL_TRY(auto command, export_request(request, caller));
  return case_after(core, id, caller, exports::remove_bookmark(std::move(command), id, mark));
}

Result<http::Response> case_statistics(Core& core, const http::Request& request) {
  VL_TRY(const auto from, number_in_query(request, "from_us", 0, INT64_MAX));
  VL_TRY(const auto to, number_in_query(request, "to_us", 0, INT64_MAX));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto rows,
         exports::statistics(*session, core.province, from.value_or(0), to.value_or(INT64_MAX)));
  return list_answer("kinds", rows);
}

Result<http::Response> signing_key(Core& core) {
  if (core.exports == nullptr) return fail(RouteError::missing, "this core signs no exports");
  const auto key = to_hex(core.exports->public_key());
  return answer(bj::object{{"key", key}, {"fingerprint", evidence::shown_fingerprint(key)}});
}

}  // namespace of_exports

void add_export_routes(http::Router& router, Core& core) {
  using namespace of_exports;
  using enum http::Method;
  using Run = Result<http::Response> (*)(Core&, const http::Request&, const Caller&);
  const auto on = [&](http::Method method, const char* path, Run handle) {
    add(router, method, path,
        [&core, handle](const auto& r, const auto& c) { return handle(core, r, c); });
  };
  add(router, get, "/cases", [&](const auto& r, const auto&) { return list_cases(core, r); });
  add(router, get, "/cases/statistics",
      [&](const auto& r, const auto&) { return case_statistics(core, r); });
  on(post, "/cases", open_case);
  on(get, "/cases/{id}", case_shown);
  on(post, "/cases/{id}/kind", classify);
  on(post, "/cases/{id}/bookmarks", bookmark);
  on(post, "/cases/{id}/bookmarks/{bookmark_id}/remove", remove_bookmark);
  add(router, get, "/exports", [&](const auto& r, const auto&) { return list_exports(core, r); });
  add(router, get, "/exports/key", [&](const auto&, const auto&) { return signing_key(core); });
  on(post, "/exports", ask_for_export);
  on(get, "/exports/{id}", export_shown);
  on(post, "/exports/{id}/approve", approve);
  on(post, "/exports/{id}/refuse", refuse);
  on(post, "/exports/{id}/withdraw", withdraw);
  on(post, "/exports/{id}/download-ticket", download_ticket);
}

}  // namespace vl::routes
