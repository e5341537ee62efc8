// Keeping and freeing: locks, retention, room.
//
// Order of freeing a file, so that a crash between any two steps leaves the index true:
//   1. what is locked in it is copied into a new file, synced;
//   2. one transaction: its rows go, the copy's come, its path is noted as doomed;
//   3. the file is removed;
//   4. the note is removed with the next transaction. Start-up does 3 and 4 for what is noted.
#include <algorithm>

#include <fmt/format.h>

#include "segment_store.hpp"

namespace vl::recording {

namespace {
constexpr std::size_t most_locks = 100'000;
constexpr std::size_t most_reason_bytes = 200;
constexpr int most_files_at_once = 10'000;
}  // namespace

bool SegmentStore::is_locked(const StreamKey& key, std::int64_t from_us, std::int64_t to_us) const {
  return std::ranges::any_of(locks_, [&](const FootageLock& lock) {
    return lock.stream == key && lock.from_us <= to_us && lock.to_us > from_us;
  });
}

std::uint64_t SegmentStore::locked_bytes_of(const StreamKey& key,
                                            const std::vector<SpanRow>& spans) const {
  std::uint64_t sum = 0;
  for (const auto& span : spans) {
    if (!is_locked(key, span.start_us, span.end_us)) continue;
    for (std::size_t i = 0; i < span.entries.size(); ++i) {
      const auto ref = span.ref(key, i);
      if (is_locked(key, ref.start_us, ref.end_us)) sum += ref.bytes;
    }
  }
  return sum;
}

/// After a lock came or went: counts anew what is locked of the closed files of that time.
Result<void> SegmentStore::count_locked(std::int64_t stream_id, std::int64_t from_us,
                                        std::int64_t to_us) {
  const auto key = key_of(stream_id);
  VL_TRY(auto rows, index_->segments_of(stream_id, from_us - 1, to_us + 1));
  for (auto& row : rows) {
    if (row.is_open) continue;
    VL_TRY(const auto spans, index_->spans_of_segment(row.id));
    const auto locked = locked_bytes_of(key, spans);
    if (locked == row.locked_bytes) continue;
    row.locked_bytes = locked;
    VL_CHECK(index_->put_segment(row));
  }
  return {};
}

Result<FootageLock> SegmentStore::lock(const StreamKey& key, std::int64_t from_us,
                                       std::int64_t to_us, std::string reason) {
  if (to_us <= from_us)
    return fail(RecordingError::invalid, "a lock's end must be after its start", "to_us");
  if (reason.empty() || reason.size() > most_reason_bytes)
    return fail(RecordingError::invalid, "a lock needs a reason of 1 to 200 bytes", "reason");
  const std::lock_guard slow(slow_);
  if (locks_.size() >= most_locks)
    return fail(RecordingError::invalid, fmt::format("more than {} locks", most_locks));
  auto& stream = stream_of(key);
  FootageLock lock{LockId{ids_.next()}, key, from_us, to_us, std::move(reason), clock_.wall().us};
  StreamRow row;
  {
    const std::lock_guard state(state_);
    locks_.push_back(lock);
    row = row_of(stream);
  }
  auto done = index_->transact([&]() -> Result<void> {
    VL_CHECK(index_->put_stream(row));
    VL_CHECK(index_->put_lock(row.id, lock));
    return count_locked(row.id, from_us, to_us);
  });
  if (!done) {
    const std::lock_guard state(state_);
    locks_.pop_back();
    return fail(std::move(done).error());
  }
  return lock;
}

Result<void> SegmentStore::unlock(const LockId& id) {
  const std::lock_guard slow(slow_);
  const auto found = std::ranges::find(locks_, id, &FootageLock::id);
  if (found == locks_.end()) return fail(RecordingError::not_found, "no such lock", "id");
  const auto lock = *found;
  const auto stream_id = stream_of(lock.stream).row.id;
  {
    const std::lock_guard state(state_);
    locks_.erase(found);
  }
  auto done = index_->transact([&]() -> Result<void> {
    VL_CHECK(index_->remove_lock(id));
    return count_locked(stream_id, lock.from_us, lock.to_us);
  });
  if (!done) {
    const std::lock_guard state(state_);
    locks_.push_back(lock);
  }
  return done;
}

Result<std::vector<FootageLock>> SegmentStore::locks() const {
  const std::lock_guard state(state_);
  return locks_;
}

Result<void> SegmentStore::set_retention(const StreamKey& key, const Retention& retention) {
  const std::lock_guard slow(slow_);
  auto& stream = stream_of(key);
  StreamRow row;
  {
    const std::lock_guard state(state_);
    row = row_of(stream);
  }
  row.retention = retention;
  VL_CHECK(index_->transact([&] { return index_->put_stream(row); }));
  const std::lock_guard state(state_);
  stream.row.retention = retention;
  return {};
}

Result<std::uint64_t> SegmentStore::reclaim() {
  const std::lock_guard slow(slow_);
  VL_TRY(auto freed, reclaim_by_retention());
  VL_TRY(const auto for_room, reclaim_for_room(0));
  VL_CHECK(remove_doomed_files());
  restore_ballast();
  const auto now = usage();
  const auto room = options_.most_bytes != 0 ? options_.most_bytes
                                             : now.stored_bytes + now.free_bytes -
                                                   std::min(now.free_bytes, now.reserve_bytes);
  const bool mostly_locked =
      room > 0 &&
      now.locked_bytes * 100 > room * static_cast<std::uint64_t>(options_.most_locked_percent);
  if (mostly_locked && !told_mostly_locked_) observer_.on_mostly_locked(now);
  told_mostly_locked_ = mostly_locked;
  return freed + for_room;
}

Result<std::uint64_t> SegmentStore::reclaim_by_retention() {
  std::uint64_t freed = 0;
  const auto now_us = clock_.wall().us;
  for (const auto& key : streams()) {
    const auto& stream = stream_of(key);
    const auto retention = stream.row.retention.value_or(options_.default_retention);
    for (int i = 0; i < most_files_at_once; ++i) {
      std::uint64_t bytes = 0;
      {
        const std::lock_guard state(state_);
        bytes = stream.closed_bytes + (stream.segment ? stream.segment->bytes : 0);
      }
      const bool too_much = retention.most_bytes && bytes > *retention.most_bytes;
      if (!too_much && !retention.most_age_s) break;
      VL_TRY(const auto oldest, index_->oldest_reclaimable(stream.row.id));
      if (!oldest) break;
      const bool too_old =
          retention.most_age_s && oldest->end_us < now_us - *retention.most_age_s * 1'000'000;
      if (!too_old && !too_much) break;
      VL_TRY(const auto bytes_freed, reclaim_segment(*oldest, false));
      if (bytes_freed == 0) break;
      freed += bytes_freed;
    }
  }
  return freed;
}

/// How much must be freed to keep the limits.
Result<std::uint64_t> SegmentStore::shortage_bytes() const {
  VL_TRY(const auto free, disk_.free_bytes(options_.folder));
  std::uint64_t shortage = options_.reserve_bytes > free ? options_.reserve_bytes - free : 0;
  std::uint64_t stored = 0;
  const std::lock_guard state(state_);
  for (const auto& [key, stream] : streams_)
    stored += stream.closed_bytes + (stream.segment ? stream.segment->bytes : 0);
  if (options_.most_bytes != 0 && stored > options_.most_bytes)
    shortage = std::max(shortage, stored - options_.most_bytes);
  return shortage;
}

/// Frees the oldest unlocked footage of all streams until the limits hold and `needed_bytes`
/// more are there.
Result<std::uint64_t> SegmentStore::reclaim_for_room(std::uint64_t needed_bytes) {
  VL_TRY(const auto shortage, shortage_bytes());
  const auto wanted = std::max(shortage, needed_bytes);
  std::uint64_t freed = 0;
  for (int i = 0; i < most_files_at_once && freed < wanted; ++i) {
    VL_TRY(const auto oldest, index_->oldest_reclaimable(0));
    if (!oldest) break;
    VL_TRY(const auto bytes_freed, reclaim_segment(*oldest, true));
    if (bytes_freed == 0) break;
    freed += bytes_freed;
  }
  return freed;
}

/// For a fragment that found the disk full.
Result<void> SegmentStore::make_room(std::uint64_t needed_bytes) {
  const std::lock_guard slow(slow_);
  give_up_ballast();
  VL_TRY(const auto freed, reclaim_for_room(needed_bytes));
  if (freed > 0) return {};
  // All that is unlocked lies in files still open: close them and look again.
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) close_segment(stream);
  }
  VL_CHECK(sync_all());
  VL_CHECK(reclaim_for_room(needed_bytes));
  return {};
}

