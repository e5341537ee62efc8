#include <vonglau/http/errors.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/verify.hpp>
#include <vonglau/routes/event_json.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

Result<std::optional<journal::StreamKey>> stream_in_query(const http::Request& request) {
  const auto text = request.query_value("stream");
  if (!text) return std::nullopt;
  const auto colon = text->find(':');
  const auto id =
      colon == std::string_view::npos ? std::nullopt : Uuid::parse(text->substr(colon + 1));
  if (!id) return fail(RouteError::bad_parameter, "stream: give kind:id", "stream");
  return journal::StreamKey{std::string(text->substr(0, colon)), *id};
}

Result<http::Response> events(Core& core, const http::Request& request) {
  journal::EventRange range;
  VL_TRY(const auto from, number_in_query(request, "from", 0, INT64_MAX));
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  VL_TRY(range.stream, stream_in_query(request));
  range.from = from.value_or(1);
  range.newest_first = !from;
  range.limit = limit.value_or(200);
  VL_TRY(auto session, core.readers.take());
  std::vector<journal::Event> found;
  VL_CHECK(
      journal::read_events(*session, core.province, range, nullptr, [&](journal::Event&& event) {
        found.push_back(std::move(event));
        return true;
      }));
  std::ranges::sort(found, {}, &journal::Event::sequence);
  bj::array out;
  for (const auto& event : found) out.push_back(journal_json(event));
  VL_TRY(const auto head, journal::read_head(*session, core.province));
  return answer(bj::object{{"events", std::move(out)}, {"head", head.sequence}});
}

Result<http::Response> verify(Core& core) {
  core.roots.sign_now();
  VL_TRY(const auto roots, journal::read_roots(core.anchor_folder, core.root_key));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto report, journal::verify(*session, core.province, roots));
  bj::array problems;
  for (const auto& p : report.problems)
    problems.push_back(bj::object{{"sequence", p.sequence}, {"what", journal::name_of(p.what)}});
  bj::object out{{"ok", report.ok()},
                 {"events", report.events},
                 {"head", report.head.sequence},
                 {"anchored_sequence", report.anchored_sequence},
                 {"problems", std::move(problems)}};
  if (report.anchored_sequence > 0) out["anchored_us"] = report.anchored_at.us;
  return answer(out);
}

Result<http::Response> roots(Core& core, const http::Request& request) {
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 1000));
  VL_TRY(const auto all, journal::read_roots(core.anchor_folder, core.root_key));
  bj::array out;
  for (auto it = all.rbegin();
       it != all.rend() && out.size() < static_cast<std::size_t>(limit.value_or(50)); ++it)
    out.push_back(bj::object{{"sequence", it->sequence},
                             {"hash", to_hex(it->hash)},
                             {"at_us", it->at.us},
                             {"signature", to_base64url(it->signature)},
                             {"where", core.anchor_folder.filename().string()}});
  return answer(bj::object{{"roots", std::move(out)}});
}

}  // namespace

void add_journal_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/journal/events", [&](const auto& r, const auto&) { return events(core, r); });
  add(router, post, "/journal/verify", [&](const auto&, const auto&) { return verify(core); });
  add(router, get, "/journal/roots", [&](const auto& r, const auto&) { return roots(core, r); });
}

void add_watch_route(http::Router& router, Core& core) {
  router.add_websocket("/api/v1/watch", [&](const http::Request& request) -> http::WebSocketAccept {
    const auto* caller = std::any_cast<Caller>(&request.context);
    const auto known = number_in_query(request, "from", 0, INT64_MAX);
    if (!known) return std::unexpected(http::error_response(known.error()));
    return core.watch.watcher(caller != nullptr ? caller->roles : access::Roles{},
                              *known ? **known + 1 : core.journal.tail().head() + 1);
  });
}

}  // namespace vl::routes
