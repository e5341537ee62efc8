// The archive: a folder whose files go to an object store once nothing more is written to them.
//
// Under `folder` lie the logs of the archive as on any disk. An extent is written, synced and
// given up there, in its own time and without the network. One that is handed over is put into
// the store by work(), and only when it is whole there, and a marker beside it says so durably,
// does the file go; from then on it is read piece by piece from the store.
//
// Markers, empty files named after the object ("000012.17.LOG.BYTES", whose key is the prefix, the
// log's folder and this):
//   .put   it may be in the store, whole or not
//   .obj   it is in the store, whole; a file beside it is what was not removed yet
//   .del   it is given up: it is deleted from the store, then the marker goes
// The later one of these counts. They say everything: without the folder they are made again from
// the list of the bucket.
//
// Everything outside `folder` goes to the disk below. Any thread; work() by one at a time. Nothing
// waits for the network but work(), read() of what is far, and what FarStorage says.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <set>
#include <thread>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/recording/disk.hpp>
#include <vonglau/recording/object_store.hpp>

namespace vl::recording {

struct ArchiveOptions {
  std::string folder;
  std::string prefix;  // of keys; "" or with a slash at its end
  /// Names the store and bucket: a folder that was another's is refused.
  std::string name;
  std::uint64_t staging_bytes = 8ULL << 30;  // the most that may wait in the folder
  std::uint64_t reserve_bytes = 1ULL << 30;  // left free on the folder's disk
  std::size_t cache_bytes = 32ULL << 20;     // of what was read
};

/// What a marker's name says.
struct ArchivedExtent {
  std::uint32_t slot = 0;
  std::uint64_t sequence = 0;
  Uuid log;
  std::uint64_t bytes = 0;
  std::string text() const;
  static std::optional<ArchivedExtent> parse(std::string_view name);
  friend bool operator==(const ArchivedExtent&, const ArchivedExtent&) = default;
};

class ArchiveDisk final : public Disk, private FarStorage {
 public:
  /// `below`, `objects` and `clock` must outlive it. Nothing runs until start().
  ArchiveDisk(ArchiveOptions options, Disk& below, ObjectStore& objects, const Clock& clock);
  ~ArchiveDisk() override;
  /// A thread that does what is to be done, until it ends.
  void start();
  /// One thing that is to be done. False: there is nothing, or the store is left alone a while.
  bool work();

  FarStorage* far(const std::string& path) override;
  Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                 std::uint64_t bytes) override;
  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override;
  Result<Bytes> read(const std::string& path, std::uint64_t offset, std::size_t bytes) override;
  Result<std::uint64_t> size(const std::string& path) override;
  Result<void> remove(const std::string& path) override;
  /// Of `folder` itself: looks at what is there; the first time at what the bucket holds, too.
  Result<void> make_folders(const std::string& path) override;
  Result<void> sync_folder(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& path) override;
  Result<std::uint64_t> free_bytes(const std::string& path) override;
  Result<std::uint64_t> total_bytes(const std::string& path) override;

 private:
  class Blocks;
  /// A file of a log; nothing is known of those that are neither local nor far.
  struct Slot {
    std::uint64_t local_bytes = 0;  // 0: no file
    bool is_handed_over = false;
    std::uint64_t used_bytes = 0;
    std::uint64_t generation = 0;  // it was begun anew
    std::int64_t kept_until_us = 0;
    std::optional<ArchivedExtent> putting;  // .put
    std::optional<ArchivedExtent> object;   // .obj
    bool is_far() const { return object && local_bytes == 0; }
  };
  struct Given {
    std::string log;
    ArchivedExtent object;
  };
  struct Cached {
    std::string key;
    std::uint64_t at = 0;
    Bytes bytes;
    /// As far as it is there.
    Bytes part(std::uint64_t offset, std::size_t count) const {
      const auto from = std::min<std::size_t>(offset - at, bytes.size());
      const auto to = std::min(from + count, bytes.size());
      return {bytes.begin() + static_cast<std::ptrdiff_t>(from),
              bytes.begin() + static_cast<std::ptrdiff_t>(to)};
    }
  };

  // FarStorage.
  bool can_take(std::uint64_t bytes) const override;
  void hand_over(const std::string& path, std::uint64_t used_bytes) override;
  bool is_far(const std::string& path) const override;
  bool keep_near(const std::string& path) override;
  Result<void> bring_near(const std::string& path) override;
  void forget_near() override;
  Result<void> answers() override;
  Result<std::map<std::string, std::uint64_t>> sizes() override;
  ArchiveNow now() const override;

  bool is_extent(const std::string& path) const;
  std::string key_of(const std::string& log, const ArchivedExtent& object) const;
  std::string log_of(const std::string& path) const;
  std::string path_of(const std::string& log, std::uint32_t slot) const;
  Result<void> mark(const std::string& log, const ArchivedExtent& object, std::string_view kind);
  void unmark(const std::string& log, const ArchivedExtent& object, std::string_view kind);
  Result<void> prepare();
  Result<void> take_over_bucket();
  Result<void> look_at(const std::string& log);
  Result<std::vector<StoredObject>> list_bucket();
  // With mutex_ held:
  Result<void> give_up(const std::string& path, Slot& slot);
  Result<void> begin_anew(const std::string& path);
  Result<std::unique_ptr<BlockFile>> open_local(const std::string& path, std::uint64_t bytes);
  Result<bool> put(const std::string& path);
  Result<void> remove_object(const Given& given);
  void heard();
  void failed(const Error& error);
  bool is_left_alone() const;
  void run();

  const ArchiveOptions options_;
  Disk& below_;
  ObjectStore& objects_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::string, Slot> slots_;  // by path
  std::deque<std::string> to_put_;
  std::deque<Given> to_delete_;
  std::uint64_t staged_bytes_ = 0;
  std::uint64_t archived_bytes_ = 0, archived_ = 0;
  std::list<Cached> cache_;  // the newest first
  std::size_t cached_bytes_ = 0;
  std::list<Cached> near_;
  bool deletes_next_ = false;
  bool is_prepared_ = false;
  std::int64_t heard_us_ = 0, heard_mono_us_ = 0, failing_since_us_ = 0;
  std::int64_t wait_us_ = 0, left_alone_until_us_ = 0, reads_fail_until_us_ = 0;
  std::string problem_, problem_code_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::recording
