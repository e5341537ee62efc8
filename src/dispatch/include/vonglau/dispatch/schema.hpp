// The tables of units, the projection that fills them, and positions as telemetry.
#pragma once

#include <optional>
#include <vector>

#include <vonglau/dispatch/unit.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::dispatch {

store::MigrationSet migrations();
/// Positions live in the telemetry database (the same one on PostgreSQL).
store::MigrationSet telemetry_migrations();

class UnitTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override { return {"units"}; }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct UnitRow {
  UnitId id;
  std::string call_sign, kind, status;
  std::optional<Uuid> incident_id;
  std::optional<double> lat, lon;  // the last position, else where it is stationed
  std::optional<double> heading_deg;
  std::optional<std::int64_t> position_us;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(UnitRow, (),
                      (id, call_sign, kind, status, incident_id, lat, lon, heading_deg, position_us,
                       version))

/// By call sign; `lat`, `lon` are where the unit is stationed.
Result<std::vector<UnitRow>> units(store::Session& session, ProvinceId province);
Result<UnitRow> unit(store::Session& session, ProvinceId province, UnitId id);

struct Position {
  UnitId unit_id;
  WallTime at_us;
  double lat = 0;
  double lon = 0;
  std::optional<double> heading_deg;
  std::optional<double> speed_kmh;
};
BOOST_DESCRIBE_STRUCT(Position, (), (unit_id, at_us, lat, lon, heading_deg, speed_kmh))

/// One transaction; a position that is there already is left as it is.
Result<void> write_positions(store::Session& telemetry, ProvinceId province,
                             std::span<const Position> positions);
/// Each unit's last position at or before `at` and not older than `oldest`.
Result<std::vector<Position>> positions_at(store::Session& telemetry, ProvinceId province,
                                           std::span<const UnitId> units, WallTime at,
                                           WallTime oldest);
/// Puts positions into the rows.
void place_units(std::vector<UnitRow>& units, std::span<const Position> positions);

}  // namespace vl::dispatch
