#include "outbox.hpp"

#include <utility>

namespace vl::http {

Outbox::Outbox(const WebSocketOptions& options, std::shared_ptr<WebSocketSession> session,
               std::function<void()> wake)
    : max_bytes_(options.max_queued_bytes),
      max_messages_(options.max_queued_messages),
      session_(std::move(session)),
      wake_(std::move(wake)) {}

bool Outbox::fits(std::size_t bytes) const {
  return waiting_bytes_ + writing_bytes_ + bytes <= max_bytes_ &&
         waiting_.size() + (writing_ ? 1 : 0) < max_messages_;
}

void Outbox::wake_locked() {
  if (!std::exchange(awake_, true)) wake_();
}

Sent Outbox::send(SharedBytes bytes, bool text) {
  std::unique_lock lock(mutex_);
  if (over_ || close_) return Sent::closed;
  if (!fits(bytes.size())) {
    const Queued waiting{waiting_bytes_ + writing_bytes_, waiting_.size() + (writing_ ? 1U : 0U)};
    const auto session = session_;
    lock.unlock();
    const Overflow action = session->on_overflow(waiting);
    if (action == Overflow::close) {
      close(close_code::try_again_later, "the peer reads too slowly", true);
      return Sent::closed;
    }
    if (action == Overflow::drop_waiting) {
      lock.lock();
      waiting_.clear();
      waiting_bytes_ = 0;
    }
    return Sent::dropped;
  }
  waiting_bytes_ += bytes.size();
  waiting_.push_back({std::move(bytes), text});
  wake_locked();
  return Sent::queued;
}

void Outbox::close(std::uint16_t code, std::string_view reason, bool drop_waiting) {
  constexpr std::size_t kMaxReason = 123;
  const std::scoped_lock lock(mutex_);
  if (over_) return;
  if (drop_waiting) {
    waiting_.clear();
    waiting_bytes_ = 0;
  }
  if (close_) return;
  close_ = Close{code, std::string(reason.substr(0, kMaxReason))};
  // Also while a message is being written: the time it may still take starts now.
  awake_ = true;
  wake_();
}

bool Outbox::is_open() const {
  const std::scoped_lock lock(mutex_);
  return !over_ && !close_;
}

Queued Outbox::queued() const {
  const std::scoped_lock lock(mutex_);
  return {waiting_bytes_ + writing_bytes_, waiting_.size() + (writing_ ? 1U : 0U)};
}

std::optional<Outbox::Message> Outbox::take() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) {
    awake_ = false;
    return std::nullopt;
  }
  Message message = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= message.bytes.size();
  writing_bytes_ = message.bytes.size();
  writing_ = true;
  return message;
}

void Outbox::written() {
  const std::scoped_lock lock(mutex_);
  writing_bytes_ = 0;
  writing_ = false;
}

std::optional<Outbox::Close> Outbox::take_close() {
  const std::scoped_lock lock(mutex_);
  if (!close_ || std::exchange(close_taken_, true)) return std::nullopt;
  return close_;
}

std::optional<Outbox::Close> Outbox::asked_close() const {
  const std::scoped_lock lock(mutex_);
  return close_;
}

void Outbox::detach() {
  std::shared_ptr<WebSocketSession> session;  // destroyed after the lock is given back
  const std::scoped_lock lock(mutex_);
  over_ = true;
  wake_ = [] {};
  waiting_.clear();
  waiting_bytes_ = writing_bytes_ = 0;
  writing_ = false;
  session = std::move(session_);
}

Sent WebSocketPeer::send_text(SharedBytes text) const {
  return outbox_ ? outbox_->send(std::move(text), true) : Sent::closed;
}
Sent WebSocketPeer::send_binary(SharedBytes bytes) const {
  return outbox_ ? outbox_->send(std::move(bytes), false) : Sent::closed;
}
void WebSocketPeer::close(std::uint16_t code, std::string_view reason) const {
  if (outbox_) outbox_->close(code, reason);
}
bool WebSocketPeer::is_open() const {
  return outbox_ && outbox_->is_open();
}
std::size_t WebSocketPeer::bytes_queued() const {
  return queued().bytes;
}
Queued WebSocketPeer::queued() const {
  return outbox_ ? outbox_->queued() : Queued{};
}

}  // namespace vl::http
