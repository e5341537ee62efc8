#include <algorithm>

#include <boost/describe/enum_from_string.hpp>

#include <vonglau/fleet/schema.hpp>

namespace vl::fleet {
namespace {

using store::Row;
using store::Session;

std::optional<WallTime> optional_time(const Row& row, int column) {
  const auto us = row.optional_integer(column);
  if (!us) return std::nullopt;
  return WallTime{*us};
}

template <class Id>
std::optional<Id> optional_id(const Row& row, int column) {
  const auto id = row.optional_uuid(column);
  if (!id) return std::nullopt;
  return Id{*id};
}

Result<std::map<Uuid, std::vector<AssetId>>> links(Session& session, ProvinceId province,
                                                   bool of_cameras) {
  std::map<Uuid, std::vector<AssetId>> out;
  VL_CHECK(
      session.query("SELECT subject_id, asset_id FROM fleet_links WHERE province_id = $1 AND"
                    " of_camera = $2 ORDER BY subject_id, place",
                    {province, of_cameras ? 1 : 0}, [&](const Row& row) {
                      out[row.uuid(0)].push_back(row.id<AssetId>(1));
                      return true;
                    }));
  return out;
}

#define VL_ALARM_COLUMNS                                                                    \
  "alarm_id, claim, cause_id, opened_us, since_us, recovering_since_us, chance, closed_us," \
  " how, most_cameras"

AlarmRow alarm_of(const Row& row) {
  AlarmRow out;
  out.id = row.id<AlarmId>(0);
  out.claim = row.text(1);
  out.cause_id = row.optional_uuid(2);
  out.opened_us.us = row.integer(3);
  out.since_us.us = row.integer(4);
  out.recovering_since_us = optional_time(row, 5);
  out.chance = row.real(6);
  out.closed_us = optional_time(row, 7);
  out.how = row.optional_text(8);
  out.most_cameras = row.integer(9);
  return out;
}

Heard heard_of(std::string_view word) {
  return word == "up" ? Heard::up : word == "down" ? Heard::down : Heard::unknown;
}

}  // namespace

Result<std::vector<AssetRow>> assets(Session& session, ProvinceId province) {
  VL_TRY(auto above, links(session, province, false));
  std::vector<AssetRow> out;
  VL_CHECK(
      session.query("SELECT asset_id, kind, code, name, service_level, version FROM"
                    " fleet_assets WHERE province_id = $1 AND retired = 0 ORDER BY code",
                    {province}, [&](const Row& row) {
                      AssetRow asset;
                      asset.id = row.id<AssetId>(0);
                      asset.kind = row.text(1);
                      asset.code = row.text(2);
                      asset.name = row.text(3);
                      asset.service_level = row.optional_integer(4);
                      asset.version = row.integer(5);
                      asset.hangs_on = std::move(above[asset.id.value]);
                      out.push_back(std::move(asset));
                      return true;
                    }));
  return out;
}

Result<AssetRow> asset(Session& session, ProvinceId province, AssetId id) {
  VL_TRY(auto all, assets(session, province));
  const auto found = std::ranges::find(all, id, &AssetRow::id);
  if (found == all.end()) return fail(FleetError::not_found, "there is no such asset", "id");
  return std::move(*found);
}

Result<Topology> topology(Session& session, ProvinceId province) {
  VL_TRY(auto rows, assets(session, province));
  std::vector<Topology::Node> nodes;
  for (auto& row : rows) {
    AssetKind kind{};
    boost::describe::enum_from_string(row.kind.c_str(), kind);
    nodes.push_back({row.id, kind, std::move(row.hangs_on), std::move(row.code)});
  }
  return Topology::make(std::move(nodes));
}

Result<LinksOfCameras> camera_links(Session& session, ProvinceId province) {
  VL_TRY(auto by_id, links(session, province, true));
  LinksOfCameras out;
  for (auto& [id, assets] : by_id) out[CameraId{id}] = std::move(assets);
  return out;
}

Result<std::vector<WorkRow>> planned_work(Session& session, ProvinceId province, TimeSpan span) {
  std::vector<WorkRow> out;
  VL_CHECK(session.query(
      "SELECT work_id, asset_id, camera_id, start_us, end_us, kind, planned_by FROM fleet_work"
      " WHERE province_id = $1 AND end_us > $2 AND start_us < $3 AND end_us > start_us"
      " ORDER BY start_us, work_id",
      {province, span.start, span.end}, [&](const Row& row) {
        out.push_back({row.uuid(0),
                       optional_id<AssetId>(row, 1),
                       optional_id<CameraId>(row, 2),
                       {row.integer(3)},
                       {row.integer(4)},
                       std::string(row.text(5)),
                       row.uuid(6)});
        return true;
      }));
  return out;
}

Result<std::vector<AlarmRow>> open_alarms(Session& session, ProvinceId province) {
  std::vector<AlarmRow> out;
  VL_CHECK(session.query("SELECT " VL_ALARM_COLUMNS " FROM fleet_alarms WHERE province_id = $1"
                         " AND closed_us IS NULL ORDER BY since_us, alarm_id",
                         {province}, [&](const Row& row) {
                           out.push_back(alarm_of(row));
                           return true;
                         }));
  std::map<AlarmId, AlarmRow*> by_id;
  for (auto& alarm : out) by_id[alarm.id] = &alarm;
  VL_CHECK(session.query(
      "SELECT c.alarm_id, c.camera_id FROM fleet_alarm_cameras c JOIN fleet_alarms a ON"
      " a.province_id = c.province_id AND a.alarm_id = c.alarm_id WHERE a.province_id = $1 AND"
      " a.closed_us IS NULL AND c.left_us IS NULL ORDER BY c.camera_id",
      {province}, [&](const Row& row) {
        if (const auto found = by_id.find(row.id<AlarmId>(0)); found != by_id.end())
          found->second->cameras.push_back(row.id<CameraId>(1));
        return true;
      }));
  return out;
}

Result<std::vector<AlarmRow>> closed_alarms(Session& session, ProvinceId province,
                                            std::int64_t limit) {
  std::vector<AlarmRow> out;
  VL_CHECK(session.query("SELECT " VL_ALARM_COLUMNS " FROM fleet_alarms WHERE province_id = $1"
                         " AND closed_us IS NOT NULL ORDER BY closed_us DESC, alarm_id LIMIT $2",
                         {province, limit}, [&](const Row& row) {
                           out.push_back(alarm_of(row));
                           return true;
                         }));
  return out;
}

Result<std::vector<CameraAlarmRow>> alarms_of(Session& session, ProvinceId province,
                                              CameraId camera, std::int64_t from_us,
                                              std::int64_t to_us, std::int64_t limit) {
  std::vector<CameraAlarmRow> out;
  VL_CHECK(session.query(
      "SELECT c.alarm_id, a.claim, c.joined_us, c.left_us FROM fleet_alarm_cameras c"
      " JOIN fleet_alarms a ON a.province_id = c.province_id AND a.alarm_id = c.alarm_id"
      " WHERE c.province_id = $1 AND c.camera_id = $2 AND c.joined_us < $4 AND"
      " (c.left_us IS NULL OR c.left_us > $3) ORDER BY c.joined_us DESC LIMIT $5",
      {province, camera, from_us, to_us, limit}, [&](const Row& row) {
        CameraAlarmRow alarm{
            row.id<AlarmId>(0), std::string(row.text(1)), {row.integer(2)}, std::nullopt};
        if (const auto left = row.optional_integer(3)) alarm.until_us = WallTime{*left};
        out.push_back(std::move(alarm));
        return true;
      }));
  return out;
}

Result<std::vector<PictureRow>> bad_pictures(Session& session, ProvinceId province) {
  std::vector<PictureRow> out;
  VL_CHECK(session.query(
      "SELECT camera_id, picture, since_us FROM fleet_pictures WHERE"
      " province_id = $1 AND picture <> 'good' ORDER BY since_us, camera_id",
      {province}, [&](const Row& row) {
        out.push_back({row.id<CameraId>(0), std::string(row.text(1)), {row.integer(2)}});
        return true;
      }));
  return out;
}

Result<ChangesOfCameras> state_changes(Session& session, ProvinceId province, TimeSpan span,
                                       std::optional<WallTime> as_of) {
  const WallTime told = as_of.value_or(WallTime{INT64_MAX});
  ChangesOfCameras out;
  // How each camera's span begins: the newest that was before it.
  VL_CHECK(session.query(
      "SELECT s.camera_id, s.state FROM fleet_camera_states s JOIN (SELECT camera_id,"
      " max(sequence) AS newest FROM fleet_camera_states WHERE province_id = $1 AND at_us <= $2"
      " AND told_us <= $3 GROUP BY camera_id) b ON b.camera_id = s.camera_id AND"
      " b.newest = s.sequence WHERE s.province_id = $1",
      {province, span.start, told}, [&](const Row& row) {
        out[row.id<CameraId>(0)].push_back({span.start, heard_of(row.text(1))});
        return true;
      }));
  VL_CHECK(session.query(
      "SELECT camera_id, at_us, state FROM fleet_camera_states WHERE province_id = $1 AND"
      " at_us > $2 AND at_us < $3 AND told_us <= $4 ORDER BY camera_id, sequence",
      {province, span.start, span.end, told}, [&](const Row& row) {
        out[row.id<CameraId>(0)].push_back({{row.integer(1)}, heard_of(row.text(2))});
        return true;
      }));
  return out;
}

}  // namespace vl::fleet
