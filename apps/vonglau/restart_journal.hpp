// Restarts of processes become events of the journal: what the supervisor tells on its socket is
// read every few seconds by the core, and what is not recorded yet is recorded, once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vonglau/journal/journal.hpp>
#include <vonglau/supervise/status.hpp>

namespace vl::app {

struct ProcessRestarted {
  static constexpr std::string_view kType = "process.restarted";
  static constexpr std::uint32_t kVersion = 1;
  std::string name;
  std::string how;  // it had ended: "killed by signal 9 (Killed)"
  WallTime restarted_us;
  WallTime supervisor_since_us;  // with `number`: which event of which supervisor
  std::int64_t number = 0;
};

/// Every restart in the report, oldest first: a start that follows an end of the same process.
std::vector<ProcessRestarted> restarts_in(const supervise::StatusReport& report);

class RestartJournal {
 public:
  /// `socket` is the supervisor's. One thread.
  RestartJournal(journal::Journal& journal, std::string socket)
      : journal_(journal), socket_(std::move(socket)) {}
  /// Without a supervisor there is nothing to do and nothing wrong.
  Result<void> follow();
  Result<void> record(const supervise::StatusReport& report);

 private:
  journal::Journal& journal_;
  std::string socket_;
  std::int64_t seen_ = 0;  // of the present supervisor
  WallTime supervisor_;
};

}  // namespace vl::app
