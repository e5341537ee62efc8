// Time comes from an injected Clock: the wall for people and records, the monotonic one for
// durations. Any thread may read a Clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace vl {

/// Microseconds since 1970-01-01T00:00:00Z. May jump when the system's clock is set.
struct WallTime {
  std::int64_t us = 0;
  auto operator<=>(const WallTime&) const = default;
  WallTime plus_us(std::int64_t d) const { return {us + d}; }
};

/// Microseconds of a clock that never goes back; its zero means nothing across processes.
struct MonoTime {
  std::int64_t us = 0;
  auto operator<=>(const MonoTime&) const = default;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;
  virtual MonoTime mono() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall() const override;
  MonoTime mono() const override;
};

/// Moves only when told to; the wall can be made to jump. For tests and simulation.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(WallTime start = {1'763'800'000'000'000}) : wall_us_(start.us) {}
  WallTime wall() const override { return {wall_us_.load()}; }
  MonoTime mono() const override { return {mono_us_.load()}; }
  void advance_us(std::int64_t d) { wall_us_ += d, mono_us_ += d; }
  void jump_wall_us(std::int64_t d) { wall_us_ += d; }

 private:
  std::atomic<std::int64_t> wall_us_;
  std::atomic<std::int64_t> mono_us_{0};
};

/// "2026-11-22T09:42:17.123456Z" (RFC 3339, always UTC, always six decimals).
std::string format_utc(WallTime time);

}  // namespace vl
