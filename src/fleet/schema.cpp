#include <boost/describe/enum_to_string.hpp>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/fleet/contribution.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {
namespace {

using journal::Event;
using journal::when;
using store::Session;
using store::Value;

template <class E>
std::string word(E e) {
  return boost::describe::enum_to_string(e, "?");
}

Result<void> write_links(Session& s, ProvinceId province, const Uuid& subject, bool of_camera,
                         const std::vector<AssetId>& hangs_on) {
  VL_CHECK(s.post("DELETE FROM fleet_links WHERE province_id = $1 AND subject_id = $2",
                  {province, subject}));
  std::int64_t place = 0;
  for (const auto& asset : hangs_on)
    VL_CHECK(
        s.post("INSERT INTO fleet_links (province_id, subject_id, place, asset_id, of_camera)"
               " VALUES ($1, $2, $3, $4, $5)",
               {province, subject, place++, asset, of_camera ? 1 : 0}));
  return {};
}

Result<void> write_asset(const Event& e, const AssetDescription& a, ProvinceId province,
                         Session& s) {
  VL_CHECK(s.post(
      "INSERT INTO fleet_assets (province_id, asset_id, kind, code, name, service_level, retired,"
      " version) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)"
      " ON CONFLICT (province_id, asset_id) DO UPDATE SET kind = excluded.kind,"
      " code = excluded.code, name = excluded.name, service_level = excluded.service_level,"
      " version = excluded.version",
      {province, e.stream.id, word(a.kind), a.code, a.name, a.service_level, e.stream_version}));
  return write_links(s, province, e.stream.id, false, a.hangs_on);
}

Result<void> apply_asset(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<AssetRegistered>(e, [&](const auto& r) { done = write_asset(e, r.asset, province, s); }) ||
      when<AssetChanged>(e, [&](const auto& c) { done = write_asset(e, c.asset, province, s); }) ||
      when<AssetRetired>(e, [&](const auto&) {
        done = s.post(
            "UPDATE fleet_assets SET retired = 1, version = $3 WHERE province_id = $1 AND"
            " asset_id = $2",
            {province, e.stream.id, e.stream_version});
        if (done) done = write_links(s, province, e.stream.id, false, {});
      });
  return done;
}

Result<void> apply_work(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<WorkPlanned>(e,
                    [&](const WorkPlanned& w) {
                      done = s.post(
                          "INSERT INTO fleet_work (province_id, work_id, asset_id, camera_id,"
                          " start_us, end_us, kind, planned_by) VALUES ($1, $2, $3, $4, $5, $6,"
                          " $7, $8)",
                          {province, e.stream.id, w.asset_id, w.camera_id, w.start_us, w.end_us,
                           word(w.kind), e.actor.id});
                    }) ||
      when<WorkEnded>(e, [&](const WorkEnded&) {
        // What has passed stays planned; work that had not begun is nothing.
        done = s.post(
            "UPDATE fleet_work SET end_us = CASE WHEN start_us > $3 THEN start_us"
            " WHEN end_us > $3 THEN $3 ELSE end_us END WHERE province_id = $1 AND work_id = $2",
            {province, e.stream.id, e.wall});
      });
  return done;
}

Result<void> join(const Event& e, const std::vector<CameraId>& cameras, ProvinceId province,
                  Session& s) {
  for (const auto& camera : cameras)
    VL_CHECK(
        s.post("INSERT INTO fleet_alarm_cameras (province_id, alarm_id, camera_id, joined_sequence,"
               " joined_us) VALUES ($1, $2, $3, $4, $5)",
               {province, e.stream.id, camera, e.sequence, e.wall}));
  return {};
}

Result<void> apply_alarm(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<AlarmOpened>(e,
                    [&](const AlarmOpened& o) {
                      done = s.post(
                          "INSERT INTO fleet_alarms (province_id, alarm_id, claim, cause_id,"
                          " opened_us, since_us, chance, cameras, most_cameras) VALUES ($1, $2,"
                          " $3, $4, $5, $6, $7, $8, $8)",
                          {province, e.stream.id, word(o.claim), o.cause_id, e.wall, o.since_us,
                           o.chance, static_cast<std::int64_t>(o.cameras.size())});
                      if (done) done = join(e, o.cameras, province, s);
                    }) ||
      when<AlarmChanged>(
          e,
          [&](const AlarmChanged& c) {
            const auto more = static_cast<std::int64_t>(c.joined.size()) -
                              static_cast<std::int64_t>(c.left.size());
            done = s.post(
                "UPDATE fleet_alarms SET claim = $3, since_us = $4,"
                " recovering_since_us = $5, cameras = cameras + $6, most_cameras ="
                " CASE WHEN cameras + $6 > most_cameras THEN cameras + $6 ELSE"
                " most_cameras END WHERE province_id = $1 AND alarm_id = $2",
                {province, e.stream.id, word(c.claim), c.since_us, c.recovering_since_us, more});
            for (const auto& camera : c.left)
              if (done)
                done = s.post(
                    "UPDATE fleet_alarm_cameras SET left_us = $4 WHERE"
                    " province_id = $1 AND alarm_id = $2 AND camera_id = $3 AND"
                    " left_us IS NULL",
                    {province, e.stream.id, camera, e.wall});
            if (done) done = join(e, c.joined, province, s);
          }) ||
      when<AlarmClosed>(e, [&](const AlarmClosed& c) {
        done = s.post(
            "UPDATE fleet_alarms SET closed_us = $3, how = $4, cameras = 0 WHERE"
            " province_id = $1 AND alarm_id = $2",
            {province, e.stream.id, e.wall, word(c.how)});
        if (done)
          done = s.post(
              "UPDATE fleet_alarm_cameras SET left_us = $3 WHERE province_id = $1 AND"
              " alarm_id = $2 AND left_us IS NULL",
              {province, e.stream.id, e.wall});
      });
  return done;
}

Result<void> note_state(const Event& e, ProvinceId province, Session& s, Heard state, WallTime at) {
  return s.post(
      "INSERT INTO fleet_camera_states (province_id, camera_id, sequence, at_us, told_us, state)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      {province, e.stream.id, e.sequence, at, e.wall,
       state == Heard::up     ? "up"
       : state == Heard::down ? "down"
                              : "unknown"});
}

