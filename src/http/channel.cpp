#include "channel.hpp"

#include <chrono>
#include <exception>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <vonglau/base/log.hpp>
#include <vonglau/http/errors.hpp>

#include "stream.hpp"

namespace vl::http {
namespace {
namespace websocket = beast::websocket;
using std::chrono::milliseconds;
using SteadyTimer =
    net::basic_waitable_timer<std::chrono::steady_clock,
                              net::wait_traits<std::chrono::steady_clock>, Executor>;

class BeastChannel final : public Channel, public std::enable_shared_from_this<BeastChannel> {
 public:
  BeastChannel(Stream stream, WebSocketOptions options, std::shared_ptr<WebSocketSession> session,
               CallbackRunner run, std::shared_ptr<void> keep)
      : ws_(std::move(stream)),
        timer_(ws_.get_executor()),
        options_(std::move(options)),
        session_(std::move(session)),
        run_(std::move(run)),
        keep_(std::move(keep)) {}

  void start() {
    outbox_ = std::make_shared<Outbox>(options_, session_,
                                       [weak = weak_from_this(), executor = ws_.get_executor()] {
                                         net::post(executor, [weak] {
                                           if (const auto self = weak.lock()) self->pump();
                                         });
                                       });
    beast::get_lowest_layer(ws_).expires_never();  // Beast's WebSocket has timers of its own
    websocket::stream_base::timeout timeout{};
    timeout.handshake_timeout = milliseconds(10'000);
    timeout.idle_timeout = milliseconds(2 * std::int64_t{options_.ping_interval_ms});
    timeout.keep_alive_pings = true;
    if (options_.ping_interval_ms == 0) timeout.idle_timeout = websocket::stream_base::none();
    ws_.set_option(timeout);
    ws_.read_message_max(options_.max_message_bytes);
    ws_.auto_fragment(false);  // a message is one frame, sent from where it lies
  }

  void accept(const UpgradeRequest& request) override {
    ws_.set_option(websocket::stream_base::decorator([](websocket::response_type& response) {
      response.set(beast::http::field::server, "vonglau");  // else Beast's name and version
    }));
    ws_.async_accept(request, [self = shared_from_this()](error_code ec) {
      if (ec) return self->finish(close_code::abnormal, {});
      self->open();
    });
  }

  void connect(std::string host, std::string target, const Fields& headers,
               std::function<void(Result<void>)> done) override {
    ws_.write_buffer_bytes(64 * 1024);
    ws_.set_option(websocket::stream_base::decorator([headers](websocket::request_type& request) {
      request.erase(beast::http::field::user_agent);
      for (const auto& [name, value] : headers) request.set(name, value);
    }));
    ws_.async_handshake(answer_, host, target,
                        [self = shared_from_this(), done = std::move(done)](error_code ec) {
                          self->on_connected(ec, done);
                        });
  }

  void cut() override {
    beast::get_lowest_layer(ws_).close();
    finish(close_code::abnormal, {});
  }

  const std::shared_ptr<Outbox>& outbox() const override { return outbox_; }

 private:
  void on_connected(error_code ec, const std::function<void(Result<void>)>& done) {
    if (!ec) {
      done({});
      return open();
    }
    finish(close_code::abnormal, {});
    if (ec == websocket::error::upgrade_declined)
      done(fail(HttpError::refused, "the server answered the upgrade with status " +
                                        std::to_string(answer_.result_int())));
    else if (ec == beast::error::timeout)
      done(fail(HttpError::timed_out, "the WebSocket handshake took too long"));
    else
      done(fail(HttpError::bad_response, "the WebSocket handshake failed: " + ec.message()));
  }

  void open() {
    opened_ = true;
    watch();
    call([](WebSocketSession& session, BeastChannel& self) {
      session.on_open(WebSocketPeer(self.outbox_));
    });
  }

  /// Runs a callback of the session, then reads on.
  template <class Callback>
  void call(Callback callback) {
    run_([self = shared_from_this(), callback = std::move(callback)]() mutable {
      try {
        callback(*self->session_, *self);
      } catch (const std::exception& e) {
        log::error("http.websocket_callback_threw", {{"what", e.what()}});
        self->outbox_->close(close_code::internal_error, "internal error", true);
      }
      Executor executor = self->ws_.get_executor();
      net::post(executor, [self = std::move(self)] { self->read(); });
    });
  }

  void read() {
    if (over_) return;
    ws_.async_read(buffer_,
                   [self = shared_from_this()](error_code ec, std::size_t) { self->on_read(ec); });
  }

  void on_read(error_code ec) {
    if (over_) return;
    if (ec) return on_read_failed(ec);
    const auto data = buffer_.cdata();
    std::string message(static_cast<const char*>(data.data()), data.size());
    buffer_.consume(buffer_.size());
    constexpr std::size_t kKeptBytes = 64 * 1024;
    if (buffer_.capacity() > kKeptBytes) buffer_.shrink_to_fit();
    call([message = std::move(message), text = ws_.got_text()](WebSocketSession& session,
                                                               BeastChannel&) {
      if (text)
        session.on_text(message);
      else
        session.on_binary(as_bytes(message));
    });
  }

  void on_read_failed(error_code ec) {
    if (ec == websocket::error::closed) {
      const auto& reason = ws_.reason();
      return finish(
          reason.code == websocket::close_code::none ? close_code::no_status : reason.code,
          std::string_view(reason.reason.data(), reason.reason.size()));
    }
    if (ec == websocket::error::message_too_big || ec == websocket::error::buffer_overflow)
      return finish(close_code::message_too_big, "message too big");
    if (ec == websocket::error::bad_frame_payload)
      return finish(websocket::close_code::bad_payload, "not UTF-8");
    if (ec == websocket::condition::protocol_violation)
      return finish(close_code::protocol_error, "protocol violation");
    finish(close_code::abnormal, {});
  }

  void pump() {
    if (over_) return;
    if (!close_at_ && outbox_->asked_close()) {
      close_at_ = std::chrono::steady_clock::now() + milliseconds(options_.close_timeout_ms);
      watch();
    }
    if (writing_) return;
    writing_ = outbox_->take();
    if (!writing_) {
      if (const auto close = outbox_->take_close()) say_close(*close);
      return;
    }
    ws_.text(writing_->text);
    write_started_ = std::chrono::steady_clock::now();
    const ByteView bytes = writing_->bytes.view();
    ws_.async_write(net::const_buffer(bytes.data(), bytes.size()),
                    [self = shared_from_this()](error_code ec, std::size_t) {
                      self->writing_.reset();
                      if (self->over_) return;
                      self->outbox_->written();
                      if (ec) return self->cut();
                      self->pump();
                    });
  }

  void say_close(const Outbox::Close& close) {
    websocket::close_reason reason(static_cast<websocket::close_code>(close.code));
    reason.reason = close.reason;
    ws_.async_close(reason, [self = shared_from_this()](error_code) {
      self->finish(close_code::abnormal, {});
    });
  }

  /// Cuts a peer that does not take a message, or does not answer a close, in time.
  void watch() {
    const auto now = std::chrono::steady_clock::now();
    const milliseconds write_timeout(options_.write_timeout_ms);
    const auto stuck = writing_ && now - write_started_ >= write_timeout;
    if (stuck || (close_at_ && now >= *close_at_)) return cut();
    timer_.expires_at(close_at_ ? *close_at_ : now + write_timeout / 4 + milliseconds(1));
    timer_.async_wait([weak = weak_from_this()](error_code ec) {
      const auto self = weak.lock();
      if (!ec && self && !self->over_) self->watch();
    });
  }

  void finish(std::uint16_t code, std::string_view reason) {
    if (over_) return;
    over_ = true;
    std::string text(reason);
    if (const auto asked = outbox_->asked_close()) code = asked->code, text = asked->reason;
    outbox_->detach();
    timer_.cancel();
    if (opened_)
      run_([session = session_, code, text = std::move(text)] {
        try {
          session->on_close(code, text);
        } catch (const std::exception& e) {
          log::error("http.websocket_callback_threw", {{"what", e.what()}});
        }
      });
    keep_.reset();
  }

  websocket::stream<Stream, false> ws_;
  SteadyTimer timer_;
  const WebSocketOptions options_;
  const std::shared_ptr<WebSocketSession> session_;
  const CallbackRunner run_;
  std::shared_ptr<void> keep_;
  std::shared_ptr<Outbox> outbox_;
  beast::flat_buffer buffer_;
  websocket::response_type answer_;
  std::optional<Outbox::Message> writing_;
  std::chrono::steady_clock::time_point write_started_;
  std::optional<std::chrono::steady_clock::time_point> close_at_;
  bool opened_ = false;
  bool over_ = false;
};

}  // namespace

std::shared_ptr<Channel> Channel::create(Stream stream, WebSocketOptions options,
                                         std::shared_ptr<WebSocketSession> session,
                                         CallbackRunner run, std::shared_ptr<void> keep) {
  auto channel = std::make_shared<BeastChannel>(
      std::move(stream), std::move(options), std::move(session), std::move(run), std::move(keep));
  channel->start();
  return channel;
}

}  // namespace vl::http
