// Motion as cameras themselves detect it: each camera that is spoken to by ONVIF and tells events
// is asked every `every_us` what happened since, and that goes into the MotionLog.
//
// A few threads ask all of them, one short question each; no connection waits for an event. A
// camera that does not answer is asked less and less often, and one without events twice a day.
// While one is not heard, nothing is known of its motion, which is not the same as none. assign()
// and look(): any thread; keep(): one thread, several times a second.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <vonglau/node/protocol.hpp>
#include <vonglau/onvif/events.hpp>
#include <vonglau/recorder/recorder.hpp>

#include "motion_log.hpp"

namespace vl::recorder {

struct MotionCounters {
  std::size_t cameras = 0;  // that tell motion now
  std::uint64_t asked = 0, failed = 0, events = 0;
};

class MotionWatch {
 public:
  /// Since when a camera has footage; nothing: it has none.
  using Oldest = std::function<std::optional<std::int64_t>(const Uuid& camera)>;

  MotionWatch(MotionOptions options, MotionLog& log, const Clock& clock, Oldest oldest);
  /// Waits for what is being asked: a second or two.
  ~MotionWatch();
  MotionWatch(const MotionWatch&) = delete;
  MotionWatch& operator=(const MotionWatch&) = delete;

  void assign(const node::Assignment& assignment);
  void keep();
  MotionCounters counters() const;

 private:
  struct Known {
    Uuid id;
    std::string address;
    onvif::Login login;
    std::unique_ptr<onvif::Device> device;
    std::optional<onvif::PullPoint> point;
    std::int64_t offset_us = 0;    // its clock less ours
    std::set<std::string> moving;  // what moves there
    bool is_heard = false;         // one that told nothing yet may have its detection off
    std::int64_t marked_us = 0;    // up to here it is in the log
    MonoTime renew, next;
    std::int64_t wait_us = 0;  // after it did not answer
    bool tells = false;        // with the mutex, as `next`
  };
  void work(const std::stop_token& stop);
  void ask(Known& known);
  Result<void> pull(Known& known);
  Result<void> subscribe(Known& known);
  void take(Known& known, const std::vector<onvif::MotionEvent>& events, std::int64_t now_us);
  void forget_old();

  const MotionOptions options_;
  MotionLog& log_;
  const Clock& clock_;
  const Oldest oldest_;
  MonoTime next_forgetting_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<Uuid, std::shared_ptr<Known>> known_;
  std::deque<std::shared_ptr<Known>> due_;  // each at most once
  std::set<Uuid> busy_;                     // in `due_`, or being asked
  MotionCounters counters_;
  std::vector<std::jthread> threads_;
};

}  // namespace vl::recorder
