// Writing: fragments into the stream's open file, gaps between them.
#include "segment_store.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vl::recording {

namespace {
constexpr std::size_t most_detail_bytes = 200;
}  // namespace

std::string_view name_of(FindingKind kind) {
  switch (kind) {
    case FindingKind::missing_file:
      return "missing_file";
    case FindingKind::short_file:
      return "short_file";
    case FindingKind::bad_header:
      return "bad_header";
    case FindingKind::altered:
      return "altered";
    case FindingKind::chain_broken:
      return "chain_broken";
    case FindingKind::unindexed:
      return "unindexed";
  }
  return "unknown";
}

Result<std::unique_ptr<FragmentStore>> open_fragment_store(StoreOptions options, Disk& disk,
                                                           const Clock& clock, IdSource& ids,
                                                           StoreObserver& observer) {
  auto store = std::make_unique<SegmentStore>(std::move(options), disk, clock, ids, observer);
  VL_CHECK(store->open());
  return store;
}

SegmentStore::~SegmentStore() {
  // Nothing is promised here that sync() did not; this only spares the next start some work.
  const std::lock_guard slow(slow_);
  {
    const std::lock_guard write(write_);
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) close_segment(stream);
  }
  if (index_) (void)sync_all();
}

SegmentStore::Stream* SegmentStore::known(const StreamKey& key) {
  const auto found = streams_.find(key);
  return found == streams_.end() ? nullptr : &found->second;
}
const SegmentStore::Stream* SegmentStore::known(const StreamKey& key) const {
  const auto found = streams_.find(key);
  return found == streams_.end() ? nullptr : &found->second;
}

SegmentStore::Stream& SegmentStore::stream_of(const StreamKey& key) {
  const std::lock_guard state(state_);
  if (auto* stream = known(key)) return *stream;
  auto& stream = streams_[key];
  stream.row.id = next_stream_id_++;
  stream.row.key = key;
  stream.pending.row = true;
  keys_[stream.row.id] = key;
  return stream;
}

StreamKey SegmentStore::key_of(std::int64_t stream_id) const {
  const std::lock_guard state(state_);
  return keys_.at(stream_id);
}

std::string SegmentStore::folder_of(const StreamKey& key) const {
  return fmt::format("{}/{}/{}", options_.folder, key.camera.text(), name_of(key.kind));
}
std::string SegmentStore::path_of(const StreamKey& key, std::uint64_t number,
                                  std::int64_t generation) const {
  return fmt::format("{}/{:012}-{}.vlf", folder_of(key), number, generation);
}

/// A full disk gives up the oldest unlocked footage, then the fragment is tried once more.
Result<FragmentId> SegmentStore::append(const NewFragment& fragment) {
  auto stored = try_append(fragment);
  if (!stored && stored.error().code == code_of(RecordingError::disk_full)) {
    if (!told_refused_.exchange(true)) observer_.on_disk_full(stored.error().message);
    if (make_room(options_.segment_bytes)) stored = try_append(fragment);
  }
  if (!stored && !(stored.error().code == code_of(RecordingError::invalid)))
    refuse(fragment, stored.error());
  return stored;
}

Result<FragmentId> SegmentStore::try_append(const NewFragment& fragment) {
  auto& stream = stream_of(fragment.stream);
  const std::lock_guard write_lock(write_);
  VL_TRY(auto encoded, encode_fragment(fragment, stream.next_sequence, stream.chain));
  const bool rolls =
      stream.segment && (stream.segment->bytes + encoded.bytes() > options_.segment_bytes ||
                         fragment.start_us - stream.segment->start_us > options_.segment_us ||
                         fragment.start_us < stream.segment->start_us);
  if (rolls) {
    const std::lock_guard state(state_);
    close_segment(stream);
  }
  VL_CHECK(write(stream, encoded, fragment));
  told_refused_ = false;
  const std::lock_guard state(state_);
  stream.segment->bytes += encoded.bytes();
  end_open_gap(stream, fragment.start_us);
  add_to_span(stream, encoded);
  ++stream.next_sequence;
  stream.chain = encoded.header.chain;
  stream.end_us = fragment.end_us;
  stream.is_dirty = true;
  return encoded.header.id;
}

Result<void> SegmentStore::begin_segment(Stream& stream, std::int64_t start_us) {
  const auto folder = folder_of(stream.row.key);
  VL_CHECK(disk_.make_folders(folder));
  SegmentRow row;
  row.stream_id = stream.row.id;
  row.number = stream.next_sequence;
  row.start_us = row.end_us = start_us;
  row.is_open = true;
  // A file of that number may be left over from a sync that failed.
  while (disk_.size(path_of(stream.row.key, row.number, row.generation))) ++row.generation;
  VL_TRY(auto file, disk_.open(path_of(stream.row.key, row.number, row.generation)));
  row.id = next_segment_id_++;
  const std::lock_guard state(state_);
  stream.file = std::move(file);
  stream.has_new_file = true;
  changed_segments_.push_back(row);
  stream.segment = row;
  stream.span = {};
  return {};
}

