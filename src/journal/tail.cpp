#include <algorithm>

#include <vonglau/base/assert.hpp>
#include <vonglau/journal/tail.hpp>

namespace vl::journal {

void Tail::start_after(std::int64_t head) {
  const std::scoped_lock lock(mutex_);
  ring_.clear();
  head_ = head;
  told_ = head;
}

void Tail::add(std::span<const EventPtr> events) {
  if (events.empty()) return;
  const std::scoped_lock lock(mutex_);
  VL_ASSERT(events.front()->sequence == head_ + 1);  // a hole would shift what read() gives
  ring_.insert(ring_.end(), events.begin(), events.end());
  while (ring_.size() > capacity_) ring_.pop_front();
  head_ = events.back()->sequence;
}

void Tail::tell() {
  const std::int64_t now = head();
  const std::scoped_lock lock(watchers_mutex_);
  if (now == told_) return;
  told_ = now;
  for (const auto& [id, on_more] : watchers_) on_more(now);
}

std::optional<std::vector<EventPtr>> Tail::read(std::int64_t from, std::size_t limit) const {
  const std::scoped_lock lock(mutex_);
  if (from > head_) return std::vector<EventPtr>{};
  if (ring_.empty() || from < ring_.front()->sequence) return std::nullopt;
  const auto begin = ring_.begin() + (from - ring_.front()->sequence);
  const auto count = std::min<std::size_t>(limit, static_cast<std::size_t>(ring_.end() - begin));
  return std::vector<EventPtr>(begin, begin + static_cast<std::ptrdiff_t>(count));
}

std::int64_t Tail::head() const {
  const std::scoped_lock lock(mutex_);
  return head_;
}

Tail::Watch Tail::watch(OnMore on_more) {
  const std::scoped_lock lock(watchers_mutex_);
  const auto id = next_watch_++;
  watchers_.emplace(id, std::move(on_more));
  return {*this, id};
}

Tail::Watch& Tail::Watch::operator=(Watch&& other) noexcept {
  std::swap(tail_, other.tail_);
  std::swap(id_, other.id_);
  return *this;
}

Tail::Watch::~Watch() {
  if (tail_ == nullptr) return;
  const std::scoped_lock lock(tail_->watchers_mutex_);
  tail_->watchers_.erase(id_);
}

}  // namespace vl::journal
