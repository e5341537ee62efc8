#include "files.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>

namespace vl::vault::files {

std::string reason(int error_number) {
  return std::generic_category().message(error_number);
}

Result<void> write_all(int fd, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      return fail(VaultError::storage, "cannot write " + path + ": " + reason(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || ::fsync(fd.get()) != 0)
    return fail(VaultError::storage, "cannot sync the folder " + folder + ": " + reason(errno));
  return {};
}

Result<void> write_new(const std::string& path, ByteView bytes) {
  Descriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return fail(VaultError::storage, "cannot create " + path + ": " + reason(errno));
  if (auto written = write_all(fd.get(), bytes, path); !written) {
    ::unlink(path.c_str());
    return written;
  }
  if (::fsync(fd.get()) != 0) {
    const int error_number = errno;
    ::unlink(path.c_str());
    return fail(VaultError::storage, "cannot sync " + path + ": " + reason(error_number));
  }
  return sync_folder_of(path);
}

}  // namespace vl::vault::files
