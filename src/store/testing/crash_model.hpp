// The files of a CrashDisk: cache, disk, and what lies between. crash_vfs.cpp shows it to SQLite.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include <sqlite3.h>

#include <vonglau/base/bytes.hpp>
#include <vonglau/store/testing/crash_disk.hpp>

namespace vl::store::testing {

/// A write or, without data, a truncation that no sync has covered.
struct Change {
  std::size_t offset = 0;
  Bytes data;
  bool truncates = false;
  bool forgotten = false;  // by a failed sync: only the cache has it, for good
};

struct SimulatedFile {
  Bytes cache;
  Bytes disk;
  std::vector<Change> changes;
  bool is_on_disk = false;    // its name, that is
  bool syncs_folder = false;  // with its first sync

  // SQLite's five locks (https://www.sqlite.org/lockingv3.html).
  int readers = 0;
  const void* reserved = nullptr;
  const void* pending = nullptr;
  const void* exclusive = nullptr;

  // The index of the write-ahead log: regions of memory and eight locks.
  std::vector<std::unique_ptr<Bytes>> regions;
  std::array<int, SQLITE_SHM_NLOCK> shared_locks{};
  std::array<bool, SQLITE_SHM_NLOCK> exclusive_locks{};
};
using FilePointer = std::shared_ptr<SimulatedFile>;

/// Every call takes the disk's mutex. Codes are SQLite's.
class CrashDisk::Model {
 public:
  explicit Model(CrashDiskOptions options);
  ~Model();

  int open(const char* name, int flags, FilePointer& file);
  int remove(const std::string& name, bool sync_folder);
  bool exists(const std::string& name);
  int read(std::uint64_t generation, SimulatedFile& file, std::uint8_t* into, std::size_t length,
           std::size_t offset);
  int write(std::uint64_t generation, SimulatedFile& file, ByteView data, std::size_t offset);
  int truncate(std::uint64_t generation, SimulatedFile& file, std::size_t size);
  int sync(std::uint64_t generation, SimulatedFile& file);
  std::int64_t size(SimulatedFile& file);

  std::uint64_t generation();
  std::uint64_t random();

  void cut_power_after(std::int64_t changes);
  void cut_power();
  void restart();
  void kill_process();
  void fail(Operation operation, std::int64_t nth, std::int64_t times);
  void set_capacity(std::int64_t bytes);
  bool is_off();
  std::int64_t used_bytes();
  std::int64_t changes();
  std::int64_t syncs();

  std::mutex& mutex() { return mutex_; }
  const std::string& vfs_name() const { return vfs_name_; }

 private:
  struct Failure {
    std::int64_t nth = 0;  // 0: none is due
    std::int64_t times = 0;
  };
  std::uint64_t next_random();
  bool is_dead(std::uint64_t generation) const { return is_off_ || generation != generation_; }
  /// Counts a change; true when the power goes in the middle of it.
  bool counts_to_cut();
  bool fails(Operation operation);
  void sync_folder();
  void crash();
  void crash_file(SimulatedFile& file);
  std::int64_t used() const;

  CrashDiskOptions options_;
  std::mutex mutex_;
  std::uint64_t state_;
  std::uint64_t generation_ = 1;
  std::map<std::string, FilePointer> files_;
  std::map<std::string, FilePointer> deleted_;  // from the cache, not yet from the disk
  std::array<Failure, 3> failures_;
  std::int64_t until_cut_ = 0;  // 0: not planned
  std::int64_t changes_ = 0;
  std::int64_t syncs_ = 0;
  bool is_off_ = false;
  std::string vfs_name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
};

/// Registers a VFS whose files are the model's; unregister before the model goes.
std::unique_ptr<sqlite3_vfs> register_crash_vfs(CrashDisk::Model& model, const std::string& name);

}  // namespace vl::store::testing
