#include "local_socket.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <vonglau/supervise/status.hpp>

namespace vl::supervise {
namespace {

struct Place {
  Descriptor folder;
  sockaddr_un address{};
};

std::unexpected<Error> cannot(std::string_view what, const std::string& path, int error) {
  return fail(SuperviseError::unavailable,
              fmt::format("cannot {} {}: {}", what, path, std::strerror(error)));
}

Result<Place> place_of(const std::string& path) {
  const std::filesystem::path whole(path);
  Place place;
  place.folder = Descriptor(::open(whole.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.folder) return cannot("open the folder of", path, errno);
  const std::string name =
      fmt::format("/proc/self/fd/{}/{}", place.folder.get(), whole.filename().string());
  if (name.size() >= sizeof place.address.sun_path) {
    return fail(SuperviseError::unavailable, "the name of the socket is too long: " + path);
  }
  place.address.sun_family = AF_UNIX;
  std::memcpy(place.address.sun_path, name.c_str(), name.size() + 1);
  return place;
}

}  // namespace

Result<Descriptor> listen_at(const std::string& path) {
  VL_TRY(const Place place, place_of(path));
  ::unlink(path.c_str());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return cannot("make a socket at", path, errno);
  // The mode is set before the name exists, so that nobody else ever could connect.
  if (::fchmod(socket.get(), 0600) != 0 ||
      ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&place.address),
             sizeof place.address) != 0 ||
      ::listen(socket.get(), 16) != 0) {
    return cannot("listen at", path, errno);
  }
  return socket;
}

Result<Descriptor> connect_to(const std::string& path) {
  VL_TRY(const Place place, place_of(path));
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return cannot("make a socket for", path, errno);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&place.address),
                sizeof place.address) != 0) {
    return cannot("reach", path, errno);
  }
  return socket;
}

}  // namespace vl::supervise
