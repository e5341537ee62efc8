#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <vonglau/store/reserve.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {
namespace {

constexpr std::int64_t kStep_bytes = 64 << 20;  // so that a failure leaves what was taken

}  // namespace

Result<std::unique_ptr<DiskReserve>> DiskReserve::open(const std::string& path,
                                                       std::int64_t size_bytes) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(StoreError::unavailable,
                fmt::format("the reserve {} cannot be made: {}", path, std::strerror(errno)));
  std::unique_ptr<DiskReserve> reserve(new DiskReserve(file, size_bytes));
  struct stat facts{};
  if (::fstat(file, &facts) == 0) {
    // Only real blocks count: a copy of the file may be sparse.
    reserve->held_bytes_ = std::min<std::int64_t>(facts.st_size, facts.st_blocks * 512);
    if (reserve->held_bytes_ > size_bytes) reserve->held_bytes_ = size_bytes;
    if (::ftruncate(file, reserve->held_bytes_) != 0) reserve->held_bytes_ = 0;
  }
  // A centre that starts on a full disk needs what is left, not more.
  if (reserve->free_bytes() >= 2 * size_bytes) reserve->take(size_bytes);
  return reserve;
}

DiskReserve::~DiskReserve() {
  ::close(file_);
}

bool DiskReserve::give_up() {
  const std::scoped_lock lock(mutex_);
  return give_up_one();
}

bool DiskReserve::give_up_one() {
  if (held_bytes_ == 0) return false;
  const std::int64_t left = std::max<std::int64_t>(0, held_bytes_ - size_bytes_ / pieces);
  if (::ftruncate(file_, left) != 0) return false;
  held_bytes_ = left;
  return true;
}

bool DiskReserve::take(std::int64_t bytes) {
  bool taken = false;
  while (held_bytes_ < bytes) {
    const std::int64_t step = std::min(kStep_bytes, bytes - held_bytes_);
    if (::posix_fallocate(file_, held_bytes_, step) != 0) break;
    held_bytes_ += step;
    taken = true;
  }
  return taken;
}

bool DiskReserve::keep() {
  const std::scoped_lock lock(mutex_);
  const std::int64_t free = free_bytes();
  if (free < 0) return false;
  if (free < size_bytes_ / pieces) return give_up_one();
  if (held_bytes_ < size_bytes_ && free >= 2 * size_bytes_ - held_bytes_) return take(size_bytes_);
  return false;
}

std::int64_t DiskReserve::held_bytes() const {
  const std::scoped_lock lock(mutex_);
  return held_bytes_;
}

std::int64_t DiskReserve::free_bytes() const {
  struct statvfs facts{};
  if (::fstatvfs(file_, &facts) != 0) return -1;
  return static_cast<std::int64_t>(facts.f_bavail) * static_cast<std::int64_t>(facts.f_frsize);
}

}  // namespace vl::store
