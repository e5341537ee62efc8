// What a recorder's disks hold and how long that will do, once a minute on its way to the core,
// with what the last `vonglau recordings check` found. One thread: the owner's main one.
#pragma once

#include <deque>
#include <functional>
#include <string>

#include <vonglau/recorder/recorder.hpp>

namespace vl::recorder {

class StorageReports {
 public:
  static constexpr std::int64_t tell_us = 60'000'000;
  static constexpr std::int64_t rate_us = 3'600'000'000;
  StorageReports(const recording::FragmentStore& store, std::string folder,
                 std::int64_t retention_days, const Clock& clock)
      : store_(store), folder_(std::move(folder)), retention_days_(retention_days), clock_(clock) {}

  bool due() const { return clock_.mono().us >= next_us_; }
  /// `written_bytes`: made durable since the recorder started.
  node::StorageStateItem look(std::uint64_t written_bytes);

 private:
  struct Written {
    std::int64_t at_us = 0;
    std::uint64_t bytes = 0;
  };
  const recording::FragmentStore& store_;
  const std::string folder_;
  const std::int64_t retention_days_;
  const Clock& clock_;
  std::int64_t next_us_ = 0;
  std::deque<Written> written_;  // one a minute, an hour of them
};

}  // namespace vl::recorder
