#include "motion_watch.hpp"

#include <algorithm>

#include <vonglau/base/log.hpp>

namespace vl::recorder {

namespace {

constexpr std::uint32_t call_ms = 1'500;
constexpr std::uint32_t lasts_s = 120;
constexpr std::size_t most_pulls = 4;  // of a camera that has much to tell
constexpr std::size_t most_moving = 64;

}  // namespace

MotionWatch::MotionWatch(MotionOptions options, MotionLog& log, const Clock& clock, Oldest oldest)
    : options_(std::move(options)),
      log_(log),
      clock_(clock),
      oldest_(std::move(oldest)),
      next_forgetting_{clock.mono().us + options_.forget_every_us} {
  for (std::size_t i = 0; i < options_.threads; ++i)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

MotionWatch::~MotionWatch() {
  for (auto& thread : threads_) thread.request_stop();
  threads_.clear();
}

void MotionWatch::assign(const node::Assignment& assignment) {
  const std::scoped_lock lock(mutex_);
  std::map<Uuid, std::shared_ptr<Known>> next;
  for (const auto& camera : assignment.cameras) {
    if (!camera.device) continue;
    const onvif::Login login{camera.login.value_or(""), camera.password.value_or("")};
    const auto old = known_.find(camera.id);
    if (old != known_.end() && old->second->address == camera.device->address &&
        old->second->login.user == login.user && old->second->login.password == login.password) {
      next[camera.id] = old->second;
      continue;
    }
    const auto address = onvif::parse_address(camera.device->address);
    if (!address) continue;
    auto one = std::make_shared<Known>();
    one->id = camera.id;
    one->address = camera.device->address;
    one->login = login;
    one->device = std::make_unique<onvif::Device>(*address, login, clock_, call_ms);
    // Of a thousand cameras that are assigned together, not all at once.
    one->next = {clock_.mono().us + camera.id.bytes[15] * options_.every_us / 256};
    next[camera.id] = std::move(one);
  }
  // What is no longer assigned lets its subscription end by itself.
  known_ = std::move(next);
}

void MotionWatch::keep() {
  const auto now = clock_.mono();
  bool forgets = false;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& [id, one] : known_) {
      if (now < one->next || !busy_.insert(id).second) continue;
      due_.push_back(one);
      changed_.notify_one();
    }
    forgets = now >= next_forgetting_;
    if (forgets) next_forgetting_ = {now.us + options_.forget_every_us};
  }
  if (forgets) forget_old();
}

void MotionWatch::work(const std::stop_token& stop) {
  for (;;) {
    std::shared_ptr<Known> one;
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return !due_.empty(); })) return;
      one = std::move(due_.front());
      due_.pop_front();
    }
    ask(*one);
    const std::scoped_lock lock(mutex_);
    busy_.erase(one->id);
  }
}

/// One thread at a time for one camera: it is busy until this is done.
void MotionWatch::ask(Known& known) {
  const bool had = known.point.has_value();
  const auto done = pull(known);
  std::int64_t wait_us = options_.every_us;
  if (done) {
    known.wait_us = 0;
  } else {
    known.point.reset();
    known.moving.clear();
    known.is_heard = false;
    known.wait_us = std::clamp(known.wait_us * 2, 2 * options_.every_us, options_.longest_wait_us);
    wait_us = known.wait_us;
    // It has none, and will hardly get any.
    if (done.error().code.name == "onvif.not_supported") wait_us = options_.none_wait_us;
    if (had)
      log::warn("camera.motion_not_told",
                {{"camera", known.id.text()}, {"why", done.error().message}});
  }
  const std::scoped_lock lock(mutex_);
  ++counters_.asked;
  counters_.failed += done ? 0 : 1;
  known.tells = done.has_value();
  known.next = {clock_.mono().us + wait_us};
}

Result<void> MotionWatch::subscribe(Known& known) {
  VL_TRY(known.offset_us, known.device->clock_offset_us());
  VL_TRY(known.point, onvif::subscribe_motion(*known.device, lasts_s));
  known.renew = {clock_.mono().us + lasts_s * 500'000};
  known.marked_us = clock_.wall().us;
  return {};
}

Result<void> MotionWatch::pull(Known& known) {
  if (!known.point) VL_CHECK(subscribe(known));
  for (std::size_t pulls = 0; pulls < most_pulls; ++pulls) {
    std::size_t total = 0;
    const auto now_us = clock_.wall().us;
    VL_TRY(const auto events, onvif::pull_motion(*known.device, *known.point, total));
    const bool is_last = total < onvif::kMostEvents || pulls + 1 == most_pulls;
    take(known, events, is_last ? now_us : 0);
    if (is_last) break;
  }
  if (clock_.mono() < known.renew) return {};
  known.renew = {clock_.mono().us + lasts_s * 500'000};
  VL_TRY(known.offset_us, known.device->clock_offset_us());
  return onvif::renew(*known.device, *known.point, lasts_s);
}

/// Each event ends what was known before it; `now_us` ends all of it, 0 when more is to come.
void MotionWatch::take(Known& known, const std::vector<onvif::MotionEvent>& events,
                       std::int64_t now_us) {
  const auto mark_to = [&](std::int64_t to_us) {
    if (to_us <= known.marked_us) return;
    if (known.is_heard) log_.mark(known.id, known.marked_us, to_us, !known.moving.empty());
    known.marked_us = to_us;
  };
  const auto latest_us = now_us > 0 ? now_us : clock_.wall().us;
  for (const auto& event : events) {
    const auto at_us = std::min(event.at.us - known.offset_us, latest_us);
    mark_to(at_us);
    known.is_heard = true;
    if (!event.moving)
      known.moving.erase(event.what);
    else if (known.moving.size() < most_moving)
      known.moving.insert(event.what);
    // Shorter than a second is seen as well.
    if (event.moving && at_us >= known.marked_us) log_.mark(known.id, at_us, at_us + 1, true);
  }
  if (now_us > 0) mark_to(now_us);
  const std::scoped_lock lock(mutex_);
  counters_.events += events.size();
}

/// As long as the footage, and no longer.
void MotionWatch::forget_old() {
  for (const auto& camera : log_.cameras())
    log_.forget(camera, oldest_(camera).value_or(clock_.wall().us));
}

MotionCounters MotionWatch::counters() const {
  const std::scoped_lock lock(mutex_);
  auto out = counters_;
  out.cameras = static_cast<std::size_t>(
      std::ranges::count_if(known_, [](const auto& one) { return one.second->tells; }));
  return out;
}

}  // namespace vl::recorder
