#include "connection.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

namespace vl::rtsp {
namespace {

constexpr int most_redirects = 2;
constexpr int most_doublings = 20;
/// How often what is counted is shown where nobody watches; what happens is shown at once.
constexpr unsigned ticks_of_publishing = 5;

void add(TrackCounters& to, const TrackCounters& from) {
  to.packets += from.packets;
  to.bytes += from.bytes;
  to.lost += from.lost;
  to.duplicates += from.duplicates;
  to.reordered += from.reordered;
  to.malformed += from.malformed;
  to.samples += from.samples;
  to.key_samples += from.key_samples;
  to.left_out += from.left_out;
}

}  // namespace

Connection::Connection(Shared& shared, Url url, std::optional<Credentials> credentials,
                       Listener& listener, std::int64_t first_try_us)
    : shared_(shared),
      url_(std::move(url)),
      credentials_(std::move(credentials)),
      listener_(listener),
      due_us_(first_try_us) {
  if (due_us_ <= shared_.clock.mono().us && shared_.may_start()) begin(url_, std::nullopt);
}

Connection::~Connection() = default;

void Connection::begin(const Url& url, std::optional<Challenge> challenge) {
  if (redirects_ == 0 && !challenge) ++attempts_;
  attempted_ = url;
  Conversation::Peer peer{url, credentials_, std::move(challenge), url.host != url_.host};
  attempt_ = std::make_shared<Attempt>(shared_, std::move(peer), *this, listener_);
  attempt_->start();
  publish();
}

void Connection::tick(WallTime wall, MonoTime mono) {
  const bool in_haste = listener_.in_haste();
  if (attempt_) {
    const auto attempt = attempt_;  // it may end, and be replaced, meanwhile
    attempt->set_haste(in_haste);
    attempt->tick(mono.us);
  } else if (mono.us >= due_us_ && shared_.may_start()) {
    redirects_ = 0;
    begin(url_, std::nullopt);
  }
  if (in_haste || ++ticks_ % ticks_of_publishing == 0) publish();
  listener_.on_tick(wall, mono);
}

void Connection::gather() {
  if (const auto attempt = attempt_) attempt->gather();
}

void Connection::postpone(std::int64_t by_us) {
  if (attempt_) attempt_->postpone(by_us);
}

void Connection::on_playing(const SessionDescription& description) {
  playing_ = true;
  told_.reset();
  playing_since_us_ = shared_.clock.mono().us;
  publish();
  listener_.on_playing(description);
}

void Connection::on_ended(const Ending& ending) {
  if (const auto* counters = attempt_->video_counters()) add(of_earlier_, *counters);
  attempt_.reset();
  if (ending.redirect && redirects_ < most_redirects) {
    ++redirects_;
    return begin(*ending.redirect, std::nullopt);
  }
  if (ending.again) return begin(Url(attempted_), ending.again);
  if (ending.failure) return stop(*ending.failure);
  stop({StopCause::bad_stream,
        fmt::format("{}: redirected more than {} times", address_of(url_), most_redirects)});
}

void Connection::stop(const Failure& failure) {
  const std::int64_t now_us = shared_.clock.mono().us;
  const bool played = std::exchange(playing_, false);
  if (played && now_us - playing_since_us_ >= shared_.options.longest_wait_ms * 1000) failures_ = 0;
  due_us_ = now_us + draw_wait_us(failure.cause);
  failures_ = std::min(failures_ + 1, most_doublings);
  const bool news = played || told_ != failure.cause;
  told_ = failure.cause;
  publish();
  if (news) listener_.on_stopped(failure.cause, failure.detail);
}

std::int64_t Connection::draw_wait_us(StopCause cause) {
  const auto between = [&](std::int64_t least_ms, std::int64_t most_ms) {
    std::uniform_int_distribution<std::int64_t> wait(least_ms * 1000, most_ms * 1000);
    return wait(shared_.chance);
  };
  const auto& options = shared_.options;
  if (cause == StopCause::authentication_refused)  // never sooner, or it would lock us out
    return between(options.refused_wait_ms, options.refused_wait_ms * 5 / 4);
  std::int64_t wait_ms = options.first_wait_ms;
  for (int i = 0; i < failures_ && wait_ms < options.longest_wait_ms; ++i) wait_ms *= 2;
  wait_ms = std::min(wait_ms, options.longest_wait_ms);
  return between(wait_ms / 2, wait_ms);
}

void Connection::close() {
  if (attempt_) attempt_->leave();
  attempt_.reset();
}

void Connection::publish() {
  const std::lock_guard lock(state_mutex_);
  state_.playing = playing_;
  state_.cause = told_;
  state_.attempts = attempts_;
  state_.video = of_earlier_;
  if (!attempt_) return;
  if (const auto* counters = attempt_->video_counters()) add(state_.video, *counters);
  if (const auto offset = attempt_->camera_clock_offset_us())
    state_.camera_clock_offset_us = offset;
}

ConnectionState Connection::state() const {
  const std::lock_guard lock(state_mutex_);
  return state_;
}

}  // namespace vl::rtsp
