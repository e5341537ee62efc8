// A byte stream that is TCP or TLS over TCP, so that HTTP and WebSocket code exists once. Models
// Beast's AsyncStream, with the handler's type erased at each read and write: Beast's composed
// operations are then compiled over one small class and TLS is compiled once, in stream.cpp (with
// sanitizers that is minutes less). Used by the thread of its I/O context only.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/container/static_vector.hpp>

#include "tls.hpp"

namespace vl::http {

namespace net = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;
using net::ip::tcp;

using Executor = net::io_context::executor_type;
using TcpStream = beast::basic_stream<tcp, Executor>;

class Stream {
 public:
  using next_layer_type = TcpStream;
  using executor_type = Executor;
  using Done = std::move_only_function<void(error_code)>;
  using Moved = std::move_only_function<void(error_code, std::size_t)>;

  explicit Stream(TcpStream tcp);
  Stream(TcpStream tcp, TlsContext context);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) noexcept;

  executor_type get_executor() { return next_layer().get_executor(); }
  TcpStream& next_layer();
  const TcpStream& next_layer() const;

  bool is_tls() const;
  SSL* ssl();  // null without TLS
  void async_handshake(beast::role_type role, Done done);
  void async_shutdown(Done done);  // of TLS only

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          read_some(listed<net::mutable_buffer>(b), std::move(handler));
        },
        token, buffers);
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return net::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& b) {
          write_some(listed<net::const_buffer>(b), std::move(handler));
        },
        token, buffers);
  }

 private:
  static constexpr std::size_t kMaxBuffers = 16;
  template <class Buffer>
  using List = boost::container::static_vector<Buffer, kMaxBuffers>;

  /// Without the empty ones: of a sequence that starts with one, Beast's TLS stream writes nothing.
  template <class Buffer, class Buffers>
  static List<Buffer> listed(const Buffers& buffers) {
    List<Buffer> out;
    const auto end = net::buffer_sequence_end(buffers);
    for (auto at = net::buffer_sequence_begin(buffers); at != end && out.size() < kMaxBuffers; ++at)
      if (const Buffer buffer = *at; buffer.size() > 0) out.push_back(buffer);
    return out;
  }
  void read_some(List<net::mutable_buffer> buffers, Moved moved);
  void write_some(List<net::const_buffer> buffers, Moved moved);

  struct Impl;
  std::unique_ptr<Impl> impl_;
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
