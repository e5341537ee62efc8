#include "stream.hpp"

#include <array>
#include <chrono>
#include <optional>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

namespace vl::http {
namespace {

constexpr std::chrono::milliseconds kEndTime{1'500};
constexpr std::size_t kMostBytes = 256 * 1024;

struct Ending {
  Stream& stream;
  std::move_only_function<void()> done;
  std::array<char, 4096> scratch{};
  std::size_t drained = 0;
};

void drain(std::unique_ptr<Ending> ending) {
  Ending& e = *ending;
  e.stream.next_layer().async_read_some(
      net::buffer(e.scratch),
      [ending = std::move(ending)](error_code ec, std::size_t size) mutable {
        ending->drained += size;
        if (ec || ending->drained > kMostBytes) return ending->done();
        drain(std::move(ending));
      });
}

}  // namespace

struct Stream::Impl {
  explicit Impl(TcpStream stream) : tcp(std::move(stream)) {}
  Impl(TcpStream stream, TlsContext c) : context(std::move(c)) {
    tls.emplace(std::move(stream), *context);
  }
  TlsContext context;  // outlives the stream that uses its callbacks
  std::optional<TcpStream> tcp;
  std::optional<beast::ssl_stream<TcpStream>> tls;
};

Stream::Stream(TcpStream tcp) : impl_(std::make_unique<Impl>(std::move(tcp))) {}
Stream::Stream(TcpStream tcp, TlsContext context)
    : impl_(std::make_unique<Impl>(std::move(tcp), std::move(context))) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

TcpStream& Stream::next_layer() {
  return impl_->tls ? impl_->tls->next_layer() : *impl_->tcp;
}
const TcpStream& Stream::next_layer() const {
  return impl_->tls ? impl_->tls->next_layer() : *impl_->tcp;
}

bool Stream::is_tls() const {
  return impl_->tls.has_value();
}
SSL* Stream::ssl() {
  return impl_->tls ? impl_->tls->native_handle() : nullptr;
}

void Stream::async_handshake(beast::role_type role, Done done) {
  const auto side = role == beast::role_type::server ? net::ssl::stream_base::server
                                                     : net::ssl::stream_base::client;
  impl_->tls->async_handshake(side, std::move(done));
}

void Stream::async_shutdown(Done done) {
  impl_->tls->async_shutdown(std::move(done));
}

void Stream::read_some(List<net::mutable_buffer> buffers, Moved moved) {
  if (impl_->tls)
    impl_->tls->async_read_some(buffers, std::move(moved));
  else
    impl_->tcp->async_read_some(buffers, std::move(moved));
}

void Stream::write_some(List<net::const_buffer> buffers, Moved moved) {
  if (impl_->tls)
    impl_->tls->async_write_some(buffers, std::move(moved));
  else
    impl_->tcp->async_write_some(buffers, std::move(moved));
}

void end_stream(Stream& stream, std::move_only_function<void()> done) {
  auto ending = std::make_unique<Ending>(Ending{stream, std::move(done)});
  stream.next_layer().expires_after(kEndTime);
  if (stream.is_tls())
    return stream.async_shutdown(
        [ending = std::move(ending)](error_code) mutable { ending->done(); });
  error_code ec;
  stream.next_layer().socket().shutdown(tcp::socket::shutdown_send, ec);
  drain(std::move(ending));
}

}  // namespace vl::http
