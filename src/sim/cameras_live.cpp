#include "cameras_live.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include <vonglau/base/log.hpp>

namespace vl::sim {

LiveStream::LiveStream(SceneSpec scene, VideoProfile profile, std::string code, const Clock& clock,
                       Deliver deliver, std::shared_ptr<PtzHead> head)
    : scene_(scene),
      profile_(profile),
      code_(std::move(code)),
      clock_(clock),
      deliver_(std::move(deliver)),
      head_(std::move(head)) {}

LiveStream::~LiveStream() = default;

Result<std::unique_ptr<LiveStream>> LiveStream::open(const SceneSpec& scene,
                                                     const VideoProfile& profile, std::string code,
                                                     const Clock& clock, Deliver deliver,
                                                     std::shared_ptr<PtzHead> head) {
  std::unique_ptr<LiveStream> stream(
      new LiveStream(scene, profile, std::move(code), clock, std::move(deliver), std::move(head)));
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

// What stands still takes about a second to draw anew from another view. Meanwhile the picture is
// the last one turned: as soft as a camera's is while it moves.
void LiveStream::draw(std::int64_t at_us, Picture& out) {
  const auto make = [this](SceneView view) {
    return std::make_unique<SceneRenderer>(drawn_scene_, profile_.width, profile_.height, 1, view);
  };
  const SceneView view = head_ ? head_->view() : SceneView{};
  if (!renderer_) {  // drawn when somebody first watches
    drawn_scene_ = std::make_shared<const Scene>(scene_);
    renderer_ = make(view);
  }
  if (sharper_.valid() && sharper_.wait_for(std::chrono::seconds(0)) == std::future_status::ready)
    renderer_ = sharper_.get();
  const double time_s = static_cast<double>(at_us % 86'400'000'000) / 1e6;
  if (renderer_->view() == view) return renderer_->render(time_s, out);
  if (!sharper_.valid()) sharper_ = std::async(std::launch::async, make, view);
  renderer_->render(time_s, straight_);
  renderer_->turn(straight_, view, out);
}

// As it is set up before a street: told is what is more than usual, over half a minute.
void LiveStream::look(const Picture& picture, std::int64_t at_us) {
  constexpr std::size_t most_changes = 600;
  const double changed = cells_.changed(picture);
  const bool moves = changed > 1.15 * usual_;
  usual_ += (changed - usual_) / 90;
  const std::scoped_lock lock(mutex_);
  if (!motion_.empty() && motion_.back().moves == moves) return;
  motion_.push_back({at_us, moves});
  if (motion_.size() > most_changes) motion_.pop_front();
}

bool LiveStream::moved(std::int64_t mono_us) const {
  const std::scoped_lock lock(mutex_);
  const auto after = std::ranges::upper_bound(motion_, mono_us, {}, &Change::at_us);
  return after != motion_.begin() && std::prev(after)->moves;
}

void LiveStream::work(const std::stop_token& stop) {
  auto encoder = H264Encoder::open(profile_);
  if (!encoder) {
    log::error("sim.live_failed", {{"camera", code_}, {"why", encoder.error().message}});
    return;
  }
  const std::int64_t step_us = 1'000'000 / profile_.fps;
  Picture picture;
  std::vector<CodedPicture> coded;
  bool key_wanted = false;
  int until_look = 0;
  while (wait_for_watchers(stop, key_wanted)) {
    const std::int64_t start_us = clock_.mono().us;
    // The scene is drawn first: the clock is read as late as can be, as a shutter would.
    draw(start_us, picture);
    if (--until_look <= 0) {
      until_look = profile_.fps / 3;
      look(picture, start_us);
    }
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
