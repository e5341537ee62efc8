// What every camera measured last, in memory, and the quarter-hours of it on their way into
// telemetry. Any thread; turn() is the housekeeper's.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <vector>

#include <vonglau/fleet/health_history.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/store/session.hpp>

namespace vl::routes {

struct HealthNow {
  WallTime at_us;
  node::CameraHealth health;
};

class HealthBoard {
 public:
  using Told = std::function<void(WallTime, std::span<const node::CameraHealth>)>;
  /// `told` is called with what was taken, on the caller's thread: for watchers.
  HealthBoard(store::Database& telemetry, ProvinceId province, const Clock& clock, Told told);

  void take(const node::CameraHealthItem& item, WallTime at);
  std::vector<HealthNow> all() const;
  std::optional<HealthNow> of(const Uuid& camera) const;
  /// Writes the quarter-hours that are over, and forgets old ones now and then.
  Result<void> turn();

 private:
  struct Sums {
    std::int64_t readings = 0, streams = 0;
    std::int64_t bit_rate_kbps = 0, frame_rate_mhz = 0, lost_ppm = 0;
    std::int64_t key_interval_ms = 0, keys = 0;
    std::int64_t clock_offset_ms = 0, clocks = 0;
    fleet::HealthRow row(const Uuid& camera, WallTime start) const;
  };
  void add(Sums& sums, const node::CameraHealth& health);

  store::Database& telemetry_;
  const ProvinceId province_;
  const Clock& clock_;
  const Told told_;
  mutable std::mutex mutex_;
  std::map<Uuid, HealthNow> latest_;
  std::map<std::pair<WallTime, Uuid>, Sums> sums_;  // by start of the quarter-hour
  std::int64_t next_forget_us_ = 0;
};

}  // namespace vl::routes
