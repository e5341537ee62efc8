#include <boost/describe/enum_to_string.hpp>

#include <vonglau/devices/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::devices {
namespace {

using journal::Event;
using journal::when;
using store::Row;
using store::Session;

Result<void> apply_enrolled(const Event& e, const Enrolled& d, ProvinceId province, Session& s) {
  VL_CHECK(s.post(
      "INSERT INTO camera_devices (province_id, camera_id, address, enrolled, manufacturer, model,"
      " firmware, serial_number, profiles, ptz, own_storage, enrolled_us, clock_offset_ms, "
      "clock_set_us,"
      " password_replaced) VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
      " ON CONFLICT (province_id, camera_id) DO UPDATE SET address = excluded.address,"
      " enrolled = 1, manufacturer = excluded.manufacturer, model = excluded.model,"
      " firmware = excluded.firmware, serial_number = excluded.serial_number, profiles = "
      "excluded.profiles,"
      " ptz = excluded.ptz, own_storage = excluded.own_storage,"
      " enrolled_us = excluded.enrolled_us, clock_offset_ms = excluded.clock_offset_ms,"
      " clock_set_us = excluded.clock_set_us, password_replaced = excluded.password_replaced,"
      " begun_item = NULL, failure = NULL",
      {province, e.stream.id, d.address, d.manufacturer, d.model, d.firmware, d.serial,
       json::write(d.profiles), d.ptz ? 1 : 0, d.own_storage ? 1 : 0, e.wall, d.clock_offset_ms,
       d.clock_set ? std::optional<std::int64_t>(e.wall.us) : std::nullopt,
       d.password_replaced ? 1 : 0}));
  VL_CHECK(s.post("DELETE FROM camera_presets WHERE province_id = $1 AND camera_id = $2",
                  {province, e.stream.id}));
  std::int64_t place = 0;
  for (const auto& preset : d.presets)
    VL_CHECK(
        s.post("INSERT INTO camera_presets (province_id, camera_id, token, place, name)"
               " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (province_id, camera_id, token)"
               " DO NOTHING",
               {province, e.stream.id, preset.token, place++, preset.name}));
  return {};
}

Result<void> apply_enrolment(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<EnrolmentBegun>(
      e,
      [&](const EnrolmentBegun& b) {
        const auto item = b.credentials ? std::optional<Uuid>(b.credentials->item) : std::nullopt;
        done = s.post(
            "INSERT INTO camera_devices (province_id, camera_id, address, enrolled, manufacturer,"
            " model, firmware, serial_number, profiles, ptz, own_storage, password_replaced, "
            "begun_item)"
            " VALUES ($1, $2, $3, 0, '', '', '', '', '[]', 0, 0, 0, $4)"
            " ON CONFLICT (province_id, camera_id) DO UPDATE SET begun_item = excluded.begun_item,"
            " failure = NULL",
            {province, e.stream.id, b.address, item});
      }) ||
      when<EnrolmentFailed>(e,
                            [&](const EnrolmentFailed& f) {
                              done = s.post(
                                  "UPDATE camera_devices SET failure = $3, begun_item = CASE WHEN"
                                  " enrolled = 1 AND $4 = 1 THEN NULL ELSE begun_item END"
                                  " WHERE province_id = $1 AND camera_id = $2",
                                  {province, e.stream.id, f.why, f.password_replaced ? 1 : 0});
                            }) ||
      when<Enrolled>(e, [&](const Enrolled& d) { done = apply_enrolled(e, d, province, s); }) ||
      when<ClockSet>(e, [&](const ClockSet& c) {
        done = s.post(
            "UPDATE camera_devices SET clock_offset_ms = $3, clock_set_us = $4"
            " WHERE province_id = $1 AND camera_id = $2",
            {province, e.stream.id, c.offset_ms, e.wall});
      });
  return done;
}

Result<void> apply_control(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<ControlTaken>(
      e,
      [&](const ControlTaken& c) {
        done = s.post(
            "UPDATE camera_devices SET holder_id = $3, holder_priority = $4,"
            " holder_incident = $5, held_us = $6 WHERE province_id = $1 AND"
            " camera_id = $2",
            {province, e.stream.id, c.person_id,
             std::string(boost::describe::enum_to_string(c.priority, "?")), c.incident_id, e.wall});
      }) ||
      when<ControlReturned>(e, [&](const ControlReturned&) {
        done = s.post(
            "UPDATE camera_devices SET holder_id = NULL, holder_priority = NULL,"
            " holder_incident = NULL, held_us = NULL WHERE province_id = $1 AND"
            " camera_id = $2",
            {province, e.stream.id});
      });
  return done;
}

Result<void> apply_places(const Event& e, ProvinceId province, Session& s) {
  Result<void> done;
  when<PresetSaved>(e,
                    [&](const PresetSaved& p) {
                      done = s.post(
                          "INSERT INTO camera_presets (province_id, camera_id, token, place, name)"
                          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (province_id, camera_id, token)"
                          " DO UPDATE SET name = excluded.name",
                          {province, e.stream.id, p.preset.token, e.stream_version, p.preset.name});
                    }) ||
      when<PresetRemoved>(e,
                          [&](const PresetRemoved& p) {
                            done = s.post(
                                "DELETE FROM camera_presets WHERE province_id = $1 AND"
                                " camera_id = $2 AND token = $3",
                                {province, e.stream.id, p.token});
                          }) ||
      when<TourSaved>(
          e,
          [&](const TourSaved& t) {
            done = s.post(
                "INSERT INTO camera_tours (province_id, camera_id, tour_id, name, steps,"
                " running) VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (province_id,"
                " camera_id, tour_id) DO UPDATE SET name = excluded.name,"
                " steps = excluded.steps",
                {province, e.stream.id, t.tour_id, t.name, json::write(t.steps)});
          }) ||
      when<TourRemoved>(e,
                        [&](const TourRemoved& t) {
                          done = s.post(
                              "DELETE FROM camera_tours WHERE province_id = $1 AND"
                              " camera_id = $2 AND tour_id = $3",
                              {province, e.stream.id, t.tour_id});
                        }) ||
      when<TourStarted>(
          e,
          [&](const TourStarted& t) {
            done = s.post(
                "UPDATE camera_tours SET running = CASE WHEN tour_id = $3 THEN 1 ELSE 0"
                " END WHERE province_id = $1 AND camera_id = $2",
                {province, e.stream.id, t.tour_id});
          }) ||
      when<TourStopped>(e, [&](const TourStopped&) {
        done = s.post(
            "UPDATE camera_tours SET running = 0 WHERE province_id = $1 AND"
            " camera_id = $2",
            {province, e.stream.id});
      });
  return done;
}

#define VL_DEVICE_COLUMNS                                                                      \
  "camera_id, address, enrolled, manufacturer, model, firmware, serial_number, profiles, ptz," \
  " own_storage, enrolled_us, clock_offset_ms, clock_set_us, password_replaced, failure,"      \
  " holder_id, holder_priority, holder_incident, held_us, begun_item"

std::optional<WallTime> time_at(const Row& row, int column) {
  const auto us = row.optional_integer(column);
  return us ? std::optional(WallTime{*us}) : std::nullopt;
}

DeviceRow row_of(const Row& row) {
  DeviceRow out;
  out.camera_id = row.id<CameraId>(0);
  out.address = row.text(1);
  out.enrolled = row.integer(2) != 0;
  out.manufacturer = row.text(3);
  out.model = row.text(4);
  out.firmware = row.text(5);
  out.serial = row.text(6);
  if (auto profiles = json::read_text<std::vector<DeviceProfile>>(row.text(7)))
    out.profiles = std::move(*profiles);
  out.ptz = row.integer(8) != 0;
  out.own_storage = row.integer(9) != 0;
  out.enrolled_us = time_at(row, 10);
  out.clock_offset_ms = row.optional_integer(11);
  out.clock_set_us = time_at(row, 12);
  out.password_replaced = row.integer(13) != 0;
  if (const auto failure = row.optional_text(14)) out.failure = std::string(*failure);
  if (const auto holder = row.optional_uuid(15))
    out.holder = HolderRow{*holder,
                           std::string(row.text(16)),
                           row.optional_uuid(17),
                           {row.optional_integer(18).value_or(0)}};
  out.begun_item = row.optional_uuid(19);
  return out;
}

TourRow tour_of(const Row& row, int first) {
  TourRow out{row.uuid(first), std::string(row.text(first + 1)), {}, row.integer(first + 3) != 0};
  if (auto steps = json::read_text<std::vector<TourStep>>(row.text(first + 2)))
    out.steps = std::move(*steps);
  return out;
}

}  // namespace

