// A few threads for work on passwords, which takes 64 MiB and a good part of a second each: no
// flood of sign-ins takes more than `threads` times that. Owned by the composition root; any
// thread may submit.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include <vonglau/access/error.hpp>

namespace vl::access {

class CredentialPool {
  template <class T>
  static Result<T> as_result(T value) {
    return value;
  }
  template <class T>
  static Result<T> as_result(Result<T> result) {
    return result;
  }

 public:
  explicit CredentialPool(std::size_t threads = 2, std::size_t queue_limit = 64);
  /// Work that has not begun is dropped; who waits for it in run() gets `access.busy`.
  ~CredentialPool();
  CredentialPool(const CredentialPool&) = delete;
  CredentialPool& operator=(const CredentialPool&) = delete;

  using Work = std::move_only_function<void()>;
  /// `access.busy` when the queue is full. `work` must not throw.
  Result<void> submit(Work work);
  std::size_t waiting() const;

  /// Does `work` on one of the threads and waits for what it gives, a value or a Result. Not
  /// from one of the threads itself.
  template <class F>
  auto run(F work) -> decltype(as_result(work()));

 private:
  static std::unexpected<Error> dropped();
  void serve();

  const std::size_t queue_limit_;
  mutable std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

template <class F>
auto CredentialPool::run(F work) -> decltype(as_result(work())) {
  std::promise<decltype(as_result(work()))> promise;
  auto answer = promise.get_future();
  // The promise goes with the work, and breaks with it if the pool closes first.
  VL_CHECK(submit([promise = std::move(promise), work = std::move(work)]() mutable {
    promise.set_value(as_result(work()));
  }));
  try {
    return answer.get();
  } catch (const std::future_error&) {
    return dropped();
  }
}

}  // namespace vl::access
