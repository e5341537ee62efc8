#include <algorithm>

#include <vonglau/base/assert.hpp>
#include <vonglau/supervise/policy.hpp>

namespace vl::supervise {

bool ProcessLife::has_process() const {
  return state_ == ProcessState::starting || state_ == ProcessState::running;
}

void ProcessLife::started(MonoTime now) {
  VL_ASSERT(!has_process());
  state_ = ProcessState::starting;
  started_at_ = now;
  last_alive_.reset();
  asked_ = killed_ = hung_ = false;
  ++starts_;
}

void ProcessLife::could_not_start(MonoTime now) {
  VL_ASSERT(!has_process());
  back_off(now);
}

void ProcessLife::said_ready(MonoTime) {
  if (state_ == ProcessState::starting) state_ = ProcessState::running;
}

void ProcessLife::said_alive(MonoTime now) {
  if (has_process()) last_alive_ = now;
}

void ProcessLife::exited(MonoTime now) {
  VL_ASSERT(has_process());
  hung_ = false;
  if (now.us - started_at_.us >= policy_.stable_after_us) failures_ = 0;
  if (stopping_) {
    state_ = ProcessState::stopped;
  } else {
    back_off(now);
  }
}

void ProcessLife::back_off(MonoTime now) {
  state_ = ProcessState::backing_off;
  // 2^40 first delays are longer than any longest delay; the shift must not overflow.
  const std::int64_t delay_us = policy_.first_delay_us << std::min(failures_, 40);
  restart_at_ = {now.us + std::min(delay_us, policy_.longest_delay_us)};
  ++failures_;
}

void ProcessLife::stop(MonoTime now) {
  if (stopping_) return;
  stopping_ = true;
  kill_at_ = {now.us + policy_.grace_us};
  if (!has_process()) state_ = ProcessState::stopped;
}

Step ProcessLife::next(MonoTime now) {
  if (state_ == ProcessState::stopped) return Step::wait;
  if (state_ == ProcessState::backing_off) return now >= restart_at_ ? Step::start : Step::wait;
  if (state_ == ProcessState::starting && now.us - started_at_.us >= policy_.settle_us) {
    state_ = ProcessState::running;
  }
  if (killed_) return Step::wait;
  if (stopping_ && !asked_) {
    asked_ = true;
    return Step::ask_to_end;
  }
  const bool out_of_patience = stopping_ && now >= kill_at_;
  const bool silent = last_alive_ && now.us - last_alive_->us >= policy_.silence_us;
  if (!out_of_patience && !silent) return Step::wait;
  killed_ = true;
  hung_ = silent;
  return Step::kill;
}

std::optional<MonoTime> ProcessLife::due() const {
  if (state_ == ProcessState::stopped) return {};
  if (state_ == ProcessState::backing_off) return restart_at_;
  if (stopping_ && !asked_) return MonoTime{};
  std::optional<MonoTime> soonest;
  const auto consider = [&](MonoTime time) { soonest = soonest ? std::min(*soonest, time) : time; };
  if (state_ == ProcessState::starting) consider({started_at_.us + policy_.settle_us});
  if (!killed_ && stopping_) consider(kill_at_);
  if (!killed_ && last_alive_) consider({last_alive_->us + policy_.silence_us});
  return soonest;
}

}  // namespace vl::supervise
