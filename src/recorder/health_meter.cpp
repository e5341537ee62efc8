#include "health_meter.hpp"

#include <algorithm>

namespace vl::recorder {

void HealthMeter::add(MonoTime at, const HealthReading& reading) {
  if (count_ > 0) {
    const auto& before = newest();
    // A little early is in time: who calls wakes by a timer.
    if (at.us - before.at.us < step_us * 9 / 10) return;
    const bool began_anew = reading.packets < before.packets || reading.bytes < before.bytes ||
                            reading.lost < before.lost || reading.samples < before.samples ||
                            reading.key_samples < before.key_samples;
    // What was measured before an interruption says nothing about now.
    if (began_anew || reading.streams != last_.streams) count_ = 0;
  }
  last_ = reading;
  kept_[next_] = {at,           reading.packets, reading.bytes,
                  reading.lost, reading.samples, reading.key_samples};
  next_ = (next_ + 1) % most;
  count_ = std::min(count_ + 1, most);
}

node::CameraHealth HealthMeter::health(const Uuid& camera) const {
  node::CameraHealth out;
  out.camera_id = camera;
  out.streams = last_.streams;
  if (last_.stored_behind_us) out.stored_behind_ms = *last_.stored_behind_us / 1000;
  if (!last_.streams) return out;
  if (last_.clock_offset_us) out.clock_offset_ms = *last_.clock_offset_us / 1000;
  if (count_ < 2) return out;
  const auto& now = newest();
  std::size_t back = 1;
  while (back + 1 < count_ && now.at.us - nth_newest(back).at.us < rate_us) ++back;
  const auto& then = nth_newest(back);
  const std::int64_t span_us = now.at.us - then.at.us;
  const auto rate = [&](std::uint64_t more, std::int64_t units) {
    return static_cast<std::int64_t>(static_cast<__int128>(more) * units / span_us);
  };
  out.bit_rate_kbps = rate((now.bytes - then.bytes) * 8, 1'000);
  out.frame_rate_mhz = rate(now.samples - then.samples, 1'000'000'000);
  const auto& oldest = nth_newest(count_ - 1);
  const auto lost = now.lost - oldest.lost;
  const auto sent = now.packets - oldest.packets + lost;
  if (sent > 0) out.lost_ppm = static_cast<std::int64_t>(lost * 1'000'000 / sent);
  out.key_interval_ms = key_interval_ms();
  return out;
}

/// Between the readings after which the first and the last key picture of the window came: within
/// a step of right over the whole window, whatever the interval.
std::optional<std::int64_t> HealthMeter::key_interval_ms() const {
  const Kept* first = nullptr;
  const Kept* last = nullptr;
  for (std::size_t n = count_ - 1; n-- > 0;) {
    const auto& later = nth_newest(n);
    if (later.key_samples == nth_newest(n + 1).key_samples) continue;
    if (first == nullptr) first = &later;
    last = &later;
  }
  if (first == nullptr || first->key_samples == last->key_samples) return std::nullopt;
  return (last->at.us - first->at.us) / 1000 /
         static_cast<std::int64_t>(last->key_samples - first->key_samples);
}

bool is_news(const node::CameraHealth& told, const node::CameraHealth& now) {
  // A fifth is beyond what a scene's movement does to a rate-controlled stream.
  const auto moved = [](std::int64_t a, std::int64_t b, std::int64_t least) {
    const auto away = std::abs(a - b);
    return away > least && away * 5 > std::max(std::abs(a), std::abs(b));
  };
  const auto changed = [&](const auto& a, const auto& b, std::int64_t least) {
    if (a.has_value() != b.has_value()) return true;
    return a && moved(*a, *b, least);
  };
  return told.streams != now.streams || moved(told.bit_rate_kbps, now.bit_rate_kbps, 50) ||
         moved(told.frame_rate_mhz, now.frame_rate_mhz, 1'000) ||
         (told.lost_ppm == 0) != (now.lost_ppm == 0) || moved(told.lost_ppm, now.lost_ppm, 100) ||
         changed(told.key_interval_ms, now.key_interval_ms, 500) ||
         changed(told.clock_offset_ms, now.clock_offset_ms, 200) ||
         changed(told.stored_behind_ms, now.stored_behind_ms, 3'000);
}

}  // namespace vl::recorder
