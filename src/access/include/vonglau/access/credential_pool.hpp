// A few threads for work on passwords, which takes 64 MiB and a good part of a second each: no
// flood of sign-ins takes more than `threads` times that. Owned by the composition root; any
// thread may submit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <vonglau/access/error.hpp>

namespace vl::access {

class CredentialPool {
 public:
  explicit CredentialPool(std::size_t threads = 2, std::size_t queue_limit = 64);
  /// Work that has not begun is dropped, unanswered.
  ~CredentialPool();
  CredentialPool(const CredentialPool&) = delete;
  CredentialPool& operator=(const CredentialPool&) = delete;

  using Work = std::move_only_function<void()>;
  /// `access.busy` when the queue is full. `work` must not throw.
  Result<void> submit(Work work);
  std::size_t waiting() const;

 private:
  void serve();

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vl::access
