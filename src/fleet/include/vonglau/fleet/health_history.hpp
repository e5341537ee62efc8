// Measurements of cameras over time, coarse: a row a camera and quarter of an hour, in telemetry.
// Not events: derived from nothing, kept 35 days, and nothing else is decided from them.
#pragma once

#include <span>
#include <vector>

#include <vonglau/fleet/asset.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::fleet {

store::MigrationSet telemetry_migrations();

constexpr std::int64_t health_bucket_us = 900'000'000;
constexpr std::int64_t keep_health_us = 35LL * 86'400'000'000;

struct HealthRow {
  CameraId camera_id;
  WallTime start_us;                  // of the bucket
  std::int64_t streams_permille = 0;  // of the readings in which it streamed
  std::int64_t bit_rate_kbps = 0;     // means over those
  std::int64_t frame_rate_mhz = 0;
  std::int64_t lost_ppm = 0;
  std::optional<std::int64_t> key_interval_ms;
  std::optional<std::int64_t> clock_offset_ms;
};
BOOST_DESCRIBE_STRUCT(HealthRow, (),
                      (camera_id, start_us, streams_permille, bit_rate_kbps, frame_rate_mhz,
                       lost_ppm, key_interval_ms, clock_offset_ms))

/// In one transaction; a bucket that is there already is replaced.
Result<void> write_health(store::Session& telemetry, ProvinceId province,
                          std::span<const HealthRow> rows);
Result<std::vector<HealthRow>> health_history(store::Session& telemetry, ProvinceId province,
                                              CameraId camera, WallTime from);
Result<std::int64_t> forget_health(store::Session& telemetry, ProvinceId province, WallTime before);

}  // namespace vl::fleet
