#include <vonglau/base/log.hpp>
#include <vonglau/journal/root_keeper.hpp>

namespace vl::journal {

RootKeeper::RootKeeper(RootLog log, SigningKey key, const Clock& clock, std::function<Head()> head,
                       std::int64_t interval_us)
    : log_(std::move(log)),
      key_(std::move(key)),
      clock_(clock),
      head_(std::move(head)),
      interval_us_(interval_us) {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      lock.unlock();
      sign_once();
      lock.lock();
      wake_.wait_for(lock, std::chrono::microseconds(interval_us_), [&] { return stopping_; });
    }
  });
}

RootKeeper::~RootKeeper() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
  sign_once();  // what was recorded since the last interval
}

void RootKeeper::sign_now() {
  sign_once();
}

void RootKeeper::sign_once() {
  const std::scoped_lock one_at_a_time(log_mutex_);
  const Head head = head_();
  if (head.sequence == 0 || head.sequence == log_.last_sequence()) return;
  auto root = log_.append(head, clock_.wall(), key_);
  const std::scoped_lock lock(mutex_);
  if (root) {
    status_ = {std::move(*root), ""};
  } else {
    if (status_.last_error.empty())
      log::error("journal.root_not_written", {{"why", root.error().message}});
    status_.last_error = root.error().message;
  }
}

RootKeeper::Status RootKeeper::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

}  // namespace vl::journal
