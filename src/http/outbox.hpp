// The outgoing queue of one WebSocket: filled by any thread, emptied by the connection's thread.
// Outlives the connection for as long as somebody holds a WebSocketPeer.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <vonglau/http/websocket.hpp>

namespace vl::http {

class Outbox {
 public:
  struct Message {
    SharedBytes bytes;
    bool text = false;
  };
  struct Close {
    std::uint16_t code = 0;
    std::string reason;
  };

  /// `wake` only schedules work on the connection's thread; it is called with the lock held.
  Outbox(const WebSocketOptions& options, std::shared_ptr<WebSocketSession> session,
         std::function<void()> wake);

  Sent send(SharedBytes bytes, bool text);
  void close(std::uint16_t code, std::string_view reason, bool drop_waiting = false);
  bool is_open() const;
  Queued queued() const;

  // For the connection's thread.
  /// The next message; nothing when there is none: then senders wake it again.
  std::optional<Message> take();
  /// The message taken last is written.
  void written();
  /// The close to send, once, when all messages are written.
  std::optional<Close> take_close();
  /// What was asked for by close(), also after it was taken.
  std::optional<Close> asked_close() const;
  /// The connection is over: later sends answer Sent::closed, `wake` is never called again.
  void detach();

 private:
  bool fits(std::size_t bytes) const;
  void wake_locked();

  const std::size_t max_bytes_;
  const std::size_t max_messages_;
  mutable std::mutex mutex_;
  std::shared_ptr<WebSocketSession> session_;
  std::function<void()> wake_;
  std::deque<Message> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::size_t writing_bytes_ = 0;
  bool writing_ = false;
  bool awake_ = false;  // the connection's thread is working on the queue or about to
  bool over_ = false;
  std::optional<Close> close_;
  bool close_taken_ = false;
};

}  // namespace vl::http
