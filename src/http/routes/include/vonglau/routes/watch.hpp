// WebSocket watchers of the journal: each gets every event it may see, once and in order, from
// the sequence it names; after a cut it names the next one and goes on. A watcher is a cursor
// into the journal's tail: one that reads too slowly costs nothing but its own delay, and one
// that falls out of the tail is told to reload.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include <vonglau/access/role.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/http/websocket.hpp>
#include <vonglau/journal/tail.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/routes/readers.hpp>

namespace vl::routes {

/// Which streams a person with these roles may watch.
bool may_watch(access::Roles roles, std::string_view stream_kind);

/// {"telemetry":{"positions":[...]}}, what tell_all sends about units.
std::shared_ptr<const std::string> telemetry_text(std::span<const dispatch::Position> positions);

/// {"telemetry":{"health":[...]}}, what tell_all sends about cameras.
std::shared_ptr<const std::string> health_text(WallTime at,
                                               std::span<const node::CameraHealth> cameras);

class WatchHub {
 public:
  /// `backlog_limit`: a watcher further behind than this gets a reset instead of the events.
  WatchHub(journal::Tail& tail, std::int64_t backlog_limit = 50'000);
  ~WatchHub();

  /// A session for the server; events from `from` on (0: from now on).
  std::shared_ptr<http::WebSocketSession> watcher(access::Roles roles, std::int64_t from);
  /// Sends text that is not part of the sequence (positions) to those who may see units.
  void tell_all(std::string_view stream_kind, std::shared_ptr<const std::string> text);
  std::size_t watchers() const;

 private:
  class Watcher;
  void work();
  bool advance(Watcher& watcher);
  std::shared_ptr<const std::string> text_of(const journal::EventPtr& event);
  void join(std::shared_ptr<Watcher> watcher);

  journal::Tail& tail_;
  const std::int64_t backlog_limit_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool more_ = false;
  bool stopping_ = false;
  std::list<std::weak_ptr<Watcher>> watchers_;
  /// Texts of the newest events, made once for all watchers. Only the hub's thread uses it.
  std::deque<std::pair<std::int64_t, std::shared_ptr<const std::string>>> texts_;
  journal::Tail::Watch tail_watch_;
  std::thread thread_;
};

}  // namespace vl::routes
