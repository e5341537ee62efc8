#include <algorithm>

#include <vonglau/base/log.hpp>
#include <vonglau/cameras/commands.hpp>
#include <vonglau/devices/commands.hpp>
#include <vonglau/exports/commands.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"
#include "node_standing.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

Result<http::Response> register_node(Core& core, const http::Request& request) {
  VL_TRY(const auto body, body_of<node::Registration>(request));
  const Digest shown = sha256(as_bytes(body.enrolment_key));
  const Digest known = sha256(as_bytes(core.enrolment_key));
  // Digests are compared, so the time taken tells nothing about the key.
  if (core.enrolment_key.empty() || shown != known)
    return fail(node::NodeError::wrong_enrolment_key,
                "copy the enrolment key of the core to this node", "enrolment_key");
  VL_CHECK(node::check(body));
  const std::string token = node::new_token();
  VL_TRY(const auto receipt, core.journal.execute(node::register_node(
                                 std::nullopt, body, core.ids.next(), sha256(as_bytes(token)))));
  return answer(bj::object{
      {"node_id", receipt.reply},
      {"token", token},
      {"ticket_key", to_base64url(core.ticket_key.public_key())},
      {"province", {{"id", std::to_string(core.province.value)}, {"name", core.province_name}}},
      {"heartbeat_s", 3}});
}

Result<cameras::NodeReport> report_of(const node::BatchItem& item) {
  using Kind = cameras::NodeReport::Kind;
  const auto cause_of = [](const std::string& text) -> Result<cameras::GapCause> {
    return json::read<cameras::GapCause>(json::Value(bj::string(text)));
  };
  if (item.kind == "camera.online") {
    VL_TRY(const auto body, json::read<node::CameraOnlineItem>(item.body, json::Unknown::ignore));
    return cameras::NodeReport{Kind::online, {body.camera_id}, item.at_us, {}, "", {}, {}};
  }
  if (item.kind == "camera.offline") {
    VL_TRY(const auto body, json::read<node::CameraOfflineItem>(item.body, json::Unknown::ignore));
    VL_TRY(const auto cause, cause_of(body.cause));
    return cameras::NodeReport{Kind::offline, {body.camera_id}, item.at_us, cause, "", {}, {}};
  }
  if (item.kind == "gap.filled") {
    VL_TRY(const auto body, json::read<node::GapFilledItem>(item.body, json::Unknown::ignore));
    return cameras::NodeReport{Kind::filled, {body.camera_id}, body.start_us,  {},
                               body.stream,  body.end_us,      body.fetched_us};
  }
  VL_TRY(const auto body, json::read<node::GapItem>(item.body, json::Unknown::ignore));
  VL_TRY(const auto cause, cause_of(body.cause));
  return cameras::NodeReport{
      Kind::gap, {body.camera_id}, body.start_us, cause, body.stream, body.end_us, {}};
}

using ExportReport = exports::NodeReport;

