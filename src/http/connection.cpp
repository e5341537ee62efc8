#include "connection.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <vonglau/base/log.hpp>
#include <vonglau/http/errors.hpp>

#include "request_reader.hpp"
#include "response_writer.hpp"
#include "upgrade.hpp"

namespace vl::http {
namespace {
namespace bhttp = beast::http;
using std::chrono::milliseconds;

constexpr std::size_t kReadBytes = 8 * 1024;
constexpr std::size_t kAskFirstBytes = 64 * 1024;  // a body worth asking the gate before reading
constexpr std::size_t kSliceBytes = 64 * 1024;     // to be moved within the body or write timeout
constexpr std::size_t kWithHeadBytes = 8 * 1024;   // of a body, sent in one piece with its head
constexpr std::size_t kLingerBytes = 256 * 1024;
constexpr milliseconds kLingerTime{2'000};
constexpr milliseconds kStoppingLingerTime{100};

Response error_of(HttpError code, std::string message, std::optional<int> status = {}) {
  const Error error(code_of(code), std::move(message));
  return status ? error_response(error, *status) : error_response(error);
}

class Connection final : public Live, public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore& core, net::io_context& context, Stream stream, PeerAddress peer,
             std::shared_ptr<Admission> admission)
      : core_(core),
        context_(context),
        stream_(std::move(stream)),
        peer_(std::move(peer)),
        admission_(std::move(admission)),
        buffer_(core.options.header_bytes + kReadBytes) {}

  ~Connection() override {
    admission_.reset();
    core_.metrics.set_connections(core_.registry.size());
  }

  void start() {
    admission_->set_owner(weak_from_this());
    stream_.next_layer().socket().set_option(tcp::no_delay(true));
    if (!stream_.is_tls()) return next_request();
    idle_ = true;
    deadline(milliseconds(core_.options.handshake_timeout_ms));
    stream_.async_handshake(beast::role_type::server, [self = shared_from_this()](error_code ec) {
      if (!ec) self->next_request();
    });
  }

  void stop(bool at_once) override {
    net::post(context_, [self = shared_from_this(), at_once] {
      self->stopping_ = true;
      if (at_once || self->idle_) self->stream_.next_layer().close();
    });
  }

 private:
  void deadline(milliseconds time) { stream_.next_layer().expires_after(time); }

