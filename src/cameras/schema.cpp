#include <algorithm>

#include <vonglau/cameras/player_address.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::cameras {
namespace {

using store::Value;

#define VL_CAMERA_COLUMNS                                                                 \
  "camera_id, code, name, lat, lon, unit_code, main_url, sub_url, state, state_since_us," \
  " state_cause, retention_days, credentials_item, version, replay_url"

CameraRow camera_of(const store::Row& row) {
  CameraRow c;
  c.id = row.id<CameraId>(0);
  c.code = row.text(1);
  c.name = row.text(2);
  c.lat = row.optional_real(3);
  c.lon = row.optional_real(4);
  c.unit_code = row.optional_text(5);
  c.main_url = row.text(6);
  c.sub_url = row.optional_text(7);
  c.state = row.text(8);
  c.state_since_us.us = row.integer(9);
  c.state_cause = row.optional_text(10);
  c.retention_days = row.integer(11);
  c.credentials_item = row.optional_uuid(12);
  c.version = row.integer(13);
  c.main_url_set = !c.main_url.empty();
  c.replay_url = row.optional_text(14);
  c.sub_url_set = c.sub_url.has_value();
  c.replay_url_set = c.replay_url.has_value();
  c.recording = c.state == "online";
  return c;
}

Result<void> describe(const journal::Event& e, const CameraDescription& c, ProvinceId province,
                      store::Session& s) {
  return s.post(
      "INSERT INTO cameras (province_id, camera_id, code, name, lat, lon, unit_code, main_url,"
      " sub_url, credentials_item, retention_days, state, state_since_us, version, replay_url)"
      " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'unknown', $12, $13, $14)"
      " ON CONFLICT (province_id, camera_id) DO UPDATE SET code = excluded.code,"
      " name = excluded.name, lat = excluded.lat, lon = excluded.lon,"
      " unit_code = excluded.unit_code, main_url = excluded.main_url,"
      " sub_url = excluded.sub_url, credentials_item = excluded.credentials_item,"
      " retention_days = excluded.retention_days, version = excluded.version,"
      " replay_url = excluded.replay_url",
      {province, e.stream.id, c.code, c.name, c.point ? Value(c.point->lat) : Value(),
       c.point ? Value(c.point->lon) : Value(), c.unit_code, c.main_url, c.sub_url,
       c.credentials ? Value(c.credentials->item) : Value(), c.retention_days, e.wall,
       e.stream_version, c.replay_url});
}

Result<void> set_state(const journal::Event& e, ProvinceId province, store::Session& s,
                       const char* state, Value cause, WallTime since) {
  return s.post(
      "UPDATE cameras SET state = $3, state_cause = $4, state_since_us = $5,"
      " version = $6 WHERE province_id = $1 AND camera_id = $2",
      {province, e.stream.id, state, cause, since, e.stream_version});
}

}  // namespace

store::MigrationSet migrations() {
  return {"cameras",
          {{1, "cameras", R"(
CREATE TABLE cameras (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  code {text} NOT NULL,
  name {text} NOT NULL,
  lat {real},
  lon {real},
  unit_code {text},
  main_url {text} NOT NULL,
  sub_url {text},
  credentials_item {bytes},
  retention_days {integer} NOT NULL,
  state {text} NOT NULL,
  state_since_us {integer} NOT NULL,
  state_cause {text},
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, camera_id)
){strict};
CREATE UNIQUE INDEX cameras_by_code ON cameras (province_id, code);

CREATE TABLE camera_gaps (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  media_stream {text} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  cause {text} NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
){strict};
)",
            "", ""},
           {2, "own_storage", R"(
ALTER TABLE cameras ADD COLUMN replay_url {text};

CREATE TABLE camera_fills (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  media_stream {text} NOT NULL,
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  fetched_us {integer} NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
){strict};
)",
            "", ""},
           {3, "player_addresses", R"(
CREATE TABLE player_addresses (
  province_id {integer} NOT NULL,
  address_id {bytes} NOT NULL,
  camera_id {bytes} NOT NULL,
  person_id {bytes} NOT NULL,
  shows {text} NOT NULL,
  from_us {integer},
  to_us {integer},
  given_us {integer} NOT NULL,
  expires_us {integer} NOT NULL,
  ended_us {integer},
  PRIMARY KEY (province_id, address_id)
){strict};
CREATE INDEX player_addresses_by_expiry ON player_addresses (province_id, expires_us);
CREATE INDEX player_addresses_by_camera ON player_addresses (province_id, camera_id);
)",
            "", ""}}};
}

