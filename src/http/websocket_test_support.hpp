// A WebSocket session that remembers, a server that echoes, and frames made by hand.
#pragma once

#include <atomic>
#include <deque>
#include <vector>

#include <vonglau/http/websocket.hpp>

#include "test_support.hpp"

namespace vl::http::test {

/// Records what happens to it, and echoes.
class Recorder : public WebSocketSession {
 public:
  void on_open(WebSocketPeer peer) override {
    const std::scoped_lock lock(mutex_);
    peer_ = std::move(peer);
    changed_.notify_all();
  }
  void on_text(std::string_view text) override {
    if (echo) peer().send_text(std::string(text));
    push("t:" + std::string(text));
  }
  void on_binary(ByteView bytes) override {
    if (echo) peer().send_binary(Bytes(bytes.begin(), bytes.end()));
    push("b:" + to_hex(bytes));
  }
  void on_close(std::uint16_t code, std::string_view reason) override {
    const std::scoped_lock lock(mutex_);
    ++closed_;
    code_ = code;
    reason_ = reason;
    changed_.notify_all();
  }
  Overflow on_overflow(Queued waiting) override {
    overflow_at = waiting;
    ++overflows;
    return on_full;
  }

  WebSocketPeer peer() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return static_cast<bool>(peer_); });
    return peer_;
  }
  std::string next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !got_.empty(); }))
      return "nothing came";
    std::string message = std::move(got_.front());
    got_.pop_front();
    return message;
  }
  std::uint16_t close_code() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [this] { return closed_ > 0; });
    return code_;
  }
  std::string reason() {
    const std::scoped_lock lock(mutex_);
    return reason_;
  }
  int times_closed() {
    const std::scoped_lock lock(mutex_);
    return closed_;
  }

  bool echo = false;
  Overflow on_full = Overflow::close;
  std::atomic<int> overflows{0};
  Queued overflow_at;

 private:
  void push(std::string message) {
    const std::scoped_lock lock(mutex_);
    got_.push_back(std::move(message));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  WebSocketPeer peer_;
  std::deque<std::string> got_;
  int closed_ = 0;
  std::uint16_t code_ = 0;
  std::string reason_;
};

struct Echo {
  explicit Echo(bool tls = false, WebSocketOptions options = {}) {
    session->echo = true;
    Router router;
    router.add_websocket(
        "/watch/{room}",
        [this](const Request& request) -> WebSocketAccept {
          if (request.parameter("room") == "closed")
            return std::unexpected(
                error_response(Error({Category::forbidden, "test.closed"}, "Not here.")));
          return session;
        },
        std::move(options));
    server = serve(std::move(router), tls ? tls_server() : small_server());
  }
  std::shared_ptr<Recorder> session = std::make_shared<Recorder>();
  std::unique_ptr<Server> server;
};

inline WebSocketClientOptions socket_of(const Server& server, bool tls = false) {
  WebSocketClientOptions options;
  options.connection = client_of(server, tls);
  options.target = "/watch/a";
  return options;
}

inline constexpr std::string_view kUpgrade =
    "GET /watch/a HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// A client frame with an all-zero mask (RFC 6455, section 5.2).
inline std::string frame(int first_byte, std::string_view payload) {
  std::string out(1, static_cast<char>(first_byte));
  out += static_cast<char>(0x80 | static_cast<int>(payload.size()));
  out.append(4, '\0');
  return out += payload;
}

}  // namespace vl::http::test
