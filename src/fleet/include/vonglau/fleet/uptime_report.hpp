// Uptime of all cameras over a span, and of the lines, contractors and localities they belong to,
// against the level of service promised.
#pragma once

#include <vonglau/fleet/schema.hpp>

namespace vl::fleet {

/// Where nothing else is promised: 99.00 %.
constexpr std::int64_t default_service_level = 9900;

struct UptimeRow {
  std::optional<CameraId> camera_id;  // one of the three
  std::optional<AssetId> asset_id;    // a line or a contractor
  std::optional<std::string> unit_code;
  std::int64_t cameras = 0;
  std::optional<std::int64_t> share;  // 1/100 of a percent; nothing where no time counts
  std::int64_t level = default_service_level;
  std::int64_t below_level = 0;  // of its cameras
  std::int64_t up_us = 0, down_us = 0, planned_us = 0, unknown_us = 0;
  std::int64_t outages = 0, longest_us = 0;
};
BOOST_DESCRIBE_STRUCT(UptimeRow, (),
                      (camera_id, asset_id, unit_code, cameras, share, level, below_level, up_us,
                       down_us, planned_us, unknown_us, outages, longest_us))

struct UptimeReport {
  std::vector<UptimeRow> cameras, lines, contractors, localities;
  UptimeRow all;
};

/// What was known at `as_of` of changes of state; topology and planned work as they are now.
/// A camera's level is the strictest of its lines' and contractors'.
Result<UptimeReport> uptime_report(store::Session& session, ProvinceId province, TimeSpan span,
                                   std::optional<WallTime> as_of);

}  // namespace vl::fleet
