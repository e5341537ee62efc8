// The first engine behind FragmentStore: a file per stream and some minutes, appended to and
// synced together (docs/design/fragments.md). Private to this room.
//
// Three locks, taken in this order. `slow_` is held for as long as a disk takes by what syncs,
// reclaims, locks and writes the index, and guards index_. `write_` is held by append() and
// gap(), and for moments by the others: a slow sync must not keep fragments in memory, where
// kill -9 would take them. `state_` guards everything in memory and is never held over a call to
// the disk.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include <vonglau/recording/fragment_format.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "segment_index.hpp"

namespace vl::recording {

class SegmentStore final : public FragmentStore {
 public:
  SegmentStore(StoreOptions options, Disk& disk, const Clock& clock, IdSource& ids,
               StoreObserver& observer)
      : options_(std::move(options)), disk_(disk), clock_(clock), ids_(ids), observer_(observer) {}
  ~SegmentStore() override;
  Result<void> open();  // segment_recovery.cpp

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
  Result<CheckReport> check(bool with_hashes) const override;

 private:
  /// What is durable of a stream: what a failed sync goes back to.
  struct Mark {
    std::uint64_t next_sequence = 1;
    Digest chain{};
    std::int64_t end_us = 0;
    SpanRow span;
    std::optional<SegmentRow> segment;
    std::uint64_t closed_bytes = 0;
    std::int64_t next_segment_id = 1;
  };
  /// Changes that the index has yet to take.
  struct Pending {
    std::vector<SpanRow> spans;
    std::vector<Gap> gaps;
    bool row = false;
    bool any() const { return row || !spans.empty() || !gaps.empty(); }
  };
  struct Stream {
    StreamRow row;  // its head is that of the index
    std::uint64_t next_sequence = 1;
    Digest chain{};
    std::int64_t end_us = 0;         // 0: no footage
    std::uint64_t closed_bytes = 0;  // in closed segments
    std::optional<Gap> open_gap;
    std::optional<SegmentRow> segment;  // open for appending
    SpanRow span;                       // being filled
    std::shared_ptr<DiskFile> file;
    std::vector<std::shared_ptr<DiskFile>> retiring;  // closed since the last sync
    bool is_dirty = false;
    bool has_new_file = false;  // whose name is not yet durable
    Mark mark;
    Pending pending;
    Pending saving;  // on its way into the index; readers look here too
  };
  /// One stream's part in a sync.
  struct Syncing {
    Stream* stream = nullptr;
    std::vector<std::shared_ptr<DiskFile>> files;
    bool syncs_folder = false;
    Mark mark;
    std::uint64_t bytes = 0;  // of the fragments
  };
  struct PlacedFragment {
    FragmentRef ref;
    std::string path;
    std::uint64_t offset = 0;
  };
  struct ScannedFile;  // segment_recovery.cpp

  // Marked (w): wants write_ held; (s): state_; (ws): both; (slow): slow_.
  Stream& stream_of(const StreamKey& key);
  Stream* known(const StreamKey& key);              // (s)
  const Stream* known(const StreamKey& key) const;  // (s)
  StreamKey key_of(std::int64_t stream_id) const;
  std::string folder_of(const StreamKey& key) const;
  std::string path_of(const StreamKey& key, std::uint64_t number, std::int64_t generation) const;

  Result<FragmentId> try_append(const NewFragment& fragment);
  Result<void> begin_segment(Stream& stream, std::int64_t start_us);  // (w)
  Result<void> write(Stream& stream, const EncodedFragment& encoded,
                     const NewFragment& fragment);                   // (w)
  void add_to_span(Stream& stream, const EncodedFragment& encoded);  // (ws)
  void close_span(Stream& stream);                                   // (ws)
  void close_segment(Stream& stream);                                // (ws)
  void refuse(const NewFragment& fragment, const Error& error);
  void put_open_gap(Stream& stream, Gap gap);                 // (ws)
  void end_open_gap(Stream& stream, std::int64_t at_us);      // (ws)
  Mark mark_of(const Stream& stream) const;                   // (s)
  Result<SyncOutcome> sync_all();                             // (slow)
  std::vector<Syncing> begin_sync();                          // (slow)
  Result<void> sync_files(const Syncing& part);               // (slow)
  void take_back(const Syncing& part, SyncOutcome& outcome);  // (slow)
  static std::uint64_t stored_bytes(const Mark& mark);
  std::vector<std::string> roll_back(Stream& stream, SyncOutcome& outcome);  // (ws)
  StreamRow row_of(const Stream& stream) const;                              // (s)
  void collect_pending();                                                    // (slow)
  Result<void> write_index();                                                // (slow)

