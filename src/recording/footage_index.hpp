// The index of a footage store: which fragments lie where in its logs, what is missing, what is
// locked. A cache: everything in it but retention can be read from the logs again.
//
// FootageIndex writes and belongs to whoever holds the store's slow lock; IndexReader's calls may
// come from any thread. Private to this room.
// one engine throughout: a recorder's own index of its own disks, always SQLite
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/recording/footage_log.hpp>
#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/store/session.hpp>

namespace vl::recording {

using LogId = std::int64_t;

/// A fragment in a minute: 12 bytes in the index.
struct MinuteEntry {
  std::uint32_t bytes = 0;  // header and body
  bool starts_with_key = false;
  std::uint16_t start_ms = 0;     // after the minute's start, rounded down
  std::uint16_t duration_ms = 0;  // so that the end is rounded up
  LogPlace place;
};

/// Fragments of a stream that follow each other in sequence, in one log: about a minute.
struct MinuteRow {
  std::int64_t id = 0;  // 0: not in the index yet
  std::int64_t stream_id = 0;
  LogId log_id = 0;
  bool is_kept = false;  // only what is locked is left of it
  std::uint64_t first_sequence = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t bytes = 0;
  std::vector<MinuteEntry> entries;
  std::uint64_t first_group = 0;  // in memory only: where to read on from after a crash

  std::uint64_t end_sequence() const { return first_sequence + entries.size(); }
  std::uint64_t first_extent() const { return entries.front().place.extent; }
  std::uint64_t last_extent() const { return entries.back().place.extent; }
  /// Whether a fragment can be the next of this minute.
  bool takes(const LoggedFragment& fragment) const;
  void add(const LoggedFragment& fragment);
  FragmentRef ref(const StreamKey& stream, std::size_t place) const;
  /// A minute of `count` of its fragments, from this place on.
  MinuteRow part(std::size_t from, std::size_t count) const;
};
constexpr std::int64_t most_minute_us = 60'000'000;
/// Footage that does not meet within this begins a new minute; minutes closer than this are shown
/// as one span, and what is missing between them is among the gaps.
constexpr std::int64_t span_hole_us = 500'000;
/// Extents that one minute may reach over: its entries hold the difference in a byte.
constexpr std::uint64_t most_minute_extents = 255;

struct StreamRow {
  std::int64_t id = 0;
  StreamKey key;
  LogId log_id = 0;                 // where it is written
  std::uint64_t next_sequence = 1;  // all before it is in minutes, or no longer kept
  std::uint64_t head_sequence = 0;  // of the last durable fragment; 0: nothing stored yet
  Digest head_chain{};
  std::int64_t head_end_us = 0;
  std::uint64_t stored_bytes = 0;  // in minutes
  std::optional<Retention> retention;
};

struct LogRow {
  LogId id = 0;
  std::string folder;  // beside the index, or absolute
  int disk = 0;
  int keeping = 0;  // what is kept about as long lies together; `kept_log` for what is locked
  Uuid log;
  std::uint64_t extent_bytes = 0;
  std::uint64_t from_group = 1;
  std::uint64_t durable_group = 0;
  std::uint64_t last_extent = 0;
};

struct ExtentRow {
  LogId log_id = 0;
  LogExtent extent;
  std::int64_t first_us = 0;
  std::int64_t end_us = 0;
};

class FootageIndex {
 public:
  static Result<std::unique_ptr<FootageIndex>> open(const std::string& path, const Clock& clock);

  /// Runs `write` in one transaction, durable when it returns.
  template <class Write>
  Result<void> transact(Write&& write) {
    VL_CHECK(session_->begin_write());
    if (Result<void> done = write(); !done) {
      session_->rollback();
      return done;
    }
    return session_->commit();
  }

  // Inside transact().
  Result<void> put_stream(const StreamRow& row);
  Result<void> put_log(const LogRow& row);
  Result<void> put_extent(const ExtentRow& row);
  Result<void> remove_extent(LogId log, std::uint64_t sequence);
  Result<void> put_minute(const MinuteRow& row);  // always a new row
  Result<void> remove_minute(std::int64_t minute_id);
  /// All that end in this extent or an older one.
  Result<void> remove_minutes_to(LogId log, std::uint64_t extent);
  /// One that has ended is not opened again.
  Result<void> put_gap(std::int64_t stream_id, const Gap& gap);
  Result<void> remove_gaps_before(std::int64_t us);
  Result<void> put_lock(std::int64_t stream_id, const FootageLock& lock);
  Result<void> remove_lock(const LockId& id);

  Result<std::vector<StreamRow>> streams();
  Result<std::vector<LogRow>> logs();
  Result<std::vector<ExtentRow>> extents();
  Result<std::map<std::int64_t, Gap>> open_gaps();
  Result<std::vector<std::pair<std::int64_t, FootageLock>>> locks();

  /// What the minutes that end in this extent or an older one hold of each stream.
  struct Share {
    std::int64_t stream_id = 0;
    std::uint64_t bytes = 0;
    std::int64_t end_us = 0;
  };
  Result<std::vector<Share>> shares_to(LogId log, std::uint64_t extent);
  /// Whether a minute that is not only kept for its locks lies in this extent.
  Result<bool> has_unlocked(LogId log, std::uint64_t extent);
  /// Bytes of minutes with something in this extent, at most.
  Result<std::uint64_t> bytes_in(LogId log, std::uint64_t extent);
  /// The oldest by their end, but for those only kept for their locks.
  Result<std::vector<MinuteRow>> oldest_unlocked(std::int64_t stream_id, int most);

  store::Database& database() { return *database_; }

 private:
  FootageIndex() = default;

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Session> session_;
};

class IndexReader {
 public:
  explicit IndexReader(store::Database& database) : database_(database) {}

  Result<std::vector<MinuteRow>> overlapping(std::int64_t stream_id, std::int64_t from_us,
                                             std::int64_t to_us, std::size_t most);
  /// Without entries: from the index of the table alone.
  Result<std::vector<MinuteRow>> outlines(std::int64_t stream_id, std::int64_t from_us,
                                          std::int64_t to_us, std::size_t most);
  /// Those that may hold the sequence: one, or also its copy among what is kept.
  Result<std::vector<MinuteRow>> holding(std::int64_t stream_id, std::uint64_t sequence);
  Result<std::optional<MinuteRow>> after(std::int64_t stream_id, std::uint64_t sequence);
  Result<std::vector<MinuteRow>> in_extent(LogId log, std::uint64_t extent);
  Result<std::vector<Gap>> gaps(std::int64_t stream_id, std::int64_t from_us, std::int64_t to_us,
                                std::size_t most);
  /// Where the stream's oldest minute begins; 0: there is none.
  Result<std::int64_t> oldest_us(std::int64_t stream_id);

 private:
  Result<std::vector<MinuteRow>> minutes_where(std::string_view sql,
                                               std::vector<store::Value> values);
  template <class Read>
  Result<void> with_session(Read&& read);

  store::Database& database_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;
};

}  // namespace vl::recording
