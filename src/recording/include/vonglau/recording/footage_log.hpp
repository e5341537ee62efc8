// The footage log of one disk: fragments of all cameras one after another in a ring of extents
// (docs/design/footage_log.md). It knows where the log begins and ends, writes groups and reads
// them on again after a crash; what is in it, what may be given up and who may see it is the
// store's.
//
// One thread at a time, but for sync_files(). A fragment handed to add() lies in memory until
// write(), and is durable when a sync that was begun after it has ended well.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>

#include <vonglau/recording/content_hash.hpp>
#include <vonglau/recording/disk.hpp>
#include <vonglau/recording/log_format.hpp>

namespace vl::recording {

/// Where a fragment lies: its header, and its body after it.
struct LogPlace {
  std::uint64_t extent = 0;  // sequence
  std::uint64_t at = 0;      // bytes from the extent's beginning; a multiple of 16
  friend bool operator==(const LogPlace&, const LogPlace&) = default;
};

struct LoggedFragment {
  FragmentHeader header;
  LogPlace place;
};

/// What write() wrote, or what open() found again.
struct LoggedGroup {
  std::uint64_t number = 0;
  std::vector<LoggedFragment> fragments;
  LogNotes notes;
};

constexpr std::uint64_t most_extent_bytes = 256ULL << 20;

struct LogOptions {
  std::string folder;
  /// Of a new log; one that is there keeps what it has. Whole blocks, at most
  /// most_extent_bytes.
  std::uint64_t extent_bytes = most_extent_bytes;
  std::size_t group_bytes = 8ULL << 20;  // about; a group is written when it has so much
};

struct LogExtent {
  std::uint64_t sequence = 0;
  std::uint32_t slot = 0;        // of its file
  std::uint64_t used_bytes = 0;  // head and groups
  std::uint64_t first_group = 0;
};

/// What an index knows of the log, so that not all of it is read at a start.
struct KnownLog {
  std::vector<LogExtent> extents;   // those that are full, oldest first
  std::uint64_t last_extent = 0;    // up to here an extent that is not among them was released
  std::uint64_t from_group = 1;     // what the groups before it hold is known
  std::uint64_t durable_group = 0;  // up to here a group that cannot be read is damage, not torn
  std::uint64_t extent_bytes = 0;
  Uuid log;
};

/// How a stream's chain goes on.
struct ChainEnd {
  std::uint64_t next_sequence = 1;
  Digest hash{};
};

class FootageLog {
 public:
  using OnGroup = std::function<Result<void>(LoggedGroup&&)>;
  struct Recovered {
    std::uint64_t groups = 0;
    std::uint64_t torn_bytes = 0;  // after the last sync, given up
    std::uint64_t holes = 0;       // where groups are missing between extents: released, or damage
  };

  /// Opens or creates. Every group from `known.from_group` on is told in order, and those before
  /// it in the same extent; the last one's bodies are checked, and what a crash tore is cut off.
  /// Files in the folder that are no extents of this log are left alone, and so is their place.
  static Result<std::unique_ptr<FootageLog>> open(LogOptions options, Disk& disk,
                                                  const Clock& clock, IdSource& ids,
                                                  const KnownLog& known, const OnGroup& on_group,
                                                  Recovered* recovered = nullptr);

  const Uuid& id() const { return log_; }
  std::uint64_t extent_bytes() const { return options_.extent_bytes; }
  /// The sequence a stream's next fragment will have.
  std::uint64_t next_sequence(const StreamKey& stream) const;
  /// For a stream that comes from another log, or of which nothing is told any more.
  void continue_stream(const StreamKey& stream, const ChainEnd& end);

  /// Into the group in memory. True: the group is full, write() it before the next.
  Result<bool> add(const NewFragment& fragment);
  /// One that is stored elsewhere, as it is: its sequence and chain stay what they are.
  Result<bool> add_stored(const FragmentHeader& header, ByteView body);
  void note(LogNotes::GapNote gap) { notes_.gaps.push_back(std::move(gap)); }
  void note(FootageLock lock) { notes_.locks.push_back(std::move(lock)); }
  void note(const LockId& unlocked) { notes_.unlocks.push_back(unlocked); }
  bool has_unwritten() const { return !unwritten_.empty() || !notes_.empty(); }

  /// Hashes, chains and writes the group. After an error the group is still in memory:
  /// `disk_full`: there is no extent to go on in; release() one and write again. `disk_failed`:
  /// what of it lies on the disk does not count; drop() it, or write it again elsewhere.
  Result<LoggedGroup> write();
  /// The group in memory is given up: what was in it, without hashes. The chains go on from what
  /// was written before.
  std::vector<FragmentHeader> drop();

