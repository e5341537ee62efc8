#include "cameras_live.hpp"

#include <chrono>
#include <utility>

#include <vonglau/base/log.hpp>

namespace vl::sim {

LiveStream::LiveStream(SceneSpec scene, VideoProfile profile, std::string code, const Clock& clock,
                       Deliver deliver)
    : scene_(scene),
      profile_(profile),
      code_(std::move(code)),
      clock_(clock),
      deliver_(std::move(deliver)) {}

LiveStream::~LiveStream() = default;

Result<std::unique_ptr<LiveStream>> LiveStream::open(const SceneSpec& scene,
                                                     const VideoProfile& profile, std::string code,
                                                     const Clock& clock, Deliver deliver) {
  std::unique_ptr<LiveStream> stream(
      new LiveStream(scene, profile, std::move(code), clock, std::move(deliver)));
  VL_TRY(stream->parameter_sets_, parameter_sets_of(profile));
  stream->thread_ =
      std::jthread([raw = stream.get()](const std::stop_token& stop) { raw->work(stop); });
  return stream;
}

void LiveStream::watch() {
  const std::scoped_lock lock(mutex_);
  ++watchers_;
  key_wanted_ = true;
  changed_.notify_all();
}

void LiveStream::unwatch() {
  const std::scoped_lock lock(mutex_);
  --watchers_;
}

bool LiveStream::wait_for_watchers(const std::stop_token& stop, bool& key_wanted) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return watchers_ > 0; });
  key_wanted = std::exchange(key_wanted_, false);
  return !stop.stop_requested();
}

void LiveStream::work(const std::stop_token& stop) {
  auto encoder = H264Encoder::open(profile_);
  if (!encoder) {
    log::error("sim.live_failed", {{"camera", code_}, {"why", encoder.error().message}});
    return;
  }
  std::unique_ptr<SceneRenderer> renderer;  // drawn when somebody first watches
  const std::int64_t step_us = 1'000'000 / profile_.fps;
  Picture picture;
  std::vector<CodedPicture> coded;
  bool key_wanted = false;
  while (wait_for_watchers(stop, key_wanted)) {
    if (!renderer)
      renderer = std::make_unique<SceneRenderer>(std::make_shared<const Scene>(scene_),
                                                 profile_.width, profile_.height, 1);
    const std::int64_t start_us = clock_.mono().us;
    // The scene is drawn first: the clock is read as late as can be, as a shutter would.
    renderer->render(static_cast<double>(start_us % 86'400'000'000) / 1e6, picture);
    const WallTime captured = clock_.wall();
    burn_caption(picture, code_, captured);
    burn_clock(picture, captured.us / 1000);
    if (!(*encoder)->encode(picture, key_wanted, coded)) return;
    for (const CodedPicture& one : coded)
      deliver_(std::make_shared<const LiveUnit>(LiveUnit{packetise(one), captured}));
    coded.clear();
    const std::int64_t next_us = (start_us / step_us + 1) * step_us;
    std::unique_lock lock(mutex_);
    changed_.wait_for(
        lock, stop,
        std::chrono::microseconds(std::max<std::int64_t>(0, next_us - clock_.mono().us)),
        [] { return false; });
  }
}

}  // namespace vl::sim
