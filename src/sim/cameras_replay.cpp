// What a camera stored itself, as ONVIF's Streaming Specification has it served: from a moment to
// another, as fast as the receiver takes it or at its own pace.
#include <algorithm>

#include <fmt/format.h>

#include <vonglau/rtsp/replay.hpp>

#include "cameras_connection.hpp"

namespace vl::sim {
namespace {

constexpr std::int64_t kLook_us = 10'000;
/// Waits for the receiver; then the camera reads no further from its card.
constexpr std::size_t kAhead = 256UL * 1024;
constexpr int kInvalidRange = 457;

}  // namespace

bool Connection::play_stored(const rtsp::Request& request, rtsp::Response& response) {
  const auto now_us = hub_.clock().mono().us;
  const auto camera_now_us = hub_.clock().wall().us + camera_->clock_shift_us();
  const auto range = rtsp::parse_clock_range(request.headers.find("Range").value_or(""));
  stored_.clear();
  if (range)
    stored_ = camera_->storage->between(
        range->from_us, std::min(range->to_us.value_or(camera_now_us), camera_now_us), now_us);
  if (stored_.empty()) {
    response.status = kInvalidRange;
    return false;
  }
  next_stored_ = 0;
  at_pace_ = request.headers.find("Rate-Control").value_or("yes") != "no";
  play_cseq_ = static_cast<std::uint8_t>(rtsp::cseq_of(request.headers).value_or(0));
  response.headers.add("Range", fmt::format("clock={}-{}", rtsp::clock_text(stored_.front().at_us),
                                            rtsp::clock_text(stored_.back().at_us)));
  return true;
}

void Connection::send_stored(std::int64_t now_us) {
  while (open_ && next_stored_ < stored_.size()) {
    if (camera_->has(FaultKind::stall) || queued_ > kAhead) break;
    const auto& picture = stored_[next_stored_];
    const auto since_us = picture.at_us - stored_.front().at_us;
    if (at_pace_ && since_us > now_us - play_mono_us_) break;
    ++next_stored_;
    const auto timestamp = first_timestamp_ + static_cast<std::uint32_t>(since_us * 9 / 100);
    rtsp::ReplayExtension extension;
    extension.ntp = rtsp::ntp_of_wall_us(picture.at_us);
    extension.clean_point = picture.unit->key;
    extension.ends_section = picture.ends_section;
    extension.terminal = next_stored_ == stored_.size();
    extension.discontinuity = !picture.follows;
    extension.cseq = play_cseq_;
    Bytes wire;
    const Unit& unit = *picture.unit;
    for (std::size_t i = 0; i < unit.packets.size(); ++i) {
      Bytes frame(unit.wire.begin() + unit.packets[i],
                  unit.wire.begin() + static_cast<std::ptrdiff_t>(unit.end_of(i)));
      fill_in(frame, 0, timestamp, source_);
      const Bytes extended = with_replay_extension(frame, extension);
      wire.insert(wire.end(), extended.begin(), extended.end());
    }
    ++camera_->counters.pictures_replayed;
    enqueue(std::move(wire));
  }
  if (open_ && next_stored_ < stored_.size()) hub_.wake(shared_from_this(), now_us + kLook_us);
}

}  // namespace vl::sim
