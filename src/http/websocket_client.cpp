#include <chrono>
#include <thread>

#include <boost/asio/post.hpp>

#include <vonglau/http/client.hpp>

#include "channel.hpp"
#include "dialer.hpp"

namespace vl::http {

namespace {

/// Beast's timers may outlive the connection by their whole time; nobody waits for them.
std::shared_ptr<void> stop_when_let_go(net::io_context& context) {
  return {&context, [](net::io_context* c) { c->stop(); }};
}

}  // namespace

struct WebSocketClient::Impl {
  ~Impl() {
    if (thread.joinable()) {
      net::post(context, [this] {
        if (channel) channel->cut();
      });
      thread.join();
    }
  }

  net::io_context context{1};
  std::shared_ptr<Channel> channel;
  WebSocketPeer peer;
  std::thread thread;
};

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;

Result<std::unique_ptr<WebSocketClient>> WebSocketClient::connect(
    WebSocketClientOptions options, std::shared_ptr<WebSocketSession> session) {
  VL_TRY(const Url url, parse_base_url(options.connection.base_url));
  TlsContext tls;
  if (url.secure) {
    VL_TRY(tls, client_tls(options.connection.trust));
  }
  auto impl = std::make_unique<Impl>();
  VL_TRY(Stream stream, dial(impl->context, url, options.connection, tls));
  impl->channel = Channel::create(
      std::move(stream), options.socket, std::move(session), [](Task task) { task(); },
      stop_when_let_go(impl->context));
  impl->peer = WebSocketPeer(impl->channel->outbox());
  Result<void> result;
  bool done = false;
  impl->channel->connect(url.authority, options.target, options.headers,
                         [&](Result<void> r) { result = std::move(r), done = true; });
  while (!done) run_until(impl->context, done, std::chrono::steady_clock::time_point::max());
  VL_CHECK(std::move(result));
  // Runs until the connection is over and its session has been told.
  impl->context.restart();
  impl->thread = std::thread([context = &impl->context] { context->run(); });
  return std::unique_ptr<WebSocketClient>(new WebSocketClient(std::move(impl)));
}

const WebSocketPeer& WebSocketClient::peer() const {
  return impl_->peer;
}

void WebSocketClient::close(std::uint16_t code, std::string_view reason) {
  impl_->peer.close(code, reason);
  const bool from_callback = impl_->thread.get_id() == std::this_thread::get_id();
  if (!from_callback && impl_->thread.joinable()) impl_->thread.join();
}

}  // namespace vl::http
