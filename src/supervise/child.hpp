// One real child process: started, signalled and reaped. Used by the supervisor's thread only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include <vonglau/base/result.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "descriptor.hpp"

namespace vl::supervise {

struct ProcessUsage {
  double cpu_s = 0;
  std::int64_t memory_bytes = 0;
};

class Child {
 public:
  /// Leads a process group of its own and is killed by the kernel with the calling thread.
  /// Fails when the program cannot be executed.
  static Result<Child> start(const ProcessSpec& spec);
  Child(Child&&) noexcept = default;
  Child& operator=(Child&&) noexcept = default;

  pid_t pid() const { return pid_; }
  int exit_fd() const { return exit_.get(); }    // readable when it has ended
  int words_fd() const { return words_.get(); }  // what it says (notify_protocol.hpp)
  std::string read_words();
  void signal(int number) const;
  /// How it ended, once it has; kills what is left of its group.
  std::optional<std::string> reap();
  std::optional<ProcessUsage> usage() const;

 private:
  Child(pid_t pid, Descriptor exit, Descriptor words)
      : pid_(pid), exit_(std::move(exit)), words_(std::move(words)) {}
  pid_t pid_;
  Descriptor exit_;
  Descriptor words_;
};

}  // namespace vl::supervise
