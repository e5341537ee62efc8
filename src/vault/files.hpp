// Small files that must be whole or not there. Internal to the vault.
#pragma once

#include <string>
#include <utility>

#include <unistd.h>

#include <vonglau/base/bytes.hpp>
#include <vonglau/vault/error.hpp>

namespace vl::vault::files {

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }

 private:
  int fd_;
};

std::string reason(int error_number);
Result<void> write_all(int fd, ByteView bytes, const std::string& path);
/// Makes a file of mode 0600 that did not exist before; durable, its name too.
Result<void> write_new(const std::string& path, ByteView bytes);
/// Makes the names in a folder durable.
Result<void> sync_folder_of(const std::string& path);

}  // namespace vl::vault::files