  // ------------------------------------------------------------------ reading
  void next_request() {
    if (stopping_) return close();
    if (buffer_.size() == 0 && buffer_.capacity() > 4 * kReadBytes) buffer_.shrink_to_fit();
    parser_.emplace();
    configure(*parser_, core_.options.header_bytes);
    body_parser_.reset();
    if (buffer_.size() > 0) return read_header();
    idle_ = true;
    deadline(milliseconds(served_ == 0 ? core_.options.header_timeout_ms
                                       : core_.options.idle_timeout_ms));
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](error_code ec, std::size_t size) {
                              self->idle_ = false;
                              self->buffer_.commit(size);
                              if (ec == net::error::eof) return self->close();
                              if (!ec) self->read_header();
                            });
  }

  void read_header() {
    deadline(milliseconds(core_.options.header_timeout_ms));
    bhttp::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](error_code ec, std::size_t) { self->on_header(ec); });
  }

  void on_header(error_code ec) {
    started_us_ = core_.clock.mono().us;
    ++served_;
    asked_ = {};
    asked_.secure = stream_.is_tls();
    route_ = nullptr;
    if (ec) return refuse_unreadable(ec);
    auto request = to_request(parser_->get());
    if (!request) return refuse(error_response(request.error()));
    request_ = std::move(*request);
    request_.peer = peer_.text;
    request_.peer_is_loopback = peer_.loopback;
    request_.secure = asked_.secure;
    asked_.method = request_.method;
    asked_.accept_encoding = request_.header("Accept-Encoding");
    asked_.if_none_match = request_.header("If-None-Match");
    asked_.keep_alive = parser_->keep_alive() && served_ < core_.options.requests_per_connection;
    if (!peer_.limit_by.empty())
      if (const auto wait_s = core_.rate.take(peer_.limit_by); wait_s > 0)
        return refuse(error_of(HttpError::too_many_requests,
                               "Too many requests from this address; wait and try again.")
                          .with("Retry-After", std::to_string(wait_s)));
    find_route();
  }

  void refuse_unreadable(error_code ec) {
    // A peer that left, or was cut for being slow, cannot be answered.
    if (ec.category() != make_error_code(bhttp::error::bad_method).category() ||
        ec == bhttp::error::end_of_stream || ec == bhttp::error::partial_message)
      return;
    const ParseFailure failure = parse_failure(ec);
    refuse(error_response(failure.error, failure.status));
  }

  void find_route() {
    Router::Match match = core_.router.match(request_.method, request_.segments);
    const bool page = request_.method == Method::get || request_.method == Method::head;
    if (match.route == nullptr && !(page && match.allowed.empty() && core_.router.fallback()))
      return refuse(unmatched_response(request_.method, match.allowed));
    route_ = match.route;
    request_.parameters = std::move(match.parameters);
    if (route_ != nullptr) {
      request_.route = route_->info.pattern;
      asked_.cross_origin = route_->options.cross_origin;
      if (route_->info.websocket) return upgrade();
    }
    const std::size_t limit = route_ != nullptr ? route_->options.body_limit_bytes : 0;
    const auto length = parser_->content_length();
    if (length && *length > limit)
      return refuse(error_of(HttpError::body_too_large, "The body is longer than the " +
                                                            std::to_string(limit) +
                                                            " bytes that this address takes."));
    body_limit_ = limit;
    if (length.value_or(limit) > kAskFirstBytes && !parser_->is_done()) return ask_gate_first();
    read_body();
  }

  /// Before a large body is let in, the gate says whether this peer may send one at all.
  void ask_gate_first() {
    Task task = [self = shared_from_this()]() mutable {
      auto refused = self->core_.router.ask_gate(self->request_);
      net::io_context& context = self->context_;
      net::post(context, [self = std::move(self), refused = std::move(refused)]() mutable {
        self->gate_asked_ = true;
        if (refused) return self->refuse(std::move(*refused));
        self->read_body();
      });
    };
    deadline_off();
    if (!core_.workers.try_post(task)) refuse_overloaded();
  }

  void read_body() {
    const auto expect = parser_->get()[bhttp::field::expect];
    if (!parser_->is_done() && beast::iequals(expect, "100-continue")) return say_continue();
    read_body_now();
  }

  void say_continue() {
    static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
    deadline(milliseconds(core_.options.write_timeout_ms));
    net::async_write(stream_, net::const_buffer(kContinue.data(), kContinue.size()),
                     [self = shared_from_this()](error_code ec, std::size_t) {
                       if (!ec) self->read_body_now();
                     });
  }

  void read_body_now() {
    body_parser_.emplace(std::move(*parser_));
    body_parser_->body_limit(body_limit_);
    moved_ = 0;
    deadline(milliseconds(core_.options.body_timeout_ms));
    read_more();
  }

  /// The deadline moves on only with each slice, so that a trickle does not hold the connection.
  void read_more() {
    if (body_parser_->is_done()) return answer();
    bhttp::async_read_some(stream_, buffer_, *body_parser_,
                           [self = shared_from_this()](error_code ec, std::size_t size) {
                             if (ec) return self->refuse_unreadable(ec);
                             const std::size_t slices = self->moved_ / kSliceBytes;
                             self->moved_ += size;
                             if (self->moved_ / kSliceBytes > slices)
                               self->deadline(milliseconds(self->core_.options.body_timeout_ms));
                             self->read_more();
                           });
  }

  // ---------------------------------------------------------------- answering
  void deadline_off() { stream_.next_layer().expires_never(); }

  void answer() {
    request_.body = std::move(body_parser_->get().body());
    deadline_off();
    Task task = [self = shared_from_this()]() mutable { self->work(std::move(self)); };
    core_.metrics.set_queue_depth(core_.workers.waiting());
    if (!core_.workers.try_post(task)) refuse_overloaded();
  }

  /// On a worker. Nothing else touches the connection until the post.
  static void work(std::shared_ptr<Connection> self) {
    std::optional<Response> refused;
    if (self->route_ != nullptr && !self->gate_asked_)
      refused = self->core_.router.ask_gate(self->request_);
    Response response =
        refused ? std::move(*refused) : self->core_.router.run(self->route_, self->request_);
    WireResponse wire = self->rendered(std::move(response));
    net::io_context& context = self->context_;
    net::post(context, [self = std::move(self), wire = std::move(wire)]() mutable {
      self->write(std::move(wire));
    });
  }

  WireResponse rendered(Response response) {
    const HeaderPolicy policy{*core_.policy.text(), core_.options.hsts_max_age_s};
    WireResponse wire = render(std::move(response), asked_, policy, core_.clock.wall());
    core_.metrics.answered(route_, asked_.method, wire.status, core_.clock.mono().us - started_us_);
    return wire;
  }

  void refuse_overloaded() {
    refuse(error_of(HttpError::overloaded, "The server has too much to do; try again."));
  }

  /// Answers at once from the I/O thread. What is unread of the request cannot be skipped
  /// safely, so the connection ends with it.
  void refuse(Response response) {
    const bool whole = body_parser_ ? body_parser_->is_done() : parser_ && parser_->is_done();
    if (!whole) asked_.keep_alive = false;
    write(rendered(std::move(response)));
  }

  void write(WireResponse wire) {
    gate_asked_ = false;
    request_ = {};
    wire_ = std::move(wire);
    moved_ = 0;
    write_first();
  }

  /// Always one buffer at a time: of a pair whose first part is written, Beast's TLS stream writes
  /// nothing more and Asio takes that for the end.
  void write_first() {
    const ByteView start = wire_.body.view().first(std::min(wire_.body.size(), kWithHeadBytes));
    wire_.head += as_text(start);
    write_part(as_bytes(wire_.head), start.size());
  }

  void write_part(ByteView bytes, std::size_t of_body) {
    deadline(milliseconds(core_.options.write_timeout_ms));
    net::async_write(stream_, net::const_buffer(bytes.data(), bytes.size()),
                     [self = shared_from_this(), of_body](error_code ec, std::size_t) {
                       if (ec) return self->tell_sent();
                       self->moved_ += of_body;
                       const ByteView rest = self->wire_.body.view().subspan(self->moved_);
                       if (rest.empty()) return self->written();
                       const std::size_t slice = std::min(rest.size(), kSliceBytes);
                       self->write_part(rest.first(slice), slice);
                     });
  }

  void tell_sent() {
    if (const auto tell = std::exchange(wire_.on_sent, {})) tell(moved_);
  }

  void written() {
    tell_sent();
    const bool keep = wire_.keep_alive;
    wire_ = {};
    if (keep)
      next_request();
    else
      close();
  }

  // ------------------------------------------------------------------ closing
  /// Tells the peer that nothing more comes and reads away a little of what it still sends: a
  /// reset would destroy the last response on its way.
  void close() {
    idle_ = true;
    deadline(stopping_ ? kStoppingLingerTime : kLingerTime);
    if (!stream_.is_tls()) return linger();
    stream_.async_shutdown([self = shared_from_this()](error_code) { self->linger(); });
  }

  void linger() {
    error_code ec;
    auto& socket = stream_.next_layer().socket();
    if (!socket.is_open()) return;
    socket.shutdown(tcp::socket::shutdown_send, ec);
    if (ec) return;
    deadline(stopping_ ? kStoppingLingerTime : kLingerTime);
    drain();
  }

  void drain() {
    buffer_.clear();
    stream_.next_layer().async_read_some(
        buffer_.prepare(kReadBytes), [self = shared_from_this()](error_code ec, std::size_t size) {
          self->drained_ += size;
          if (!ec && self->drained_ < kLingerBytes) self->drain();
        });
  }

  // ---------------------------------------------------------------- WebSocket
  void upgrade() {
    if (!parser_->is_done() || buffer_.size() > 0)
      return refuse(error_of(HttpError::bad_request, "nothing may follow an upgrade"));
    if (auto wrong = check_upgrade(parser_->get(), request_, route_->websocket_options))
      return refuse(std::move(*wrong));
    upgrade_ = parser_->release();
    deadline_off();
    Task task = [self = shared_from_this()]() mutable {
      WebSocketAccept accept = self->ask_websocket();
      net::io_context& context = self->context_;
      net::post(context, [self = std::move(self), accept = std::move(accept)]() mutable {
        if (accept && *accept)
          return open_websocket(self->core_, self->context_, std::move(self->stream_),
                                std::move(self->admission_), self->route_->websocket_options,
                                std::move(*accept), self->upgrade_, self->stopping_);
        Response no = accept ? error_of(HttpError::internal, "no session") : accept.error();
        self->write(self->rendered(std::move(no)));
      });
    };
    if (!core_.workers.try_post(task)) {
      asked_.keep_alive = false;
      write(rendered(error_of(HttpError::overloaded, "The server has too much to do.")));
    }
  }

  WebSocketAccept ask_websocket() {
    if (auto refused = core_.router.ask_gate(request_)) return std::unexpected(std::move(*refused));
    try {
      return route_->websocket_handler(request_);
    } catch (const std::exception& e) {
      log::error("http.handler_threw", {{"route", request_.route}, {"what", e.what()}});
      return std::unexpected(error_of(HttpError::internal, e.what()));
    }
  }

  ServerCore& core_;
  net::io_context& context_;
  Stream stream_;
  const PeerAddress peer_;
  std::shared_ptr<Admission> admission_;
  beast::flat_buffer buffer_;
  std::optional<HeaderParser> parser_;
  std::optional<bhttp::request_parser<bhttp::string_body>> body_parser_;
  UpgradeRequest upgrade_;
  Request request_;
  Asked asked_;
  const Route* route_ = nullptr;
  WireResponse wire_;
  std::size_t body_limit_ = 0;
  std::size_t moved_ = 0;  // of the body being read or written
  std::size_t drained_ = 0;
  std::int64_t started_us_ = 0;
  std::uint32_t served_ = 0;
  bool gate_asked_ = false;
  bool idle_ = false;  // nothing is lost by closing now
  bool stopping_ = false;
};

}  // namespace

void serve_connection(ServerCore& core, net::io_context& context, TcpStream tcp, PeerAddress peer,
                      std::shared_ptr<Admission> admission) {
  auto tls = core.tls();
  Stream stream = tls ? Stream(std::move(tcp), std::move(tls)) : Stream(std::move(tcp));
  const auto connection = std::make_shared<Connection>(core, context, std::move(stream),
                                                       std::move(peer), std::move(admission));
  core.metrics.set_connections(core.registry.size());
  connection->start();
}

}  // namespace vl::http
