// How much of a span cameras were there, from changes of state. Pure.
//
// Counted is the time in which it is known whether the camera streamed: not while it is disabled,
// not before it was first heard of, not while its recorder is away (that says nothing about the
// camera or its line), and not under planned work.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/base/clock.hpp>

namespace vl::fleet {

enum class Heard { up, down, unknown };
struct StateChange {
  WallTime at;
  Heard state{};
};
struct TimeSpan {
  WallTime start;
  WallTime end;
};

struct Uptime {
  std::int64_t up_us = 0;
  std::int64_t down_us = 0;
  std::int64_t planned_us = 0;  // under planned work, whatever the state
  std::int64_t unknown_us = 0;
  std::int64_t outages = 0;  // that began in the span, or lasted into it
  std::int64_t longest_us = 0;
  /// 0 to 10,000 (1/100 of a percent), rounded down, so that 99.999 % is not called whole;
  /// nothing when no time counts.
  std::optional<std::int64_t> share() const;
  void add(const Uptime& other);
};
BOOST_DESCRIBE_STRUCT(Uptime, (), (up_us, down_us, planned_us, unknown_us, outages, longest_us))

/// `changes` in any order; the last before `from` says how the span begins. Nothing is known
/// before the first. `planned` may overlap each other.
Uptime uptime_of(std::vector<StateChange> changes, TimeSpan span, std::vector<TimeSpan> planned);

}  // namespace vl::fleet
