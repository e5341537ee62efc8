// Reading: by time, by id, whole fragments, spans and gaps; and the check of everything.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "segment_store.hpp"

namespace vl::recording {

namespace {

constexpr std::size_t most_found = 10'000;
constexpr std::size_t most_listed = 50'000;
constexpr std::size_t most_findings = 1000;
constexpr std::int64_t seek_back_us = 60'000'000;
constexpr std::int64_t seek_on_us = 24LL * 3'600'000'000;

std::unexpected<Error> no_fragment(const FragmentId& id) {
  return fail(RecordingError::not_found,
              fmt::format("no fragment {} of camera {}, {}: never recorded, or reclaimed",
                          id.sequence, id.stream.camera.text(), name_of(id.stream.kind)));
}

}  // namespace

std::vector<StreamKey> SegmentStore::streams() const {
  const std::lock_guard state(state_);
  std::vector<StreamKey> out;
  for (const auto& [key, stream] : streams_) out.push_back(key);
  return out;
}

std::optional<std::int64_t> SegmentStore::end_us(const StreamKey& key) const {
  const std::lock_guard state(state_);
  const auto* stream = known(key);
  if (stream == nullptr || stream->end_us == 0) return std::nullopt;
  return stream->end_us;
}

std::vector<PlacedSpan> SegmentStore::spans_in_memory(const Stream& stream) const {
  std::vector<PlacedSpan> out;
  const auto add = [&](const SpanRow& span) {
    if (span.entries.empty()) return;
    // Spans not yet in the index lie in the open file, or in one closed a moment ago.
    const auto is_its = [&](const SegmentRow& row) { return row.id == span.segment_id; };
    const SegmentRow* segment = nullptr;
    for (const auto* rows : {&changed_segments_, &saving_segments_})
      if (const auto row = std::ranges::find_if(*rows, is_its); row != rows->end()) segment = &*row;
    if (stream.segment && is_its(*stream.segment)) segment = &*stream.segment;
    if (segment != nullptr) out.push_back({span, segment->number, segment->generation});
  };
  for (const auto& span : stream.saving.spans) add(span);
  for (const auto& span : stream.pending.spans) add(span);
  add(stream.span);
  return out;
}

Result<std::vector<PlacedSpan>> SegmentStore::spans_between(const StreamKey& key,
                                                            std::int64_t from_us,
                                                            std::int64_t to_us, std::size_t most,
                                                            bool with_entries) const {
  std::vector<PlacedSpan> fresh;
  std::int64_t stream_id = 0;
  {
    // Memory before the index: a span that goes from one to the other between is seen twice.
    const std::lock_guard state(state_);
    const auto* stream = known(key);
    if (stream == nullptr)
      return fail(RecordingError::not_found, "nothing is recorded of this camera and stream");
    stream_id = stream->row.id;
    fresh = spans_in_memory(*stream);
  }
  VL_TRY(auto out, with_entries ? reader_->overlapping(stream_id, from_us, to_us, most)
                                : reader_->outlines(stream_id, from_us, to_us, most));
  for (auto& placed : fresh) {
    const bool overlaps = placed.span.start_us < to_us && placed.span.end_us > from_us;
    const auto twin =
        std::ranges::find(out, placed.span.first_sequence,
                          [](const PlacedSpan& other) { return other.span.first_sequence; });
    if (overlaps && twin == out.end()) out.push_back(std::move(placed));
  }
  return out;
}

Result<std::vector<FragmentRef>> SegmentStore::find(const StreamKey& key, std::int64_t from_us,
                                                    std::int64_t to_us, std::size_t most) const {
  most = std::min(most, most_found);
  VL_TRY(const auto spans, spans_between(key, from_us, to_us, most, true));
  std::vector<FragmentRef> out;
  for (const auto& placed : spans) {
    for (std::size_t i = 0; i < placed.span.entries.size() && out.size() < most; ++i) {
      const auto ref = placed.span.ref(key, i);
      if (ref.start_us < to_us && ref.end_us > from_us) out.push_back(ref);
    }
  }
  return out;
}

Result<FragmentRef> SegmentStore::seek(const StreamKey& key, std::int64_t at_us) const {
  VL_TRY(const auto before, find(key, at_us - seek_back_us, at_us + 1, most_found));
  if (!before.empty() && before.back().end_us + span_hole_us > at_us)
    for (auto ref = before.rbegin(); ref != before.rend(); ++ref)
      if (ref->starts_with_key && ref->start_us <= at_us) return *ref;
  // In a gap: from the next footage on, up to a day away.
  for (auto step_us = seek_back_us; step_us <= seek_on_us; step_us *= 6) {
    VL_TRY(const auto after, find(key, at_us, at_us + step_us, 600));
    for (const auto& ref : after)
      if (ref.starts_with_key) return ref;
  }
  return fail(RecordingError::not_found, "no footage from this time on");
}

Result<FragmentRef> SegmentStore::next(const FragmentId& id) const {
  std::int64_t stream_id = 0;
  const auto wanted = id.sequence + 1;
  {
    const std::lock_guard state(state_);
    const auto* stream = known(id.stream);
    if (stream == nullptr) return no_fragment(id);
    stream_id = stream->row.id;
    for (const auto& placed : spans_in_memory(*stream)) {
      const auto& span = placed.span;
      if (span.first_sequence <= wanted && wanted < span.end_sequence())
        return span.ref(id.stream, wanted - span.first_sequence);
    }
  }
  VL_TRY(const auto holding, reader_->holding(stream_id, wanted));
  if (holding) return holding->span.ref(id.stream, wanted - holding->span.first_sequence);
  VL_TRY(const auto after, reader_->after(stream_id, wanted));
  if (after) return after->span.ref(id.stream, 0);
  return no_fragment({id.stream, wanted});
}

Result<SegmentStore::PlacedFragment> SegmentStore::place_of(const FragmentId& id) const {
  std::optional<PlacedSpan> placed;
  std::int64_t stream_id = 0;
  {
    const std::lock_guard state(state_);
    const auto* stream = known(id.stream);
    if (stream == nullptr) return no_fragment(id);
    stream_id = stream->row.id;
    for (auto& fresh : spans_in_memory(*stream))
      if (fresh.span.first_sequence <= id.sequence && id.sequence < fresh.span.end_sequence())
        placed = std::move(fresh);
  }
  if (!placed) {
    VL_TRY(placed, reader_->holding(stream_id, id.sequence));
  }
  if (!placed) return no_fragment(id);
  const auto place = id.sequence - placed->span.first_sequence;
  return PlacedFragment{placed->span.ref(id.stream, place),
                        path_of(id.stream, placed->segment_number, placed->segment_generation),
                        placed->span.offset_of(place)};
}

Result<Bytes> SegmentStore::read_stored(const FragmentId& id) const {
  VL_TRY(const auto placed, place_of(id));
  auto bytes = disk_.read(placed.path, placed.offset, placed.ref.bytes);
  if (!bytes && bytes.error().code == code_of(RecordingError::not_found)) return no_fragment(id);
  return bytes;
}

Result<Fragment> SegmentStore::read(const FragmentId& id) const {
  VL_TRY(const auto bytes, read_stored(id));
  VL_TRY(auto fragment, decode_fragment(bytes));
  if (fragment.id != id)
    return fail(RecordingError::altered,
                fmt::format("fragment {} lies where {} should", fragment.id.sequence, id.sequence));
  return fragment;
}

Result<std::vector<Span>> SegmentStore::spans(const StreamKey& key, std::int64_t from_us,
                                              std::int64_t to_us) const {
  VL_TRY(auto rows, spans_between(key, from_us, to_us, most_listed, false));
  std::ranges::sort(rows, {}, [](const PlacedSpan& p) { return p.span.start_us; });
  std::vector<Span> out;
  for (const auto& placed : rows) {
    const auto& span = placed.span;
    if (!out.empty() && span.start_us - out.back().end_us <= span_hole_us) {
      out.back().end_us = std::max(out.back().end_us, span.end_us);
      out.back().bytes += span.bytes;
    } else {
      out.push_back({span.start_us, span.end_us, span.bytes});
    }
  }
  return out;
}

Result<std::vector<Gap>> SegmentStore::gaps(const StreamKey& key, std::int64_t from_us,
                                            std::int64_t to_us) const {
  std::vector<Gap> fresh;
  std::int64_t stream_id = 0;
  {
    const std::lock_guard state(state_);
    const auto* stream = known(key);
    if (stream == nullptr)
      return fail(RecordingError::not_found, "nothing is recorded of this camera and stream");
    stream_id = stream->row.id;
    fresh = stream->saving.gaps;
    fresh.insert(fresh.end(), stream->pending.gaps.begin(), stream->pending.gaps.end());
  }
  VL_TRY(auto out, reader_->gaps(stream_id, from_us, to_us, most_listed));
  for (auto& gap : fresh) {
    std::erase_if(out, [&](const Gap& old) { return old.start_us == gap.start_us; });
    if (gap.start_us < to_us && (!gap.end_us || *gap.end_us > from_us))
      out.push_back(std::move(gap));
  }
  std::erase_if(out, [](const Gap& gap) { return gap.end_us == gap.start_us; });
  std::ranges::sort(out, {}, &Gap::start_us);
  return out;
}

namespace {

void add_finding(CheckReport& report, FindingKind kind, FragmentId id, std::string detail) {
  ++report.problems;
  if (report.findings.size() < most_findings)
    report.findings.push_back({kind, id, std::move(detail)});
}

}  // namespace

void SegmentStore::check_segment(const StreamKey& key, const SegmentRow& row,
                                 const std::vector<SpanRow>& spans, bool with_hashes,
                                 CheckReport& report) const {
  const auto path = path_of(key, row.number, row.generation);
  const auto size = disk_.size(path);
  if (!size) {
    if (row.bytes > 0)
      add_finding(report, FindingKind::missing_file, {key, row.number}, size.error().message);
    return;
  }
  if (*size < row.bytes)
    add_finding(report, FindingKind::short_file, {key, row.number},
                fmt::format("{} bytes, should be {}", *size, row.bytes));
  std::optional<FragmentHeader> before;
  for (const auto& span : spans) {
    auto offset = span.offset;
    for (std::size_t i = 0; i < span.entries.size(); offset += span.entries[i++].bytes) {
      const FragmentId id{key, span.first_sequence + i};
      ++report.fragments;
      report.bytes += span.entries[i].bytes;
      const auto wanted = with_hashes ? span.entries[i].bytes : fragment_header_bytes;
      const auto bytes = disk_.read(path, offset, wanted);
      const auto header =
          bytes ? decode_header(*bytes) : Result<FragmentHeader>(std::unexpected(bytes.error()));
      if (!header || header->id != id ||
          header->body_bytes + fragment_header_bytes != span.entries[i].bytes) {
        add_finding(report, FindingKind::bad_header, id,
                    header ? "another fragment lies here" : header.error().message);
        before.reset();
        continue;
      }
      if (before && before->id.sequence + 1 == id.sequence &&
          before->chain != header->previous_chain)
        add_finding(report, FindingKind::chain_broken, id,
                    "it does not follow the fragment before it");
      before = *header;
      if (!with_hashes) continue;
      if (auto body = check_body(*header, ByteView(*bytes).subspan(fragment_header_bytes)); !body)
        add_finding(report, FindingKind::altered, id, body.error().message);
    }
  }
}

/// Closed files that the index does not have yet, and open ones.
std::vector<SegmentRow> SegmentStore::segments_in_memory() const {
  std::vector<SegmentRow> out;
  for (const auto& [key, stream] : streams_)
    if (stream.segment) out.push_back(*stream.segment);
  for (const auto* rows : {&changed_segments_, &saving_segments_})
    for (const auto& row : *rows)
      if (!row.is_open) out.push_back(row);
  return out;
}

Result<std::vector<SegmentRow>> SegmentStore::all_segments() const {
  std::vector<SegmentRow> out;
  {
    // Memory before the index, as everywhere: what goes over in between is seen twice, not never.
    const std::lock_guard state(state_);
    out = segments_in_memory();
  }
  VL_TRY(const auto indexed, reader_->segments());
  for (const auto& row : indexed)
    if (std::ranges::find(out, row.id, &SegmentRow::id) == out.end()) out.push_back(row);
  return out;
}

Result<CheckReport> SegmentStore::check(bool with_hashes) const {
  std::map<std::int64_t, std::vector<SpanRow>> fresh;
  {
    const std::lock_guard state(state_);
    for (const auto& [key, stream] : streams_)
      for (auto& placed : spans_in_memory(stream))
        fresh[placed.span.segment_id].push_back(std::move(placed.span));
  }
  VL_TRY(const auto rows, all_segments());
  CheckReport report;
  for (const auto& row : rows) {
    VL_TRY(auto spans, reader_->spans_of_segment(row.id));
    for (auto& span : fresh[row.id])
      if (std::ranges::find(spans, span.first_sequence, &SpanRow::first_sequence) == spans.end())
        spans.push_back(std::move(span));
    CheckReport found;
    check_segment(key_of(row.stream_id), row, spans, with_hashes, found);
    if (found.problems > 0) {
      VL_TRY(const auto now, all_segments());
      // Reclaimed while it was read: no finding.
      if (std::ranges::find(now, row.id, &SegmentRow::id) == now.end()) continue;
    }
    report.fragments += found.fragments;
    report.bytes += found.bytes;
    report.problems += found.problems;
    for (auto& finding : found.findings)
      if (report.findings.size() < most_findings) report.findings.push_back(std::move(finding));
  }
  VL_TRY(const auto unindexed, unindexed_files());
  for (const auto& [key, name] : unindexed)
    add_finding(report, FindingKind::unindexed, {key, 0}, name + " is in no index");
  return report;
}

Result<std::vector<std::pair<StreamKey, std::string>>> SegmentStore::unindexed_files() const {
  const std::lock_guard slow(slow_);  // no file is copied or removed meanwhile
  std::map<StreamKey, std::vector<std::string>> names;
  for (const auto& key : streams()) {
    VL_TRY(names[key], disk_.list(folder_of(key)));
  }
  // Rows after names: a file begun in between has a row and is not among the names. One that is
  // being begun right now gets its row before append() lets go of this lock.
  {
    const std::lock_guard write_lock(write_);
  }
  VL_TRY(const auto rows, all_segments());
  for (const auto& row : rows) {
    const auto key = key_of(row.stream_id);
    const auto path = path_of(key, row.number, row.generation);
    std::erase_if(names[key], [&](const std::string& name) { return path.ends_with("/" + name); });
  }
  std::vector<std::pair<StreamKey, std::string>> out;
  for (const auto& [key, left] : names)
    for (const auto& name : left) out.emplace_back(key, name);
  return out;
}

}  // namespace vl::recording
