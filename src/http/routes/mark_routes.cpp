// What happened along a camera's footage, for its time bar.
#include <limits>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/incidents/queries.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

constexpr std::int64_t kMostMarked_us = 62LL * 86'400 * 1'000'000;
constexpr std::int64_t kMostMarks = 500;      // of a kind
constexpr std::int64_t kMostLooked = 20'000;  // incidents of the whole province
constexpr double kMarkedNear_m = 1'000;

Result<void> add_incidents(Core& core, store::Session& session, const cameras::CameraRow& camera,
                           std::int64_t from_us, std::int64_t to_us, bj::array& out) {
  if (!camera.lat || !camera.lon) return {};
  VL_TRY(const auto rows,
         incidents::opened_between(session, core.province, from_us, to_us, kMostLooked));
  std::int64_t count = 0;
  for (const auto& row : rows) {
    if (!row.lat || !row.lon ||
        distance_m({*camera.lat, *camera.lon}, {*row.lat, *row.lon}) > kMarkedNear_m)
      continue;
    if (++count > kMostMarks) break;
    bj::object one{{"kind", "incident"},          {"id", row.id.text()},
                   {"from_us", row.opened_us.us}, {"number", row.number},
                   {"category", row.category},    {"severity", row.severity}};
    if (row.closed_us) one["to_us"] = *row.closed_us;
    out.push_back(std::move(one));
  }
  return {};
}

void add_spans(const char* kind, const std::vector<exports::MarkedSpanRow>& rows, bj::array& out) {
  for (const auto& row : rows)
    out.push_back(bj::object{{"kind", kind},
                             {"id", row.id.text()},
                             {"from_us", row.from_us},
                             {"to_us", row.to_us},
                             {"case_number", row.case_number}});
}

Result<http::Response> camera_marks(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(const auto id, id_in_path<cameras::CameraId>(request));
  constexpr auto kLatest = std::numeric_limits<std::int64_t>::max() / 2;
  VL_TRY(const auto from, number_in_query(request, "from_us", 0, kLatest));
  VL_TRY(const auto to, number_in_query(request, "to_us", 0, kLatest));
  if (!from || !to || *to <= *from || *to - *from > kMostMarked_us)
    return fail(RouteError::bad_parameter, "to_us: after from_us, at most 62 days", "to_us");
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  bj::array out;
  if (access::grant(access::Permission::incidents_read, caller.roles) == access::Grant::all)
    VL_CHECK(add_incidents(core, *session, camera, *from, *to, out));
  VL_TRY(const auto alarms, fleet::alarms_of(*session, core.province, id, *from, *to, kMostMarks));
  for (const auto& alarm : alarms) {
    bj::object one{{"kind", "alarm"},
                   {"id", alarm.id.text()},
                   {"from_us", alarm.since_us.us},
                   {"claim", alarm.claim}};
    if (alarm.until_us) one["to_us"] = alarm.until_us->us;
    out.push_back(std::move(one));
  }
  if (access::grant(access::Permission::exports_read, caller.roles) == access::Grant::all) {
    VL_TRY(const auto bookmarks,
           exports::bookmarks_of(*session, core.province, id, *from, *to, kMostMarks));
    add_spans("bookmark", bookmarks, out);
    VL_TRY(const auto made,
           exports::exports_of(*session, core.province, id, *from, *to, kMostMarks));
    add_spans("export", made, out);
  }
  return answer(bj::object{{"marks", std::move(out)}});
}

}  // namespace

void add_mark_route(http::Router& router, Core& core) {
  add(router, http::Method::get, "/cameras/{id}/marks",
      [&](const auto& r, const auto& c) { return camera_marks(core, r, c); });
}

}  // namespace vl::routes
