// How the supervised processes are, as `vonglau serve` tells it on its status socket.
//
// The socket (a Unix one, mode 0600) sends one JSON document to whoever connects, and closes.
// Any thread may read; a call takes at most the time given.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/result.hpp>

namespace vl::supervise {

enum class SuperviseError {
  unavailable,   // no supervisor answers
  malformed,     // what answers is not a supervisor of this version
  already_runs,  // another supervisor holds the folder
  refused,       // the system refuses: no such program, no permission, no memory
};
constexpr ErrorCode code_of(SuperviseError e) {
  switch (e) {
    case SuperviseError::unavailable:
      return {Category::unavailable, "supervise.unavailable"};
    case SuperviseError::malformed:
      return {Category::internal, "supervise.malformed"};
    case SuperviseError::already_runs:
      return {Category::conflict, "supervise.already_runs"};
    case SuperviseError::refused:
      break;
  }
  return {Category::unavailable, "supervise.refused"};
}

enum class ProcessState { starting, running, backing_off, stopped };

struct ProcessStatus {
  std::string name;
  std::optional<std::int64_t> pid;  // while it has one
  ProcessState state = ProcessState::stopped;
  std::int64_t restarts = 0;                 // since the supervisor began
  WallTime since_us;                         // when it came into this state
  std::optional<std::string> last_exit;      // "exited with 1", "killed by signal 9 (Killed)"
  std::optional<double> cpu_s;               // used by the present process
  std::optional<std::int64_t> memory_bytes;  // resident
};

enum class ProcessEventKind { started, ready, exited, hung, could_not_start };

struct ProcessEvent {
  std::int64_t number = 0;  // 1, 2, 3... since the supervisor began
  WallTime at_us;
  std::string process;
  ProcessEventKind kind = ProcessEventKind::started;
  std::string detail;  // how it ended, why it could not start
};

struct StatusReport {
  std::int64_t supervisor_pid = 0;
  WallTime since_us;  // since when the supervisor runs: with `number` it names an event for good
  std::vector<ProcessStatus> processes;
  std::vector<ProcessEvent> events;  // the newest 200, oldest first
};

/// `socket` is the path of the status socket. `unavailable` if no supervisor runs there.
Result<StatusReport> read_report(const std::string& socket, std::int64_t timeout_ms = 1000);
/// The processes alone.
Result<std::vector<ProcessStatus>> read_status(const std::string& socket,
                                               std::int64_t timeout_ms = 1000);

/// The document that the socket sends.
std::string text_of(const StatusReport& report);

}  // namespace vl::supervise
