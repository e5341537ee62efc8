// A child process that runs a journal and can be killed: this program, started again with a role.
// It says over a pipe what it is about to ask and what it was answered, so that the parent knows
// what was acknowledged before the end. One thread of the parent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include <vonglau/base/ids.hpp>

namespace vl::simulation {

/// One message over the pipe; short enough that writes of several threads never mix.
struct Message {
  enum class Kind : std::uint8_t { ready, asked, acknowledged, fenced, failed };
  Kind kind{};
  Uuid key;
  Uuid tally;
  std::int64_t amount = 0;
  std::int64_t sequence = 0;  // of an answer
  std::int64_t total = 0;     // likewise: its reply
};

/// Runs the role named in the arguments and gives the exit status; nothing when they name none.
/// Called first thing in main.
std::optional<int> run_role(int argc, char** argv);

/// What a victim ends with when it could not open the journal.
constexpr int kCouldNotOpen = 5;

class Victim {
 public:
  static constexpr int threads = 6;
  /// Starts it: several threads that send commands to a journal on `address` until it is killed
  /// or fenced. `seed` makes its ids and amounts.
  Victim(const std::string& address, std::uint64_t seed);
  ~Victim();
  Victim(const Victim&) = delete;
  Victim& operator=(const Victim&) = delete;

  /// The next message, or nothing at the end of the pipe or when none came in time.
  std::optional<Message> next(int patience_ms = 60'000);
  bool at_end() const { return at_end_; }
  void kill();
  /// Waits for its end; the status as waitpid() gives it.
  int wait();

 private:
  pid_t child_ = -1;
  int pipe_ = -1;
  bool at_end_ = false;
};

}  // namespace vl::simulation
