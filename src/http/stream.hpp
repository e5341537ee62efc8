// A byte stream that is TCP or TLS over TCP, so that HTTP and WebSocket code exists once and is
// compiled once. Used by the thread of its I/O context only. Models Beast's AsyncStream.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace vl::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using net::ip::tcp;

using Executor = net::io_context::executor_type;
using TcpStream = beast::basic_stream<tcp, Executor>;
using TlsStream = beast::ssl_stream<TcpStream>;

class Stream {
 public:
  using next_layer_type = TcpStream;
  using executor_type = Executor;

  explicit Stream(TcpStream tcp) : tcp_(std::make_unique<TcpStream>(std::move(tcp))) {}
  Stream(TcpStream tcp, std::shared_ptr<net::ssl::context> context)
      : context_(std::move(context)),
        tls_(std::make_unique<TlsStream>(std::move(tcp), *context_)) {}

  executor_type get_executor() { return next_layer().get_executor(); }
  TcpStream& next_layer() { return tls_ ? tls_->next_layer() : *tcp_; }
  const TcpStream& next_layer() const { return tls_ ? tls_->next_layer() : *tcp_; }
  TlsStream* tls() { return tls_.get(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          if (tls_)
            tls_->async_read_some(b, std::move(handler));
          else
            tcp_->async_read_some(b, std::move(handler));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          if (tls_)
            tls_->async_write_some(b, std::move(handler));
          else
            tcp_->async_write_some(b, std::move(handler));
        },
        token, buffers);
  }

 private:
  std::shared_ptr<net::ssl::context> context_;  // outlives the stream that uses its callbacks
  std::unique_ptr<TcpStream> tcp_;
  std::unique_ptr<TlsStream> tls_;
};

/// Ends a WebSocket's stream: says that nothing more comes, then reads away what the peer still
/// sends, for a bounded time and amount, so that no reset overtakes the close frame. How it went
/// does not matter: Beast then reports why the WebSocket ended.
void end_stream(Stream& stream, std::move_only_function<void()> done);

/// Found by Beast when a WebSocket ends.
template <class Handler>
void async_teardown(beast::role_type, Stream& stream, Handler&& handler) {
  end_stream(stream,
             [handler = std::forward<Handler>(handler)]() mutable { handler(error_code{}); });
}

}  // namespace vl::http
