#include "progress.hpp"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace vl::app {

Progress::Progress(std::string what, std::int64_t whole)
    : what_(std::move(what)), whole_(whole), shown_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (shown_) fmt::print(stderr, "\r\033[K");
}

void Progress::reached(std::int64_t done) {
  if (!shown_ || whole_ <= 0) return;
  fmt::print(stderr, "\r{} {} of {} ({} %)", what_, done, whole_, done * 100 / whole_);
  std::fflush(stderr);
}

}  // namespace vl::app
