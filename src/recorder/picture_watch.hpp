// Looks at one stored key picture of each camera now and then, and tells the core when what it
// shows changes: black, frozen, blurred, covered, moved. Works on what is on disk, in a thread of
// its own of low priority, decodes in a helper's process: whatever happens here, recording goes on.
//
// A camera is looked at every `least_us`, or so often that all together cost `looks_a_second`.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <vonglau/picture/helper.hpp>
#include <vonglau/picture/judge.hpp>
#include <vonglau/recording/fragment_store.hpp>

namespace vl::recorder {

struct PictureOptions {
  /// Nothing: pictures are not looked at.
  picture::Helper::Start helper;
  std::int64_t least_us = 20'000'000;
  double looks_a_second = 10;
  picture::PictureRules rules;
};

class PictureWatch {
 public:
  using Tell = std::function<void(const Uuid& camera, picture::PictureState state, WallTime at)>;
  PictureWatch(PictureOptions options, const recording::FragmentStore& store, const Clock& clock,
               Tell tell);
  ~PictureWatch();
  PictureWatch(const PictureWatch&) = delete;
  PictureWatch& operator=(const PictureWatch&) = delete;

  /// The cameras that stream now. Any thread.
  void set_cameras(std::vector<Uuid> cameras);
  /// Everything is told again: the core may have forgotten.
  void tell_again() { tell_again_ = true; }
  std::uint64_t looks() const { return looks_; }
  std::uint64_t failures() const { return failures_; }

 private:
  struct Known {
    picture::PictureJudge judge;
    std::optional<picture::PictureState> told;
    std::int64_t newest_us = 0;  // of the picture looked at last
    std::uint64_t round = 0;
  };
  void run();
  void look(const Uuid& camera, Known& known);

  const PictureOptions options_;
  const recording::FragmentStore& store_;
  const Clock& clock_;
  const Tell tell_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Uuid> cameras_;
  bool stopping_ = false;
  std::atomic<bool> tell_again_ = false;
  std::atomic<std::uint64_t> looks_ = 0, failures_ = 0;
  picture::Helper helper_;       // the thread's
  std::map<Uuid, Known> known_;  // the thread's
  std::thread thread_;
};

}  // namespace vl::recorder
