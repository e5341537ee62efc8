#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <new>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/disk.hpp>

namespace vl::recording {

namespace {

std::unexpected<Error> failed(std::string_view what, const std::string& path, int error) {
  const auto code = error == ENOSPC || error == EDQUOT || error == EFBIG ? RecordingError::disk_full
                    : error == ENOENT                                    ? RecordingError::not_found
                                      : RecordingError::disk_failed;
  char words[128];
  return fail(code, fmt::format("{} {}: {}", what, std::filesystem::path(path).filename().string(),
                                strerror_r(error, words, sizeof words)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public DiskFile {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<void> append(std::span<const ByteView> pieces) override {
    std::vector<iovec> rest;
    rest.reserve(pieces.size());
    for (const auto piece : pieces)
      if (!piece.empty()) rest.push_back({const_cast<std::uint8_t*>(piece.data()), piece.size()});
    for (std::size_t at = 0; at < rest.size();) {
      const auto count = std::min<std::size_t>(rest.size() - at, IOV_MAX);
      const auto written = ::writev(fd_.get(), rest.data() + at, static_cast<int>(count));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("write", path_, errno);
      auto left = static_cast<std::size_t>(written);
      while (at < rest.size() && left >= rest[at].iov_len) left -= rest[at++].iov_len;
      if (left > 0) {
        rest[at].iov_base = static_cast<std::uint8_t*>(rest[at].iov_base) + left;
        rest[at].iov_len -= left;
      }
    }
    return {};
  }
  Result<void> truncate(std::uint64_t bytes) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(bytes)) != 0)
      return failed("truncate", path_, errno);
    return {};
  }
  Result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0) return failed("sync", path_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

constexpr std::size_t block = 4096;

class PosixBlocks final : public BlockFile {
 public:
  PosixBlocks(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Result<void> write(std::uint64_t offset, std::span<const ByteView> pieces) override {
    for (const auto piece : pieces) {
      std::size_t done = 0;
      while (done < piece.size()) {
        const auto written = ::pwrite(fd_.get(), piece.data() + done, piece.size() - done,
                                      static_cast<off_t>(offset + done));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("write", path_, errno);
        done += static_cast<std::size_t>(written);
      }
      offset += piece.size();
    }
    return {};
  }
  Result<void> sync() override {
    if (::fdatasync(fd_.get()) != 0) return failed("sync", path_, errno);
    return {};
  }

 private:
  Descriptor fd_;
  std::string path_;
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                 std::uint64_t bytes) override {
    constexpr int flags = O_RDWR | O_CREAT | O_CLOEXEC;
    int fd = ::open(path.c_str(), flags | O_DIRECT, 0640);
    if (fd < 0 && errno == EINVAL) fd = ::open(path.c_str(), flags, 0640);  // tmpfs has no other
    if (fd < 0) return failed("open", path, errno);
    auto file = std::make_unique<PosixBlocks>(fd, path);
    struct stat status{};
    if (::fstat(fd, &status) != 0) return failed("stat", path, errno);
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size != 0 && size != bytes)
      return fail(RecordingError::invalid,
                  fmt::format("{} has {} bytes and should have {}: it was made with another size",
                              path, size, bytes));
    // Also of a file cut off while it was being made: taking room twice costs nothing.
    if (::fallocate(fd, 0, 0, static_cast<off_t>(bytes)) != 0) {
      const int error = errno;
      if (error != EOPNOTSUPP || ::ftruncate(fd, static_cast<off_t>(bytes)) != 0) {
        if (size == 0) (void)::unlink(path.c_str());
        return failed("make", path, error);
      }
    }
    return file;
  }

  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0) return failed("open", path, errno);
    return std::make_unique<PosixFile>(fd, path);
  }

  Result<Bytes> read(const std::string& path, std::uint64_t offset, std::size_t bytes) override {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return failed("open", path, errno);
    Bytes out(bytes);
    std::size_t have = 0;
    while (have < bytes) {
      const auto got =
          ::pread(fd.get(), out.data() + have, bytes - have, static_cast<off_t>(offset + have));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return failed("read", path, errno);
      if (got == 0) break;
      have += static_cast<std::size_t>(got);
    }
    out.resize(have);
    return out;
  }

