#include "player.hpp"

#include <algorithm>
#include <utility>

#include <vonglau/base/log.hpp>
#include <vonglau/media/fmp4.hpp>

#include "live_feed.hpp"

namespace vl::recorder {

namespace {
constexpr std::int64_t at_live_end_us = 250'000;  // until the next fragment may be there
constexpr std::int64_t while_paused_us = 500'000;
constexpr std::int64_t least_gap_us = 500'000;
/// A picture that lasts longer is the end of something.
constexpr std::int64_t longest_picture_s = 60;
constexpr std::size_t most_queued_bytes = 2 * 1024 * 1024;
}  // namespace

Player::Player(recording::FragmentStore& store, http::WebSocketPeer peer, PlayStart start)
    : store_(store), peer_(std::move(peer)), start_(start), seek_us_(start.at_us) {}

void Player::seek(std::int64_t at_us) {
  seek_us_ = at_us;
  told_to_seek_ = true;
}

void Player::pause(bool paused, MonoTime now) {
  rebase(now);
  paused_ = paused;
}

void Player::set_speed(double speed, MonoTime now) {
  rebase(now);
  speed_ = std::clamp(speed, slowest, fastest);
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
  if (std::exchange(told_to_seek_, false))
    static_cast<void>(peer_.send_text("{\"sought_us\":" + std::to_string(*seek_us_) + "}"));
  const auto at_us = std::max(*seek_us_, start_.oldest_us.value_or(*seek_us_));
  seek_us_.reset();
  last_.reset();
  held_.reset();
  auto found = view_.seek(start_.stream, at_us);
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
  if (const auto gaps = view_.gaps(start_.stream, from_us, to_us.value_or(from_us + 1));
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
      auto following = view_.next(*last_);
      if (!following) {
        if (!release_held(last_end_us_)) return std::nullopt;
        return at_live_end_us;
      }
      next_ = *following;
    }
    const auto fragment = store_.read(next_->id);
    if (!fragment) {
      // Reclaimed in between, or damaged: said so, and played on after it.
      log::warn("play.unreadable", {{"why", fragment.error().message}});
      static_cast<void>(peer_.send_text(
          gap_text(next_->start_us, next_->end_us, recording::GapCause::disk_failed)));
      last_ = *next_;
      last_end_us_ = next_->end_us;
      next_.reset();
      continue;
    }
    if (last_ && fragment->start_us - last_end_us_ > least_gap_us) {
      if (!release_held(last_end_us_)) return std::nullopt;
      tell_gap(last_end_us_, fragment->start_us);
    }
    if (!(keys_only() ? send_keys(*fragment) : send(*fragment))) return std::nullopt;
    if (!base_) base_ = now;
    passed({next_->id, fragment->start_us, fragment->end_us});
  }
  return 50'000;
}

void Player::passed(const recording::FragmentRef& fragment) {
  sent_us_ += fragment.end_us - fragment.start_us;
  last_ = fragment;
  last_end_us_ = fragment.end_us;
  next_.reset();
}

bool Player::send_keys(const recording::Fragment& fragment) {
  for (const auto& sample : fragment.samples) {
    if (sample.track != 0 || !sample.is_key) continue;
    if (!release_held(sample.wall_us)) return false;
    held_ = sample;
  }
  return true;
}

bool Player::release_held(std::int64_t until_us) {
  if (!held_) return true;
  const auto picture = *std::exchange(held_, std::nullopt);
  static_cast<void>(peer_.send_text("{\"position_us\":" + std::to_string(picture.wall_us) + "}"));
  return tell_format(*picture.format) && send_run({&picture, 1}, until_us);
}

bool Player::tell_format(const media::TrackFormat& format) {
  if (sequence_ != 0 && format == format_) return true;
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
  return true;
}

bool Player::send(const recording::Fragment& fragment) {
  if (!release_held(fragment.start_us)) return false;
  static_cast<void>(peer_.send_text("{\"position_us\":" + std::to_string(fragment.start_us) + "}"));
  std::vector<media::Sample> pictures;
  for (const auto& sample : fragment.samples)
    if (sample.track == 0) pictures.push_back(sample);
  for (std::size_t from = 0; from < pictures.size();) {
    auto to = from + 1;
    while (to < pictures.size() && *pictures[to].format == *pictures[from].format) ++to;
    if (!tell_format(*pictures[from].format)) return false;
    // The last picture lasts until the next fragment begins.
    const auto until_us = to < pictures.size() ? pictures[to].wall_us : fragment.end_us;
    if (!send_run({pictures.data() + from, to - from}, until_us)) return false;
    from = to;
  }
  return true;
}

bool Player::send_run(std::span<const media::Sample> samples, std::int64_t until_us) {
  const std::int64_t hz = samples[0].format->clock_hz;
  const auto last_duration =
      std::clamp((until_us - samples.back().wall_us) * hz / 1'000'000, std::int64_t{1},
                 hz * (keys_only() ? longest_picture_s : 1));
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
