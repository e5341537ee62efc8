#include "output.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace vl::evidence {

namespace {
constexpr std::size_t output_buffer_bytes = 1 << 20;

std::unexpected<Error> refused(const std::string& path) {
  return fail(EvidenceError::unreadable,
              fmt::format("cannot write {}: {}", path, std::strerror(errno)));
}
}  // namespace

Result<Output> Output::create(const std::string& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return refused(path);
  return Output(path, descriptor);
}

Output::Output(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {
  buffer_.reserve(output_buffer_bytes);
}
Output::Output(Output&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      bytes_(other.bytes_),
      hash_(std::move(other.hash_)) {}
Output::~Output() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> Output::write(ByteView bytes) {
  hash_->add(bytes);
  bytes_ += bytes.size();
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  return buffer_.size() < output_buffer_bytes ? Result<void>{} : flush();
}

Result<void> Output::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const auto n = ::write(descriptor_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return refused(path_);
    done += static_cast<std::size_t>(n);
  }
  buffer_.clear();
  return {};
}

Result<std::string> Output::close() {
  VL_CHECK(flush());
  if (::fsync(descriptor_) != 0) return refused(path_);
  ::close(std::exchange(descriptor_, -1));
  return to_hex(hash_->finish());
}

Result<void> sync_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  return synced ? Result<void>{} : refused(path);
}

Result<void> sync_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  return synced ? Result<void>{} : refused(path);
}

}  // namespace vl::evidence
