#include "cameras_storage.hpp"

#include <algorithm>
#include <cstdlib>

namespace vl::sim {

namespace {
constexpr std::int64_t second_us = 1'000'000;
/// The two clocks drift apart a little; more than this is a jump.
constexpr std::int64_t jump_us = second_us / 2;
}  // namespace

const StreamClip* CameraStorage::latest() const {
  return sections_.empty() ? nullptr : sections_.back().clip;
}

void CameraStorage::film(std::int64_t mono_us, std::int64_t clock_us, const StreamClip* clip,
                         std::int64_t phase_us) {
  while (!sections_.empty() && sections_.front().to_us &&
         *sections_.front().to_us < mono_us - most_us_)
    sections_.pop_front();
  const auto to_clock_us = clock_us - mono_us;
  auto* open = sections_.empty() || sections_.back().to_us ? nullptr : &sections_.back();
  if (open != nullptr && open->clip == clip && std::abs(open->to_clock_us - to_clock_us) < jump_us)
    return;
  if (open != nullptr) open->to_us = mono_us;
  if (clip == nullptr) return;
  const auto ready = clip->ready.load(std::memory_order_acquire);
  if (ready == 0) return;  // still being drawn
  const auto distance = static_cast<std::size_t>(clip->profile.key_distance);
  const auto unit = static_cast<std::size_t>(phase_us * clip->profile.fps / second_us);
  sections_.push_back(
      {mono_us, std::nullopt, to_clock_us, clip, unit % ready / distance * distance, ready});
}

std::vector<StoredPicture> CameraStorage::between(std::int64_t from_us, std::int64_t to_us,
                                                  std::int64_t now_mono_us) const {
  std::vector<StoredPicture> out;
  std::size_t begin = 0;  // of the key picture to begin with
  for (const auto& section : sections_) {
    const std::int64_t fps = section.clip->profile.fps;
    const auto from_mono = std::max(section.from_us, now_mono_us - most_us_);
    const auto to_mono = section.to_us.value_or(now_mono_us);
    // Whole key distances are given up, as a card's files are.
    const std::int64_t distance = section.clip->profile.key_distance;
    auto n = (from_mono - section.from_us) * fps / second_us;
    n = (n + distance - 1) / distance * distance;
    bool follows = false;
    for (;; ++n) {
      const auto mono_us = section.from_us + n * second_us / fps;
      if (mono_us >= to_mono) break;
      const auto at_us = mono_us + section.to_clock_us;
      if (at_us >= to_us) break;
      if (at_us < from_us - 2 * second_us * distance / fps) continue;
      const auto place = (section.first + static_cast<std::size_t>(n)) % section.units;
      const auto& unit = section.clip->units[place];
      if (!follows && !unit.key) continue;
      if (unit.key && at_us <= from_us) begin = out.size();
      out.push_back({at_us, &unit, follows, false});
      follows = true;
    }
    if (!out.empty()) out.back().ends_section = true;
  }
  out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(begin));
  return out;
}

}  // namespace vl::sim