  Result<std::uint64_t> size(const std::string& path) override {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return failed("stat", path, errno);
    return static_cast<std::uint64_t>(status.st_size);
  }

  Result<void> remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return failed("remove", path, errno);
    return {};
  }

  Result<void> make_folders(const std::string& path) override {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error) return failed("make", path, error.value());
    return {};
  }

  Result<void> sync_folder(const std::string& path) override {
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return failed("open", path, errno);
    if (::fsync(fd.get()) != 0) return failed("sync", path, errno);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& path) override {
    std::vector<std::string> out;
    std::error_code error;
    for (std::filesystem::directory_iterator it(path, error), end; !error && it != end;
         it.increment(error))
      out.push_back(it->path().filename().string());
    if (error && error != std::errc::no_such_file_or_directory)
      return failed("list", path, error.value());
    std::ranges::sort(out);
    return out;
  }

  Result<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs status{};
    if (::statvfs(path.c_str(), &status) != 0) return failed("statvfs", path, errno);
    return std::uint64_t{status.f_bavail} * status.f_frsize;
  }

  Result<std::uint64_t> total_bytes(const std::string& path) override {
    struct statvfs status{};
    if (::statvfs(path.c_str(), &status) != 0) return failed("statvfs", path, errno);
    return std::uint64_t{status.f_blocks} * status.f_frsize;
  }
};

}  // namespace

namespace {
/// Large ones on the system's large pages: fewer to look up, for us and for the disk's driver.
constexpr std::size_t large_page = 2 * 1024 * 1024;
std::size_t boundary_of(std::size_t bytes) {
  return bytes >= 2 * large_page ? large_page : block;
}
}  // namespace

BlockBuffer::BlockBuffer(std::size_t bytes) {
  grow(bytes);
}
BlockBuffer::~BlockBuffer() {
  if (data_ != nullptr) ::operator delete[](data_, std::align_val_t{boundary_of(capacity_)});
}
void BlockBuffer::grow(std::size_t bytes) {
  bytes = (bytes + block - 1) / block * block;
  if (bytes <= capacity_) return;
  bytes = std::max(bytes, capacity_ + capacity_ / 2 / block * block);
  const auto boundary = boundary_of(bytes);
  auto* const larger =
      static_cast<std::uint8_t*>(::operator new[](bytes, std::align_val_t{boundary}));
  if (boundary > block) (void)::madvise(larger, bytes, MADV_HUGEPAGE);
  if (size_ > 0) std::memcpy(larger, data_, size_);
  if (data_ != nullptr) ::operator delete[](data_, std::align_val_t{boundary_of(capacity_)});
  data_ = larger;
  capacity_ = bytes;
}
void BlockBuffer::add(ByteView bytes) {
  if (bytes.empty()) return;
  grow(size_ + bytes.size());
  std::memcpy(data_ + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
}
void BlockBuffer::put(std::size_t at, ByteView bytes) {
  VL_ASSERT(at + bytes.size() <= size_);
  std::memcpy(data_ + at, bytes.data(), bytes.size());
}
void BlockBuffer::fill_up(std::size_t boundary) {
  const auto whole = (size_ + boundary - 1) / boundary * boundary;
  grow(whole);
  std::memset(data_ + size_, 0, whole - size_);
  size_ = whole;
}

std::unique_ptr<Disk> posix_disk() {
  return std::make_unique<PosixDisk>();
}

Result<std::unique_ptr<FolderLock>> FolderLock::take(const std::string& folder) {
  const auto path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) return failed("open", path, errno);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    ::close(fd);
    if (error == EWOULDBLOCK)
      return fail(RecordingError::in_use,
                  "another process has this recording folder open: stop it, or choose another");
    return failed("lock", path, error);
  }
  return std::unique_ptr<FolderLock>(new FolderLock(fd));
}

FolderLock::~FolderLock() {
  ::close(fd_);
}

}  // namespace vl::recording