Result<void> apply_camera(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  using namespace cameras;
  when<CameraWentOnline>(
      e, [&](const auto& o) { done = note_state(e, province, s, Heard::up, o.at_us); }) ||
      when<CameraWentOffline>(e,
                              [&](const auto& o) {
                                const auto heard = o.cause == GapCause::recorder_down ||
                                                           o.cause == GapCause::disabled
                                                       ? Heard::unknown
                                                       : Heard::down;
                                done = note_state(e, province, s, heard, o.at_us);
                              }) ||
      when<CameraDisabled>(
          e, [&](const auto&) { done = note_state(e, province, s, Heard::unknown, e.wall); }) ||
      when<CameraEnabled>(
          e, [&](const auto&) { done = note_state(e, province, s, Heard::unknown, e.wall); });
  return done;
}

}  // namespace

store::MigrationSet migrations() {
  return {"fleet",
          {{1, "fleet", R"(
CREATE TABLE fleet_assets (
  province_id {integer} NOT NULL,
  asset_id {bytes} NOT NULL,
  kind {text} NOT NULL,
  code {text} NOT NULL,
  name {text} NOT NULL,
  service_level {integer},
  retired {integer} NOT NULL,
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, asset_id)
){strict};
CREATE INDEX fleet_assets_by_code ON fleet_assets (province_id, code);

CREATE TABLE fleet_links (
  province_id {integer} NOT NULL,
  subject_id {bytes} NOT NULL,
  place {integer} NOT NULL,
  asset_id {bytes} NOT NULL,
  of_camera {integer} NOT NULL,
  PRIMARY KEY (province_id, subject_id, place)
){strict};
CREATE INDEX fleet_links_by_asset ON fleet_links (province_id, asset_id);

CREATE TABLE fleet_work (
  province_id {integer} NOT NULL,
  work_id {bytes} NOT NULL,
  asset_id {bytes},
  camera_id {bytes},
  start_us {integer} NOT NULL,
  end_us {integer} NOT NULL,
  kind {text} NOT NULL,
  planned_by {bytes} NOT NULL,
  PRIMARY KEY (province_id, work_id)
){strict};
CREATE INDEX fleet_work_by_end ON fleet_work (province_id, end_us);

CREATE TABLE fleet_alarms (
  province_id {integer} NOT NULL,
  alarm_id {bytes} NOT NULL,
  claim {text} NOT NULL,
  cause_id {bytes},
  opened_us {integer} NOT NULL,
  since_us {integer} NOT NULL,
  recovering_since_us {integer},
  chance {real} NOT NULL,
  cameras {integer} NOT NULL,
  most_cameras {integer} NOT NULL,
  closed_us {integer},
  how {text},
  PRIMARY KEY (province_id, alarm_id)
){strict};
CREATE INDEX fleet_alarms_by_close ON fleet_alarms (province_id, closed_us);

CREATE TABLE fleet_alarm_cameras (
  province_id {integer} NOT NULL,
  alarm_id {bytes} NOT NULL,
  camera_id {bytes} NOT NULL,
  joined_sequence {integer} NOT NULL,
  joined_us {integer} NOT NULL,
  left_us {integer},
  PRIMARY KEY (province_id, alarm_id, camera_id, joined_sequence)
){strict};

CREATE TABLE fleet_camera_states (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  sequence {integer} NOT NULL,
  at_us {integer} NOT NULL,
  told_us {integer} NOT NULL,
  state {text} NOT NULL,
  PRIMARY KEY (province_id, camera_id, sequence)
){strict};
)",
            "", ""},
           {2, "camera_pictures", R"(
CREATE TABLE fleet_pictures (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  picture {text} NOT NULL,
  since_us {integer} NOT NULL,
  PRIMARY KEY (province_id, camera_id)
){strict};
)",
            "", ""},
           {3, "contributions", R"(
CREATE TABLE contributions (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  consent {text} NOT NULL,
  owner_kind {text} NOT NULL,
  declared_us {integer} NOT NULL,
  expires_us {integer} NOT NULL,
  withdrawn {integer} NOT NULL,
  owner_item {bytes},
  PRIMARY KEY (province_id, camera_id)
){strict};

CREATE TABLE contribution_requests (
  province_id {integer} NOT NULL,
  request_id {bytes} NOT NULL,
  camera_id {bytes} NOT NULL,
  person_id {bytes} NOT NULL,
  reason {text} NOT NULL,
  incident_id {bytes},
  hours {integer} NOT NULL,
  asked_us {integer} NOT NULL,
  granted {integer},
  until_us {integer},
  PRIMARY KEY (province_id, request_id)
){strict};
CREATE INDEX contribution_requests_by_camera ON contribution_requests (province_id, camera_id);

CREATE TABLE contribution_views (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  sequence {integer} NOT NULL,
  at_us {integer} NOT NULL,
  person_id {bytes} NOT NULL,
  kind {text} NOT NULL,
  reason {text} NOT NULL,
  request_id {bytes},
  incident_id {bytes},
  PRIMARY KEY (province_id, camera_id, sequence)
){strict};

CREATE TABLE contribution_links (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  hash {bytes} NOT NULL,
  PRIMARY KEY (province_id, camera_id)
){strict};
CREATE UNIQUE INDEX contribution_links_by_hash ON contribution_links (province_id, hash);
)",
            "", ""},
           {4, "alarms_by_camera", R"(
CREATE INDEX fleet_alarm_cameras_by_camera ON fleet_alarm_cameras
  (province_id, camera_id, joined_us);
)",
            "", ""}}};
}