Result<std::uint64_t> SegmentStore::reclaim_segment(const SegmentRow& row, bool for_room) {
  const auto key = key_of(row.stream_id);
  auto& stream = stream_of(key);
  const auto path = path_of(key, row.number, row.generation);
  VL_TRY(const auto spans, index_->spans_of_segment(row.id));
  SegmentRow kept = row;
  VL_TRY(const auto kept_spans, keep_locked(row, stream, spans, kept));
  VL_CHECK(index_->transact([&]() -> Result<void> {
    VL_CHECK(index_->remove_segment(row.id));
    if (!kept_spans.empty()) VL_CHECK(index_->put_segment(kept));
    for (const auto& span : kept_spans) VL_CHECK(index_->put_span(span));
    VL_CHECK(index_->remove_gaps_before(row.stream_id, row.start_us));
    return index_->put_doomed(path);
  }));
  has_doomed_ = true;
  VL_CHECK(disk_.remove(path));
  const auto left = kept_spans.empty() ? 0 : kept.bytes;
  {
    const std::lock_guard state(state_);
    const auto gone = row.bytes - left;
    stream.closed_bytes -= std::min(stream.closed_bytes, gone);
    stream.mark.closed_bytes -= std::min(stream.mark.closed_bytes, gone);
  }
  observer_.on_reclaimed(key, row.bytes - left, row.end_us, for_room);
  return row.bytes - left;
}

