#include "player.hpp"

#include <algorithm>

#include <vonglau/base/log.hpp>
#include <vonglau/media/fmp4.hpp>

#include "live_feed.hpp"

namespace vl::recorder {

namespace {
constexpr std::int64_t at_live_end_us = 250'000;  // until the next fragment may be there
constexpr std::int64_t while_paused_us = 500'000;
constexpr std::int64_t least_gap_us = 500'000;
constexpr std::size_t most_queued_bytes = 2 * 1024 * 1024;
}  // namespace

Player::Player(recording::FragmentStore& store, http::WebSocketPeer peer, PlayStart start)
    : store_(store), peer_(std::move(peer)), start_(start), seek_us_(start.at_us) {}

void Player::seek(std::int64_t at_us) {
  seek_us_ = at_us;
}

void Player::pause(bool paused, MonoTime now) {
  rebase(now);
  paused_ = paused;
}

void Player::set_speed(double speed, MonoTime now) {
  rebase(now);
  speed_ = std::clamp(speed, 0.25, 16.0);
}

std::int64_t Player::watched_us(MonoTime now) const {
  if (!base_ || paused_) return base_us_;
  const auto watched =
      base_us_ + static_cast<std::int64_t>(static_cast<double>(now.us - base_->us) * speed_);
  return std::min(watched, sent_us_);  // nobody watches what has not come
}

void Player::rebase(MonoTime now) {
  if (!base_) return;
  base_us_ = watched_us(now);
  base_ = now;
}

bool Player::find_first() {
  const auto at_us = std::max(*seek_us_, start_.oldest_us.value_or(*seek_us_));
  seek_us_.reset();
  last_.reset();
  auto found = store_.seek(start_.stream, at_us);
  if (!found) {
    if (found.error().code == code_of(recording::RecordingError::not_found)) {
      // The viewer stays: it is told, and may look elsewhere.
      tell_gap(at_us, std::nullopt);
      next_.reset();
      return true;
    }
    log::error("play.seek", {{"why", found.error().message}});
    peer_.close(http::close_code::internal_error, "the footage cannot be read");
    return false;
  }
  if (found->start_us > at_us + least_gap_us) tell_gap(at_us, found->start_us);
  next_ = *found;
  base_.reset();
  base_us_ = sent_us_ = 0;
  return true;
}

void Player::tell_gap(std::int64_t from_us, std::optional<std::int64_t> to_us) {
  auto cause = recording::GapCause::unexplained;
  if (const auto gaps = store_.gaps(start_.stream, from_us, to_us.value_or(from_us + 1));
      gaps && !gaps->empty())
    cause = gaps->back().cause;
  static_cast<void>(peer_.send_text(gap_text(from_us, to_us, cause)));
}

std::optional<std::int64_t> Player::turn(MonoTime now) {
  if (!peer_.is_open()) return std::nullopt;
  if (seek_us_ && !find_first()) return std::nullopt;
  while (peer_.bytes_queued() < most_queued_bytes) {
    const auto ahead_us = sent_us_ - watched_us(now);
    const auto lead = static_cast<std::int64_t>(lead_us * std::max(1.0, speed_));
    if (ahead_us > lead)
      return paused_ ? while_paused_us
                     : std::clamp<std::int64_t>(
                           static_cast<std::int64_t>(static_cast<double>(ahead_us - lead) / speed_),
                           20'000, 500'000);
    if (!next_) {
      if (!last_) return while_paused_us;
      auto following = store_.next(*last_);
      if (!following) return at_live_end_us;
      next_ = *following;
    }
    const auto fragment = store_.read(next_->id);
    if (!fragment) {
      // Reclaimed in between, or damaged: said so, and played on after it.
      log::warn("play.unreadable", {{"why", fragment.error().message}});
      static_cast<void>(peer_.send_text(
          gap_text(next_->start_us, next_->end_us, recording::GapCause::disk_failed)));
      last_ = next_->id;
      last_end_us_ = next_->end_us;
      next_.reset();
      continue;
    }
    if (last_ && fragment->start_us - last_end_us_ > least_gap_us)
      tell_gap(last_end_us_, fragment->start_us);
    if (!send(*fragment)) return std::nullopt;
    if (!base_) base_ = now;
    sent_us_ += fragment->end_us - fragment->start_us;
    last_ = next_->id;
    last_end_us_ = fragment->end_us;
    next_.reset();
  }
  return 50'000;
}

bool Player::send(const recording::Fragment& fragment) {
  static_cast<void>(peer_.send_text("{\"position_us\":" + std::to_string(fragment.start_us) + "}"));
  std::vector<media::Sample> pictures;
  for (const auto& sample : fragment.samples)
    if (sample.track == 0) pictures.push_back(sample);
  for (std::size_t from = 0; from < pictures.size();) {
    auto to = from + 1;
    while (to < pictures.size() && *pictures[to].format == *pictures[from].format) ++to;
    const auto& format = *pictures[from].format;
    if (sequence_ == 0 || !(format == format_)) {
      const media::Fmp4Track track{0, &format};
      auto init = media::init_segment({&track, 1});
      const auto hello = hello_text(format);
      if (!init || hello.empty()) {
        peer_.close(http::close_code::internal_error, "this footage has no place in MP4");
        return false;
      }
      format_ = format;
      static_cast<void>(peer_.send_text(hello));
      static_cast<void>(peer_.send_binary(std::move(*init)));
    }
    // The last picture lasts until the next fragment begins.
    const auto until_us = to < pictures.size() ? pictures[to].wall_us : fragment.end_us;
    const auto last = (until_us - pictures[to - 1].wall_us) * format.clock_hz / 1'000'000;
    if (!send_run({pictures.data() + from, to - from}, last)) return false;
    from = to;
  }
  return true;
}

bool Player::send_run(std::span<const media::Sample> samples, std::int64_t last_duration) {
  last_duration = std::clamp<std::int64_t>(last_duration, 1, samples[0].format->clock_hz);
  const media::Fmp4Run run{0, decode_time_, samples, last_duration};
  auto segment = media::media_segment(++sequence_, {&run, 1});
  if (!segment) {
    log::warn("play.no_segment", {{"why", segment.error().message}});
    return true;
  }
  const auto [lowest, highest] =
      std::ranges::minmax_element(samples, {}, [](const auto& s) { return s.pts; });
  decode_time_ += highest->pts - lowest->pts + last_duration;
  return peer_.send_binary(std::move(*segment)) != http::Sent::closed;
}

}  // namespace vl::recorder
