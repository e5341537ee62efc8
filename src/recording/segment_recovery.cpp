// Start-up: what a crash left behind is cut off, what the index does not know is taken in.
//
// 1. Files noted as doomed are removed (segment_reclaim.cpp).
// 2. Rows are loaded.
// 3. Each stream's files are listed. One without a row is read whole and taken in, or removed if
//    all of it is in another file already (a copy of locked footage that never took effect). One
//    whose row says open is read on from the last span in the index. Where a header does not
//    agree with its hash, or one of the last bodies does not, the rest is a torn tail: cut off.
// 4. Every stream with footage has a gap from its end.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "segment_store.hpp"

namespace vl::recording {

namespace {

/// Bodies looked at before a torn end. What was synced needs no look; a sync is asked for every
/// 0.3 s, so that at most a few fragments of a stream are not.
constexpr std::size_t bodies_checked = 8;
/// A longer rest than a second or two of footage is no torn tail but damage: left for check().
constexpr std::uint64_t most_torn_bytes = 16ULL << 20;
/// A hole between fragments that nobody explained, worth telling.
constexpr std::int64_t hole_us = 500'000;

struct FileName {
  std::uint64_t number = 0;
  std::int64_t generation = 0;
};

/// "000000000123-0.vlf"
std::optional<FileName> parse_name(std::string_view name) {
  FileName out;
  if (!name.ends_with(".vlf")) return std::nullopt;
  name.remove_suffix(4);
  const auto dash = name.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto number = name.substr(0, dash);
  const auto generation = name.substr(dash + 1);
  const auto first = std::from_chars(number.data(), number.data() + number.size(), out.number);
  const auto second =
      std::from_chars(generation.data(), generation.data() + generation.size(), out.generation);
  if (first.ec != std::errc{} || second.ec != std::errc{} ||
      first.ptr != number.data() + number.size() ||
      second.ptr != generation.data() + generation.size())
    return std::nullopt;
  return out;
}

}  // namespace

struct SegmentStore::ScannedFile {
  std::vector<std::pair<FragmentHeader, std::uint64_t>> fragments;  // with their offsets
  std::uint64_t good_bytes = 0;
  std::uint64_t file_bytes = 0;
};

Result<void> SegmentStore::open() {
  VL_CHECK(disk_.make_folders(options_.folder));
  VL_TRY(folder_lock_, FolderLock::take(options_.folder));
  const std::lock_guard slow(slow_);
  VL_TRY(index_, SegmentIndex::open(options_.folder + "/index.db", clock_));
  reader_ = std::make_unique<IndexReader>(index_->database());
  has_doomed_ = true;
  VL_CHECK(remove_doomed_files());
  VL_CHECK(load_index());
  VL_CHECK(adopt_unknown_folders());
  VL_CHECK(recover_streams());
  collect_pending();
  VL_CHECK(write_index());
  has_ballast_ = disk_.size(options_.folder + "/ballast").has_value();
  restore_ballast();
  return {};
}

Result<void> SegmentStore::load_index() {
  VL_TRY(const auto rows, index_->streams());
  for (const auto& row : rows) {
    auto& stream = streams_[row.key];
    stream.row = row;
    stream.next_sequence = row.head_sequence + 1;
    stream.chain = row.head_chain;
    stream.end_us = row.head_end_us;
    keys_[row.id] = row.key;
    next_stream_id_ = std::max(next_stream_id_, row.id + 1);
  }
  VL_TRY(auto gaps, index_->open_gaps());
  for (auto& [id, gap] : gaps)
    if (keys_.contains(id)) streams_.at(keys_.at(id)).open_gap = std::move(gap);
  VL_TRY(auto locks, index_->locks());
  for (auto& [id, lock] : locks) {
    if (!keys_.contains(id)) continue;
    lock.stream = keys_.at(id);
    locks_.push_back(std::move(lock));
  }
  return {};
}

/// Streams that lie on the disk but not in the index: it was lost and is built again.
Result<void> SegmentStore::adopt_unknown_folders() {
  VL_TRY(const auto cameras, disk_.list(options_.folder));
  for (const auto& name : cameras) {
    const auto camera = Uuid::parse(name);
    if (!camera) continue;
    for (const auto kind : {StreamKind::main, StreamKind::sub}) {
      const StreamKey key{CameraId{*camera}, kind};
      if (known(key)) continue;
      VL_TRY(const auto files, disk_.list(folder_of(key)));
      if (!files.empty()) (void)stream_of(key);
    }
  }
  return {};
}

Result<void> SegmentStore::recover_streams() {
  VL_TRY(const auto rows, index_->segments());
  for (const auto& row : rows) next_segment_id_ = std::max(next_segment_id_.load(), row.id + 1);
  for (auto& [key, stream] : streams_) {
    VL_TRY(auto names, disk_.list(folder_of(key)));
    for (const auto& name : names) {
      const auto parsed = parse_name(name);
      if (!parsed) continue;
      const auto row = std::ranges::find_if(rows, [&](const SegmentRow& r) {
        return r.stream_id == stream.row.id && r.number == parsed->number &&
               r.generation == parsed->generation;
      });
      if (row == rows.end()) {
        VL_CHECK(recover_file(stream, name, std::nullopt));
      } else if (row->is_open) {
        VL_CHECK(recover_file(stream, name, *row));
      }
    }
    for (const auto& row : rows) {
      if (row.stream_id != stream.row.id) continue;
      if (!row.is_open) stream.closed_bytes += row.bytes;
      if (row.is_open && !disk_.size(path_of(key, row.number, row.generation))) {
        auto gone = row;  // somebody removed it: check() will say so
        gone.is_open = false;
        changed_segments_.push_back(gone);
      }
    }
    if (stream.end_us != 0 && !stream.open_gap)
      put_open_gap(stream, {stream.end_us, std::nullopt, GapCause::recorder_down, ""});
    stream.mark = mark_of(stream);
  }
  return {};
}

Result<void> SegmentStore::recover_file(Stream& stream, const std::string& name,
                                        std::optional<SegmentRow> known_row) {
  const auto path = folder_of(stream.row.key) + "/" + name;
  const auto parsed = *parse_name(name);
  SegmentRow row;
  std::uint64_t from_offset = 0;
  std::uint64_t expected = 0;  // of the first fragment read; 0: whatever it is
  if (known_row) {
    row = *known_row;
    VL_TRY(const auto spans, index_->spans_of_segment(row.id));
    for (const auto& span : spans) {
      from_offset = std::max(from_offset, span.offset + span.bytes);
      expected = std::max(expected, span.end_sequence());
      row.end_us = std::max(row.end_us, span.end_us);
    }
  } else {
    row.stream_id = stream.row.id;
    row.number = parsed.number;
    row.generation = parsed.generation;
  }
  VL_TRY(const auto scanned, scan_file(stream, path, from_offset, expected));
  if (!known_row) {
    const bool is_copy = std::ranges::all_of(scanned.fragments, [&](const auto& fragment) {
      const auto placed = reader_->holding(stream.row.id, fragment.first.id.sequence);
      return placed && placed->has_value();
    });
    if (is_copy && scanned.fragments.empty() && scanned.file_bytes > most_torn_bytes) {
      observer_.on_torn_tail(stream.row.key, scanned.file_bytes);
      return {};  // damaged at its beginning: left for somebody to look at
    }
    if (is_copy) return disk_.remove(path);  // or has nothing whole in it
    row.id = next_segment_id_++;
    row.start_us = scanned.fragments.front().first.start_us;
  }
  const auto torn = scanned.file_bytes - scanned.good_bytes;
  if (torn > 0) {
    if (torn <= most_torn_bytes) {
      VL_TRY(const auto file, disk_.open(path));
      VL_CHECK(file->truncate(scanned.good_bytes));
      VL_CHECK(file->sync());
    }
    observer_.on_torn_tail(stream.row.key, torn);
  }
  row.bytes = scanned.good_bytes;
  row.is_open = false;
  stream.segment = row;
  stream.segment->bytes = from_offset;
  for (const auto& [header, offset] : scanned.fragments) {
    EncodedFragment encoded;
    encoded.header = header;
    stream.segment->bytes = offset + encoded.bytes();
    // A copy of locked footage has holes in its sequence: a span has none.
    if (!stream.span.entries.empty() && stream.span.end_sequence() != header.id.sequence)
      close_span(stream);
    add_to_span(stream, encoded);
    if (header.id.sequence >= stream.next_sequence) {
      VL_CHECK(recover_gap(stream, header.start_us));
      stream.next_sequence = header.id.sequence + 1;
      stream.chain = header.chain;
      stream.end_us = header.end_us;
    }
  }
  close_span(stream);
  row.end_us = stream.segment->end_us;
  stream.segment.reset();
  stream.closed_bytes += row.bytes;
  changed_segments_.push_back(row);
  return {};
}

/// A fragment begins at `start_us` that the index did not know: ends the gap before it, or says
/// that there is one which nobody explained.
Result<void> SegmentStore::recover_gap(Stream& stream, std::int64_t start_us) {
  if (stream.open_gap) {
    if (start_us >= stream.open_gap->start_us) end_open_gap(stream, start_us);
    return {};
  }
  if (stream.end_us == 0 || start_us - stream.end_us < hole_us) return {};
  VL_TRY(const auto told, reader_->gaps(stream.row.id, stream.end_us, start_us, 1));
  if (told.empty())
    stream.pending.gaps.push_back(
        {stream.end_us, start_us, GapCause::unexplained, "found at start-up after a crash"});
  return {};
}

Result<SegmentStore::ScannedFile> SegmentStore::scan_file(const Stream& stream,
                                                          const std::string& path,
                                                          std::uint64_t from_offset,
                                                          std::uint64_t expected) const {
  ScannedFile out;
  VL_TRY(out.file_bytes, disk_.size(path));
  out.good_bytes = std::min(from_offset, out.file_bytes);
  while (out.good_bytes < out.file_bytes) {
    VL_TRY(const auto bytes, disk_.read(path, out.good_bytes, fragment_header_bytes));
    const auto header = decode_header(bytes);
    if (!header || header->id.stream != stream.row.key ||
        (expected != 0 && header->id.sequence < expected))
      break;
    const auto length = fragment_header_bytes + std::uint64_t{header->body_bytes};
    if (out.file_bytes - out.good_bytes < length) break;
    out.fragments.emplace_back(*header, out.good_bytes);
    out.good_bytes += length;
    expected = header->id.sequence + 1;
  }
  const auto first = out.fragments.size() - std::min(out.fragments.size(), bodies_checked);
  for (auto i = first; i < out.fragments.size(); ++i) {
    const auto& [header, offset] = out.fragments[i];
    VL_TRY(const auto body, disk_.read(path, offset + fragment_header_bytes, header.body_bytes));
    if (check_body(header, body)) continue;
    out.good_bytes = offset;
    out.fragments.resize(i);
    break;
  }
  return out;
}

}  // namespace vl::recording
