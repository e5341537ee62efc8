// WebSocket endpoints of the server and what our WebSocket client shares with them.
//
// A session is the callback object of one connection. Its callbacks run on the server's worker
// pool (the client's: on the client's own thread), one at a time and in order; the next message
// is read only after the last callback returned, so a slow session slows its peer and nothing
// else. A WebSocketPeer is a handle to send with: copyable, usable from any thread, and harmless
// after the connection or the server is gone.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/http/message.hpp>

namespace vl::http {

/// RFC 6455, section 7.4.1, as far as we use them.
namespace close_code {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;  // the server stops
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t no_status = 1005;  // reported only, never sent
inline constexpr std::uint16_t abnormal = 1006;   // reported only: cut without a close frame
inline constexpr std::uint16_t policy_violation = 1008;
inline constexpr std::uint16_t message_too_big = 1009;
inline constexpr std::uint16_t internal_error = 1011;
inline constexpr std::uint16_t try_again_later = 1013;  // the peer reads too slowly
}  // namespace close_code

struct WebSocketOptions {
  std::size_t max_message_bytes = 64 * 1024;       // longer: closed with 1009
  std::size_t max_queued_bytes = 4 * 1024 * 1024;  // outgoing, with the one being written
  std::size_t max_queued_messages = 4096;
  std::uint32_t ping_interval_ms = 15'000;  // silence answered with a ping, twice that: cut
  std::uint32_t write_timeout_ms = 30'000;  // one message not taken in that time: cut
  std::uint32_t close_timeout_ms = 3'000;   // from close() to the peer's answer; then: cut
  /// Pages of other origins that may open it. Requests without Origin (programs) and those of
  /// the server's own origin always may. Where a ticket and not a cookie opens it: any_origin.
  std::vector<std::string> origins;
  bool any_origin = false;
};

enum class Sent : std::uint8_t { queued, dropped, closed };

/// What to do when a message does not fit the outgoing queue.
enum class Overflow : std::uint8_t {
  close,         // drop all that waits, close with 1013
  drop_message,  // this one is not sent; the rest is
  drop_waiting,  // all that waits and this one; the connection lives (then send a "reset")
};

struct Queued {
  std::size_t bytes = 0;
  std::size_t messages = 0;
};

class Outbox;

class WebSocketPeer {
 public:
  WebSocketPeer() = default;
  explicit WebSocketPeer(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}

  Sent send_text(SharedBytes text) const;  // must be UTF-8
  Sent send_binary(SharedBytes bytes) const;
  /// Sends what is queued, then the close frame. `reason`: at most 123 bytes, UTF-8.
  void close(std::uint16_t code, std::string_view reason = {}) const;
  bool is_open() const;
  std::size_t bytes_queued() const;
  Queued queued() const;
  explicit operator bool() const { return outbox_ != nullptr; }

 private:
  std::shared_ptr<Outbox> outbox_;
};

class WebSocketSession {
 public:
  virtual ~WebSocketSession() = default;
  virtual void on_open(WebSocketPeer peer) = 0;
  virtual void on_text(std::string_view text) { static_cast<void>(text); }
  virtual void on_binary(ByteView bytes) { static_cast<void>(bytes); }
  /// Last call, exactly once after on_open. The code is the one that closed it: the peer's or
  /// ours, or 1006 when the connection was cut.
  virtual void on_close(std::uint16_t code, std::string_view reason) {
    static_cast<void>(code), static_cast<void>(reason);
  }
  /// Called on the thread that sends, inside send_*: must not block, may be called from several
  /// threads at once. `waiting` is what lies in the queue.
  virtual Overflow on_overflow(Queued waiting) {
    static_cast<void>(waiting);
    return Overflow::close;
  }
};

/// A session, or the response that refuses the upgrade.
using WebSocketAccept = std::expected<std::shared_ptr<WebSocketSession>, Response>;
using WebSocketHandler = std::function<WebSocketAccept(const Request&)>;

}  // namespace vl::http
