#include "housekeeping.hpp"

#include <set>

#include <vonglau/base/log.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/exports/commands.hpp>
#include <vonglau/exports/schema.hpp>
#include <vonglau/node/registry.hpp>

namespace vl::app {
Housekeeping::Housekeeping(Centre& centre, routes::Core& core, http::Metrics& metrics)
    : centre_(centre),
      core_(core),
      head_(metrics.gauge("vonglau_journal_head", "Sequence of the last event")),
      waiting_(metrics.gauge("vonglau_journal_waiting", "Commands that wait for the writer")),
      watchers_(metrics.gauge("vonglau_watchers", "WebSocket watchers")),
      healthy_(metrics.gauge("vonglau_store_healthy", "1: the last commit reached the store")),
      sessions_(metrics.gauge("vonglau_sessions", "People signed in")),
      positions_dropped_(
          metrics.gauge("vonglau_positions_dropped", "Positions that telemetry never got")),
      fleet_(core.province, centre.clock(), core.ids, centre.journal(), centre.readers()),
      walls_(core.province, centre.clock(), core.ids, centre.journal(), centre.readers()),
      restarts_(centre.journal(), core.supervisor_socket),
      pressure_(centre.journal(), centre.reserve(), metrics) {}

void Housekeeping::turn(http::Server& server) {
  head_.set(static_cast<double>(centre_.journal().head().sequence));
  waiting_.set(static_cast<double>(centre_.journal().waiting()));
  watchers_.set(static_cast<double>(core_.watch.watchers()));
  healthy_.set(centre_.journal().healthy() ? 1 : 0);
  sessions_.set(static_cast<double>(centre_.sessions().size()));
  positions_dropped_.set(static_cast<double>(core_.positions.dropped()));
  pressure_.turn();
  if (auto done = follow_changes(server); !done)
    log::warn("core.housekeeping", {{"why", done.error().message}});
  if (centre_.journal().healthy())
    if (auto done = fleet_.turn(); !done)
      log::warn("core.fleet_not_reviewed", {{"why", done.error().message}});
  if (auto done = core_.control->turn(); !done)
    log::warn("core.cameras_not_handed_back", {{"why", done.error().message}});
  if (centre_.journal().healthy())
    if (auto done = walls_.turn(); !done)
      log::warn("core.walls_not_shown", {{"why", done.error().message}});
  if (auto done = now_and_then(); !done)
    log::warn("core.housekeeping", {{"why", done.error().message}});
}

Result<std::vector<std::string>> Housekeeping::media_origins() const {
  VL_TRY(auto session, centre_.readers().take());
  VL_TRY(const auto nodes, node::nodes(*session, core_.province));
  // Spans and key pictures are fetched, the rest comes over WebSocket.
  const auto& config = centre_.config();
  std::set<std::string> origins{config.recorder_url(), config.recorder_socket_url()};
  for (const auto& one : nodes) {
    origins.insert(one.public_url);
    origins.insert("https" + one.public_url.substr(3));
  }
  return std::vector<std::string>(origins.begin(), origins.end());
}

Result<void> Housekeeping::follow_changes(http::Server& server) {
  const auto head = centre_.journal().tail().head();
  bool nodes = seen_ < 0;
  bool cameras = seen_ < 0;
  if (seen_ >= 0) {
    const auto events = centre_.journal().tail().read(seen_ + 1, 100'000);
    nodes = cameras = !events;
    if (events)
      for (const auto& event : *events) {
        nodes |= event->type == node::NodeRegistered::kType;
        cameras |= event->type == cameras::CameraRegistered::kType ||
                   event->type == cameras::CameraChanged::kType;
      }
  }
  VL_TRY(auto session, centre_.readers().take());
  if (nodes) {
    VL_TRY(auto origins, media_origins());
    VL_CHECK(server.set_connect_origins(std::move(origins)));
  }
  if (cameras) {
    VL_TRY(const auto all, cameras::cameras(*session, core_.province));
    std::vector<places::NamedPlace> names;
    for (const auto& camera : all)
      if (camera.lat && camera.lon)
        names.push_back({places::PlaceKind::camera,
                         camera.code + " " + camera.name,
                         {*camera.lat, *camera.lon},
                         camera.id.text()});
    core_.places.name_cameras(std::move(names));
  }
  seen_ = head;
  return {};
}

/// Their time is over: recorders delete them and let their footage go.
Result<void> Housekeeping::expire_exports() {
  VL_TRY(auto session, centre_.readers().take());
  VL_TRY(const auto due, exports::due_exports(*session, core_.province, centre_.clock().wall()));
  for (const auto& id : due) VL_CHECK(centre_.journal().execute(exports::expire_export(id)));
  return {};
}

/// An export over several recorders waits a quarter of an hour for one that is away, and then goes
/// on without its cameras, which it says.
Result<void> Housekeeping::give_up_absent_parts() {
  constexpr std::int64_t patience_us = 15LL * 60 * 1'000'000;
  VL_TRY(auto session, centre_.readers().take());
  VL_TRY(const auto approved,
         exports::exports(*session, core_.province, "approved", std::nullopt, 1'000));
  const auto long_ago = centre_.clock().wall().plus_us(-patience_us);
  for (const auto& one : approved)
    for (std::size_t i = 1; i < one.recorders.size(); ++i) {
      const auto& recorder = one.recorders[i];
      const auto live = core_.nodes.live(recorder.recorder_id);
      const bool is_away = !live || (!live->connected && live->last_seen < long_ago);
      if (!recorder.part && is_away && one.decided_us.value_or(0) < long_ago.us)
        VL_CHECK(centre_.journal().execute(
            exports::give_up_part(one.id, recorder.recorder_id, "node.away")));
    }
  return {};
}

Result<void> Housekeeping::now_and_then() {
  const auto turn = turns_++;
  if (turn % 5 == 0) {
    if (centre_.journal().healthy()) VL_CHECK(restarts_.follow());
    VL_TRY(auto session, centre_.readers().take());
    VL_TRY(auto telemetry, centre_.telemetry().open_session());
    VL_CHECK(core_.history.keep_up(*session, *telemetry, centre_.journal().head().sequence));
  }
  if (turn % 15 == 7) VL_CHECK(core_.health.turn());
  if (turn % 10 == 9) VL_CHECK(expire_exports());
  if (turn % 30 == 13) VL_CHECK(give_up_absent_parts());
  if (turn % 30 == 29) {
    VL_CHECK(centre_.accounts().upkeep());
    if (turn % 3600 == 3599) {
      VL_TRY(auto session, centre_.database().open_session());
      VL_CHECK(centre_.vault().sweep(*session));
    }
  }
  return {};
}

}  // namespace vl::app