store::MigrationSet migrations() {
  return {"devices", {{1, "devices", R"(
CREATE TABLE camera_devices (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  address {text} NOT NULL,
  enrolled {integer} NOT NULL,
  manufacturer {text} NOT NULL,
  model {text} NOT NULL,
  firmware {text} NOT NULL,
  serial_number {text} NOT NULL,
  profiles {text} NOT NULL,
  ptz {integer} NOT NULL,
  own_storage {integer} NOT NULL,
  enrolled_us {integer},
  clock_offset_ms {integer},
  clock_set_us {integer},
  password_replaced {integer} NOT NULL,
  failure {text},
  holder_id {bytes},
  holder_priority {text},
  holder_incident {bytes},
  held_us {integer},
  begun_item {bytes},
  PRIMARY KEY (province_id, camera_id)
){strict};

CREATE TABLE camera_presets (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  token {text} NOT NULL,
  place {integer} NOT NULL,
  name {text} NOT NULL,
  PRIMARY KEY (province_id, camera_id, token)
){strict};

CREATE TABLE camera_tours (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  tour_id {bytes} NOT NULL,
  name {text} NOT NULL,
  steps {text} NOT NULL,
  running {integer} NOT NULL,
  PRIMARY KEY (province_id, camera_id, tour_id)
){strict};
)"}}};
}

Result<void> DeviceTables::apply(const Event& event, ProvinceId province, Session& session) {
  if (event.stream.kind != CameraDevice::kStream) return {};
  VL_CHECK(apply_enrolment(event, province, session));
  VL_CHECK(apply_control(event, province, session));
  return apply_places(event, province, session);
}

Result<DeviceRow> device(Session& session, ProvinceId province, CameraId camera) {
  DeviceRow out;
  out.camera_id = camera;
  VL_CHECK(session.query("SELECT " VL_DEVICE_COLUMNS
                         " FROM camera_devices WHERE province_id = $1 AND camera_id = $2",
                         {province, camera}, [&](const Row& row) {
                           out = row_of(row);
                           return false;
                         }));
  VL_CHECK(
      session.query("SELECT token, name FROM camera_presets WHERE province_id = $1 AND"
                    " camera_id = $2 ORDER BY place, token",
                    {province, camera}, [&](const Row& row) {
                      out.presets.push_back({std::string(row.text(0)), std::string(row.text(1))});
                      return true;
                    }));
  VL_CHECK(
      session.query("SELECT tour_id, name, steps, running FROM camera_tours WHERE"
                    " province_id = $1 AND camera_id = $2 ORDER BY tour_id",
                    {province, camera}, [&](const Row& row) {
                      out.tours.push_back(tour_of(row, 0));
                      return true;
                    }));
  return out;
}

Result<std::vector<DeviceRow>> devices(Session& session, ProvinceId province) {
  std::vector<DeviceRow> out;
  VL_CHECK(session.query("SELECT " VL_DEVICE_COLUMNS
                         " FROM camera_devices WHERE province_id = $1 ORDER BY camera_id",
                         {province}, [&](const Row& row) {
                           out.push_back(row_of(row));
                           return true;
                         }));
  VL_CHECK(
      session.query("SELECT camera_id, tour_id, name, steps, running FROM camera_tours WHERE"
                    " province_id = $1 AND running = 1",
                    {province}, [&](const Row& row) {
                      for (auto& one : out)
                        if (one.camera_id == row.id<CameraId>(0))
                          one.tours.push_back(tour_of(row, 1));
                      return true;
                    }));
  return out;
}

Result<std::vector<HeldCamera>> held(Session& session, ProvinceId province) {
  std::vector<HeldCamera> out;
  VL_CHECK(
      session.query("SELECT camera_id, holder_id FROM camera_devices WHERE province_id = $1"
                    " AND holder_id IS NOT NULL",
                    {province}, [&](const Row& row) {
                      out.push_back({row.id<CameraId>(0), row.uuid(1)});
                      return true;
                    }));
  return out;
}

}  // namespace vl::devices
