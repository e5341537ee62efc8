#include "stream.hpp"

#include <array>
#include <chrono>

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

void end_stream(Stream& stream, std::move_only_function<void()> done) {
  auto ending = std::make_unique<Ending>(Ending{stream, std::move(done)});
  stream.next_layer().expires_after(kEndTime);
  if (stream.tls() != nullptr)
    return stream.tls()->async_shutdown(
        [ending = std::move(ending)](error_code) mutable { ending->done(); });
  error_code ec;
  stream.next_layer().socket().shutdown(tcp::socket::shutdown_send, ec);
  drain(std::move(ending));
}

}  // namespace vl::http
