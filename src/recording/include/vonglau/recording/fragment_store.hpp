// Where footage is kept: fragments of many cameras on one disk, durable within a second, hashed
// and chained, found by time, locked as evidence, reclaimed oldest first.
//
// Threads: append() and gap() belong to one thread, sync() and reclaim() to another (or the
// same), which they may occupy for a disk's time: disk_worker.hpp is both. Everything else may
// be called by any thread: what changes something waits for a sync, readers wait for nobody.
// Crashes: what was appended before a sync() that returned is there after kill -9 and power
// loss; of what came after it, a whole number of fragments is there. docs/design/fragments.md
// has the invariants.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/recording/disk.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::recording {

/// Unlocked footage beyond either is reclaimed, oldest first. Nothing: no such limit.
struct Retention {
  std::optional<std::int64_t> most_age_s;
  std::optional<std::uint64_t> most_bytes;
  friend bool operator==(const Retention&, const Retention&) = default;
};

/// A stretch of footage without holes worth telling.
struct Span {
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t bytes = 0;
  bool is_fetched = false;  // from the camera's own storage (footage_view.hpp)
};

using LockId = TypedId<struct FootageLockTag>;

/// Every fragment that overlaps [from_us, to_us) is kept until the lock is taken off; so is
/// footage of that time that comes later.
struct FootageLock {
  LockId id;
  StreamKey stream;
  std::int64_t from_us = 0;
  std::int64_t to_us = 0;
  std::string reason;  // a case's id, never free text about people
  std::int64_t created_us = 0;
};

struct Usage {
  std::uint64_t stored_bytes = 0;
  std::uint64_t locked_bytes = 0;   // in whole fragments
  std::uint64_t free_bytes = 0;     // of the disk
  std::uint64_t reserve_bytes = 0;  // to be left free
  std::int64_t oldest_us = 0;       // 0: nothing stored
};

/// Where footage goes as it grows older.
enum class Tier { recorded, slow, archive };

/// One disk for footage as it is now. `is_failing`: it refused lately, and is left alone for a
/// while.
struct DiskNow {
  std::string folder;
  bool is_slow = false;  // or the archive
  std::optional<ArchiveNow> archive;
  bool is_failing = false;
  std::uint64_t stored_bytes = 0;
  std::uint64_t free_bytes = 0;
  std::uint64_t reserve_bytes = 0;  // to be left free
  std::uint64_t room_bytes = 0;     // what footage may take of it, with what it has
  std::int64_t oldest_us = 0;       // 0: nothing is stored there
};

enum class FindingKind {
  missing_file,
  short_file,
  bad_header,
  altered,
  chain_broken,
  unindexed,
  unreachable  // it lies in the archive, which does not answer
};
std::string_view name_of(FindingKind kind);

struct Finding {
  FindingKind kind{};
  FragmentId fragment;  // sequence 0 where it is about a whole file
  std::string detail;
};

struct CheckReport {
  std::uint64_t fragments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t problems = 0;
  std::vector<Finding> findings;  // the first 1,000
  /// Fragments of which not even the header can be read; the first million.
  std::vector<FragmentId> unreadable;
};

/// What sync() could not make durable: gone, and recorded as gaps.
struct SyncOutcome {
  std::uint64_t fragments = 0;  // made durable by this call
  std::uint64_t bytes = 0;
  std::vector<FragmentId> lost;
};

/// What operators must hear of. Called on the thread of append(), sync() and reclaim().
class StoreObserver {
 public:
  virtual ~StoreObserver() = default;
  /// Unlocked footage older than `until_us` of this stream was freed; `for_room`: because the
  /// disk was full, before its retention ended.
  virtual void on_reclaimed(const StreamKey&, std::uint64_t /*bytes*/, std::int64_t /*until_us*/,
                            bool /*for_room*/) {}
  /// More than `most_locked_percent` of what may be stored is locked.
  virtual void on_mostly_locked(const Usage&) {}
  /// Either once, until a fragment could be stored again.
  virtual void on_disk_full(const std::string& /*detail*/) {}
  virtual void on_disk_failed(const std::string& /*detail*/) {}
  /// A crash left this behind; it was cut off when the store opened.
  virtual void on_torn_tail(const StreamKey&, std::uint64_t /*bytes*/) {}
};

class FragmentStore {
 public:
  virtual ~FragmentStore() = default;

  // Writing.
  /// Stored and chained, durable after the next sync(). Ends an open gap. On `disk_full` even
  /// reclaiming found no room, on `disk_failed` the disk refused: nothing is stored then, and the
  /// gap is recorded here.
  virtual Result<FragmentId> append(const NewFragment& fragment) = 0;
  /// With an end: a hole. Without: since then nothing comes; a gap still open with another
  /// cause ends where this begins, one with the same cause goes on. Fetched footage has none: what
  /// is missing is told of the main stream.
  virtual Result<void> gap(const StreamKey& stream, const Gap& gap) = 0;
  /// One for all streams. Also writes the index.
  virtual Result<SyncOutcome> sync() = 0;
  /// Applies retention and frees room below the reserve. Gives the bytes freed.
  virtual Result<std::uint64_t> reclaim() = 0;

