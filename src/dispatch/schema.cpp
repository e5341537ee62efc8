#include <unordered_map>

#include <vonglau/dispatch/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::dispatch {
namespace {

using store::Value;

template <class E>
std::string word(E e) {
  return boost::describe::enum_to_string(e, "?");
}

#define VL_UNIT_COLUMNS "unit_id, call_sign, kind, status, incident_id, lat, lon, version"

UnitRow unit_of(const store::Row& row) {
  UnitRow u;
  u.id = row.id<UnitId>(0);
  u.call_sign = row.text(1);
  u.kind = row.text(2);
  u.status = row.text(3);
  u.incident_id = row.optional_uuid(4);
  u.lat = row.optional_real(5);
  u.lon = row.optional_real(6);
  u.version = row.integer(7);
  return u;
}

}  // namespace

store::MigrationSet migrations() {
  return {"dispatch",
          {{1, "units", R"(
CREATE TABLE units (
  province_id {integer} NOT NULL,
  unit_id {bytes} NOT NULL,
  call_sign {text} NOT NULL,
  kind {text} NOT NULL,
  status {text} NOT NULL,
  incident_id {bytes},
  lat {real},
  lon {real},
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, unit_id)
){strict};
CREATE UNIQUE INDEX units_by_call_sign ON units (province_id, call_sign);
)",
            "", ""}}};
}

store::MigrationSet telemetry_migrations() {
  return {"telemetry",
          {{1, "unit_positions", R"(
CREATE TABLE unit_positions (
  province_id {integer} NOT NULL,
  unit_id {bytes} NOT NULL,
  at_us {integer} NOT NULL,
  lat {real} NOT NULL,
  lon {real} NOT NULL,
  heading_deg {real},
  speed_kmh {real},
  PRIMARY KEY (province_id, unit_id, at_us)
){strict};
)",
            "", ""}}};
}

Result<void> UnitTables::apply(const journal::Event& e, ProvinceId province, store::Session& s) {
  if (e.stream.kind != Unit::kStream) return {};
  Result<void> done;
  journal::when<UnitRegistered>(
      e,
      [&](const UnitRegistered& u) {
        done = s.post(
            "INSERT INTO units (province_id, unit_id, call_sign, kind, status, lat, lon,"
            " version) VALUES ($1, $2, $3, $4, 'available', $5, $6, $7)",
            {province, e.stream.id, u.call_sign, word(u.kind),
             u.base ? Value(u.base->lat) : Value(), u.base ? Value(u.base->lon) : Value(),
             e.stream_version});
      }) ||
      journal::when<UnitStatusChanged>(e, [&](const UnitStatusChanged& c) {
        done = s.post(
            "UPDATE units SET status = $3, incident_id = $4, version = $5 WHERE"
            " province_id = $1 AND unit_id = $2",
            {province, e.stream.id, word(c.status), c.incident_id, e.stream_version});
      });
  return done;
}

Result<std::vector<UnitRow>> units(store::Session& session, ProvinceId province) {
  std::vector<UnitRow> out;
  VL_CHECK(session.query("SELECT " VL_UNIT_COLUMNS " FROM units WHERE province_id = $1"
                         " ORDER BY call_sign",
                         {province}, [&](const store::Row& row) {
                           out.push_back(unit_of(row));
                           return true;
                         }));
  return out;
}

Result<UnitRow> unit(store::Session& session, ProvinceId province, UnitId id) {
  std::optional<UnitRow> out;
  VL_CHECK(session.query("SELECT " VL_UNIT_COLUMNS " FROM units WHERE province_id = $1 AND"
                         " unit_id = $2",
                         {province, id}, [&](const store::Row& row) {
                           out = unit_of(row);
                           return false;
                         }));
  if (!out) return fail(DispatchError::not_found, "there is no such unit", "unit_id");
  return *out;
}

Result<void> write_positions(store::Session& telemetry, ProvinceId province,
                             std::span<const Position> positions) {
  VL_CHECK(telemetry.begin_write());
  for (const auto& p : positions) {
    auto written = telemetry.post(
        "INSERT INTO unit_positions (province_id, unit_id, at_us, lat, lon, heading_deg,"
        " speed_kmh) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (province_id, unit_id, at_us) DO NOTHING",
        {province, p.unit_id, p.at_us, p.lat, p.lon, p.heading_deg, p.speed_kmh});
    if (!written) {
      telemetry.rollback();
      return written;
    }
  }
  return telemetry.commit();
}

Result<std::vector<Position>> positions_at(store::Session& telemetry, ProvinceId province,
                                           std::span<const UnitId> units, WallTime at,
                                           WallTime oldest) {
  std::vector<Position> out;
  for (const auto& unit : units)
    VL_CHECK(
        telemetry.query("SELECT at_us, lat, lon, heading_deg, speed_kmh FROM unit_positions WHERE"
                        " province_id = $1 AND unit_id = $2 AND at_us <= $3 AND at_us >= $4"
                        " ORDER BY at_us DESC LIMIT 1",
                        {province, unit, at, oldest}, [&](const store::Row& row) {
                          out.push_back({unit,
                                         {row.integer(0)},
                                         row.real(1),
                                         row.real(2),
                                         row.optional_real(3),
                                         row.optional_real(4)});
                          return false;
                        }));
  return out;
}

void place_units(std::vector<UnitRow>& units, std::span<const Position> positions) {
  std::unordered_map<UnitId, const Position*> by_unit;
  for (const auto& p : positions) by_unit[p.unit_id] = &p;
  for (auto& unit : units) {
    const auto found = by_unit.find(unit.id);
    if (found == by_unit.end()) continue;
    unit.lat = found->second->lat;
    unit.lon = found->second->lon;
    unit.heading_deg = found->second->heading_deg;
    unit.position_us = found->second->at_us.us;
  }
}

}  // namespace vl::dispatch
