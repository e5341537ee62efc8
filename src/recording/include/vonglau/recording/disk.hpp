// What the fragment store asks of a file system: the whole of it, so that tests can give it a
// disk that fills up or fails.
//
// A Disk may be used by all threads, a DiskFile by one at a time. Paths are absolute or relative
// to the process. Errors are `disk_full` (no room, quota), `not_found` (no such file) and
// `disk_failed` (everything else), with the path's last part and the system's words.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/recording/error.hpp>

namespace vl::recording {

class DiskFile {
 public:
  virtual ~DiskFile() = default;
  /// All pieces at the end of the file, or an error: then how much was written is unknown.
  virtual Result<void> append(std::span<const ByteView> pieces) = 0;
  virtual Result<void> truncate(std::uint64_t bytes) = 0;
  /// Everything appended before is durable when it returns. After an error it must not be asked
  /// again: the system may have dropped the pages and would then say yes to nothing.
  virtual Result<void> sync() = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  /// Creates the file if need be; appends go after what is there.
  virtual Result<std::unique_ptr<DiskFile>> open(const std::string& path) = 0;
  /// `bytes` from `offset`; fewer where the file ends.
  virtual Result<Bytes> read(const std::string& path, std::uint64_t offset, std::size_t bytes) = 0;
  virtual Result<std::uint64_t> size(const std::string& path) = 0;
  /// Of a file that is not there: succeeds.
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<void> make_folders(const std::string& path) = 0;
  /// Makes new and removed names in the folder durable.
  virtual Result<void> sync_folder(const std::string& path) = 0;
  /// Names in a folder, sorted; none if it is not there.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// What an unprivileged process may still write where `path` lies.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
  virtual Result<std::uint64_t> total_bytes(const std::string& path) = 0;
};

/// The system's own.
std::unique_ptr<Disk> posix_disk();

/// Held as long as it lives, by one process at a time; gone with the process.
class FolderLock {
 public:
  static Result<std::unique_ptr<FolderLock>> take(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  explicit FolderLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace vl::recording