  /// Where the log ends, and how its streams' chains go on from there.
  struct End {
    std::uint64_t next_group = 1;
    Digest hash{};  // of the last group
    std::unordered_map<StreamKey, ChainEnd> chains;
    std::uint64_t extent = 0;      // that the last group lies in; 0: there is none
    std::uint64_t used_bytes = 0;  // of that extent
  };
  /// A sync in three steps, so that writing goes on while the disk takes its time.
  struct Syncing {
    std::vector<std::shared_ptr<BlockFile>> files;
    bool folder = false;
    End end;  // what is to become durable
  };
  bool needs_sync() const {
    return end_.next_group != durable_.next_group || !leaving_.empty() || folder_changed_;
  }
  Syncing begin_sync();
  /// Any thread, beside everything else.
  Result<void> sync_files(const Syncing& syncing) const;
  /// Without success the log goes back to what was durable before, and whatever was written or
  /// added since is gone.
  void end_sync(Syncing&& syncing, bool succeeded);
  Result<void> sync();
  const End& durable() const { return durable_; }

  /// Oldest first; the last one is being written, unless it was closed.
  const std::deque<LogExtent>& extents() const { return extents_; }
  bool is_writing(std::uint64_t extent) const;
  /// Those after `sequence` that are full or closed, and wholly durable.
  std::vector<LogExtent> settled(std::uint64_t sequence) const;
  /// What comes next goes into another extent.
  void close_extent();
  std::size_t free_files() const { return free_slots_.size(); }
  /// Whether there is a file to go on in when this extent is full.
  bool can_begin() const { return !free_slots_.empty() || may_make_ > 0; }
  /// How many files beyond those it has the log may make.
  void set_may_make(std::size_t files) { may_make_ = files; }
  /// This extent's footage is given up: its file will be written again.
  Result<void> release(std::uint64_t extent);
  /// Removes a free file, for another log's sake.
  Result<void> remove_free_file();

  std::string path_of(std::uint32_t slot) const;
  /// Nothing where no whole group of this extent lies. Any thread.
  static Result<std::optional<GroupHead>> read_group(Disk& disk, const std::string& path,
                                                     std::uint64_t extent_bytes,
                                                     std::uint64_t extent, std::uint64_t at);

 private:
  struct Unwritten {
    FragmentHeader header;
    std::size_t at = 0;      // in body_
    bool is_stored = false;  // elsewhere: its chain stays what it is
    bool is_hashed = false;  // in the header
  };
  /// A group found again.
  struct Pending {
    std::size_t extent = 0;  // its place among extents_
    std::uint64_t at = 0;
    GroupHead head;
  };

  FootageLog(LogOptions options, Disk& disk, const Clock& clock);
  Result<void> find_extents(IdSource& ids, const KnownLog& known);
  Result<void> free_slot_found(std::uint32_t slot);
  Result<void> recover(const KnownLog& known, const OnGroup& on_group, Recovered& recovered);
  std::size_t first_read(const KnownLog& known) const;
  Result<std::optional<GroupHead>> read_group(const LogExtent& extent, std::uint64_t at) const;
  Result<void> tell(std::vector<Pending>& pending, std::uint64_t durable, const OnGroup& on_group,
                    Recovered& recovered);
  Result<void> cut_torn_end(std::vector<Pending>& pending, Recovered& recovered);
  Result<void> write_shortened(LogExtent& extent, std::uint64_t at, GroupHead& head);
  Result<void> check_fits(const FragmentHeader& header) const;
  bool push(FragmentHeader header, bool is_stored, std::span<const ByteView> body);
  Result<void> begin_extent();
  Result<void> write_group(GroupHead& head, std::span<const HeaderBytes> headers);
  void settle_hashes();
  void forget_unwritten();
  void follow(const GroupHead& head, std::uint64_t at);
  void erase_behind(const End& end);
  static LoggedGroup placed(GroupHead&& head, std::uint64_t at);

  LogOptions options_;
  Disk& disk_;
  const Clock& clock_;
  Uuid log_;
  ContentHasher hasher_;
  std::deque<LogExtent> extents_;
  std::deque<std::uint32_t> free_slots_;
  std::uint32_t next_slot_ = 0;
  std::size_t may_make_ = ~std::size_t{0};
  std::uint64_t next_extent_ = 1;
  std::shared_ptr<BlockFile> file_;                  // of the last extent, unless it is closed
  std::vector<std::shared_ptr<BlockFile>> leaving_;  // written since the last sync, and done with
  bool folder_changed_ = false;
  End end_;      // with what was written
  End durable_;  // with what was synced
  std::vector<Unwritten> unwritten_;
  std::unordered_map<StreamKey, std::uint64_t> sequences_;  // next ones, with what is unwritten
  LogNotes notes_;
  BlockBuffer head_;
  BlockBuffer body_;
};

}  // namespace vl::recording