/// What a recorder says of an export. Any of them may come twice.
Result<void> take_export_item(Core& core, const Caller& caller, const node::BatchItem& item) {
  const auto record = [&](ExportReport report) -> Result<void> {
    VL_CHECK(core.journal.execute(exports::take_report(actor_of(caller), std::move(report))));
    return {};
  };
  constexpr auto ignore = json::Unknown::ignore;
  if (item.kind == "export.locked") {
    VL_TRY(const auto body, json::read<node::ExportLockedItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::locked, .id = {body.export_id}});
  }
  if (item.kind == "export.part") {
    VL_TRY(const auto body, json::read<node::ExportPartItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::part,
                   .id = {body.export_id},
                   .part = {caller.person, body.manifest_sha256, body.fragments, body.bytes}});
  }
  if (item.kind == "export.part_failed") {
    VL_TRY(const auto body, json::read<node::ExportPartFailedItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::part_failed,
                   .id = {body.export_id},
                   .why = body.why.substr(0, 100),
                   .recorder = body.recorder_id});
  }
  if (item.kind == "export.stamped") {
    VL_TRY(const auto body, json::read<node::ExportStampedItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::stamped,
                   .id = {body.export_id},
                   .stamped = {body.stamped_us, body.archive_bytes}});
  }
  if (item.kind == "export.delivered") {
    VL_TRY(const auto body, json::read<node::ExportDeliveredItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::delivered,
                   .id = {body.export_id},
                   .delivery = body.delivery_id,
                   .person = {body.person_id}});
  }
  if (item.kind == "export.made") {
    VL_TRY(const auto body, json::read<node::ExportMadeItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::made,
                   .id = {body.export_id},
                   .made = {body.manifest_sha256, body.tree_root, body.fragments, body.footage_us,
                            body.bytes}});
  }
  if (item.kind == "export.ready") {
    VL_TRY(const auto body, json::read<node::ExportReadyItem>(item.body, ignore));
    VL_TRY(const auto outcome,
           json::read<exports::TimestampOutcome>(json::Value(bj::string(body.timestamp))));
    return record({.kind = ExportReport::Kind::ready,
                   .id = {body.export_id},
                   .ready = {body.archive_bytes, outcome}});
  }
  if (item.kind == "export.failed") {
    VL_TRY(const auto body, json::read<node::ExportFailedItem>(item.body, ignore));
    return record({.kind = ExportReport::Kind::failed,
                   .id = {body.export_id},
                   .why = body.why.substr(0, 100)});
  }
  if (item.kind != "export.progress")
    return fail(RouteError::bad_parameter, "kind: not one of this version", "kind");
  VL_TRY(const auto body, json::read<node::ExportProgressItem>(item.body, ignore));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, exports::export_of(*session, core.province, {body.export_id}));
  if (row.recorders.empty() || row.recorders.front().recorder_id != caller.person)
    return fail(exports::ExportError::not_its_recorder, "this node does not make it");
  if (core.exports != nullptr) core.exports->note_progress(body);
  return {};
}

/// A batch is two commands where it has pictures: each has a key of its own, made from the batch's.
Uuid key_for_pictures(const Uuid& batch) {
  Bytes both(batch.bytes.begin(), batch.bytes.end());
  for (const char c : std::string_view("pictures")) both.push_back(static_cast<std::uint8_t>(c));
  const Digest digest = sha256(both);
  Uuid out;
  std::copy_n(digest.begin(), out.bytes.size(), out.bytes.begin());
  return out;
}

