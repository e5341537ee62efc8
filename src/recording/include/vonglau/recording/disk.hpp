// What the fragment store asks of a file system: the whole of it, so that tests can give it a
// disk that fills up or fails.
//
// A Disk may be used by all threads, a DiskFile by one at a time. Paths are absolute or relative
// to the process. Errors are `disk_full` (no room, quota), `not_found` (no such file) and
// `disk_failed` (everything else), with the path's last part and the system's words.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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

/// A file of a fixed size, written in whole blocks of 4,096 bytes past the system's cache where
/// the file system allows it, so that footage does not push everything else out of memory.
/// One thread may sync() while another writes.
class BlockFile {
 public:
  virtual ~BlockFile() = default;
  /// Pieces one after another from `offset`: offset, lengths and addresses are multiples of
  /// 4,096. After an error it is unknown which of them were written.
  virtual Result<void> write(std::uint64_t offset, std::span<const ByteView> pieces) = 0;
  /// As DiskFile::sync().
  virtual Result<void> sync() = 0;
};

/// Memory that a BlockFile can write from. Grows, never shrinks.
class BlockBuffer {
 public:
  explicit BlockBuffer(std::size_t bytes);
  ~BlockBuffer();
  BlockBuffer(const BlockBuffer&) = delete;
  BlockBuffer& operator=(const BlockBuffer&) = delete;

  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }
  /// Whether so much can be added without moving what is there.
  bool has_room(std::size_t bytes) const { return size_ + bytes <= capacity_; }
  void add(ByteView bytes);
  /// Over what was added before.
  void put(std::size_t at, ByteView bytes);
  /// Zeros up to the next multiple of `boundary`.
  void fill_up(std::size_t boundary = 4096);
  ByteView view() const { return {data_, size_}; }

 private:
  void grow(std::size_t bytes);
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// An archive as it is now.
struct ArchiveNow {
  std::uint64_t archived_bytes = 0;
  std::uint64_t objects = 0;
  std::uint64_t staged_bytes = 0;     // in the folder here, on their way or being filled
  std::uint64_t staging_bytes = 0;    // the most that may lie there
  std::uint64_t most_bytes = 0;       // that may lie there; 0: no end
  std::uint64_t to_delete = 0;        // objects that are given up and still there
  std::int64_t heard_us = 0;          // when it last answered; 0: not since the start
  std::int64_t failing_since_us = 0;  // 0: it answers
  std::string problem;                // what is wrong, and what helps
  std::string problem_code;           // "s3.unreachable"
};

/// Files of which some lie far away: a read of one takes a network's time and may fail.
/// Any thread; what asks the network says so, the rest waits for nobody.
class FarStorage {
 public:
  virtual ~FarStorage() = default;
  /// Whether so much more has room here until it is sent on.
  virtual bool can_take(std::uint64_t bytes) const = 0;
  /// Nothing more is written to this file, of which so much is used: it may go. Again: nothing.
  virtual void hand_over(const std::string& path, std::uint64_t used_bytes) = 0;
  virtual bool is_far(const std::string& path) const = 0;
  /// False: it is far. Else it is not sent within the next minute.
  virtual bool keep_near(const std::string& path) = 0;
  /// Asks the network: then it is near, until forget_near() or another few are brought.
  virtual Result<void> bring_near(const std::string& path) = 0;
  virtual void forget_near() = 0;
  /// Asks the network: whether it answers at all.
  virtual Result<void> answers() = 0;
  /// Asks the network: the sizes of those that are far, as they are told there; and under its own
  /// name whatever lies there and is none of them.
  virtual Result<std::map<std::string, std::uint64_t>> sizes() = 0;
  virtual ArchiveNow now() const = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  /// Where this path may be far; else nothing.
  virtual FarStorage* far(const std::string& /*path*/) { return nullptr; }
  /// Opens the file, or creates it with all its room taken from the disk. `invalid` if it is
  /// there with another size.
  virtual Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                         std::uint64_t bytes) = 0;
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
