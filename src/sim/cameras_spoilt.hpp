// What a camera shows whose picture is spoilt: clips drawn when somebody first asks for them, each
// by a thread of its own, and kept while the simulator lives. Any thread.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "cameras_clips.hpp"

namespace vl::sim {

bool spoils_picture(FaultKind kind);

class SpoiltClips {
 public:
  /// Nothing until it has been drawn: a second or a few.
  const Clip* of(const Clip& clip, FaultKind kind);

 private:
  struct Made {
    Clip clip;
    std::atomic<bool> whole{false};
    std::jthread thread;
  };
  std::mutex mutex_;
  std::map<std::pair<const Clip*, FaultKind>, std::unique_ptr<Made>> made_;
};

}  // namespace vl::sim
