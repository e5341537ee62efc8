// Starts processes, keeps them alive, ends them, and answers on the status socket.
//
// Owned and used by one thread, which must stay alive as long as the children should: the
// kernel kills them with it. At most 32 processes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/supervise/policy.hpp>
#include <vonglau/supervise/status.hpp>

namespace vl::supervise {

struct ProcessSpec {
  std::string name;                      // "core", "recorder": unique
  std::vector<std::string> command;      // program (with its path) and arguments
  std::vector<std::string> environment;  // "NAME=value", beside the supervisor's own
  /// Added to what the kernel reckons with when memory runs out: 0 goes last, 1000 first.
  int oom_score_adjust = 0;
};

struct SupervisorOptions {
  std::string folder;  // for supervisor.sock and supervisor.lock; made when missing
  RestartPolicy policy;
};

class Supervisor {
 public:
  using OnEvent = std::function<void(const ProcessEvent&)>;

  /// Takes the folder's lock and opens the socket; `already_runs` when another supervisor has
  /// it. Nothing is started before the first step().
  static Result<std::unique_ptr<Supervisor>> open(SupervisorOptions options,
                                                  std::vector<ProcessSpec> processes,
                                                  const Clock& clock, OnEvent on_event = {});
  /// Kills what still runs.
  virtual ~Supervisor() = default;

  /// Calls `on_readable` from step() whenever `fd` can be read (a signalfd, say).
  virtual void watch(int fd, std::function<void()> on_readable) = 0;
  /// Does what is due and waits for the next thing to happen, at most so long.
  virtual void step(std::int64_t longest_wait_ms) = 0;
  /// Asks every process to end; step() goes on until finished().
  virtual void stop() = 0;
  virtual bool finished() const = 0;
  virtual StatusReport report() const = 0;
};

/// FOLDER/supervisor.sock
std::string socket_path(const std::string& folder);

}  // namespace vl::supervise
