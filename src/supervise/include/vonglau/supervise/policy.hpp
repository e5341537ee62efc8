// When to start a process, when to end it and when to lose patience: pure, on given times.
//
// One ProcessLife for each supervised process, owned by the supervisor's thread.
#pragma once

#include <cstdint>
#include <optional>

#include <vonglau/base/clock.hpp>
#include <vonglau/supervise/status.hpp>

namespace vl::supervise {

struct RestartPolicy {
  std::int64_t first_delay_us = 100'000;
  std::int64_t longest_delay_us = 30'000'000;
  /// Having run so long, its next end counts as the first one again.
  std::int64_t stable_after_us = 10'000'000;
  /// A process that does not say it is ready counts as running after this.
  std::int64_t settle_us = 3'000'000;
  /// Between asking it to end and killing it.
  std::int64_t grace_us = 10'000'000;
  /// A process that has once said it is alive may be silent for so long.
  std::int64_t silence_us = 20'000'000;
};

enum class Step { wait, start, ask_to_end, kill };

class ProcessLife {
 public:
  /// Is due to be started at once.
  ProcessLife(RestartPolicy policy, MonoTime now) : policy_(policy), restart_at_(now) {}

  // What happened.
  void started(MonoTime now);
  void could_not_start(MonoTime now);
  void said_ready(MonoTime now);
  void said_alive(MonoTime now);
  void exited(MonoTime now);
  void stop(MonoTime now);

  /// What to do now. `ask_to_end` and `kill` come once each for one process; after `start` tell
  /// started() or could_not_start().
  Step next(MonoTime now);
  /// When next() may have something to do though nothing happened; nothing: never.
  std::optional<MonoTime> due() const;

  ProcessState state() const { return state_; }
  bool stopping() const { return stopping_; }
  /// Starts after the first.
  std::int64_t restarts() const { return starts_ == 0 ? 0 : starts_ - 1; }
  /// Killed for its silence, and not yet gone.
  bool hung() const { return hung_; }

 private:
  bool has_process() const;
  void back_off(MonoTime now);

  RestartPolicy policy_;
  ProcessState state_ = ProcessState::backing_off;
  MonoTime restart_at_;
  MonoTime started_at_;
  MonoTime kill_at_;
  std::optional<MonoTime> last_alive_;
  std::int64_t starts_ = 0;
  int failures_ = 0;  // in a row, without a stable run between
  bool stopping_ = false;
  bool asked_ = false;
  bool killed_ = false;
  bool hung_ = false;
};

}  // namespace vl::supervise
