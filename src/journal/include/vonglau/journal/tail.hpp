// The newest committed events, in memory, shared by everyone who watches. A watcher is only a
// cursor (the next sequence it wants) and a callback that says "there is more": its memory is
// bounded however slow it is, and one that falls behind the ring is told to reload.
//
// Any thread. Callbacks run on a thread of the journal's right after a commit: they must only note
// that there is more (post to their own executor) and must not call back into the Tail.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <vonglau/journal/event.hpp>

namespace vl::journal {

class Tail {
 public:
  explicit Tail(std::size_t capacity) : capacity_(capacity) {}

  /// `head` is the sequence already in the store when the process starts.
  void start_after(std::int64_t head);
  /// After the commit and before the callers are answered: whoever has an answer finds its
  /// events here.
  void add(std::span<const EventPtr> events);
  /// After the answers: calls the watchers if there is more.
  void tell();

  /// Up to `limit` events from `from` on, in order; nothing when `from` is older than the ring
  /// holds (read the store instead, or reload).
  std::optional<std::vector<EventPtr>> read(std::int64_t from, std::size_t limit) const;
  std::int64_t head() const;

  using OnMore = std::function<void(std::int64_t head)>;
  /// Watches until the returned token is destroyed; no call is running once it is.
  class Watch {
   public:
    Watch() = default;
    Watch(Tail& tail, std::uint64_t id) : tail_(&tail), id_(id) {}
    Watch(Watch&& other) noexcept : tail_(std::exchange(other.tail_, nullptr)), id_(other.id_) {}
    Watch& operator=(Watch&& other) noexcept;
    ~Watch();

   private:
    Tail* tail_ = nullptr;
    std::uint64_t id_ = 0;
  };
  [[nodiscard]] Watch watch(OnMore on_more);

 private:
  friend class Watch;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::deque<EventPtr> ring_;
  std::int64_t head_ = 0;
  std::mutex watchers_mutex_;  // held while callbacks run
  std::unordered_map<std::uint64_t, OnMore> watchers_;
  std::int64_t told_ = 0;
  std::uint64_t next_watch_ = 1;
};

}  // namespace vl::journal
