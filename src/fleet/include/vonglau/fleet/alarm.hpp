// An alarm of the fleet as the journal keeps it. Its stream is `fleet_alarm`. A storm of a
// thousand cameras is a handful of events: each carries lists.
#pragma once

#include <vonglau/fleet/causes.hpp>

namespace vl::fleet {

struct AlarmOpened {
  static constexpr std::string_view kType = "fleet_alarm.opened";
  static constexpr std::uint32_t kVersion = 1;
  Claim claim{};
  std::optional<Uuid> cause_id;  // asset, or recorder (node)
  std::vector<CameraId> cameras;
  WallTime since_us;
  double chance = 0;
};
BOOST_DESCRIBE_STRUCT(AlarmOpened, (), (claim, cause_id, cameras, since_us, chance))

struct AlarmChanged {
  static constexpr std::string_view kType = "fleet_alarm.changed";
  static constexpr std::uint32_t kVersion = 1;
  Claim claim{};
  std::vector<CameraId> joined;
  std::vector<CameraId> left;
  WallTime since_us;
  std::optional<WallTime> recovering_since_us;
};
BOOST_DESCRIBE_STRUCT(AlarmChanged, (), (claim, joined, left, since_us, recovering_since_us))

enum class AlarmEnd {
  recovered,  // none of its cameras is failed any more, or all were taken out of the count
  merged,     // its cameras are under another alarm now
};
BOOST_DESCRIBE_ENUM(AlarmEnd, recovered, merged)
struct AlarmClosed {
  static constexpr std::string_view kType = "fleet_alarm.closed";
  static constexpr std::uint32_t kVersion = 1;
  AlarmEnd how{};
};
BOOST_DESCRIBE_STRUCT(AlarmClosed, (), (how))

inline constexpr std::string_view alarm_stream = "fleet_alarm";

/// What turns `before` into `after`. Pure.
struct AlarmSteps {
  std::vector<std::pair<AlarmId, AlarmOpened>> opened;
  std::vector<std::pair<AlarmId, AlarmChanged>> changed;
  std::vector<std::pair<AlarmId, AlarmClosed>> closed;
};
AlarmSteps steps(std::span<const Alarm> before, std::span<const Alarm> after);

}  // namespace vl::fleet
