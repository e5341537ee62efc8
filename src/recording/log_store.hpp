// The store behind FragmentStore: footage of all cameras in logs, a log for each disk and each
// length of keeping, and an index of where everything lies (docs/design/footage_log.md). Private
// to this room.
//
// Four locks, taken in this order. `move_` is held by who moves footage to the slow disks, for as
// long as those take: it guards their logs, which nobody else touches. `slow_` is held for as long
// as a disk takes by what syncs, reclaims, locks and writes the index; it guards index_ and the
// logs of what is kept. `write_` is held by append() and gap(), while a group is hashed and
// written, and for moments by the others: it guards the other logs. `state_` guards what readers
// see and is never held over a call to the disk.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>

#include <vonglau/recording/footage_log.hpp>
#include <vonglau/recording/fragment_format.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "footage_index.hpp"

namespace vl::recording {

/// LogRow::keeping of the log that locked footage is moved to.
constexpr int kept_log = 100;
/// And this and more of those on a slow disk: moved_log + the keeping of where it came from.
constexpr int moved_log = 200;
/// What is kept about as long lies together, so that a log is given up from its beginning:
/// LogRow::keeping is the number of these that a retention exceeds.
constexpr std::array<std::int64_t, 4> keeping_steps_s{2 * 86'400, 8 * 86'400, 35 * 86'400,
                                                      100 * 86'400};

class LogStore final : public FragmentStore {
 public:
  LogStore(StoreOptions options, Disk& disk, const Clock& clock, IdSource& ids,
           StoreObserver& observer);
  ~LogStore() override;
  Result<void> open();  // log_store_recovery.cpp

  Result<FragmentId> append(const NewFragment& fragment) override;
  Result<void> gap(const StreamKey& stream, const Gap& gap) override;
  Result<SyncOutcome> sync() override;
  Result<std::uint64_t> reclaim() override;

  std::vector<StreamKey> streams() const override;
  std::optional<std::int64_t> end_us(const StreamKey& stream) const override;
  Result<std::vector<FragmentRef>> find(const StreamKey& stream, std::int64_t from_us,
                                        std::int64_t to_us, std::size_t most) const override;
  Result<FragmentRef> seek(const StreamKey& stream, std::int64_t at_us) const override;
  Result<FragmentRef> next(const FragmentId& id) const override;
  Result<Fragment> read(const FragmentId& id) const override;
  Result<Bytes> read_stored(const FragmentId& id) const override;
  Result<std::vector<std::uint32_t>> rates(const StreamKey& stream, std::int64_t from_us,
                                           std::int64_t to_us, std::size_t parts) const override;
  Result<std::vector<Span>> spans(const StreamKey& stream, std::int64_t from_us,
                                  std::int64_t to_us) const override;
  Result<std::vector<Gap>> gaps(const StreamKey& stream, std::int64_t from_us,
                                std::int64_t to_us) const override;

  Result<FootageLock> lock(const StreamKey& stream, std::int64_t from_us, std::int64_t to_us,
                           std::string reason) override;
  Result<void> unlock(const LockId& id) override;
  Result<std::vector<FootageLock>> locks() const override;
  Result<void> set_retention(const StreamKey& stream, const Retention& retention) override;
  Usage usage() const override;
  std::vector<DiskNow> disks() const override;
  Result<CheckReport> check(bool with_hashes) const override;
  Result<void> give_up(const std::vector<FragmentId>& unreadable) override;
  bool has_slow_disks() const override;
  Result<bool> move_down() override;

 private:
  struct Stream {
    StreamKey key;
    std::int64_t id = 0;
    std::optional<Retention> retention;
    LogId log_id = 0;                 // (w) where its fragments go
    std::int64_t taken_us = 0;        // (w) start of the first that is unwritten
    ChainEnd durable;                 // (s) what is synced
    std::int64_t durable_end_us = 0;  // (s)
    std::int64_t end_us = 0;          // (s) of what is written; 0: no footage
    std::uint64_t next_indexed = 1;   // (s) all before it is in the index, or gone
    std::uint64_t indexed_bytes = 0;  // (s)
    std::deque<MinuteRow> minutes;    // (s) not yet in the index
    bool is_open = false;             // (s) the last of them may still grow
    MonoTime touched;                 // (s) when it last grew
    std::optional<Gap> open_gap;      // (s)
    std::int64_t found_us = std::numeric_limits<std::int64_t>::max();  // at start-up: the first
    std::int64_t ended_until_us = 0;                                   // (s) and where it ended
    std::int64_t ended_from_us = 0;         // (s) where the last gap that ended began
    std::optional<std::int64_t> ending_us;  // (w) start of the unwritten fragment that ends it
    std::vector<Gap> gaps;                  // (s) not yet in the index
    bool changed = false;                   // (s) its row
    std::vector<FootageLock> locks;         // (s)
    std::uint64_t locked_bytes = 0;         // (s)
    std::int64_t locked_counted_us = 0;     // (s) up to here
    std::uint64_t stored_bytes() const;
  };
  struct Log {
    LogRow row;
    std::unique_ptr<FootageLog> log;
    std::map<std::uint64_t, ExtentRow> extents;    // (s) whatever can be read
    std::uint64_t saved_extent = 0;                // (slow) up to here they are in the index
    bool changed = false;                          // (s) its row
    std::vector<LogNotes::GapNote> notes;          // (w) to be written
    std::vector<LogNotes::GapNote> written_notes;  // (w) and not yet durable
    bool is_slow = false;                          // on a slow disk: (w) is (move) then
    std::uint64_t handed_over = 0;                 // (move) up to here, to the archive
    bool is_kept() const { return row.keeping == kept_log; }
    /// Its fragments were moved there.
    bool has_copies() const { return row.keeping >= kept_log; }
  };
  struct FootageDisk {
    std::string folder;
    std::uint64_t reserve_bytes = 0;
    std::uint64_t most_bytes = 0;
    std::int64_t avoided_until_us = 0;  // (w) by the monotonic clock, after it failed
    std::size_t streams = 0;            // (w) that are written there
    std::unique_ptr<FolderLock> lock;   // of disks beyond the first
    Tier tier = Tier::recorded;
    bool is_slow = false;          // it is not recorded to
    std::uint64_t room_bytes = 0;  // (s) of slow ones: what may lie there
  };
  struct PlacedFragment {
    FragmentRef ref;
    std::string path;
    std::uint64_t at = 0;
  };
  /// A fragment that must be moved before its extent is given up.
  struct Locked {
    FragmentId id;
    MinuteEntry entry;
  };
  /// An extent whose footage was copied to a slow disk.
  struct MovedExtent {
    std::uint64_t sequence = 0;
    std::map<FragmentId, LoggedFragment> copies;
    std::set<FragmentId> damaged;  // and so not copied
  };
  /// Minutes that take the place of others in the index.
  struct Replaced {
    std::vector<std::int64_t> gone;  // their ids
    std::vector<MinuteRow> come;
    std::map<std::int64_t, std::uint64_t> bytes;  // that were copied, by stream
    std::map<std::int64_t, std::size_t> last;     // of `come`, by stream
    std::map<StreamKey, std::vector<Gap>> lost;   // what could not be copied
  };
  enum class GivenUp { expired, for_room, moved };
  using Lost = std::map<StreamKey, std::int64_t>;              // and from when on
  using Shares = std::map<std::int64_t, FootageIndex::Share>;  // by stream

  // Marked (w): wants write_ held; (s): state_; (ws): both; (slow): slow_; (move): move_.
  Stream& stream_of(const StreamKey& key);          // (ws)
  Stream* known(const StreamKey& key);              // (s)
  const Stream* known(const StreamKey& key) const;  // (s)
  Log& log_of(LogId id) { return *logs_.at(id); }
  /// The stream whose locks and retention hold for this one; and, of a camera's main stream and
  /// what was fetched of it, the other one.
  const Stream& ruler_of(const Stream& stream) const;      // (s) or (w)
  const Stream* companion_of(const Stream& stream) const;  // (s)
  const Retention& retention_of(const Stream& stream) const;
  std::string folder_of(const LogRow& row) const;
  std::uint64_t extent_bytes_of(int disk) const;

  // log_store.cpp
  Log& log_for(Stream& stream);  // (w)
  Log* main_log(int disk, int keeping);
  int keeping_of(const Stream& stream) const;
  int disk_for_new_stream() const;                 // (w)
  Result<void> write_group(Log& log);              // (w)
  void take_group(Log& log, LoggedGroup&& group);  // (ws)
  void add_to_minutes(Stream& stream, Log& log, const LoggedFragment& fragment,
                      std::uint64_t group);           // (s)
  void lose_unwritten(Log& log, const Error& error);  // (w)
  void avoid(const Log& log);                         // (w)
  void lose(const Lost& lost, const Error& error);    // (ws)
  void tell_refused(const Error& error);
  void put_open_gap(Stream& stream, Gap gap);             // (ws)
  void end_open_gap(Stream& stream, std::int64_t at_us);  // (ws)
  void put_gap(Stream& stream, Gap gap);                  // (ws)

  // log_store_sync.cpp
  Result<SyncOutcome> sync_all();                                    // (slow)
  void sync_written(Log& log, SyncOutcome& outcome);                 // (slow)
  Result<void> write_all(Log& log);                                  // (slow)
  void took_hold(const FootageLog::End& end, SyncOutcome& outcome);  // (s)
  void take_back(Log& log, FootageLog::Syncing&& syncing, const Error& error,
                 SyncOutcome& outcome);          // (ws)
  void see_extents(Log& log);                    // (ws)
  StreamRow row_of(const Stream& stream) const;  // (s)
  bool is_worth_writing() const;                 // (s)
  Result<void> write_index();                    // (slow)

  // log_store_keeping.cpp
  bool is_locked(const Stream& stream, std::int64_t from_us, std::int64_t to_us) const;   // (s)
  std::vector<MinuteRow> parts_locked(const Stream& stream, const MinuteRow& row) const;  // (s)
  Result<void> keep_only_locked(Stream& stream, std::int64_t from_us, std::int64_t to_us);
  Result<std::uint64_t> count_locked(const Stream& stream, std::int64_t from_us) const;
  Result<void> recount_locked(Stream& stream);  // (slow)
  Stream* fetched_of(const Stream& stream);
  Result<void> note_locks(const std::vector<FootageLock>& taken, const std::vector<LockId>& off);
  Result<bool> expire(Stream& stream, std::uint64_t& freed);  // (slow), inside a transaction

  // log_store_room.cpp
  void allow(int disk);                      // (slow, w)
  std::int64_t spare_files(int disk) const;  // (slow, w)
  std::uint64_t most_files(int disk) const;  // (slow, w)
  Result<void> make_room(Log& log);          // (slow)
  void share_free_files(Log& log);           // (slow, w)
  Result<void> settle(int disk);             // (slow)
  Result<bool> release_oldest(int disk);     // (slow); false: there is none
  std::vector<std::uint64_t> oldest_extents(int disk, std::size_t most, Log*& log) const;  // (s)
  Result<std::uint64_t> release(Log& log, std::uint64_t extent, bool for_room);            // (slow)
  Result<std::uint64_t> give_up_extents(Log& log, const std::vector<std::uint64_t>& extents,
                                        const Replaced& copies, GivenUp why,
                                        Log* into = nullptr);    // (slow)
  Result<Replaced> move_locked(Log& log, std::uint64_t extent);  // (slow)
  Result<std::vector<Locked>> locked_in(const Log& log, const ExtentRow& extent) const;
  Result<void> write_kept(Log& kept, std::vector<MinuteRow>& rows);  // (slow)
  // Of the slow disks, or of the others:
  Result<std::uint64_t> release_expired(bool slow);                             // (slow)
  Result<std::uint64_t> release_unused_kept(bool slow);                         // (slow)
  Result<std::uint64_t> release_surplus(bool slow);                             // (slow)
  bool in_memory(const Log& log, std::uint64_t extent) const;                   // (s)
  void forget_in_memory(const Log& log, std::uint64_t extent, Shares& shares);  // (s)
  Log* kept_of(int disk);
  void give_up_ballast();
  void restore_ballast();

  // log_store_moving.cpp
  std::vector<std::uint64_t> extents_to_move(int disk, Log*& from);               // (move, slow)
  std::size_t extents_wanted(int disk);                                           // (slow, w)
  Result<void> tend_slow_disks();                                                 // (move)
  Log* log_below(Tier above, int keeping, std::uint64_t bytes);                   // (move)
  void hand_over(Log& log);                                                       // (move)
  void fetch_wanted();                                                            // (move)
  Result<MovedExtent> copy_extent(Log& from, std::uint64_t sequence, Log& into);  // (move)
  Result<void> write_moved(Log& into, MovedExtent& moved);                        // (move)
  Result<void> take_the_place(Log& from, const std::vector<MovedExtent>& moved, Log& into);
  Result<void> replace_minutes(const Log& from, const MovedExtent& moved, const Log& into,
                               Replaced& out) const;  // (slow)
  Result<void> put_lost(const Replaced& copies);      // (slow), inside a transaction
  void note_lost(const Replaced& copies);             // (slow)
  Result<void> save_log(Log& log);                    // (move, slow), inside a transaction
  std::unique_lock<std::mutex> writing(const Log& log) const;

  // log_store_recovery.cpp
  Result<void> open_disks();
  Result<void> look_for_archive();
  void leave_out(const std::string& folder, const Error& why);
  Result<void> load_index();
  Result<void> open_logs();
  Result<void> add_log(LogRow row);  // without a folder: a new one
  Result<void> recover_group(Log& log, LoggedGroup&& group);
  Result<void> recover_fragment(Log& log, const LoggedFragment& fragment, std::uint64_t group);
  Result<void> recover_gaps(Stream& stream);
  Result<bool> is_held(const FragmentId& id) const;
  Stream& found_stream(const StreamKey& key, const Log& log);
  Stream& put_stream(const StreamKey& key, std::int64_t id);
  Result<void> save_found(bool all);
  Result<void> finish_recovery();
  Result<void> recover_locks();

  // log_store_reading.cpp
  Result<PlacedFragment> place_of(const FragmentId& id) const;
  std::optional<std::string> path_of(LogId log, std::uint64_t extent) const;  // (s)
  bool is_live(const MinuteRow& row, std::size_t entry) const;                // (s)
  Result<std::vector<MinuteRow>> minutes_between(const StreamKey& key, std::int64_t from_us,
                                                 std::int64_t to_us, std::size_t most,
                                                 bool with_entries) const;

  // log_store_check.cpp
  struct Checking;
  Result<void> check_extent(const LogRow& log, const ExtentRow& extent, Checking& checking) const;
  Result<void> check_files(CheckReport& report) const;

  StoreOptions options_;
  Disk& disk_;
  const Clock& clock_;
  IdSource& ids_;
  StoreObserver& observer_;
  std::unique_ptr<FolderLock> folder_lock_;

  mutable std::mutex move_;
  mutable std::mutex slow_;
  mutable std::mutex write_;
  mutable std::mutex state_;
  std::unique_ptr<FootageIndex> index_;
  mutable std::unique_ptr<IndexReader> reader_;
  std::vector<FootageDisk> disks_;
  std::map<LogId, std::unique_ptr<Log>> logs_;  // changed under all three locks
  std::map<StreamKey, Stream> streams_;
  std::unordered_map<StreamKey, Stream*> by_key_;  // the same: asked for with every fragment
  std::map<std::int64_t, StreamKey> keys_;
  std::int64_t next_stream_id_ = 1;
  std::vector<FragmentId> lost_;     // (w) told with the next sync
  SyncOutcome carried_;              // (slow) likewise
  std::int64_t tended_us_ = 0;       // (move) the slow disks, by the monotonic clock
  std::string wanted_near_;          // (move) far, and to be given up once it is not
  std::optional<DiskNow> left_out_;  // an archive that could not be opened
  MonoTime index_written_;
  std::int64_t oldest_us_ = 0;     // (s)
  bool rebuilding_ = false;        // while it is opened without an index
  std::size_t found_minutes_ = 0;  // while it is opened
  bool has_ballast_ = false;
  bool told_mostly_locked_ = false;
  std::atomic<bool> told_refused_ = false;  // since the last fragment that was stored
};

}  // namespace vl::recording