Result<void> CameraTables::apply(const journal::Event& e, ProvinceId province, store::Session& s) {
  VL_CHECK(apply_to_addresses(e, province, s));
  if (e.stream.kind != Camera::kStream) return {};
  Result<void> done;
  using journal::when;
  const auto word = [](auto value) { return boost::describe::enum_to_string(value, "?"); };
  when<CameraRegistered>(e, [&](const auto& r) { done = describe(e, r.camera, province, s); }) ||
      when<CameraChanged>(e, [&](const auto& c) { done = describe(e, c.camera, province, s); }) ||
      when<CameraDisabled>(
          e, [&](const auto&) { done = set_state(e, province, s, "disabled", {}, e.wall); }) ||
      when<CameraEnabled>(
          e, [&](const auto&) { done = set_state(e, province, s, "unknown", {}, e.wall); }) ||
      when<CameraWentOnline>(
          e, [&](const auto& o) { done = set_state(e, province, s, "online", {}, o.at_us); }) ||
      when<CameraWentOffline>(e,
                              [&](const auto& o) {
                                done = set_state(e, province, s, "offline", word(o.cause), o.at_us);
                              }) ||
      when<GapRecorded>(
          e,
          [&](const GapRecorded& g) {
            done = s.post(
                "INSERT INTO camera_gaps (province_id, camera_id, media_stream, start_us, end_us,"
                " cause) VALUES ($1, $2, $3, $4, $5, $6)"
                " ON CONFLICT (province_id, camera_id, media_stream, start_us) DO UPDATE SET"
                " end_us = excluded.end_us, cause = excluded.cause",
                {province, e.stream.id, g.media_stream, g.start_us, g.end_us, word(g.cause)});
          }) ||
      when<GapFilled>(e, [&](const GapFilled& f) {
        done = s.post(
            "INSERT INTO camera_fills (province_id, camera_id, media_stream, start_us, end_us,"
            " fetched_us) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (province_id, camera_id, media_stream, start_us) DO UPDATE SET"
            " end_us = excluded.end_us, fetched_us = excluded.fetched_us",
            {province, e.stream.id, f.media_stream, f.start_us, f.end_us, f.fetched_us});
      });
  return done;
}

Result<std::vector<CameraRow>> cameras(store::Session& session, ProvinceId province) {
  std::vector<CameraRow> out;
  VL_CHECK(session.query("SELECT " VL_CAMERA_COLUMNS " FROM cameras WHERE province_id = $1"
                         " ORDER BY code",
                         {province}, [&](const store::Row& row) {
                           out.push_back(camera_of(row));
                           return true;
                         }));
  return out;
}

Result<std::vector<GapRow>> gaps(store::Session& session, ProvinceId province, CameraId id,
                                 WallTime from, std::int64_t limit) {
  std::vector<GapRow> out;
  VL_CHECK(session.query(
      "SELECT start_us, end_us, cause FROM camera_gaps WHERE province_id = $1"
      " AND camera_id = $2 AND media_stream = 'main' AND end_us > $3"
      " ORDER BY start_us DESC LIMIT $4",
      {province, id, from, limit}, [&](const store::Row& row) {
        out.push_back({"main", {row.integer(0)}, {row.integer(1)}, std::string(row.text(2)), 0});
        return true;
      }));
  if (out.empty()) return out;
  VL_CHECK(session.query(
      "SELECT start_us, end_us FROM camera_fills WHERE province_id = $1 AND camera_id = $2"
      " AND media_stream = 'main' AND end_us > $3",
      {province, id, out.back().start_us}, [&](const store::Row& row) {
        for (auto& gap : out) {
          const auto from_us = std::max(gap.start_us.us, row.integer(0));
          const auto to_us = std::min(gap.end_us.us, row.integer(1));
          gap.filled_us += std::max<std::int64_t>(to_us - from_us, 0);
        }
        return true;
      }));
  return out;
}

Result<CameraRow> camera(store::Session& session, ProvinceId province, CameraId id) {
  std::optional<CameraRow> out;
  VL_CHECK(session.query("SELECT " VL_CAMERA_COLUMNS " FROM cameras WHERE province_id = $1 AND"
                         " camera_id = $2",
                         {province, id}, [&](const store::Row& row) {
                           out = camera_of(row);
                           return false;
                         }));
  if (!out) return fail(CameraError::not_found, "there is no such camera", "id");
  return *out;
}

}  // namespace vl::cameras
