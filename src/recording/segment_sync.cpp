// Making durable: one sync for all streams, and the index after it.
//
// The index follows only what is durable, so that it never names what a crash takes away.
#include <algorithm>
#include <iterator>
#include <utility>

#include "segment_store.hpp"

namespace vl::recording {

Result<SyncOutcome> SegmentStore::sync() {
  const std::lock_guard slow(slow_);
  return sync_all();
}

SegmentStore::Mark SegmentStore::mark_of(const Stream& stream) const {
  return {stream.next_sequence, stream.chain,        stream.end_us,   stream.span,
          stream.segment,       stream.closed_bytes, next_segment_id_};
}

std::uint64_t SegmentStore::stored_bytes(const Mark& mark) {
  return mark.closed_bytes + (mark.segment ? mark.segment->bytes : 0);
}

/// Notes what is to become durable; fragments appended from now on wait for the next sync.
std::vector<SegmentStore::Syncing> SegmentStore::begin_sync() {
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  std::vector<Syncing> out;
  for (auto& [key, stream] : streams_) {
    if (!stream.is_dirty) continue;
    Syncing part;
    part.stream = &stream;
    part.files = std::move(stream.retiring);
    stream.retiring.clear();
    if (stream.file) part.files.push_back(stream.file);
    part.syncs_folder = std::exchange(stream.has_new_file, false);
    part.mark = mark_of(stream);
    part.bytes = stored_bytes(part.mark) - stored_bytes(stream.mark);
    stream.is_dirty = false;
    out.push_back(std::move(part));
  }
  collect_pending();
  return out;
}

/// Moves what the index is to take next aside, where readers still see it.
void SegmentStore::collect_pending() {
  const auto move_to = [](auto& to, auto& from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
  };
  for (auto& [key, stream] : streams_) {
    move_to(stream.saving.spans, stream.pending.spans);
    move_to(stream.saving.gaps, stream.pending.gaps);
    stream.saving.row |= std::exchange(stream.pending.row, false);
  }
  move_to(saving_segments_, changed_segments_);
}

Result<void> SegmentStore::sync_files(const Syncing& part) {
  for (const auto& file : part.files) VL_CHECK(file->sync());
  if (part.syncs_folder) VL_CHECK(disk_.sync_folder(folder_of(part.stream->row.key)));
  return {};
}

Result<SyncOutcome> SegmentStore::sync_all() {
  SyncOutcome outcome;
  std::optional<Error> failure;
  for (auto& part : begin_sync()) {
    auto& stream = *part.stream;
    if (auto synced = sync_files(part); !synced) {
      failure = std::move(synced).error();
      take_back(part, outcome);
      continue;
    }
    const std::lock_guard state(state_);
    outcome.fragments += part.mark.next_sequence - stream.mark.next_sequence;
    outcome.bytes += part.bytes;
    stream.mark = std::move(part.mark);
  }
  if (failure) observer_.on_disk_failed(failure->message);
  VL_CHECK(write_index());
  return outcome;
}

/// After a failed sync.
void SegmentStore::take_back(const Syncing& part, SyncOutcome& outcome) {
  auto& stream = *part.stream;
  std::vector<std::string> files;
  std::uint64_t durable_bytes = 0;
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    if (stream.mark.segment) durable_bytes = stream.mark.segment->bytes;
    files = roll_back(stream, outcome);
  }
  // A rebuilt index must not find what was taken back.
  if (durable_bytes > 0 && !part.files.empty()) (void)part.files.front()->truncate(durable_bytes);
  for (const auto& path : files) (void)disk_.remove(path);
}

/// What was written since the mark was never acknowledged and may be there or not: it is taken
/// out, and the chain goes on from the last fragment that is durable. Gives the files to remove.
std::vector<std::string> SegmentStore::roll_back(Stream& stream, SyncOutcome& outcome) {
  const auto mark = stream.mark;
  for (auto sequence = mark.next_sequence; sequence < stream.next_sequence; ++sequence)
    outcome.lost.push_back({stream.row.key, sequence});
  close_segment(stream);
  stream.retiring.clear();
  // Files begun since the mark are wholly lost; the one that was open then ends there.
  std::vector<std::string> files;
  auto lost_from_us = mark.end_us;
  for (auto* rows : {&saving_segments_, &changed_segments_}) {
    std::erase_if(*rows, [&](const SegmentRow& row) {
      if (row.stream_id != stream.row.id) return false;
      if (row.id >= mark.next_segment_id) {
        files.push_back(path_of(stream.row.key, row.number, row.generation));
        if (lost_from_us == 0) lost_from_us = row.start_us;
        return true;
      }
      return mark.segment && row.id == mark.segment->id;
    });
  }
  stream.closed_bytes = mark.closed_bytes;
  if (mark.segment) {
    auto row = *mark.segment;
    row.is_open = false;
    stream.closed_bytes += row.bytes;
    changed_segments_.push_back(row);
  }
  for (auto* spans : {&stream.saving.spans, &stream.pending.spans})
    std::erase_if(*spans, [&](const SpanRow& span) {
      return span.end_sequence() > mark.next_sequence ||
             span.first_sequence == mark.span.first_sequence;
    });
  stream.span = mark.span;
  close_span(stream);
  stream.next_sequence = mark.next_sequence;
  stream.chain = mark.chain;
  stream.end_us = mark.end_us;
  stream.is_dirty = false;
  stream.has_new_file = false;
  stream.mark = mark_of(stream);
  end_open_gap(stream, lost_from_us);
  put_open_gap(stream, {lost_from_us, std::nullopt, GapCause::disk_failed,
                        "the disk refused to make footage durable"});
  return files;
}

StreamRow SegmentStore::row_of(const Stream& stream) const {
  auto row = stream.row;
  row.head_sequence = stream.mark.next_sequence - 1;
  row.head_chain = stream.mark.chain;
  row.head_end_us = stream.mark.end_us;
  return row;
}

Result<void> SegmentStore::write_index() {
  std::vector<std::pair<StreamRow, Pending*>> rows;
  {
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) {
      if (!stream.saving.any()) continue;
      rows.emplace_back(row_of(stream), &stream.saving);
    }
  }
  // Only this thread changes what is being saved, so it may be read without the lock.
  if (rows.empty() && saving_segments_.empty()) return {};
  VL_CHECK(index_->transact([&]() -> Result<void> {
    for (const auto& [row, saving] : rows) {
      VL_CHECK(index_->put_stream(row));
      for (const auto& span : saving->spans) VL_CHECK(index_->put_span(span));
      for (const auto& gap : saving->gaps) VL_CHECK(index_->put_gap(row.id, gap));
    }
    for (auto row : saving_segments_) {
      const auto key = key_of(row.stream_id);
      if (!row.is_open && is_locked(key, row.start_us, row.end_us)) {
        VL_TRY(const auto spans, index_->spans_of_segment(row.id));
        row.locked_bytes = locked_bytes_of(key, spans);
      }
      VL_CHECK(index_->put_segment(row));
    }
    return {};
  }));
  const std::lock_guard state(state_);
  saving_segments_.clear();
  for (const auto& [row, saving] : rows) *saving = {};
  return {};
}

}  // namespace vl::recording
