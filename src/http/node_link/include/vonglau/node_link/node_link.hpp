// The connection of a node to its core, kept up by a thread of its own (and one that posts the
// spool). Owned by the node's main; public functions from any thread. Callbacks run on the
// link's threads and must be quick.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/node/protocol.hpp>
#include <vonglau/node/spool.hpp>

namespace vl::node_link {

struct LinkOptions {
  http::ClientOptions core;  // base_url of the core and whom to believe
  node::Registration registration;
  std::string credential_file;  // the token from the last time; "" keeps none
  std::int64_t first_wait_ms = 200;
  std::int64_t longest_wait_ms = 5'000;
};

struct LinkState {
  bool connected = false;
  std::optional<Uuid> node_id;
  Bytes ticket_key;                  // empty until registered
  std::int64_t clock_offset_us = 0;  // ours less the core's
  std::string last_error;            // "" while connected
};

class NodeLink {
 public:
  using OnAssignment = std::function<void(const node::Assignment&)>;
  /// Called after each connection, before the spool is sent: tell how all cameras are.
  using OnConnected = std::function<void()>;

  /// The answer may be given later and from any thread; after the channel has ended it is lost.
  using OnTask = std::function<void(node::Task, std::function<void(node::TaskDone)> answer)>;

  NodeLink(LinkOptions options, node::Spool& spool, const Clock& clock, OnAssignment on_assignment,
           OnConnected on_connected = {}, OnTask on_task = {});
  ~NodeLink();
  NodeLink(const NodeLink&) = delete;
  NodeLink& operator=(const NodeLink&) = delete;

  LinkState state() const;
  /// Something was put into the spool.
  void spooled();

 private:
  class Channel;
  struct Credential {
    node::Registered registered;
  };
  void keep_connected();
  void send_spool();
  Result<void> connect_once();
  Result<void> enrol();
  Result<bool> send_one_batch();
  void took_time(WallTime core, WallTime sent);
  void wait_ms(std::int64_t ms);
  bool load_credential();
  void save_credential() const;

  const LinkOptions options_;
  node::Spool& spool_;
  const Clock& clock_;
  const OnAssignment on_assignment_;
  const OnConnected on_connected_;
  const OnTask on_task_;
  http::HttpsClient client_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  bool more_ = true;
  LinkState state_;
  std::optional<node::Registered> registered_;
  std::mt19937_64 jitter_{std::random_device{}()};
  std::thread link_;
  std::thread sender_;
};

}  // namespace vl::node_link
