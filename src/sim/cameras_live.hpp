// A stream drawn and encoded as time passes: what is in the picture is what the clock says. Has
// a thread of its own, which sleeps while nobody watches.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/sim/scene.hpp>

#include "cameras_encoder.hpp"
#include "cameras_motion.hpp"
#include "cameras_packets.hpp"
#include "cameras_ptz.hpp"

namespace vl::sim {

struct LiveUnit {
  Unit unit;
  WallTime captured;  // the moment burned into the picture
};

class LiveStream {
 public:
  /// Called from the stream's own thread.
  using Deliver = std::function<void(std::shared_ptr<const LiveUnit>)>;

  static Result<std::unique_ptr<LiveStream>> open(const SceneSpec& scene,
                                                  const VideoProfile& profile, std::string code,
                                                  const Clock& clock, Deliver deliver,
                                                  std::shared_ptr<PtzHead> head = {});
  ~LiveStream();
  LiveStream(const LiveStream&) = delete;
  LiveStream& operator=(const LiveStream&) = delete;

  const VideoProfile& profile() const { return profile_; }
  const std::vector<Bytes>& parameter_sets() const { return parameter_sets_; }
  /// Somebody more, or fewer, watches. A newcomer gets a key picture at once.
  void watch();
  void unwatch();
  /// Whether something moved in what it filmed then (monotonic), some minutes back at most.
  bool moved(std::int64_t mono_us) const;

 private:
  LiveStream(SceneSpec scene, VideoProfile profile, std::string code, const Clock& clock,
             Deliver deliver, std::shared_ptr<PtzHead> head);
  void draw(std::int64_t at_us, Picture& out);
  void work(const std::stop_token& stop);
  void look(const Picture& picture, std::int64_t at_us);
  bool wait_for_watchers(const std::stop_token& stop, bool& key_wanted);

  const SceneSpec scene_;
  const VideoProfile profile_;
  const std::string code_;
  const Clock& clock_;
  const Deliver deliver_;
  const std::shared_ptr<PtzHead> head_;  // none: it looks where its scene has it look
  std::shared_ptr<const Scene> drawn_scene_;
  std::unique_ptr<SceneRenderer> renderer_;
  std::future<std::unique_ptr<SceneRenderer>> sharper_;  // of where it looks now
  Picture straight_;
  MotionCells cells_;
  double usual_ = 0;  // of its cells change
  struct Change {
    std::int64_t at_us;
    bool moves;
  };
  std::deque<Change> motion_;  // with the mutex
  std::vector<Bytes> parameter_sets_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  int watchers_ = 0;
  bool key_wanted_ = false;
  std::jthread thread_;
};

}  // namespace vl::sim
