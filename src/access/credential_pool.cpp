#include <vonglau/access/credential_pool.hpp>

namespace vl::access {

CredentialPool::CredentialPool(std::size_t threads, std::size_t queue_limit)
    : queue_limit_(queue_limit) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
}

CredentialPool::~CredentialPool() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    queue_.clear();
  }
  more_.notify_all();
  for (auto& thread : threads_) thread.join();
}

Result<void> CredentialPool::submit(Work work) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_ || queue_.size() >= queue_limit_)
      return fail(AccessError::busy, "too many people sign in at this moment; try again");
    queue_.push_back(std::move(work));
  }
  more_.notify_one();
  return {};
}

std::unexpected<Error> CredentialPool::dropped() {
  return fail(AccessError::busy, "the service is stopping; try again");
}

std::size_t CredentialPool::waiting() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

void CredentialPool::serve() {
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      more_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work();
  }
}

}  // namespace vl::access