  // segment_reclaim.cpp
  Result<std::uint64_t> reclaim_segment(const SegmentRow& row, bool for_room);
  Result<std::uint64_t> reclaim_for_room(std::uint64_t needed_bytes);
  Result<std::uint64_t> reclaim_by_retention();
  Result<std::uint64_t> shortage_bytes() const;
  Result<std::vector<SpanRow>> keep_locked(const SegmentRow& row, const Stream& stream,
                                           const std::vector<SpanRow>& spans, SegmentRow& kept);
  Result<void> remove_doomed_files();
  Result<void> make_room(std::uint64_t needed_bytes);
  bool is_locked(const StreamKey& key, std::int64_t from_us, std::int64_t to_us) const;
  std::uint64_t locked_bytes_of(const StreamKey& key, const std::vector<SpanRow>& spans) const;
  Result<void> count_locked(std::int64_t stream_id, std::int64_t from_us, std::int64_t to_us);
  void give_up_ballast();
  void restore_ballast();

  // segment_recovery.cpp
  Result<void> load_index();
  Result<void> recover_streams();
  Result<void> recover_file(Stream& stream, const std::string& name, std::optional<SegmentRow> row);
  Result<void> recover_gap(Stream& stream, std::int64_t start_us);
  Result<void> adopt_unknown_folders();
  Result<ScannedFile> scan_file(const Stream& stream, const std::string& path,
                                std::uint64_t from_offset, std::uint64_t expected_sequence) const;

  // segment_reading.cpp
  Result<PlacedFragment> place_of(const FragmentId& id) const;
  Result<std::vector<PlacedSpan>> spans_between(const StreamKey& key, std::int64_t from_us,
                                                std::int64_t to_us, std::size_t most,
                                                bool with_entries) const;
  std::vector<PlacedSpan> spans_in_memory(const Stream& stream) const;  // (s)
  void check_segment(const StreamKey& key, const SegmentRow& row, const std::vector<SpanRow>& spans,
                     bool with_hashes, CheckReport& report) const;
  std::vector<SegmentRow> segments_in_memory() const;  // (s)
  Result<std::vector<SegmentRow>> all_segments() const;
  Result<std::vector<std::pair<StreamKey, std::string>>> unindexed_files() const;

  StoreOptions options_;
  Disk& disk_;
  const Clock& clock_;
  IdSource& ids_;
  StoreObserver& observer_;
  std::unique_ptr<FolderLock> folder_lock_;

  mutable std::mutex slow_;
  mutable std::mutex write_;
  mutable std::mutex state_;
  std::unique_ptr<SegmentIndex> index_;
  mutable std::unique_ptr<IndexReader> reader_;
  std::map<StreamKey, Stream> streams_;
  std::map<std::int64_t, StreamKey> keys_;
  std::vector<FootageLock> locks_;
  std::int64_t next_stream_id_ = 1;
  std::atomic<std::int64_t> next_segment_id_ = 1;
  std::vector<SegmentRow> changed_segments_;  // not yet in the index
  std::vector<SegmentRow> saving_segments_;   // on their way into it
  bool has_ballast_ = false;
  bool has_doomed_ = false;
  bool told_mostly_locked_ = false;
  std::atomic<bool> told_refused_ = false;  // since the last fragment that was stored
};

}  // namespace vl::recording
