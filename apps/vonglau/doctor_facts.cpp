// The part of the doctor that touches the machine.
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include "archive.hpp"
#include "doctor.hpp"

namespace vl::app {
namespace {

namespace fs = std::filesystem;

/// Writes and syncs a small file; gives why not.
std::string try_sync(const std::string& folder) {
  std::string path = folder + "/.doctor-XXXXXX";
  const int fd = ::mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return fmt::format("cannot write there: {}", std::strerror(errno));
  const std::string text(4096, 'd');
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool synced = written && ::fsync(fd) == 0;
  const int why = errno;
  ::close(fd);
  ::unlink(path.c_str());
  if (synced) return {};
  return fmt::format("cannot {} there: {}", written ? "sync" : "write", std::strerror(why));
}

bool in_memory(const std::string& folder) {
  struct statfs facts{};
  if (::statfs(folder.c_str(), &facts) != 0) return false;
  return facts.f_type == TMPFS_MAGIC || facts.f_type == RAMFS_MAGIC;
}

}  // namespace

ClockFacts look_at_clock() {
  ClockFacts facts;
  timex kernel{};
  const int state = ::adjtimex(&kernel);  // reads only: no mode is set
  facts.synchronised = state >= 0 && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
  facts.largest_error_us = kernel.maxerror;
  return facts;
}

DiskFacts look_at_disk(std::string what, std::string folder, const Clock& clock) {
  DiskFacts facts{std::move(what), std::move(folder), {}};
  std::error_code error;
  const auto space = fs::space(facts.folder, error);
  if (error) {
    facts.error = fmt::format("cannot be looked at: {}", error.message());
    return facts;
  }
  facts.free_bytes = space.available;
  struct stat info{};
  if (::stat(facts.folder.c_str(), &info) == 0) facts.device = info.st_dev;
  facts.in_memory = in_memory(facts.folder);
  const MonoTime before = clock.mono();
  facts.error = try_sync(facts.folder);
  facts.sync_us = clock.mono().us - before.us;
  return facts;
}

ArchiveFacts look_at_archive(const Config& config, const Clock& clock) {
  ArchiveFacts facts{config.archive.endpoint, {}};
  const auto objects = archive_objects(config, clock);
  if (!objects) {
    facts.error = objects.error().message;
  } else if (auto page = (*objects)->list(archive_prefix(config), {}, 1); !page) {
    facts.error = page.error().message;
  }
  return facts;
}

PortFacts look_at_port(std::string server, std::string address, std::int64_t port) {
  PortFacts facts{std::move(server), std::move(address), port, {}};
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_in);
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, facts.address.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(static_cast<std::uint16_t>(port));
  } else if (::inet_pton(AF_INET6, facts.address.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(static_cast<std::uint16_t>(port));
    size = sizeof(sockaddr_in6);
  }
  const int fd = ::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
      ::listen(fd, 1) != 0)
    facts.error = std::strerror(errno);
  if (fd >= 0) ::close(fd);
  return facts;
}

std::vector<FileModeFacts> look_at_keys(const std::string& folder) {
  std::vector<FileModeFacts> files;
  const auto add = [&](const std::string& path) {
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) return;
    files.push_back(
        {path, info.st_mode & 0777U, info.st_uid == ::geteuid(), S_ISDIR(info.st_mode)});
  };
  std::error_code error;
  if (!fs::is_directory(folder, error)) return files;
  add(folder);
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error))
    add(at->path().string());
  return files;
}

}  // namespace vl::app
