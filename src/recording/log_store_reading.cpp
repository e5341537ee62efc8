// Reading: by time, by id, whole fragments, spans and gaps.
#include <algorithm>

#include <fmt/format.h>

#include "log_store.hpp"

namespace vl::recording {

namespace {

constexpr std::size_t most_found = 10'000;
constexpr std::size_t most_listed = 50'000;
constexpr std::int64_t seek_back_us = 60'000'000;
constexpr std::int64_t seek_on_us = 24LL * 3'600'000'000;

std::unexpected<Error> no_fragment(const FragmentId& id) {
  return fail(RecordingError::not_found,
              fmt::format("no fragment {} of camera {}, {}: never recorded, or reclaimed",
                          id.sequence, id.stream.camera.text(), name_of(id.stream.kind)));
}
std::unexpected<Error> no_stream() {
  return fail(RecordingError::not_found, "nothing is recorded of this camera and stream");
}

}  // namespace

std::vector<StreamKey> LogStore::streams() const {
  const std::lock_guard state(state_);
  std::vector<StreamKey> out;
  for (const auto& [key, stream] : streams_) out.push_back(key);
  return out;
}

std::optional<std::int64_t> LogStore::end_us(const StreamKey& key) const {
  const std::lock_guard state(state_);
  const auto* stream = known(key);
  if (stream == nullptr || stream->end_us == 0) return std::nullopt;
  return stream->end_us;
}

std::optional<std::string> LogStore::path_of(LogId id, std::uint64_t extent) const {
  const auto log = logs_.find(id);
  if (log == logs_.end()) return std::nullopt;
  const auto found = log->second->extents.find(extent);
  if (found == log->second->extents.end()) return std::nullopt;
  return log->second->log->path_of(found->second.extent.slot);
}

/// Whether the extent it lies in has not been given up.
bool LogStore::is_live(const MinuteRow& row, std::size_t entry) const {
  const auto log = logs_.find(row.log_id);
  return log != logs_.end() && log->second->extents.contains(row.entries[entry].place.extent);
}

Result<std::vector<MinuteRow>> LogStore::minutes_between(const StreamKey& key, std::int64_t from_us,
                                                         std::int64_t to_us, std::size_t most,
                                                         bool with_entries) const {
  std::vector<MinuteRow> fresh;
  std::int64_t stream_id = 0;
  {
    // Memory before the index: a minute that goes from one to the other between is seen twice.
    const std::lock_guard state(state_);
    const auto* stream = known(key);
    if (stream == nullptr) return no_stream();
    stream_id = stream->id;
    for (const auto& minute : stream->minutes)
      if (minute.start_us < to_us && minute.end_us > from_us) fresh.push_back(minute);
  }
  VL_TRY(auto out, with_entries ? reader_->overlapping(stream_id, from_us, to_us, most)
                                : reader_->outlines(stream_id, from_us, to_us, most));
  for (auto& minute : fresh)
    if (std::ranges::find(out, minute.first_sequence, &MinuteRow::first_sequence) == out.end())
      out.push_back(std::move(minute));
  return out;
}

Result<std::vector<FragmentRef>> LogStore::find(const StreamKey& key, std::int64_t from_us,
                                                std::int64_t to_us, std::size_t most) const {
  most = std::min(most, most_found);
  VL_TRY(const auto minutes, minutes_between(key, from_us, to_us, most, true));
  std::vector<FragmentRef> out;
  const std::lock_guard state(state_);
  for (const auto& minute : minutes) {
    for (std::size_t i = 0; i < minute.entries.size() && out.size() < most; ++i) {
      const auto ref = minute.ref(key, i);
      if (ref.start_us < to_us && ref.end_us > from_us && is_live(minute, i)) out.push_back(ref);
    }
  }
  // Kept footage may lie both where it was and where it was moved to.
  const auto by_time = [](const FragmentRef& ref) { return std::pair(ref.start_us, ref.id); };
  if (!std::ranges::is_sorted(out, {}, by_time)) std::ranges::sort(out, {}, by_time);
  const auto twins = std::ranges::unique(out, {}, &FragmentRef::id);
  out.erase(twins.begin(), twins.end());
  return out;
}

Result<FragmentRef> LogStore::seek(const StreamKey& key, std::int64_t at_us) const {
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

Result<FragmentRef> LogStore::next(const FragmentId& id) const {
  std::int64_t stream_id = 0;
  const auto wanted = id.sequence + 1;
  std::optional<FragmentRef> later;  // the first in memory behind a hole
  {
    const std::lock_guard state(state_);
    const auto* stream = known(id.stream);
    if (stream == nullptr) return no_fragment(id);
    stream_id = stream->id;
    for (const auto& minute : stream->minutes) {
      if (minute.first_sequence <= wanted && wanted < minute.end_sequence())
        return minute.ref(id.stream, wanted - minute.first_sequence);
      if (!later && minute.first_sequence > wanted) later = minute.ref(id.stream, 0);
    }
  }
  VL_TRY(const auto holding, reader_->holding(stream_id, wanted));
  {
    const std::lock_guard state(state_);
    for (const auto& minute : holding)
      if (is_live(minute, wanted - minute.first_sequence))
        return minute.ref(id.stream, wanted - minute.first_sequence);
  }
  // Behind what was given up: in the minute that held it, or in another of which something is left.
  std::optional<FragmentRef> first;
  const auto take = [&](const MinuteRow& minute, std::uint64_t from) {
    const std::lock_guard state(state_);
    for (auto i = from; i < minute.entries.size(); ++i) {
      if (!is_live(minute, i)) continue;
      const auto ref = minute.ref(id.stream, i);
      if (!first || ref.id < first->id) first = ref;
      return true;
    }
    return false;
  };
  for (const auto& minute : holding) take(minute, wanted - minute.first_sequence);
  for (auto from = wanted;;) {
    VL_TRY(const auto after, reader_->after(stream_id, from));
    if (!after || take(*after, 0)) break;
    from = after->first_sequence;  // all of it was given up
  }
  if (first) return *first;
  if (later) return *later;
  return no_fragment({id.stream, wanted});
}

Result<LogStore::PlacedFragment> LogStore::place_of(const FragmentId& id) const {
  const auto placed = [&](const MinuteRow& minute) -> std::optional<PlacedFragment> {
    if (id.sequence < minute.first_sequence || id.sequence >= minute.end_sequence())
      return std::nullopt;
    const auto i = id.sequence - minute.first_sequence;
    auto path = path_of(minute.log_id, minute.entries[i].place.extent);
    if (!path) return std::nullopt;
    return PlacedFragment{minute.ref(id.stream, i), std::move(*path), minute.entries[i].place.at};
  };
  std::int64_t stream_id = 0;
  {
    const std::lock_guard state(state_);
    const auto* stream = known(id.stream);
    if (stream == nullptr) return no_fragment(id);
    stream_id = stream->id;
    for (const auto& minute : stream->minutes)
      if (auto found = placed(minute)) return std::move(*found);
  }
  VL_TRY(const auto minutes, reader_->holding(stream_id, id.sequence));
  const std::lock_guard state(state_);
  for (const auto& minute : minutes)
    if (auto found = placed(minute)) return std::move(*found);
  return no_fragment(id);
}

Result<Bytes> LogStore::read_stored(const FragmentId& id) const {
  for (int attempt = 0;; ++attempt) {
    VL_TRY(const auto placed, place_of(id));
    auto bytes = disk_.read(placed.path, placed.at, placed.ref.bytes);
    if (!bytes && bytes.error().code == code_of(RecordingError::not_found)) return no_fragment(id);
    if (!bytes || attempt > 0) return bytes;
    // Given up, or moved, while it was read?
    const auto header = decode_header(*bytes);
    if (header && header->id == id) return bytes;
    const auto again = place_of(id);
    if (!again) return no_fragment(id);
    if (again->path == placed.path && again->at == placed.at) return bytes;  // damaged
  }
}

Result<Fragment> LogStore::read(const FragmentId& id) const {
  VL_TRY(const auto bytes, read_stored(id));
  VL_TRY(auto fragment, decode_fragment(bytes));
  if (fragment.id != id)
    return fail(RecordingError::altered,
                fmt::format("fragment {} lies where {} should", fragment.id.sequence, id.sequence));
  return fragment;
}

Result<std::vector<Span>> LogStore::spans(const StreamKey& key, std::int64_t from_us,
                                          std::int64_t to_us) const {
  VL_TRY(auto rows, minutes_between(key, from_us, to_us, most_listed, false));
  std::ranges::sort(rows, {}, &MinuteRow::start_us);
  std::vector<Span> out;
  for (const auto& row : rows) {
    if (!out.empty() && row.start_us - out.back().end_us <= span_hole_us) {
      out.back().end_us = std::max(out.back().end_us, row.end_us);
      out.back().bytes += row.bytes;
    } else {
      out.push_back({row.start_us, row.end_us, row.bytes});
    }
  }
  return out;
}

namespace {
/// What lies in each of the equal parts of a time.
class Parts {
 public:
  Parts(std::int64_t from_us, std::int64_t to_us, std::size_t count)
      : from_us_(from_us),
        part_us_(static_cast<double>(to_us - from_us) / static_cast<double>(count)),
        bytes_(count),
        us_(count) {}
  void add(std::int64_t start_us, std::int64_t end_us, std::uint64_t bytes) {
    if (end_us <= start_us) return;
    const auto per_us = static_cast<double>(bytes) / static_cast<double>(end_us - start_us);
    const auto end = static_cast<double>(end_us - from_us_);
    auto at = std::max(0.0, static_cast<double>(start_us - from_us_));
    for (auto i = static_cast<std::size_t>(at / part_us_); i < bytes_.size() && at < end; ++i) {
      const auto until = std::min(end, static_cast<double>(i + 1) * part_us_);
      bytes_[i] += (until - at) * per_us;
      us_[i] += until - at;
      at = until;
    }
  }
  std::vector<std::uint32_t> rates() const {
    std::vector<std::uint32_t> out(bytes_.size());
    for (std::size_t i = 0; i < out.size(); ++i)
      if (us_[i] > 0) out[i] = static_cast<std::uint32_t>(std::min(bytes_[i] * 1e6 / us_[i], 4e9));
    return out;
  }

 private:
  std::int64_t from_us_;
  double part_us_;
  std::vector<double> bytes_;
  std::vector<double> us_;
};
}  // namespace

Result<std::vector<std::uint32_t>> LogStore::rates(const StreamKey& key, std::int64_t from_us,
                                                   std::int64_t to_us, std::size_t parts) const {
  if (to_us <= from_us || parts == 0 || parts > 1000)
    return fail(RecordingError::invalid, "a time of 1 to 1,000 parts is wanted", "parts");
  // Where parts are short, fragment for fragment.
  const bool fine = (to_us - from_us) / static_cast<std::int64_t>(parts) < most_minute_us;
  VL_TRY(const auto rows, minutes_between(key, from_us, to_us, most_listed, fine));
  Parts out(from_us, to_us, parts);
  for (const auto& row : rows) {
    if (!fine) out.add(row.start_us, row.end_us, row.bytes);
    if (fine)
      for (std::size_t i = 0; i < row.entries.size(); ++i) {
        const auto ref = row.ref(key, i);
        out.add(ref.start_us, ref.end_us, row.entries[i].bytes);
      }
  }
  return out.rates();
}

Result<std::vector<Gap>> LogStore::gaps(const StreamKey& key, std::int64_t from_us,
                                        std::int64_t to_us) const {
  std::vector<Gap> fresh;
  std::int64_t stream_id = 0;
  {
    const std::lock_guard state(state_);
    const auto* stream = known(key);
    if (stream == nullptr) return no_stream();
    stream_id = stream->id;
    fresh = stream->gaps;
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

Usage LogStore::usage() const {
  Usage out;
  for (const auto& disk : disks_) {
    if (disk.tier == Tier::archive) continue;
    out.free_bytes += disk_.free_bytes(disk.folder).value_or(0);
    out.reserve_bytes += disk.reserve_bytes;
  }
  const std::lock_guard state(state_);
  for (const auto& [id, log] : logs_)
    for (const auto& [sequence, extent] : log->extents)
      out.stored_bytes += extent.extent.used_bytes;
  for (const auto& [key, stream] : streams_) out.locked_bytes += stream.locked_bytes;
  out.oldest_us = oldest_us_;
  for (const auto& [key, stream] : streams_)
    if (!stream.minutes.empty() &&
        (out.oldest_us == 0 || stream.minutes.front().start_us < out.oldest_us))
      out.oldest_us = stream.minutes.front().start_us;
  return out;
}

std::vector<DiskNow> LogStore::disks() const {
  std::vector<DiskNow> out;
  {
    const std::lock_guard write(write_);
    for (std::size_t i = 0; i < disks_.size(); ++i) {
      const auto& disk = disks_[i];
      auto& now = out.emplace_back();
      now.folder = disk.folder;
      now.is_slow = disk.is_slow;
      now.is_failing = disk.avoided_until_us > clock_.mono().us;
      now.reserve_bytes = disk.reserve_bytes;
      const auto number = static_cast<int>(i);
      if (!disk.is_slow) now.room_bytes = most_files(number) * extent_bytes_of(number);
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    auto& disk = out[i];
    if (const auto* far = disk_.far(disk.folder)) {
      disk.archive = far->now();
      disk.archive->most_bytes = disks_[i].most_bytes;
      const auto& [staged, most] =
          std::tie(disk.archive->staged_bytes, disk.archive->staging_bytes);
      disk.free_bytes = most - std::min(most, staged);  // until it is sent
      disk.is_failing |= disk.archive->failing_since_us != 0;
      continue;
    }
    const auto free = disk_.free_bytes(disk.folder);
    disk.free_bytes = free.value_or(0);
    disk.is_failing |= !free;
  }
  const std::lock_guard state(state_);
  for (std::size_t i = 0; i < out.size(); ++i)
    if (out[i].is_slow) out[i].room_bytes = disks_[i].room_bytes;
  for (const auto& [id, log] : logs_) {
    auto& disk = out.at(static_cast<std::size_t>(log->row.disk));
    for (const auto& [sequence, extent] : log->extents) {
      disk.stored_bytes += extent.extent.used_bytes;
      if (extent.first_us > 0 && (disk.oldest_us == 0 || extent.first_us < disk.oldest_us))
        disk.oldest_us = extent.first_us;
    }
  }
  if (left_out_) out.push_back(*left_out_);
  return out;
}

}  // namespace vl::recording