Result<http::Response> take_batch(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<TypedId<struct NodeTag>>(request));
  if (id.value != caller.person)
    return fail(node::NodeError::wrong_token, "this token is another node's");
  VL_TRY(auto batch, body_of<node::Batch>(request));
  if (batch.items.size() > 1000)
    return fail(RouteError::too_many, "items: at most 1000 in a batch", "items");
  VL_TRY(auto refused, keep_own(core, id.value, batch.items));
  std::size_t foreign = 0;  // of what is left, about exports
  std::vector<cameras::NodeReport> reports;
  std::vector<std::pair<WallTime, node::CameraHealthItem>> measured;
  std::vector<fleet::PictureReport> pictures;
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    const auto& item = batch.items[i];
    const std::string at = "items[" + std::to_string(i) + "]";
    if (item.kind == "storage.pressure") {
      VL_TRY(const auto pressure,
             json::read<node::StoragePressureItem>(item.body, json::Unknown::ignore));
      core.journal.submit(node::note_pressure(id.value, pressure), [](auto) {});
    } else if (item.kind == "storage.state") {
      auto storage = json::read<node::StorageStateItem>(item.body, json::Unknown::ignore);
      if (!storage || storage->disks.size() > 64)
        return fail(RouteError::bad_parameter, at + ".body: no state of at most 64 disks", at);
      core.nodes.note_storage(id.value, item.at_us, std::move(*storage));
    } else if (item.kind == "camera.picture") {
      VL_TRY(const auto body,
             json::read<node::CameraPictureItem>(item.body, json::Unknown::ignore));
      VL_TRY(const auto picture, json::read<fleet::Picture>(json::Value(bj::string(body.state))));
      pictures.push_back({{body.camera_id}, picture, item.at_us});
    } else if (item.kind == "camera.clock") {
      VL_TRY(const auto body, json::read<node::CameraClockItem>(item.body, json::Unknown::ignore));
      // Told again after a cut it says the same again.
      VL_CHECK(core.journal.execute(
          devices::note_clock({actor_of(caller), {}}, {body.camera_id}, body.offset_ms)));
    } else if (item.kind == "camera.health") {
      auto health = json::read<node::CameraHealthItem>(item.body, json::Unknown::ignore);
      if (!health)
        return fail(RouteError::bad_parameter, at + ".body: " + health.error().message, at);
      if (health->cameras.size() > 40)
        return fail(RouteError::too_many, at + ".cameras: at most 40 in an item", at);
      measured.emplace_back(item.at_us, std::move(*health));
    } else if (item.kind == "camera.online" || item.kind == "camera.offline" ||
               item.kind == "gap" || item.kind == "gap.filled") {
      auto report = report_of(item);
      if (!report)
        return fail(RouteError::bad_parameter, at + ".body: " + report.error().message, at);
      reports.push_back(std::move(*report));
    } else if (item.kind.starts_with("export.")) {
      if (auto taken = take_export_item(core, caller, item); !taken) {
        const auto category = taken.error().code.category;
        if (category == Category::forbidden || category == Category::not_found) {
          log::warn("nodes.report_refused", {{"node", id.value.text()}, {"kind", item.kind}});
          ++foreign;
          continue;
        }
        if (category != Category::invalid) return fail(taken.error());
        return fail(RouteError::bad_parameter, at + ": " + taken.error().message, at);
      }
    } else if (item.kind != "span") {
      return fail(RouteError::bad_parameter, at + ".kind: not one of this version", at + ".kind");
    }
  }
  VL_TRY(const auto receipt, core.journal.execute(cameras::take_reports(
                                 {actor_of(caller), batch.batch_id}, std::move(reports))));
  if (!pictures.empty())
    VL_CHECK(core.journal.execute(fleet::take_pictures(
        {actor_of(caller), key_for_pictures(batch.batch_id)}, std::move(pictures))));
  refused += foreign;
  if (!receipt.repeated && refused > 0) core.nodes.note_refused(id.value, refused);
  if (!receipt.repeated)
    for (const auto& [taken_at, health] : measured) core.health.take(health, taken_at);
  return answer(bj::object{{"accepted", receipt.repeated ? 0 : batch.items.size() - foreign},
                           {"refused", refused},
                           {"already_known", receipt.repeated}});
}

Result<http::Response> list(Core& core) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto nodes, node::nodes(*session, core.province));
  bj::array out;
  for (const auto& row : nodes) {
    const auto live =
        core.nodes.live(row.id).value_or(NodeLive{false, row.state_since_us, 0, 0, 0});
    bj::object one{{"id", row.id.text()},
                   {"kind", row.kind},
                   {"name", row.name},
                   {"version", row.version},
                   {"state", live.connected ? "connected" : "away"},
                   {"last_seen_us", live.last_seen.us},
                   {"clock_offset_us", live.clock_offset_us},
                   {"spooled", live.spooled},
                   {"refused", live.refused},
                   {"address", row.public_url}};
    if (const auto storage = core.nodes.storage(row.id)) {
      one["storage"] = json::value_of(storage->second);
      one["storage"].as_object()["at_us"] = storage->first.us;
    }
    out.push_back(std::move(one));
  }
  return answer(bj::object{{"nodes", std::move(out)}});
}

}  // namespace

void add_node_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, post, "/nodes/register",
      [&](const auto& r, const auto&) { return register_node(core, r); });
  add(router, post, "/nodes/{id}/batches",
      [&](const auto& r, const auto& c) { return take_batch(core, r, c); },
      {.body_limit_bytes = 1024 * 1024});
  add(router, get, "/nodes", [&](const auto&, const auto&) { return list(core); });
  router.add_websocket(
      "/api/v1/nodes/{id}/work",
      [&](const http::Request& request) -> http::WebSocketAccept {
        const auto* caller = std::any_cast<Caller>(&request.context);
        if (caller == nullptr || !caller->is_node ||
            request.parameter("id") != caller->person.text())
          return std::unexpected(http::error_response(
              Error(code_of(node::NodeError::wrong_token), "this token is another node's")));
        return core.nodes.work_channel(caller->person);
      },
      {.max_message_bytes = 512 * 1024});  // what discovery finds
}

}  // namespace vl::routes
