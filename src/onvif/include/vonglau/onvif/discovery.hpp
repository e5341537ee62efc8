// WS-Discovery: which cameras answer on this machine's networks. Asked only when somebody asks;
// nothing listens in between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <vonglau/onvif/messages.hpp>

namespace vl::onvif {

struct Found {
  std::string endpoint;
  std::string address;  // of its device service, at the host that answered
  std::string name, hardware, location;
};

struct ProbeOptions {
  std::string group = "239.255.255.250";
  std::uint16_t port = 3702;
  std::uint32_t wait_ms = 2'500;
  std::size_t most = 512;  // cameras
};

/// Probes from every IPv4 interface that is up (loopback too), twice, and takes answers for
/// `wait_ms`. Blocks; any thread. Answers to other probes are left out.
Result<std::vector<Found>> discover(const ProbeOptions& options);

std::string probe_message(const std::string& message_id);
/// The address of its device service at the sender's host, "" when it gives none that is http://.
std::string reachable_address(const Answer& answer, const std::string& sender);

}  // namespace vl::onvif
