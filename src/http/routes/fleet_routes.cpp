#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/uptime_report.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;
using fleet::AssetId;
using fleet::CameraId;

namespace {

constexpr std::int64_t kDay_us = 86'400'000'000;
constexpr std::int64_t kMostSpan_us = 366 * kDay_us;
constexpr std::int64_t kMostHealth_us = 35 * kDay_us;

struct LinksBody {
  std::vector<AssetId> hangs_on;
};
BOOST_DESCRIBE_STRUCT(LinksBody, (), (hangs_on))

Result<fleet::Request> request_of(const http::Request& request, const Caller& caller) {
  VL_TRY(const auto command, command_request(request, caller));
  return fleet::Request{command.actor, command.idempotency_key};
}

bj::object health_json(const HealthNow& now) {
  bj::object out = json::value_of(now.health).as_object();
  out["at_us"] = now.at_us.us;
  return out;
}

/// What the fleet screen shows, in one answer: what is wrong, and why.
Result<http::Response> show(Core& core) {
  VL_TRY(auto session, core.readers.take());
  // One view: an alarm never names an asset that another query has not got yet.
  VL_CHECK(session->begin_read());
  const auto whole = [&]() -> Result<bj::object> {
    bj::object out;
    VL_TRY(const auto alarms, fleet::open_alarms(*session, core.province));
    VL_TRY(const auto assets, fleet::assets(*session, core.province));
    VL_TRY(const auto links, fleet::camera_links(*session, core.province));
    const auto now = core.clock.wall();
    VL_TRY(const auto work,
           fleet::planned_work(*session, core.province, {now, now.plus_us(kMostSpan_us)}));
    bj::array linked;
    for (const auto& [camera, above] : links)
      if (!above.empty())
        linked.push_back(
            bj::object{{"camera_id", camera.text()}, {"hangs_on", json::value_of(above)}});
    bj::array health;
    for (const auto& one : core.health.all()) health.push_back(health_json(one));
    out["alarms"] = json::value_of(alarms);
    out["assets"] = json::value_of(assets);
    out["links"] = std::move(linked);
    out["work"] = json::value_of(work);
    VL_TRY(const auto pictures, fleet::bad_pictures(*session, core.province));
    out["health"] = std::move(health);
    out["pictures"] = json::value_of(pictures);
    return out;
  }();
  session->rollback();
  if (!whole) return fail(whole.error());
  return answer(*whole);
}

Result<http::Response> past_alarms(Core& core, const http::Request& request) {
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 500));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto rows, fleet::closed_alarms(*session, core.province, limit.value_or(100)));
  return list_answer("alarms", rows);
}

Result<http::Response> uptime(Core& core, const http::Request& request) {
  const auto now = core.clock.wall();
  VL_TRY(const auto from, number_in_query(request, "from_us", 0, now.us));
  VL_TRY(const auto to, number_in_query(request, "to_us", 0, INT64_MAX));
  VL_TRY(const auto as_of, number_in_query(request, "as_of_us", 0, INT64_MAX));
  // What has not happened yet counts for nobody.
  const WallTime end{std::min(to.value_or(now.us), now.us)};
  const WallTime start{from.value_or(end.us - 30 * kDay_us)};
  if (start >= end || end.us - start.us > kMostSpan_us)
    return fail(RouteError::bad_parameter, "from_us: before to_us, by 366 days at most", "from_us");
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto report,
         fleet::uptime_report(*session, core.province, {start, end},
                              as_of ? std::optional<WallTime>(WallTime{*as_of}) : std::nullopt));
  return answer(bj::object{{"from_us", start.us},
                           {"to_us", end.us},
                           {"all", json::value_of(report.all)},
                           {"cameras", json::value_of(report.cameras)},
                           {"lines", json::value_of(report.lines)},
                           {"contractors", json::value_of(report.contractors)},
                           {"localities", json::value_of(report.localities)}});
}

/// One camera's page: what it measures, how that was, when it was away, what it hangs on.
Result<http::Response> camera_health(Core& core, const http::Request& request) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  const auto now = core.clock.wall();
  VL_TRY(const auto from,
         number_in_query(request, "from_us", std::max<std::int64_t>(now.us - kMostHealth_us, 0),
                         now.us));
  const WallTime start{from.value_or(now.us - kDay_us)};
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  VL_TRY(auto telemetry, core.telemetry_readers.take());
  VL_TRY(const auto history, fleet::health_history(*telemetry, core.province, id, start));
  VL_TRY(const auto gaps, cameras::gaps(*session, core.province, id, start, 200));
  bj::object out{{"camera_id", id.text()},
                 {"from_us", start.us},
                 {"history", json::value_of(history)},
                 {"gaps", json::value_of(gaps)}};
  if (const auto latest = core.health.of(id.value)) out["now"] = health_json(*latest);
  return answer(out);
}