Result<void> SegmentStore::write(Stream& stream, const EncodedFragment& encoded,
                                 const NewFragment& fragment) {
  if (!stream.segment) VL_CHECK(begin_segment(stream, fragment.start_us));
  std::vector<ByteView> pieces{encoded.header_bytes, encoded.tables};
  for (const auto& sample : fragment.samples) pieces.emplace_back(sample->bytes);
  auto written = stream.file->append(pieces);
  // Part of it may lie there: cut it off, so that the next fragment follows the last one.
  if (!written && !stream.file->truncate(stream.segment->bytes)) {
    const std::lock_guard state(state_);
    close_segment(stream);
  }
  return written;
}

void SegmentStore::add_to_span(Stream& stream, const EncodedFragment& encoded) {
  const auto& header = encoded.header;
  auto& span = stream.span;
  const bool follows = !span.entries.empty() && header.start_us >= span.start_us &&
                       header.end_us - span.start_us <= most_span_us &&
                       header.start_us - span.end_us <= span_hole_us;
  if (!follows) close_span(stream);
  if (span.entries.empty()) {
    span.stream_id = stream.row.id;
    span.segment_id = stream.segment->id;
    span.first_sequence = header.id.sequence;
    span.offset = stream.segment->bytes - encoded.bytes();
  }
  span.add(header.start_us, header.end_us, static_cast<std::uint32_t>(encoded.bytes()),
           header.starts_with_key);
  stream.segment->end_us = std::max(stream.segment->end_us, header.end_us);
}

void SegmentStore::close_span(Stream& stream) {
  if (!stream.span.entries.empty()) stream.pending.spans.push_back(std::move(stream.span));
  stream.span = {};
}

/// The next fragment begins another file; this one is synced with the next sync.
void SegmentStore::close_segment(Stream& stream) {
  if (!stream.segment) return;
  close_span(stream);
  auto row = std::move(*stream.segment);
  stream.segment.reset();
  row.is_open = false;
  stream.closed_bytes += row.bytes;
  changed_segments_.push_back(row);
  stream.retiring.push_back(std::move(stream.file));
  stream.file.reset();
  stream.is_dirty = true;
}

void SegmentStore::refuse(const NewFragment& fragment, const Error& error) {
  const bool full = error.code == code_of(RecordingError::disk_full);
  if (!told_refused_.exchange(true)) {
    if (full)
      observer_.on_disk_full(error.message);
    else
      observer_.on_disk_failed(error.message);
  }
  auto& stream = stream_of(fragment.stream);
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  const auto from_us =
      stream.end_us != 0 ? std::min(stream.end_us, fragment.start_us) : fragment.start_us;
  put_open_gap(stream, {from_us, std::nullopt, full ? GapCause::disk_full : GapCause::disk_failed,
                        error.message});
}

Result<void> SegmentStore::gap(const StreamKey& key, const Gap& gap) {
  if (gap.end_us && *gap.end_us < gap.start_us)
    return fail(RecordingError::invalid, "a gap ends before it begins", "end_us");
  auto& stream = stream_of(key);
  auto kept = gap;
  kept.detail.resize(std::min(kept.detail.size(), most_detail_bytes));
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  if (!kept.end_us)
    put_open_gap(stream, std::move(kept));
  else if (*kept.end_us > kept.start_us)
    stream.pending.gaps.push_back(std::move(kept));
  return {};
}

void SegmentStore::put_open_gap(Stream& stream, Gap gap) {
  if (stream.open_gap && stream.open_gap->cause == gap.cause) return;
  const auto formerly = stream.open_gap;
  if (formerly) end_open_gap(stream, gap.start_us);
  // A gap that would begin before the one it follows begins where that one ended.
  if (formerly) gap.start_us = std::max(gap.start_us, formerly->start_us);
  gap.detail.resize(std::min(gap.detail.size(), most_detail_bytes));
  stream.pending.gaps.push_back(gap);
  stream.open_gap = std::move(gap);
}

void SegmentStore::end_open_gap(Stream& stream, std::int64_t at_us) {
  if (!stream.open_gap) return;
  auto gap = std::move(*stream.open_gap);
  stream.open_gap.reset();
  gap.end_us = std::max(at_us, gap.start_us);
  std::erase_if(stream.pending.gaps,
                [&](const Gap& other) { return other.start_us == gap.start_us && !other.end_us; });
  stream.pending.gaps.push_back(std::move(gap));
}

}  // namespace vl::recording
