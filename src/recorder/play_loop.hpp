// The threads that play footage back: a few for all viewers, each player on one of them at a
// time, woken when it is due or told something. Any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "player.hpp"

namespace vl::recorder {

class PlayLoop {
 public:
  static constexpr std::size_t most_players = 256;

  PlayLoop(recording::FragmentStore& store, const Clock& clock, int threads = 2);
  ~PlayLoop();
  PlayLoop(const PlayLoop&) = delete;
  PlayLoop& operator=(const PlayLoop&) = delete;

  class Entry;
  using Handle = std::shared_ptr<Entry>;
  /// Null when there are too many.
  Handle add(http::WebSocketPeer peer, const PlayStart& start);
  /// `change` runs when no thread is in the player, which is then due at once.
  void change(const Handle& player, const std::function<void(Player&, MonoTime)>& change);
  void remove(const Handle& player);
  std::size_t players() const;

 private:
  void run();

  recording::FragmentStore& store_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Handle> entries_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

class PlayLoop::Entry {
 public:
  Entry(recording::FragmentStore& store, http::WebSocketPeer peer, const PlayStart& start)
      : player_(store, std::move(peer), start) {}

 private:
  friend class PlayLoop;
  std::mutex in_use_;
  Player player_;
  MonoTime due_{};      // under the loop's mutex, like the rest
  bool busy_ = false;   // on a thread now
  bool again_ = false;  // told something meanwhile
};

}  // namespace vl::recorder
