#include "answering.hpp"

namespace vl::journal {
namespace {
constexpr std::size_t kFew = 4;
}  // namespace

Answering::Answering(std::function<void()> told)
    : told_(std::move(told)), thread_([this] { work(); }) {}

Answering::~Answering() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Answering::give(Batch&& batch) {
  {
    std::unique_lock lock(mutex_);
    const bool idle = !answering_ && !next_;
    if (!idle || batch.dones.size() > kFew) {
      changed_.wait(lock, [&] { return !next_; });
      next_ = std::move(batch);
      lock.unlock();
      changed_.notify_all();
      return;
    }
  }
  answer(batch);  // nobody else can give, so the thread stays idle meanwhile
}

void Answering::answer(Batch& batch) {
  for (std::size_t i = 0; i < batch.dones.size(); ++i) batch.dones[i](std::move(batch.answers[i]));
  told_();
}

void Answering::work() {
  for (;;) {
    std::optional<Batch> batch;
    {
      std::unique_lock lock(mutex_);
      answering_ = false;
      changed_.wait(lock, [&] { return next_ || stopping_; });
      if (!next_) return;
      batch.swap(next_);
      answering_ = true;
    }
    changed_.notify_all();
    answer(*batch);
  }
}

}  // namespace vl::journal
