// The footage log of one disk: fragments of all cameras one after another in a ring of extents
// (docs/design/footage_log.md). It knows where the log begins and ends, writes groups and reads
// them on again after a crash; what is in it, what may be given up and who may see it is the
// store's.
//
// One thread at a time. A fragment handed to add() lies in memory until write(), and is durable
// when a sync() that followed has returned.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <vonglau/recording/content_hash.hpp>
#include <vonglau/recording/disk.hpp>
#include <vonglau/recording/log_format.hpp>

namespace vl::recording {

/// Where a fragment lies.
struct LogPlace {
  std::uint64_t extent = 0;     // sequence
  std::uint64_t header_at = 0;  // bytes from the extent's beginning
  std::uint64_t body_at = 0;
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

struct LogOptions {
  std::string folder;
  std::uint64_t extent_bytes = 256ULL << 20;
  std::size_t group_bytes = 8ULL << 20;  // about; a group is written when it has so much
};

struct LogExtent {
  std::uint64_t sequence = 0;
  std::uint32_t slot = 0;        // of its file
  std::uint64_t used_bytes = 0;  // head and groups
  std::uint64_t first_group = 0;
};

class FootageLog {
 public:
  using OnGroup = std::function<Result<void>(LoggedGroup&&)>;
  struct Recovered {
    std::uint64_t groups = 0;
    std::uint64_t torn_bytes = 0;  // after the last sync, given up
    std::uint64_t holes = 0;       // where groups are missing between extents: damage
  };

  /// Opens or creates. Every group from `from_group` on is told in order (1: all of them); the
  /// last one's bodies are checked, and what a crash tore is cut off. Files in the folder that
  /// are no extents of this log are left alone, and so is their place.
  static Result<std::unique_ptr<FootageLog>> open(LogOptions options, Disk& disk,
                                                  const Clock& clock, IdSource& ids,
                                                  std::uint64_t from_group, const OnGroup& on_group,
                                                  Recovered* recovered = nullptr);

  /// The sequence a stream's next fragment will have.
  std::uint64_t next_sequence(const StreamKey& stream) const;
  /// For a stream whose fragments are no longer in the log: what the index knows of it.
  void continue_stream(const StreamKey& stream, std::uint64_t next_sequence, const Digest& chain);

  /// Into the group in memory. True: the group is full, write() it before the next.
  Result<bool> add(const NewFragment& fragment);
  void note(LogNotes::GapNote gap) { notes_.gaps.push_back(std::move(gap)); }
  void note(FootageLock lock) { notes_.locks.push_back(std::move(lock)); }
  void note(const LockId& unlocked) { notes_.unlocks.push_back(unlocked); }
  bool has_unwritten() const { return !unwritten_.empty() || !notes_.empty(); }

  /// Hashes, chains and writes the group. `disk_full`: there is no extent to go on in; release()
  /// one and write again. After `disk_failed` the group is gone, and the chains go on from what
  /// was written before.
  Result<LoggedGroup> write();
  Result<void> sync();

  /// Oldest first; the last one is being written.
  const std::deque<LogExtent>& extents() const { return extents_; }
  /// Extents that the disk may hold; one more is made as long as there are fewer.
  void set_most_extents(std::size_t most) { most_extents_ = most; }
  /// The oldest extent's footage is given up: its file will be written again.
  Result<void> release_oldest();

  /// Body or header and body, as stored; `not_found` when its extent was released.
  Result<Bytes> read_body(const LogPlace& place, std::uint32_t body_bytes) const;
  Result<Bytes> read_header(const LogPlace& place) const;

 private:
  struct Chain {
    std::uint64_t next_sequence = 1;
    Digest hash{};
  };
  struct Unwritten {
    FragmentHeader header;
    std::size_t body_at = 0;  // in body_
  };
  /// Where the log ends, and how its streams' chains go on from there.
  struct End {
    std::uint64_t next_group = 1;
    Digest hash{};  // of the last group
    std::map<StreamKey, Chain> chains;
  };

  /// A group found again.
  struct Pending {
    std::size_t extent = 0;  // its place among extents_
    std::uint64_t at = 0;
    GroupHead head;
  };

  FootageLog(LogOptions options, Disk& disk, const Clock& clock);
  std::string path_of(std::uint32_t slot) const;
  Result<void> find_extents(IdSource& ids);
  Result<void> recover(std::uint64_t from_group, const OnGroup& on_group, Recovered& recovered);
  Result<std::optional<GroupHead>> read_group(const LogExtent& extent, std::uint64_t at) const;
  Result<void> tell(std::vector<Pending>& pending, std::uint64_t durable, std::uint64_t from_group,
                    const OnGroup& on_group, Recovered& recovered);
  Result<void> cut_torn_end(std::vector<Pending>& pending, Recovered& recovered);
  Result<void> write_shortened(LogExtent& extent, std::uint64_t at, GroupHead& head);
  Result<void> begin_extent();
  Result<void> write_group(GroupHead& head, std::span<const HeaderBytes> headers);
  void abandon_extent();
  void forget_unwritten();
  void follow(const GroupHead& head);
  static LoggedGroup placed(GroupHead&& head, std::uint64_t at);
  Result<Bytes> read_at(std::uint64_t extent, std::uint64_t at, std::size_t bytes) const;

  const LogOptions options_;
  Disk& disk_;
  const Clock& clock_;
  Uuid store_;
  ContentHasher hasher_;
  std::deque<LogExtent> extents_;
  std::deque<std::uint32_t> free_slots_;
  std::uint32_t next_slot_ = 0;
  std::size_t most_extents_ = ~std::size_t{0};
  std::uint64_t next_extent_ = 1;
  std::unique_ptr<BlockFile> file_;                  // of the last extent, unless it is abandoned
  std::vector<std::unique_ptr<BlockFile>> leaving_;  // written since the last sync, and done with
  bool folder_changed_ = false;
  End end_;      // with what was written
  End durable_;  // with what was synced; of the streams written since, what they were then
  std::vector<Unwritten> unwritten_;
  std::map<StreamKey, std::uint64_t> sequences_;  // next ones, with what is unwritten
  LogNotes notes_;
  BlockBuffer head_;
  BlockBuffer body_;
};

}  // namespace vl::recording
