// Answers WS-Discovery on the loopback interface for all simulated cameras. Belongs to the
// simulator's network thread.
#pragma once

#include <array>
#include <memory>
#include <queue>
#include <string>

#include <boost/asio/ip/udp.hpp>

#include "cameras_onvif.hpp"

namespace vl::sim {

class ProbeListener {
 public:
  static Result<std::unique_ptr<ProbeListener>> open(asio::io_context& io, std::uint16_t port,
                                                     const OnvifServices& services);
  void close();

 private:
  ProbeListener(asio::io_context& io, const OnvifServices& services)
      : socket_(io), services_(services) {}
  void listen();

  asio::ip::udp::socket socket_;
  asio::ip::udp::endpoint from_;
  std::array<char, 8192> buffer_{};
  const OnvifServices& services_;
};

}  // namespace vl::sim
