// What one camera's stream measures, from readings of its running totals every two seconds: the
// thread that receives media counts what it counts anyway and does nothing for this. Pure, the
// clock comes with each reading; memory is constant (about 2 KiB a camera).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <vonglau/base/clock.hpp>
#include <vonglau/node/protocol.hpp>

namespace vl::recorder {

struct HealthReading {
  bool streams = false;
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;
  std::uint64_t samples = 0;
  std::uint64_t key_samples = 0;
  std::optional<std::int64_t> clock_offset_us;
  std::optional<std::int64_t> stored_behind_us;
};

class HealthMeter {
 public:
  static constexpr std::int64_t step_us = 2'000'000;
  /// Rates are of this long; losses and key pictures, which are rarer, of the whole window.
  static constexpr std::int64_t rate_us = 10'000'000;
  static constexpr std::int64_t window_us = 60'000'000;

  /// Readings closer than `step_us` are left out; totals that fall begin anew.
  void add(MonoTime at, const HealthReading& reading);
  node::CameraHealth health(const Uuid& camera) const;

 private:
  struct Kept {
    MonoTime at;
    std::uint64_t packets = 0, bytes = 0, lost = 0, samples = 0, key_samples = 0;
  };
  static constexpr std::size_t most = static_cast<std::size_t>(window_us / step_us) + 1;

  const Kept& newest() const { return kept_[(next_ + most - 1) % most]; }
  const Kept& nth_newest(std::size_t n) const { return kept_[(next_ + most - 1 - n) % most]; }
  std::optional<std::int64_t> key_interval_ms() const;

  std::array<Kept, most> kept_;
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  HealthReading last_;
};

/// Whether an operator would want to hear of the difference.
bool is_news(const node::CameraHealth& told, const node::CameraHealth& now);

}  // namespace vl::recorder
