// The core's end of its nodes' work channels: who is connected, how far their clocks are off,
// and their assignments, pushed whole whenever cameras or nodes change.
//
// A recorder that is not heard from for `away_after_us` is recorded as away, and its cameras as
// offline with cause recorder_down; when it comes back it says itself how they are. Any thread;
// one thread of its own builds assignments and watches for silence.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/websocket.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/export_desk.hpp>
#include <vonglau/routes/readers.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::routes {

struct NodeLive {
  bool connected = false;
  WallTime last_seen;
  std::int64_t clock_offset_us = 0;  // node minus core, as of the last heartbeat
  std::int64_t spooled = 0;
  std::int64_t refused = 0;  // of its reports, since this core started: not its to say
};

class NodeHub {
 public:
  NodeHub(ProvinceId province, const Clock& clock, journal::Journal& journal, Readers& readers,
          vault::Vault& vault, std::int64_t away_after_us = 10'000'000);
  ~NodeHub();

  /// Exports go into the assignments from now on. The desk outlives the hub.
  void set_exports(const ExportDesk& desk);
  std::shared_ptr<http::WebSocketSession> work_channel(Uuid node);
  std::optional<NodeLive> live(Uuid node) const;
  /// Has a node do something at once, and waits for its answer on the caller's thread. At most
  /// `most_asked` wait at a time; a node that is away, or gone meanwhile, is an error.
  Result<node::TaskDone> ask(const Uuid& node, std::string kind, boost::json::value body,
                             IdSource& ids, std::int64_t wait_ms);
  static constexpr std::size_t most_asked = 16;
  /// The newest of what a recorder tells of its disks; lost with this core, and told again.
  void note_storage(Uuid node, WallTime at, node::StorageStateItem storage);
  std::optional<std::pair<WallTime, node::StorageStateItem>> storage(Uuid node) const;
  void note_refused(Uuid node, std::size_t reports);
  /// The recorder that has this camera, by rendezvous over the registered recorders.
  static std::optional<Uuid> recorder_of(const Uuid& camera, std::span<const Uuid> recorders);

 private:
  class Channel;
  struct Known {
    NodeLive live;
    MonoTime last_mono;
    bool away_told = true;
    std::optional<std::pair<WallTime, node::StorageStateItem>> storage;
    std::weak_ptr<Channel> channel;
  };
  void joined(Uuid node, std::shared_ptr<Channel> channel);
  void heard(Uuid node, const node::Heartbeat& heartbeat);
  void left(Uuid node, const Channel* channel);
  void work();
  Result<void> push_assignments();
  Result<void> add_exports(store::Session& session,
                           std::map<Uuid, node::AssignmentMessage>& messages) const;
  void answered(const Uuid& node, node::TaskDone done);
  Result<void> add_devices(store::Session& session,
                           std::map<Uuid, node::AssignmentMessage>& messages) const;
  void tell_away();
  Result<void> cameras_down(Uuid node);

  const ProvinceId province_;
  const Clock& clock_;
  journal::Journal& journal_;
  Readers& readers_;
  vault::Vault& vault_;
  const std::int64_t away_after_us_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  const ExportDesk* exports_ = nullptr;
  bool changed_ = true;
  bool stopping_ = false;
  std::optional<WallTime> consent_changes_;  // of owners, by time alone; the thread's
  std::int64_t seen_ = 0;  // sequence up to which changes of cameras and nodes are pushed
  std::map<Uuid, Known> known_;
  struct Asked {
    Uuid node;
    std::optional<node::TaskDone> done;
  };
  std::mutex asked_mutex_;
  std::condition_variable asked_changed_;
  std::map<Uuid, Asked> asked_;
  journal::Tail::Watch tail_watch_;
  std::thread thread_;
};

}  // namespace vl::routes
