#include <vonglau/fleet/health_history.hpp>

namespace vl::fleet {

store::MigrationSet telemetry_migrations() {
  return {"fleet_telemetry",
          {{1, "camera_health", R"(
CREATE TABLE camera_health (
  province_id {integer} NOT NULL,
  camera_id {bytes} NOT NULL,
  start_us {integer} NOT NULL,
  streams_permille {integer} NOT NULL,
  bit_rate_kbps {integer} NOT NULL,
  frame_rate_mhz {integer} NOT NULL,
  lost_ppm {integer} NOT NULL,
  key_interval_ms {integer},
  clock_offset_ms {integer},
  PRIMARY KEY (province_id, camera_id, start_us)
){strict};
CREATE INDEX camera_health_by_time ON camera_health (province_id, start_us);
)",
            "", ""}}};
}

Result<void> write_health(store::Session& telemetry, ProvinceId province,
                          std::span<const HealthRow> rows) {
  VL_CHECK(telemetry.begin_write());
  for (const auto& r : rows) {
    auto written = telemetry.post(
        "INSERT INTO camera_health (province_id, camera_id, start_us, streams_permille,"
        " bit_rate_kbps, frame_rate_mhz, lost_ppm, key_interval_ms, clock_offset_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (province_id, camera_id, start_us) DO UPDATE SET"
        " streams_permille = excluded.streams_permille, bit_rate_kbps = excluded.bit_rate_kbps,"
        " frame_rate_mhz = excluded.frame_rate_mhz, lost_ppm = excluded.lost_ppm,"
        " key_interval_ms = excluded.key_interval_ms, clock_offset_ms = excluded.clock_offset_ms",
        {province, r.camera_id, r.start_us, r.streams_permille, r.bit_rate_kbps, r.frame_rate_mhz,
         r.lost_ppm, r.key_interval_ms, r.clock_offset_ms});
    if (!written) {
      telemetry.rollback();
      return written;
    }
  }
  return telemetry.commit();
}

Result<std::vector<HealthRow>> health_history(store::Session& telemetry, ProvinceId province,
                                              CameraId camera, WallTime from) {
  std::vector<HealthRow> out;
  VL_CHECK(telemetry.query(
      "SELECT start_us, streams_permille, bit_rate_kbps, frame_rate_mhz, lost_ppm,"
      " key_interval_ms, clock_offset_ms FROM camera_health WHERE province_id = $1 AND"
      " camera_id = $2 AND start_us >= $3 ORDER BY start_us",
      {province, camera, from}, [&](const store::Row& row) {
        out.push_back({camera,
                       {row.integer(0)},
                       row.integer(1),
                       row.integer(2),
                       row.integer(3),
                       row.integer(4),
                       row.optional_integer(5),
                       row.optional_integer(6)});
        return true;
      }));
  return out;
}

Result<std::int64_t> forget_health(store::Session& telemetry, ProvinceId province,
                                   WallTime before) {
  return telemetry.execute("DELETE FROM camera_health WHERE province_id = $1 AND start_us < $2",
                           {province, before});
}

}  // namespace vl::fleet
