#include "cameras_discovery.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <fmt/format.h>

namespace vl::sim {

using asio::ip::udp;

Result<std::unique_ptr<ProbeListener>> ProbeListener::open(asio::io_context& io, std::uint16_t port,
                                                           const OnvifServices& services) {
  std::unique_ptr<ProbeListener> listener(new ProbeListener(io, services));
  auto& socket = listener->socket_;
  const auto group = asio::ip::make_address_v4("239.255.255.250");
  boost::system::error_code failed;
  socket.open(udp::v4(), failed);
  // Others on this machine may listen too: what is sent to the group comes to all of them.
  if (!failed) socket.set_option(udp::socket::reuse_address(true), failed);
  if (!failed) socket.bind({group, port}, failed);
  if (!failed)
    socket.set_option(asio::ip::multicast::join_group(group, asio::ip::address_v4::loopback()),
                      failed);
  if (failed)
    return fail(CamerasError::network,
                fmt::format("cannot answer discovery on port {}: {}", port, failed.message()),
                "discovery_port");
  listener->listen();
  return listener;
}

void ProbeListener::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void ProbeListener::listen() {
  socket_.async_receive_from(
      asio::buffer(buffer_), from_, [this](boost::system::error_code failed, std::size_t n) {
        if (failed == asio::error::operation_aborted) return;
        if (!failed && from_.address().is_loopback())
          for (const auto& answer : services_.answer_probe(std::string_view(buffer_.data(), n))) {
            boost::system::error_code ignored;
            socket_.send_to(asio::buffer(answer), from_, 0, ignored);
          }
        listen();
      });
}

}  // namespace vl::sim
