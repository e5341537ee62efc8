#include "health_reports.hpp"

namespace vl::recorder {

HealthReports::HealthReports(const Clock& clock, StoredUntil stored_until, Tell tell)
    : clock_(clock),
      stored_until_(std::move(stored_until)),
      tell_(std::move(tell)),
      next_look_us_(clock.mono().us),
      next_tell_us_(clock.mono().us + tell_us),
      next_all_us_(next_tell_us_) {}

void HealthReports::look(const std::vector<CameraNow>& cameras) {
  const auto mono = clock_.mono();
  const auto wall = clock_.wall();
  next_look_us_ = mono.us + look_us;
  ++looks_;
  const bool telling = mono.us >= next_tell_us_;
  for (const auto& camera : cameras) {
    auto& known = known_[camera.id];
    known.seen = looks_;
    const auto& video = camera.main.video;
    HealthReading reading{.streams = camera.online && camera.main.playing,
                          .packets = video.packets,
                          .bytes = video.bytes,
                          .lost = video.lost,
                          .samples = video.samples,
                          .key_samples = video.key_samples,
                          .clock_offset_us = camera.main.camera_clock_offset_us,
                          .stored_behind_us = {}};
    // Asked of the store only when somebody is told.
    if (telling && reading.streams)
      if (const auto until = stored_until_(camera.id)) reading.stored_behind_us = wall.us - *until;
    known.meter.add(mono, reading);
  }
  std::erase_if(known_, [&](const auto& one) { return one.second.seen != looks_; });
  if (!telling) return;
  next_tell_us_ = mono.us + tell_us;
  const bool all = mono.us >= next_all_us_;
  if (all) next_all_us_ = mono.us + tell_all_us;
  tell(all);
}

void HealthReports::tell(bool all) {
  node::CameraHealthItem item{all, {}};
  const auto give = [&] {
    if (!item.cameras.empty()) tell_(item);
    item.cameras.clear();
  };
  for (auto& [id, known] : known_) {
    const auto now = known.meter.health(id);
    if (!all && known.told && !is_news(*known.told, now)) continue;
    known.told = now;
    item.cameras.push_back(now);
    if (item.cameras.size() >= cameras_an_item) give();
  }
  give();
}

}  // namespace vl::recorder
