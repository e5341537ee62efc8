// The programs of a measurement: the cameras' farm, and who receives from it. Each is this program
// started anew in a role of its own, or ffmpeg.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>

#include "farm.hpp"

namespace vl::bench {

constexpr double longest_start_s = 60;
void rest(double seconds);

struct Settings {
  std::size_t cameras;
  double seconds;
  double settle_s;
  std::string tape;
  std::string folder;
  std::int64_t disk_gb;
  std::int64_t slow_disk_gb;
  std::int64_t slice_ms;
  std::int64_t pace_ms;
  std::int64_t kbit;
};

/// A program, and what it writes. Ended with it.
class Child {
 public:
  explicit Child(std::vector<std::string> words);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next one, without its end; empty when there are no more.
  std::string line();
  /// SIGTERM, and waits.
  void end();
  double cpu_s() const;
  /// "VmRSS:" now, "VmHWM:" at most.
  double memory_mb(std::string_view which) const;

 private:
  pid_t pid_ = 0;
  FILE* output_ = nullptr;
};

/// The words to start this program in a role.
std::vector<std::string> own_role(const std::string& role, const Settings& settings,
                                  const std::string& folder, std::size_t cameras,
                                  std::uint32_t port);

/// The farm, listening.
class RunningFarm {
 public:
  RunningFarm(const Settings& settings, const std::string& folder, std::size_t cameras);
  FarmFigures& figures() { return figures_; }
  const Child& child() const { return child_; }

 private:
  FarmFigures& figures_;
  Child child_;
};

/// Reads what a program says, so that it never waits for that; logged lines go to stderr.
class LineReader {
 public:
  explicit LineReader(Child& child);
  /// After the program has ended: its last line.
  std::string last();

 private:
  std::string last_;
  std::thread thread_;
};

/// Until it says "ready"; false: it ended instead.
bool wait_until_ready(Child& child);

}  // namespace vl::bench
