// One WebSocket connection, server or client side. Lives on the thread of its I/O context, kept
// alive by its pending operations; only `outbox` and `close` are for other threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include <vonglau/base/result.hpp>
#include <vonglau/http/websocket.hpp>

#include "outbox.hpp"
#include "worker_pool.hpp"

namespace vl::http {

class Stream;

/// Runs a session's callbacks one at a time and in order.
using CallbackRunner = std::function<void(Task)>;
using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;

class Channel {
 public:
  /// `keep` is let go when the connection is over, before the session's on_close has run.
  static std::shared_ptr<Channel> create(Stream stream, WebSocketOptions options,
                                         std::shared_ptr<WebSocketSession> session,
                                         CallbackRunner run, std::shared_ptr<void> keep);
  virtual ~Channel() = default;

  /// Server: answers the upgrade and starts the session.
  virtual void accept(const UpgradeRequest& request) = 0;
  /// Client: asks for the upgrade; `done` is called once, then the session starts.
  virtual void connect(std::string host, std::string target, const Fields& headers,
                       std::function<void(Result<void>)> done) = 0;
  /// At once, without a close frame.
  virtual void cut() = 0;
  virtual const std::shared_ptr<Outbox>& outbox() const = 0;
};

}  // namespace vl::http
