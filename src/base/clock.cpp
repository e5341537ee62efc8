#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include <vonglau/base/clock.hpp>

namespace vl {

WallTime SystemClock::wall() const {
  return {std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::system_clock::now().time_since_epoch())
              .count()};
}

MonoTime SystemClock::mono() const {
  return {std::chrono::duration_cast<std::chrono::microseconds>(
              std::chrono::steady_clock::now().time_since_epoch())
              .count()};
}

std::string format_utc(WallTime time) {
  std::int64_t seconds = time.us / 1'000'000;
  std::int64_t rest = time.us % 1'000'000;
  if (rest < 0) rest += 1'000'000, --seconds;
  const std::time_t t = seconds;
  std::tm parts{};
  gmtime_r(&t, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     rest);
}

}  // namespace vl
