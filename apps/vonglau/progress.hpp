// A line on standard error that says how far a long work is, where a person watches.
#pragma once

#include <cstdint>
#include <string>

namespace vl::app {

class Progress {
 public:
  Progress(std::string what, std::int64_t whole);
  ~Progress();  // clears the line
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void reached(std::int64_t done);

 private:
  std::string what_;
  std::int64_t whole_;
  bool shown_;
};

}  // namespace vl::app