Result<http::Response> asset_shown(Core& core, AssetId id, const journal::Receipt& receipt) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, fleet::asset(*session, core.province, id));
  return answer(json::value_of(row), receipt);
}

Result<http::Response> create_asset(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(auto body, body_of<fleet::AssetDescription>(request));
  VL_TRY(auto command, request_of(request, caller));
  const AssetId id{core.ids.next()};
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::register_asset(std::move(command), id, std::move(body))));
  return asset_shown(core, AssetId{Uuid::parse(receipt.reply).value_or(id.value)}, receipt);
}

Result<http::Response> change_asset(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(const auto id, id_in_path<AssetId>(request));
  VL_TRY(auto body, body_of<fleet::AssetDescription>(request));
  VL_TRY(auto command, request_of(request, caller));
  VL_TRY(const auto receipt,
         core.journal.execute(fleet::change_asset(std::move(command), id, std::move(body))));
  return asset_shown(core, id, receipt);
}

Result<http::Response> retire_asset(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(const auto id, id_in_path<AssetId>(request));
  VL_TRY(auto command, request_of(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(fleet::retire_asset(std::move(command), id)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

Result<http::Response> link(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(auto body, body_of<LinksBody>(request));
  VL_TRY(auto command, request_of(request, caller));
  const auto shown = json::value_of(body.hangs_on);
  VL_TRY(const auto receipt, core.journal.execute(fleet::link_camera(std::move(command), id,
                                                                     std::move(body.hangs_on))));
  return answer(bj::object{{"camera_id", id.text()}, {"hangs_on", shown}}, receipt);
}

Result<http::Response> import_table(Core& core, const http::Request& request,
                                    const Caller& caller) {
  VL_TRY(auto rows, fleet::read_topology(request.body));
  VL_TRY(auto command, request_of(request, caller));
  std::vector<AssetId> fresh;
  for (const auto& row : rows)
    if (row.kind) fresh.push_back({core.ids.next()});
  VL_TRY(const auto receipt, core.journal.execute(fleet::import_topology(
                                 std::move(command), std::move(rows), std::move(fresh))));
  VL_TRY(auto counts, json::parse(receipt.reply));
  return answer(counts, receipt);
}

Result<http::Response> plan_work(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto body, body_of<fleet::WorkPlanned>(request));
  VL_TRY(auto command, request_of(request, caller));
  const Uuid id = core.ids.next();
  VL_TRY(const auto receipt, core.journal.execute(fleet::plan_work(std::move(command), id, body)));
  bj::object out = json::value_of(body).as_object();
  out["id"] = receipt.reply;
  out["planned_by"] = caller.person.text();
  return answer(out, receipt);
}

Result<http::Response> end_work(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<TypedId<struct WorkTag>>(request));
  VL_TRY(auto command, request_of(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(fleet::end_work(std::move(command), id.value)));
  return answer(bj::object{{"id", id.text()}}, receipt);
}

}  // namespace

std::shared_ptr<const std::string> health_text(WallTime at,
                                               std::span<const node::CameraHealth> cameras) {
  bj::array all;
  for (const auto& health : cameras) all.push_back(health_json({at, health}));
  return std::make_shared<const std::string>(
      bj::serialize(bj::object{{"telemetry", bj::object{{"health", std::move(all)}}}}));
}

void add_fleet_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/fleet", [&](const auto&, const auto&) { return show(core); });
  add(router, get, "/fleet/alarms",
      [&](const auto& r, const auto&) { return past_alarms(core, r); });
  add(router, get, "/fleet/uptime", [&](const auto& r, const auto&) { return uptime(core, r); });
  add(router, get, "/cameras/{id}/health",
      [&](const auto& r, const auto&) { return camera_health(core, r); });
  add(router, post, "/fleet/assets",
      [&](const auto& r, const auto& c) { return create_asset(core, r, c); });
  add(router, put, "/fleet/assets/{id}",
      [&](const auto& r, const auto& c) { return change_asset(core, r, c); });
  add(router, remove, "/fleet/assets/{id}",
      [&](const auto& r, const auto& c) { return retire_asset(core, r, c); });
  add(router, put, "/cameras/{id}/links",
      [&](const auto& r, const auto& c) { return link(core, r, c); });
  add(router, post, "/fleet/import",
      [&](const auto& r, const auto& c) { return import_table(core, r, c); },
      {.body_limit_bytes = fleet::most_import_bytes});
  add(router, post, "/fleet/work",
      [&](const auto& r, const auto& c) { return plan_work(core, r, c); });
  add(router, post, "/fleet/work/{id}/end",
      [&](const auto& r, const auto& c) { return end_work(core, r, c); });
}

}  // namespace vl::routes
