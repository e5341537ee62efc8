#include "play_loop.hpp"

#include <algorithm>
#include <chrono>

namespace vl::recorder {

PlayLoop::PlayLoop(recording::FragmentStore& store, const Clock& clock, int threads)
    : store_(store), clock_(clock) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

PlayLoop::~PlayLoop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

PlayLoop::Handle PlayLoop::add(http::WebSocketPeer peer, const PlayStart& start) {
  auto entry = std::make_shared<Entry>(store_, std::move(peer), start);
  {
    const std::scoped_lock lock(mutex_);
    if (entries_.size() >= most_players) return nullptr;
    entries_.push_back(entry);
  }
  changed_.notify_one();
  return entry;
}

void PlayLoop::change(const Handle& player, const std::function<void(Player&, MonoTime)>& change) {
  {
    const std::scoped_lock in_use(player->in_use_);
    change(player->player_, clock_.mono());
  }
  {
    const std::scoped_lock lock(mutex_);
    player->due_ = {};
    player->again_ = true;
  }
  changed_.notify_one();
}

void PlayLoop::remove(const Handle& player) {
  const std::scoped_lock lock(mutex_);
  std::erase(entries_, player);
}

std::size_t PlayLoop::players() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

void PlayLoop::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now = clock_.mono();
    Handle first;
    for (const auto& entry : entries_)
      if (!entry->busy_ && (!first || entry->due_ < first->due_)) first = entry;
    if (!first || first->due_ > now) {
      const auto wait_us = first ? first->due_.us - now.us : 1'000'000;
      changed_.wait_for(lock, std::chrono::microseconds(wait_us));
      continue;
    }
    first->busy_ = true;
    first->again_ = false;
    lock.unlock();
    std::optional<std::int64_t> next_us;
    {
      const std::scoped_lock in_use(first->in_use_);
      next_us = first->player_.turn(clock_.mono());
    }
    lock.lock();
    first->busy_ = false;
    if (!next_us) {
      std::erase(entries_, first);
    } else {
      first->due_ = first->again_ ? MonoTime{} : MonoTime{clock_.mono().us + *next_us};
    }
  }
}

}  // namespace vl::recorder
