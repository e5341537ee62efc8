#include "picture_watch.hpp"

#include <algorithm>

#include <sys/resource.h>
#include <unistd.h>

#include <vonglau/base/log.hpp>

namespace vl::recorder {

using recording::StreamKind;

PictureWatch::PictureWatch(PictureOptions options, const recording::FragmentStore& store,
                           const Clock& clock, Tell tell)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      tell_(std::move(tell)),
      helper_(options_.helper) {
  thread_ = std::thread([this] { run(); });
}

PictureWatch::~PictureWatch() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void PictureWatch::set_cameras(std::vector<Uuid> cameras) {
  const std::scoped_lock lock(mutex_);
  cameras_ = std::move(cameras);
}

void PictureWatch::look(const Uuid& camera, Known& known) {
  const recording::StreamKey key{recording::CameraId{camera}, StreamKind::main};
  const auto now = clock_.wall();
  const auto ref = store_.seek(key, now.us);
  // Nothing new since the last look: its silence is told elsewhere.
  if (!ref || ref->start_us <= known.newest_us) return;
  const auto fragment = store_.read(ref->id);
  if (!fragment) return;
  const auto sample = std::ranges::find_if(
      fragment->samples, [](const media::Sample& s) { return s.track == 0 && s.is_key; });
  if (sample == fragment->samples.end() || !sample->format) return;
  known.newest_us = ref->start_us;
  const auto look = helper_.look(sample->format->codec, picture::annex_b(*sample));
  ++looks_;
  if (!look) {
    ++failures_;
    log::debug("recorder.picture", {{"camera", camera.text()}, {"why", look.error().message}});
    return;
  }
  known.judge.add(*look, WallTime{sample->wall_us});
  const auto state = known.judge.state();
  if (!state || state == known.told) return;
  known.told = state;
  tell_(camera, *state, WallTime{sample->wall_us});
}

void PictureWatch::run() {
  // Of this thread alone: what it reads and copies must not get in recording's way.
  static_cast<void>(::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), 15));
  std::uint64_t round = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto cameras = cameras_;
    ++round;
    const auto of_all_us = static_cast<std::int64_t>(static_cast<double>(cameras.size()) * 1e6 /
                                                     options_.looks_a_second);
    const auto round_us = std::max(options_.least_us, of_all_us);
    const auto between = std::chrono::microseconds(
        round_us / static_cast<std::int64_t>(std::max<std::size_t>(cameras.size(), 1)));
    for (const auto& camera : cameras) {
      lock.unlock();
      auto& known =
          known_.try_emplace(camera, Known{picture::PictureJudge(options_.rules), {}, 0, 0})
              .first->second;
      known.round = round;
      if (tell_again_.exchange(false))
        for (auto& [id, one] : known_) one.told.reset();
      look(camera, known);
      lock.lock();
      if (wake_.wait_for(lock, between, [&] { return stopping_; })) return;
    }
    // What was not seen for a day is forgotten; a camera that is back soon is known still.
    std::erase_if(known_, [&](const auto& one) { return one.second.round + 1'000 < round; });
    if (cameras.empty() && wake_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; }))
      return;
  }
}

}  // namespace vl::recorder
