// The last known position of each unit, in memory, and their way into telemetry. Taking a batch
// is quick: rows are written by a thread of its own, in transactions of many; what cannot be
// written while the store is away is dropped oldest first beyond `queue_limit`, counted and
// said. Any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include <vonglau/dispatch/schema.hpp>

namespace vl::routes {

class LivePositions {
 public:
  /// `told` is called with each batch taken, on the caller's thread: for watchers.
  LivePositions(store::Database& telemetry, ProvinceId province,
                std::function<void(std::span<const dispatch::Position>)> told,
                std::size_t queue_limit = 100'000);
  ~LivePositions();

  /// Reads the last positions of the last hour back after a restart.
  Result<void> load(std::span<const dispatch::UnitId> units, WallTime now);
  void take(std::vector<dispatch::Position> positions);
  std::vector<dispatch::Position> all() const;
  std::int64_t dropped() const;

 private:
  void write();
  store::Database& telemetry_;
  const ProvinceId province_;
  std::function<void(std::span<const dispatch::Position>)> told_;
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::unordered_map<dispatch::UnitId, dispatch::Position> last_;
  std::deque<dispatch::Position> queue_;
  std::int64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::routes