namespace {

Result<void> apply_contribution(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<ContributionDeclared>(
      e,
      [&](const ContributionDeclared& c) {
        done = s.post(
            "INSERT INTO contributions (province_id, camera_id, consent, owner_kind, declared_us,"
            " expires_us, withdrawn, owner_item) VALUES ($1, $2, $3, $4, $5, $6, 0, $7)"
            " ON CONFLICT (province_id, camera_id) DO UPDATE SET consent = excluded.consent,"
            " owner_kind = excluded.owner_kind, declared_us = excluded.declared_us,"
            " expires_us = excluded.expires_us, withdrawn = 0, owner_item = excluded.owner_item",
            {province, e.stream.id, word(c.consent), word(c.owner_kind), e.wall, c.expires_us,
             c.owner ? Value(c.owner->item) : Value()});
      }) ||
      when<ContributionWithdrawn>(
          e,
          [&](const auto&) {
            done = s.post(
                "UPDATE contributions SET withdrawn = 1 WHERE province_id = $1 AND camera_id = $2",
                {province, e.stream.id});
          }) ||
      when<ViewRequested>(
          e,
          [&](const ViewRequested& r) {
            done = s.post(
                "INSERT INTO contribution_requests (province_id, request_id, camera_id, person_id,"
                " reason, incident_id, hours, asked_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                {province, r.request_id, e.stream.id, e.actor.id, word(r.reason), r.incident_id,
                 r.hours, e.wall});
          }) ||
      when<ViewDecided>(e,
                        [&](const ViewDecided& v) {
                          done = s.post(
                              "UPDATE contribution_requests SET granted = $3, until_us = $4 WHERE"
                              " province_id = $1 AND request_id = $2",
                              {province, v.request_id, v.granted ? 1 : 0, v.until_us});
                        }) ||
      when<ContributionViewed>(e, [&](const ContributionViewed& v) {
        done = s.post(
            "INSERT INTO contribution_views (province_id, camera_id, sequence, at_us, person_id,"
            " kind, reason, request_id, incident_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            {province, e.stream.id, e.sequence, e.wall, e.actor.id, word(v.kind), word(v.reason),
             v.request_id, v.incident_id});
      });
  return done;
}

}  // namespace

Result<void> FleetTables::apply(const Event& e, ProvinceId province, Session& s) {
  const auto& kind = e.stream.kind;
  if (kind == "camera") return apply_camera(e, province, s);
  if (kind == Asset::kStream) return apply_asset(e, province, s);
  if (kind == alarm_stream) return apply_alarm(e, province, s);
  if (kind == Contribution::kStream) return apply_contribution(e, province, s);
  if (kind == PlannedWork::kStream) return apply_work(e, province, s);
  Result<void> done;
  if (kind == CameraPicture::kStream)
    when<PictureChanged>(e, [&](const PictureChanged& p) {
      done = s.post(
          "INSERT INTO fleet_pictures (province_id, camera_id, picture, since_us) VALUES ($1, $2,"
          " $3, $4) ON CONFLICT (province_id, camera_id) DO UPDATE SET picture = excluded.picture,"
          " since_us = excluded.since_us",
          {province, e.stream.id, word(p.picture), p.at_us});
    });
  if (kind == CameraLinks::kStream)
    when<CameraLinked>(e, [&](const CameraLinked& c) {
      done = write_links(s, province, e.stream.id, true, c.hangs_on);
    });
  return done;
}

}  // namespace vl::fleet
