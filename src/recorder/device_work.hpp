// Cameras that are spoken to by ONVIF: what the core asks for at once (looking for cameras, taking
// one in, moving one), tours, the way home when nobody holds a camera any more, and clocks.
//
// A camera may take seconds to answer, so all of it runs on a few threads of its own: at most
// `most_jobs` wait, and of one camera no more than `most_of_one`, so that a slow one does not keep
// the others waiting. A camera that is not told to go on moving is stopped, whatever it makes of
// the time it was given. assign() and take(): any thread; keep(): one thread, several times a
// second.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <vonglau/node/protocol.hpp>
#include <vonglau/onvif/device.hpp>

#include "core_reports.hpp"

namespace vl::recorder {

struct DeviceOptions {
  std::uint16_t discovery_port = 3702;
  std::size_t threads = 4;
  /// Without another word a movement ends.
  std::int64_t move_us = 1'200'000;
  std::int64_t clock_first_us = 30'000'000;
  std::int64_t clock_every_us = 6LL * 3600 * 1'000'000;
};

class DeviceWork {
 public:
  using Answer = std::function<void(node::TaskDone)>;
  static constexpr std::size_t most_jobs = 64;
  static constexpr std::size_t most_of_one = 3;

  DeviceWork(DeviceOptions options, CoreReports& reports, const Clock& clock);
  /// Waits for what is being done: a few seconds at most.
  ~DeviceWork();
  DeviceWork(const DeviceWork&) = delete;
  DeviceWork& operator=(const DeviceWork&) = delete;

  void assign(const node::Assignment& assignment);
  void take(node::Task task, Answer answer);
  /// It is turned on purpose: another picture says nothing.
  bool is_turned(const Uuid& camera) const;
  void keep();

 private:
  struct Known {
    node::DeviceAssignment assigned;
    onvif::Login login;
    std::shared_ptr<onvif::Device> device;
    std::size_t step = 0;               // of the tour
    std::optional<MonoTime> next_step;  // nothing: no tour runs
    std::optional<MonoTime> stop_at;    // it is moving by somebody's word
    MonoTime next_clock;
    std::size_t jobs = 0;
  };
  using Run = std::function<void(onvif::Device&)>;

  bool enqueue(std::function<void()> job);
  bool enqueue_for(const Uuid& camera, Known& known, Run run);  // with the mutex
  void work(const std::stop_token& stop);
  void change(Known& known, const node::DeviceAssignment& next, const Uuid& camera);
  void keep_one(const Uuid& camera, Known& known, MonoTime now);
  void check_clock(const Uuid& camera, onvif::Device& device);
  void discover(const node::Task& task, const Answer& answer) const;
  void enrol(const node::Task& task, const Answer& answer) const;
  void ptz(const node::Task& task, Answer answer);

  const DeviceOptions options_;
  CoreReports& reports_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_;
  std::map<Uuid, Known> known_;
  std::vector<std::jthread> threads_;
};

}  // namespace vl::recorder
