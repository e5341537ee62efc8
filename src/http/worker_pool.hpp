// The threads on which handlers run. Bounded: a request that finds the queue full is refused.
// Tasks of open WebSockets are always taken, since each connection has at most one waiting.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace vl::http {

using Task = std::move_only_function<void()>;

class WorkerPool {
 public:
  WorkerPool(int threads, std::size_t queue_limit);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// False when `queue_limit` tasks wait already; the task is then left untouched.
  bool try_post(Task& task);
  void post(Task task);
  std::size_t waiting() const;
  std::size_t running() const;
  /// Runs what waits, then joins. Not from a worker.
  void stop();

 private:
  void work();
  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

/// Runs its tasks on a pool one at a time and in order.
class SerialRunner : public std::enable_shared_from_this<SerialRunner> {
 public:
  explicit SerialRunner(WorkerPool& pool) : pool_(pool) {}
  void run(Task task);

 private:
  void work();
  WorkerPool& pool_;
  std::mutex mutex_;
  std::deque<Task> tasks_;
  bool active_ = false;
};

}  // namespace vl::http
