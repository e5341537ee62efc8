#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <set>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <openssl/rand.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/onvif/device.hpp>
#include <vonglau/onvif/discovery.hpp>

namespace vl::onvif {
namespace {

using std::chrono::steady_clock;

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket& operator=(Socket&&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

std::vector<in_addr> interfaces() {
  std::vector<in_addr> out;
  ifaddrs* all = nullptr;
  if (::getifaddrs(&all) != 0) return out;
  for (const ifaddrs* at = all; at != nullptr; at = at->ifa_next) {
    const bool usable = at->ifa_addr != nullptr && at->ifa_addr->sa_family == AF_INET &&
                        (at->ifa_flags & IFF_UP) != 0;
    if (usable && out.size() < 32)
      out.push_back(reinterpret_cast<const sockaddr_in*>(at->ifa_addr)->sin_addr);
  }
  ::freeifaddrs(all);
  return out;
}

/// A socket whose datagrams leave by this interface and whose answers come to it.
Socket socket_at(in_addr interface) {
  Socket made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (made.fd() < 0) return made;
  const unsigned char hops = 1, loop = 1;
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr = interface;
  const auto set = [&](int option, const void* value, socklen_t size) {
    return ::setsockopt(made.fd(), IPPROTO_IP, option, value, size) == 0;
  };
  const bool ready = set(IP_MULTICAST_IF, &interface, sizeof interface) &&
                     set(IP_MULTICAST_TTL, &hops, sizeof hops) &&
                     set(IP_MULTICAST_LOOP, &loop, sizeof loop) &&
                     ::bind(made.fd(), reinterpret_cast<sockaddr*>(&local), sizeof local) == 0;
  return ready ? std::move(made) : Socket(-1);
}

std::string new_message_id() {
  std::array<unsigned char, 16> random{};
  VL_ASSERT(RAND_bytes(random.data(), 16) == 1);
  const auto hex = to_hex(random);
  return fmt::format("urn:uuid:{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4),
                     hex.substr(13, 3), hex.substr(17, 3), hex.substr(20, 12));
}

/// Takes what waits on one socket.
void take(int fd, const std::string& message_id, std::size_t most, std::set<std::string>& seen,
          std::vector<Found>& found) {
  static thread_local std::array<char, 65'536> buffer;
  for (int datagrams = 0; datagrams < 64; ++datagrams) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const auto n =
        ::recvfrom(fd, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (n <= 0) return;
    const auto answers =
        read_probe_matches(std::string_view(buffer.data(), static_cast<std::size_t>(n)));
    if (!answers) continue;
    std::array<char, INET_ADDRSTRLEN> sender{};
    ::inet_ntop(AF_INET, &from.sin_addr, sender.data(), sender.size());
    for (const auto& answer : *answers) {
      const auto address = reachable_address(answer, sender.data());
      if (answer.relates_to != message_id || address.empty() || found.size() >= most ||
          !seen.insert(address).second)
        continue;
      found.push_back({answer.endpoint, address, answer.name, answer.hardware, answer.location});
    }
  }
}

}  // namespace

std::string probe_message(const std::string& message_id) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope")"
      R"( xmlns:w="http://schemas.xmlsoap.org/ws/2004/08/addressing")"
      R"( xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery")"
      R"( xmlns:dn="http://www.onvif.org/ver10/network/wsdl"><e:Header><w:MessageID>{}</w:MessageID>)"
      R"(<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>)"
      R"(<w:Action e:mustUnderstand="true">http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe)"
      R"(</w:Action></e:Header><e:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types>)"
      R"(</d:Probe></e:Body></e:Envelope>)",
      message_id);
}

std::string reachable_address(const Answer& answer, const std::string& sender) {
  const Address* best = nullptr;
  std::vector<Address> all;
  for (const auto& text : answer.addresses)
    if (auto address = parse_address(text); address && address->base_url.starts_with("http://"))
      all.push_back(std::move(*address));
  for (const auto& address : all)
    if (best == nullptr || (address.host == sender && best->host != sender)) best = &address;
  if (best == nullptr) return {};
  // Whatever it calls itself: what answered us can be reached where it answered from.
  const auto port = best->base_url.substr(std::string("http://").size() + best->host.size());
  return "http://" + sender + port + best->path;
}

Result<std::vector<Found>> discover(const ProbeOptions& options) {
  std::vector<Socket> sockets;
  for (const auto& interface : interfaces())
    if (auto made = socket_at(interface); made.fd() >= 0) sockets.push_back(std::move(made));
  if (sockets.empty())
    return fail(OnvifError::network, "no network of this machine can be asked for cameras");
  sockaddr_in group{};
  group.sin_family = AF_INET;
  group.sin_port = htons(options.port);
  if (::inet_pton(AF_INET, options.group.c_str(), &group.sin_addr) != 1)
    return fail(OnvifError::bad_address, "the group to ask is no IPv4 address", "group");
  const std::string message_id = new_message_id();
  const std::string message = probe_message(message_id);
  const auto began = steady_clock::now();
  const auto left_ms = [&] {
    const auto passed =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
    return static_cast<std::int64_t>(options.wait_ms) - passed.count();
  };
  std::vector<pollfd> waiting;
  for (const auto& socket : sockets) waiting.push_back({socket.fd(), POLLIN, 0});
  std::vector<Found> found;
  std::set<std::string> seen;
  int sent = 0;
  while (left_ms() > 0) {
    // A second time after a fifth: datagrams get lost.
    if (sent == 0 ||
        (sent == 1 && left_ms() < static_cast<std::int64_t>(options.wait_ms) * 4 / 5)) {
      ++sent;
      for (const auto& socket : sockets)
        static_cast<void>(::sendto(socket.fd(), message.data(), message.size(), 0,
                                   reinterpret_cast<const sockaddr*>(&group), sizeof group));
    }
    if (::poll(waiting.data(), waiting.size(),
               static_cast<int>(std::clamp<std::int64_t>(left_ms(), 1, 100))) < 0 &&
        errno != EINTR)
      break;
    for (const auto& one : waiting) take(one.fd, message_id, options.most, seen, found);
  }
  std::ranges::sort(found, {}, &Found::address);
  return found;
}

}  // namespace vl::onvif
