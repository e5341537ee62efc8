// The tables of the fleet, the projection that fills them, and queries. A site that takes this
// room over an older journal runs `vonglau journal rebuild` once, for the changes of state since
// its first camera.
#pragma once

#include <map>
#include <vector>

#include <vonglau/fleet/alarm.hpp>
#include <vonglau/fleet/uptime.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::fleet {

store::MigrationSet migrations();

class FleetTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"fleet_assets",        "fleet_links",        "fleet_work",    "fleet_alarms",
            "fleet_alarm_cameras", "fleet_pictures",     "contributions", "contribution_requests",
            "contribution_views",  "fleet_camera_states"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct AssetRow {
  AssetId id;
  std::string kind, code, name;
  std::vector<AssetId> hangs_on;
  std::optional<std::int64_t> service_level;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(AssetRow, (), (id, kind, code, name, hangs_on, service_level, version))

/// Those in use, by code.
Result<std::vector<AssetRow>> assets(store::Session& session, ProvinceId province);
Result<AssetRow> asset(store::Session& session, ProvinceId province, AssetId id);
Result<Topology> topology(store::Session& session, ProvinceId province);
/// What each camera hangs on.
using LinksOfCameras = std::map<CameraId, std::vector<AssetId>>;
Result<LinksOfCameras> camera_links(store::Session& session, ProvinceId province);

struct WorkRow {
  Uuid id;
  std::optional<AssetId> asset_id;
  std::optional<CameraId> camera_id;
  WallTime start_us;
  WallTime end_us;
  std::string kind;
  Uuid planned_by;
};
BOOST_DESCRIBE_STRUCT(WorkRow, (), (id, asset_id, camera_id, start_us, end_us, kind, planned_by))
/// Of work that touches the span, by start.
Result<std::vector<WorkRow>> planned_work(store::Session& session, ProvinceId province,
                                          TimeSpan span);

struct AlarmRow {
  AlarmId id;
  std::string claim;
  std::optional<Uuid> cause_id;
  WallTime opened_us;
  WallTime since_us;
  std::optional<WallTime> recovering_since_us;
  double chance = 0;
  std::optional<WallTime> closed_us;
  std::optional<std::string> how;
  std::int64_t most_cameras = 0;  // that were under it at once
  std::vector<CameraId> cameras;  // now
};
BOOST_DESCRIBE_STRUCT(AlarmRow, (),
                      (id, claim, cause_id, opened_us, since_us, recovering_since_us, chance,
                       closed_us, how, most_cameras, cameras))
/// Open ones, oldest first.
Result<std::vector<AlarmRow>> open_alarms(store::Session& session, ProvinceId province);
/// Closed ones, the latest first; without their cameras.
Result<std::vector<AlarmRow>> closed_alarms(store::Session& session, ProvinceId province,
                                            std::int64_t limit);

/// When a camera was under an alarm.
struct CameraAlarmRow {
  AlarmId id;
  std::string claim;
  WallTime since_us;
  std::optional<WallTime> until_us;
};
BOOST_DESCRIBE_STRUCT(CameraAlarmRow, (), (id, claim, since_us, until_us))
/// Those that touch these moments, the latest first.
Result<std::vector<CameraAlarmRow>> alarms_of(store::Session& session, ProvinceId province,
                                              CameraId camera, std::int64_t from_us,
                                              std::int64_t to_us, std::int64_t limit);

struct PictureRow {
  CameraId camera_id;
  std::string picture;
  WallTime since_us;
};
BOOST_DESCRIBE_STRUCT(PictureRow, (), (camera_id, picture, since_us))
/// Of cameras that do not see as they should.
Result<std::vector<PictureRow>> bad_pictures(store::Session& session, ProvinceId province);

/// Changes of state of all cameras that matter for the span, as known at `as_of`.
using ChangesOfCameras = std::map<CameraId, std::vector<StateChange>>;
Result<ChangesOfCameras> state_changes(store::Session& session, ProvinceId province, TimeSpan span,
                                       std::optional<WallTime> as_of);

}  // namespace vl::fleet
