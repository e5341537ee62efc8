#include <algorithm>
#include <cstdlib>

#include <vonglau/rtsp/sequence.hpp>

namespace vl::rtsp {

namespace {
/// Further ahead or behind than this is no loss but another source (RFC 3550, appendix A.1).
constexpr std::int64_t most_ahead = 3000;
constexpr std::int64_t most_behind = 100;
constexpr std::int64_t second_us = 1'000'000;
}  // namespace

ReorderWindow::Verdict ReorderWindow::push(std::uint16_t sequence, ByteView packet) {
  if (!started_) {
    started_ = true;
    next_ = std::uint64_t{sequence} + 0x1'0001;  // room for what comes from before the start
    return Verdict::deliver;
  }
  const auto ahead = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(next_));
  if (ahead == 0) {
    ++next_;
    return Verdict::deliver;
  }
  if (ahead > most_ahead || ahead < -most_behind) {
    reset();
    push(sequence, packet);
    return Verdict::restarted;
  }
  if (ahead < 0) return Verdict::duplicate;
  const auto place = next_ + static_cast<std::uint64_t>(ahead);
  const bool is_new = held_.emplace(place, Bytes(packet.begin(), packet.end())).second;
  return is_new ? Verdict::held : Verdict::duplicate;
}

std::optional<ByteView> ReorderWindow::take() {
  if (held_.empty() || held_.begin()->first != next_) return std::nullopt;
  taken_ = std::move(held_.begin()->second);
  held_.erase(held_.begin());
  ++next_;
  return taken_;
}

std::uint32_t ReorderWindow::skip() {
  if (held_.empty()) return 0;
  const auto missing = held_.begin()->first - next_;
  next_ = held_.begin()->first;
  return static_cast<std::uint32_t>(missing);
}

void ReorderWindow::reset() {
  started_ = false;
  held_.clear();
}

TimestampUnwrapper::Step TimestampUnwrapper::unwrap(std::uint32_t timestamp,
                                                    std::int64_t arrived_mono_us) {
  constexpr std::int64_t most_jump_s = 10;
  if (!started_) {
    started_ = true;
    last_timestamp_ = timestamp;
    last_pts_ = timestamp;
    last_arrived_us_ = arrived_mono_us;
    return {last_pts_, false};
  }
  if (timestamp == last_timestamp_ && !restarted_) {  // the same picture's next packet
    last_arrived_us_ = arrived_mono_us;
    return {last_pts_, false};
  }
  const std::int64_t delta = static_cast<std::int32_t>(timestamp - last_timestamp_);
  const auto elapsed_us = std::max<std::int64_t>(0, arrived_mono_us - last_arrived_us_);
  const auto delta_us = delta * second_us / clock_hz_;
  const bool jumped = !restarted_ && std::abs(delta_us - elapsed_us) > most_jump_s * second_us &&
                      std::abs(delta_us) > most_jump_s * second_us;
  // After a jump there is nothing to go by but the arrival; at least one tick on.
  const auto step =
      jumped || restarted_
          ? std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<__int128>(elapsed_us) *
                                                                clock_hz_ / second_us))
          : delta;
  restarted_ = false;
  last_timestamp_ = timestamp;
  last_pts_ += step;
  last_arrived_us_ = arrived_mono_us;
  return {last_pts_, jumped};
}

std::optional<std::int64_t> TimestampUnwrapper::place_of(std::uint32_t timestamp) const {
  if (!started_) return std::nullopt;
  return last_pts_ + static_cast<std::int32_t>(timestamp - last_timestamp_);
}

std::int64_t WallClockMap::wall_us(std::int64_t pts, std::int64_t arrived_wall_us) {
  constexpr std::int64_t most_apart_us = 10 * second_us;
  constexpr std::int64_t drift_ppm = 500;
  const auto stream_us =
      static_cast<std::int64_t>(static_cast<__int128>(pts) * second_us / clock_hz_);
  const auto offset = arrived_wall_us - stream_us;
  if (!started_) {
    started_ = true;
    offset_us_ = offset;
    apart_since_us_ = 0;
    last_wall_us_ = arrived_wall_us - second_us;
  } else {
    const auto elapsed = std::clamp<std::int64_t>(stream_us - last_stream_us_, 0, second_us);
    offset_us_ = std::min(offset, offset_us_ + elapsed * drift_ppm / 1'000'000);
    // Late for a moment is a burst after a stall; late for long means that a clock was set.
    if (offset - offset_us_ < most_apart_us) {
      apart_since_us_ = 0;
    } else if (apart_since_us_ == 0) {
      apart_since_us_ = arrived_wall_us;
    } else if (arrived_wall_us - apart_since_us_ > most_apart_us) {
      offset_us_ = offset;
      apart_since_us_ = 0;
    }
  }
  last_stream_us_ = stream_us;
  auto wall = stream_us + offset_us_;
  if (wall <= last_wall_us_ && last_wall_us_ - wall < second_us) wall = last_wall_us_ + 1;
  last_wall_us_ = wall;
  return wall;
}

}  // namespace vl::rtsp