/// Copies the locked fragments of a file into one of their own; nothing where none is locked.
Result<std::vector<SpanRow>> SegmentStore::keep_locked(const SegmentRow& row, const Stream& stream,
                                                       const std::vector<SpanRow>& spans,
                                                       SegmentRow& kept) {
  const auto& key = stream.row.key;
  std::vector<SpanRow> out;
  if (locked_bytes_of(key, spans) == 0) return out;
  const auto old_path = path_of(key, row.number, row.generation);
  kept.id = next_segment_id_++;
  do ++kept.generation;
  while (disk_.size(path_of(key, kept.number, kept.generation)));
  const auto new_path = path_of(key, kept.number, kept.generation);
  VL_TRY(const auto file, disk_.open(new_path));
  kept.bytes = 0;
  for (const auto& span : spans) {
    bool follows = false;
    auto offset = span.offset;
    for (std::size_t i = 0; i < span.entries.size(); ++i) {
      const auto ref = span.ref(key, i);
      const auto from = offset;
      offset += ref.bytes;
      if (!is_locked(key, ref.start_us, ref.end_us)) {
        follows = false;
        continue;
      }
      VL_TRY(const auto bytes, disk_.read(old_path, from, ref.bytes));
      const ByteView piece(bytes);
      if (auto written = file->append({&piece, 1}); !written) {
        (void)disk_.remove(new_path);
        return fail(std::move(written).error());
      }
      if (!follows) {
        out.emplace_back();
        out.back().stream_id = row.stream_id;
        out.back().segment_id = kept.id;
        out.back().first_sequence = ref.id.sequence;
        out.back().offset = kept.bytes;
        if (out.size() == 1) kept.start_us = ref.start_us;
        follows = true;
      }
      out.back().add(ref.start_us, ref.end_us, ref.bytes, ref.starts_with_key);
      kept.bytes += bytes.size();
      kept.end_us = ref.end_us;
    }
  }
  kept.locked_bytes = kept.bytes;
  VL_CHECK(file->sync());
  VL_CHECK(disk_.sync_folder(folder_of(key)));
  return out;
}

Result<void> SegmentStore::remove_doomed_files() {
  if (!has_doomed_) return {};
  VL_TRY(const auto paths, index_->doomed());
  for (const auto& path : paths) VL_CHECK(disk_.remove(path));
  VL_CHECK(index_->transact([&] { return index_->remove_doomed(); }));
  has_doomed_ = false;
  return {};
}

/// The index needs a little room to write what reclaiming frees.
void SegmentStore::give_up_ballast() {
  if (!has_ballast_) return;
  (void)disk_.remove(options_.folder + "/ballast");
  has_ballast_ = false;
}

void SegmentStore::restore_ballast() {
  if (has_ballast_ || options_.ballast_bytes == 0) return;
  const auto free = disk_.free_bytes(options_.folder);
  if (!free || *free < options_.ballast_bytes * 2) return;
  const auto path = options_.folder + "/ballast";
  auto file = disk_.open(path);
  if (!file) return;
  const Bytes piece(std::min<std::size_t>(options_.ballast_bytes, 1 << 20), 0x5a);
  const ByteView view(piece);
  has_ballast_ = (*file)->truncate(0).has_value();
  for (std::uint64_t done = 0; has_ballast_ && done < options_.ballast_bytes; done += piece.size())
    has_ballast_ = (*file)->append({&view, 1}).has_value();
  if (!has_ballast_) (void)disk_.remove(path);
}

Usage SegmentStore::usage() const {
  Usage out;
  const auto free = disk_.free_bytes(options_.folder);
  out.free_bytes = free.value_or(0);
  out.reserve_bytes = options_.reserve_bytes;
  const auto totals = reader_->totals();
  if (totals) {
    out.locked_bytes = totals->locked_bytes;
    out.oldest_us = totals->oldest_us;
  }
  const std::lock_guard state(state_);
  for (const auto& [key, stream] : streams_) {
    out.stored_bytes += stream.closed_bytes + (stream.segment ? stream.segment->bytes : 0);
    if (stream.segment && (out.oldest_us == 0 || stream.segment->start_us < out.oldest_us))
      out.oldest_us = stream.segment->start_us;
  }
  return out;
}

}  // namespace vl::recording