  // Reading: any thread.
  virtual std::vector<StreamKey> streams() const = 0;
  /// Where the stream's footage ends; nothing for an unknown or empty stream.
  virtual std::optional<std::int64_t> end_us(const StreamKey& stream) const = 0;
  /// Fragments that overlap [from_us, to_us) in order, at most `most` of them (<= 10,000).
  virtual Result<std::vector<FragmentRef>> find(const StreamKey& stream, std::int64_t from_us,
                                                std::int64_t to_us, std::size_t most) const = 0;
  /// Where to begin playing at `at_us`: the last fragment before it that begins with a key
  /// picture, no further back than a minute; in a gap the first one after it, no further on than
  /// a day. `not_found` when there is none.
  virtual Result<FragmentRef> seek(const StreamKey& stream, std::int64_t at_us) const = 0;
  /// The fragment after this one; `not_found` at the live end and before reclaimed footage's
  /// return.
  virtual Result<FragmentRef> next(const FragmentId& id) const = 0;
  /// The fragment whole, its hash verified (`altered` if it does not agree).
  virtual Result<Fragment> read(const FragmentId& id) const = 0;
  /// As stored: header and body, for export.
  virtual Result<Bytes> read_stored(const FragmentId& id) const = 0;
  /// Footage and gaps that overlap the time, in order, at most 50,000 of each.
  virtual Result<std::vector<Span>> spans(const StreamKey& stream, std::int64_t from_us,
                                          std::int64_t to_us) const = 0;
  virtual Result<std::vector<Gap>> gaps(const StreamKey& stream, std::int64_t from_us,
                                        std::int64_t to_us) const = 0;
  /// Bytes a second in each of `parts` (1 to 1,000) equal parts of a time, counted over what is
  /// recorded of the part; 0 where nothing is. A camera of variable rate sends more the more moves.
  virtual Result<std::vector<std::uint32_t>> rates(const StreamKey& stream, std::int64_t from_us,
                                                   std::int64_t to_us, std::size_t parts) const = 0;

  // Keeping: any thread; durable when it returns. Locks and retention of a main stream hold for
  // what was fetched of it, too; the bytes of both count together.
  virtual Result<FootageLock> lock(const StreamKey& stream, std::int64_t from_us,
                                   std::int64_t to_us, std::string reason) = 0;
  virtual Result<void> unlock(const LockId& id) = 0;
  virtual Result<std::vector<FootageLock>> locks() const = 0;
  virtual Result<void> set_retention(const StreamKey& stream, const Retention& retention) = 0;
  virtual Usage usage() const = 0;
  virtual std::vector<DiskNow> disks() const { return {}; }

  /// Presence, size and, if `with_hashes`, content of everything stored. Any thread; slow.
  virtual Result<CheckReport> check(bool with_hashes) const = 0;
  /// These are no longer looked for: their time becomes a gap `disk_failed`. What is altered but
  /// can be read is not given up: that it was altered must stay to be seen. Any thread.
  virtual Result<void> give_up(const std::vector<FragmentId>& unreadable) = 0;

  /// Whether there are slow disks or an archive, so that somebody must call move_down().
  virtual bool has_slow_disks() const { return false; }
  /// Moves some of the oldest footage a tier down, if its disk wants room, and tends what is
  /// there. A thread of its own: it takes as long as the slow disks take, and holds up nobody
  /// else. False: there is nothing more to do for now.
  virtual Result<bool> move_down() { return false; }
};

/// A disk for footage.
struct DiskOptions {
  std::string folder;
  std::uint64_t reserve_bytes = 2ULL << 30;
  std::uint64_t most_bytes = 0;
  /// But for Tier::recorded nothing is recorded there: the oldest footage of the tiers before is
  /// moved there before they need its room. At least one disk, the first, is recorded to; at most
  /// one, the last, is the archive: the folder of an ArchiveDisk (archive_disk.hpp).
  Tier tier = Tier::recorded;
};

struct StoreOptions {
  /// Of the index and, unless `disks` are given, of the footage.
  std::string folder;
  /// Left free on the disk for journal, spool and index; footage is freed to keep it so.
  std::uint64_t reserve_bytes = 2ULL << 30;
  /// The most that footage may take in all; 0: what the disk has less the reserve.
  std::uint64_t most_bytes = 0;
  /// Cameras are spread over them; one that fails or fills is left.
  std::vector<DiskOptions> disks;
  /// What is given up at once, and taken from the disk at once. 0: a 64th of what footage may
  /// take, from 8 to 256 MiB. A store that is there keeps what it has.
  std::uint64_t extent_bytes = 0;
  /// About what is written at once.
  std::size_t group_bytes = 8ULL << 20;
  int most_locked_percent = 80;
  /// Given up first when the disk is full all the same, so that the index can be written.
  std::uint64_t ballast_bytes = 16ULL << 20;
  Retention default_retention{};
};

/// Opens or creates; recovers after a crash. Every stream gets a gap `recorder_down` from where
/// its footage ends. `disk`, `clock`, `ids` and `observer` must outlive the store.
Result<std::unique_ptr<FragmentStore>> open_fragment_store(StoreOptions options, Disk& disk,
                                                           const Clock& clock, IdSource& ids,
                                                           StoreObserver& observer);

}  // namespace vl::recording
