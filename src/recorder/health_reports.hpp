// The measurements of all cameras on their way to the core: every 10 s those that changed, every
// minute all. Measurements are no events: the core keeps the latest and a coarse history, and what
// could not be told while it was away is left out (its changes of state are told all the same).
// One thread: the owner's main one.
#pragma once

#include <functional>
#include <map>
#include <optional>

#include <vonglau/recorder/recorder.hpp>

#include "health_meter.hpp"

namespace vl::recorder {

class HealthReports {
 public:
  static constexpr std::int64_t look_us = HealthMeter::step_us;
  static constexpr std::int64_t tell_us = 10'000'000;
  static constexpr std::int64_t tell_all_us = 60'000'000;
  static constexpr std::size_t cameras_an_item = 40;

  using Tell = std::function<void(const node::CameraHealthItem&)>;
  using StoredUntil = std::function<std::optional<std::int64_t>(const Uuid& camera)>;
  HealthReports(const Clock& clock, StoredUntil stored_until, Tell tell);

  /// Whether look() has something to do: asked several times a second.
  bool due() const { return clock_.mono().us >= next_look_us_; }
  void look(const std::vector<CameraNow>& cameras);

 private:
  struct Known {
    HealthMeter meter;
    std::optional<node::CameraHealth> told;
    std::uint64_t seen = 0;
  };
  void tell(bool all);

  const Clock& clock_;
  const StoredUntil stored_until_;
  const Tell tell_;
  std::map<Uuid, Known> known_;
  std::uint64_t looks_ = 0;
  std::int64_t next_look_us_ = 0;
  std::int64_t next_tell_us_ = 0;
  std::int64_t next_all_us_ = 0;
};

}  // namespace vl::recorder
