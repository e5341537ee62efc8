#include <cstddef>
#include <cstdlib>
#include <cstring>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <vonglau/supervise/notify.hpp>

#include "descriptor.hpp"
#include "notify_protocol.hpp"

namespace vl::supervise {
namespace {

int descriptor_from_environment() {
  const char* text = std::getenv(notify_variable);  // NOLINT(concurrency-mt-unsafe): read once
  if (text == nullptr) return -1;
  char* end = nullptr;
  const long fd = std::strtol(text, &end, 10);
  return end != text && *end == '\0' && fd > 2 ? static_cast<int>(fd) : -1;
}

void tell_supervisor(char word) {
  static const int fd = descriptor_from_environment();
  // A full pipe means that the supervisor has words enough to read: losing this one is harmless.
  if (fd >= 0) [[maybe_unused]]
    const ssize_t written = ::write(fd, &word, 1);
}

}  // namespace

void tell_ready() {
  tell_supervisor(word_ready);
}
void tell_alive() {
  tell_supervisor(word_alive);
}

void tell_systemd(std::string_view state) {
  const char* name = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe)
  sockaddr_un address{};
  if (name == nullptr || (name[0] != '/' && name[0] != '@')) return;
  const std::size_t length = std::strlen(name);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name, length);
  if (name[0] == '@') address.sun_path[0] = '\0';
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return;
  ::sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address),
           static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
}

}  // namespace vl::supervise
