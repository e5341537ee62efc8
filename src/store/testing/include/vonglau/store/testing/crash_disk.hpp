// A disk in memory that loses power, fills up and fails, for SQLite (a VFS of its own name).
//
// What a program reads back is the system's cache; what survives a power cut is what was synced,
// and of the rest whatever the seed decides: each 512-byte sector keeps any one of the contents
// it had since the last sync, so that writes are lost, torn and reordered; files not yet synced
// may be missing, deleted ones may be back, and sizes may be any that the file had.
//
//   CrashDisk disk({.seed = seed});
//   disk.cut_power_after(40);                       // in the middle of the 40th change
//   ... work on sqlite_database(disk.database("x.db")) until it says unavailable ...
//   ... close it: while the power is off everything fails, and nothing more is written ...
//   disk.restart();
//   ... open it again: everything acknowledged must be there ...
//
// The same seed and the same calls give the same run. Any thread may use it. Close every session
// before the disk goes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <vonglau/store/session.hpp>

namespace vl::store::testing {

struct CrashDiskOptions {
  std::uint64_t seed = 1;
  /// Says "synced" and does nothing: the control, which must lose rows.
  bool lying = false;
  std::int64_t capacity_bytes = std::int64_t{1} << 30;
};

class CrashDisk {
 public:
  enum class Operation { read, write, sync };

  explicit CrashDisk(CrashDiskOptions options);
  ~CrashDisk();
  CrashDisk(const CrashDisk&) = delete;
  CrashDisk& operator=(const CrashDisk&) = delete;

  /// For sqlite_database(). Several files may lie on one disk.
  SqliteOptions database(const std::string& name) const;
  const std::string& vfs() const;

  /// Cuts the power in the middle of the nth write, sync, truncation or deletion from now (1 is
  /// the next one).
  void cut_power_after(std::int64_t changes);
  void cut_power();
  /// As kill -9: nothing works any more until restart(), but the system's cache is kept.
  void kill_process();
  bool is_off() const;
  void restart();

  /// The nth such operation from now (1 is the next one) and the `times - 1` after it give an
  /// I/O error. A failed sync forgets, as Linux does: what was written since the last one looks
  /// clean from then on, and no later sync brings it to the disk.
  void fail(Operation operation, std::int64_t nth, std::int64_t times = 1);
  /// Writes that would need more than this give "disk full".
  void set_capacity(std::int64_t bytes);

  std::int64_t used_bytes() const;
  std::int64_t changes() const;
  std::int64_t syncs() const;

  class Model;

 private:
  std::unique_ptr<Model> model_;
};

}  // namespace vl::store::testing
