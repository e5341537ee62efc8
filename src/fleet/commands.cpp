#include <algorithm>
#include <set>

#include <boost/describe/enum_from_string.hpp>
#include <fmt/format.h>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

Result<void> code_is_free(Decision& d, const std::string& code, AssetId mine) {
  VL_TRY(const auto taken,
         d.tables().query_integer("SELECT count(*) FROM fleet_assets WHERE province_id = $1 AND"
                                  " code = $2 AND asset_id <> $3 AND retired = 0",
                                  {d.province(), code, mine}));
  if (taken.value_or(0) > 0)
    return fail(FleetError::bad_code, "another asset has this code", "code");
  return {};
}

/// The topology as it would be with this asset in it.
Result<void> fits(Decision& d, AssetId id, const AssetDescription& asset) {
  VL_TRY(const auto now, topology(d.tables(), d.province()));
  std::vector<Topology::Node> nodes;
  for (std::size_t i = 0; i < now.size(); ++i)
    if (now.node(i).id != id) nodes.push_back(now.node(i));
  nodes.push_back({id, asset.kind, asset.hangs_on, asset.code});
  VL_TRY(const auto next, Topology::make(std::move(nodes)));
  static_cast<void>(next);
  return {};
}

Result<const Asset*> known_asset(Decision& d, AssetId id) {
  VL_TRY(const auto* asset, d.state<Asset>(id.value));
  if (!asset->exists) return fail(FleetError::not_found, "there is no such asset", "id");
  return asset;
}

Result<void> link(Decision& d, CameraId camera, const std::vector<AssetId>& hangs_on) {
  return d.record(draft_of(CameraLinks::kStream, camera.value, CameraLinked{hangs_on}));
}

}  // namespace

Command register_asset(Request request, AssetId id, AssetDescription asset) {
  return {request.actor, "fleet.register", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(asset));
            VL_CHECK(code_is_free(d, asset.code, id));
            VL_CHECK(fits(d, id, asset));
            VL_CHECK(d.record(draft_of(Asset::kStream, id.value, AssetRegistered{asset})));
            return id.text();
          }};
}

Command change_asset(Request request, AssetId id, AssetDescription asset) {
  return {request.actor, "fleet.change", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(asset));
            VL_TRY(const auto* known, known_asset(d, id));
            if (known->description == asset)
              return fail(FleetError::no_change, "the asset is described so already");
            VL_CHECK(code_is_free(d, asset.code, id));
            VL_CHECK(fits(d, id, asset));
            VL_CHECK(d.record(draft_of(Asset::kStream, id.value, AssetChanged{asset})));
            return id.text();
          }};
}

Command retire_asset(Request request, AssetId id) {
  return {
      request.actor, "fleet.retire", request.idempotency_key,
      [=](Decision& d) -> Result<std::string> {
        VL_CHECK(known_asset(d, id));
        VL_TRY(const auto below, d.tables().query_integer("SELECT count(*) FROM fleet_links WHERE"
                                                          " province_id = $1 AND asset_id = $2",
                                                          {d.province(), id}));
        if (below.value_or(0) > 0)
          return fail(
              FleetError::in_use,
              fmt::format("{} cameras or assets hang on it: move them first", below.value_or(0)));
        VL_CHECK(d.record(draft_of(Asset::kStream, id.value, AssetRetired{})));
        return id.text();
      }};
}

Command link_camera(Request request, CameraId camera, std::vector<AssetId> hangs_on) {
  return {request.actor, "fleet.link_camera", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(cameras::camera(d.tables(), d.province(), camera));
            if (hangs_on.size() > most_links)
              return fail(FleetError::bad_link, "a camera hangs on at most 16 assets", "hangs_on");
            for (std::size_t i = 0; i < hangs_on.size(); ++i) {
              const auto known = known_asset(d, hangs_on[i]);
              if (!known)
                return fail(FleetError::bad_link, known.error().message,
                            fmt::format("hangs_on[{}]", i));
            }
            VL_TRY(const auto* before, d.state<CameraLinks>(camera.value));
            if (before->hangs_on == hangs_on)
              return fail(FleetError::no_change, "the camera hangs on these already");
            VL_CHECK(link(d, camera, hangs_on));
            return camera.text();
          }};
}

Command take_pictures(Request request, std::vector<PictureReport> reports) {
  return {request.actor, "fleet.take_pictures", request.idempotency_key,
          [reports = std::move(reports)](Decision& d) -> Result<std::string> {
            for (const auto& report : reports) {
              if (!cameras::camera(d.tables(), d.province(), report.camera)) continue;
              VL_TRY(const auto* known, d.state<CameraPicture>(report.camera.value));
              if (known->picture.value_or(Picture::good) == report.picture) continue;
              VL_CHECK(d.record(draft_of(CameraPicture::kStream, report.camera.value,
                                         PictureChanged{report.picture, report.at})));
            }
            return "";
          }};
}

Command plan_work(Request request, Uuid id, WorkPlanned work) {
  return {request.actor, "fleet.plan_work", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(work, d.now()));
            if (work.asset_id) VL_CHECK(known_asset(d, *work.asset_id));
            if (work.camera_id)
              VL_CHECK(cameras::camera(d.tables(), d.province(), *work.camera_id));
            VL_CHECK(d.record(draft_of(PlannedWork::kStream, id, work)));
            return id.text();
          }};
}

Command end_work(Request request, Uuid id) {
  return {request.actor, "fleet.end_work", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* work, d.state<PlannedWork>(id));
            if (!work->exists) return fail(FleetError::not_found, "there is no such work", "id");
            if (work->ended || work->plan.end_us <= d.now())
              return fail(FleetError::no_change, "the work is over already");
            VL_CHECK(d.record(draft_of(PlannedWork::kStream, id, WorkEnded{})));
            return id.text();
          }};
}

}  // namespace vl::fleet
