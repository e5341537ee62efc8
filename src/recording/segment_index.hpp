// The index of a segment store: which fragments lie where, what is missing, what is locked.
// A cache of what the segment files say, but for gaps, locks and retention, which are only here.
//
// SegmentIndex writes and belongs to whoever holds the store's write lock; IndexReader's calls
// may come from any thread. Private to this room.
// one engine throughout: a recorder's own index of its own disk, always SQLite
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/store/session.hpp>

namespace vl::recording {

/// A file of fragments of one stream, in order.
struct SegmentRow {
  std::int64_t id = 0;
  std::int64_t stream_id = 0;
  std::uint64_t number = 0;     // sequence of its first fragment when it was begun
  std::int64_t generation = 0;  // above 0: a copy of what was locked in an older one
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t bytes = 0;
  std::uint64_t locked_bytes = 0;
  bool is_open = false;
};

struct SpanEntry {
  std::uint32_t bytes = 0;
  bool starts_with_key = false;
  std::uint16_t start_ms = 0;     // after the span's start, rounded down
  std::uint16_t duration_ms = 0;  // so that the end is rounded up
};

/// Fragments that follow each other in sequence and in one file: about a minute.
struct SpanRow {
  std::int64_t stream_id = 0;
  std::uint64_t first_sequence = 0;
  std::int64_t segment_id = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
  std::vector<SpanEntry> entries;

  std::uint64_t end_sequence() const { return first_sequence + entries.size(); }
  void add(std::int64_t fragment_start_us, std::int64_t fragment_end_us, std::uint32_t size,
           bool key);
  FragmentRef ref(const StreamKey& stream, std::size_t place) const;
  std::uint64_t offset_of(std::size_t place) const;
};
constexpr std::int64_t most_span_us = 60'000'000;
/// Footage that does not meet within this begins a new span; spans closer than this are shown as
/// one, and what is missing between them is among the gaps.
constexpr std::int64_t span_hole_us = 500'000;

struct StreamRow {
  std::int64_t id = 0;
  StreamKey key;
  std::uint64_t head_sequence = 0;  // 0: nothing stored yet
  Digest head_chain{};
  std::int64_t head_end_us = 0;
  std::optional<Retention> retention;
};

class SegmentIndex {
 public:
  static Result<std::unique_ptr<SegmentIndex>> open(const std::string& path, const Clock& clock);

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
  Result<void> put_segment(const SegmentRow& row);
  Result<void> remove_segment(std::int64_t segment_id);  // and its spans
  Result<void> put_span(const SpanRow& row);
  Result<void> put_gap(std::int64_t stream_id, const Gap& gap);
  Result<void> remove_gaps_before(std::int64_t stream_id, std::int64_t us);
  Result<void> put_lock(std::int64_t stream_id, const FootageLock& lock);
  Result<void> remove_lock(const LockId& id);
  Result<void> put_doomed(const std::string& path);
  Result<void> remove_doomed();

  Result<std::vector<StreamRow>> streams();
  Result<std::vector<SegmentRow>> segments();
  Result<std::vector<SegmentRow>> segments_of(std::int64_t stream_id, std::int64_t from_us,
                                              std::int64_t to_us);
  /// Closed and not wholly locked, oldest end first; of one stream, or of all for 0.
  Result<std::optional<SegmentRow>> oldest_reclaimable(std::int64_t stream_id);
  Result<std::vector<SpanRow>> spans_of_segment(std::int64_t segment_id);
  Result<std::map<std::int64_t, Gap>> open_gaps();
  Result<std::vector<std::pair<std::int64_t, FootageLock>>> locks();
  Result<std::vector<std::string>> doomed();

  store::Database& database() { return *database_; }

 private:
  SegmentIndex() = default;

  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::Session> session_;
};

/// A span and the file it lies in.
struct PlacedSpan {
  SpanRow span;
  std::uint64_t segment_number = 0;
  std::int64_t segment_generation = 0;
};

class IndexReader {
 public:
  struct Totals {
    std::uint64_t locked_bytes = 0;  // of closed segments
    std::int64_t oldest_us = 0;      // 0: none
  };
  Result<Totals> totals();
  Result<std::vector<SegmentRow>> segments();
  Result<std::vector<SpanRow>> spans_of_segment(std::int64_t segment_id);

  explicit IndexReader(store::Database& database) : database_(database) {}

  Result<std::vector<PlacedSpan>> overlapping(std::int64_t stream_id, std::int64_t from_us,
                                              std::int64_t to_us, std::size_t most);
  /// Without entries.
  Result<std::vector<PlacedSpan>> outlines(std::int64_t stream_id, std::int64_t from_us,
                                           std::int64_t to_us, std::size_t most);
  Result<std::optional<PlacedSpan>> holding(std::int64_t stream_id, std::uint64_t sequence);
  Result<std::optional<PlacedSpan>> after(std::int64_t stream_id, std::uint64_t sequence);
  Result<std::vector<Gap>> gaps(std::int64_t stream_id, std::int64_t from_us, std::int64_t to_us,
                                std::size_t most);

 private:
  Result<std::vector<PlacedSpan>> spans_where(std::string_view sql,
                                              std::vector<store::Value> values);
  template <class Read>
  Result<void> with_session(Read&& read);

  store::Database& database_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;
};

}  // namespace vl::recording
