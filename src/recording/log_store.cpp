// Writing: fragments into the log of their disk and keeping, gaps between them.
#include "log_store.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace vl::recording {

namespace {
constexpr std::size_t most_detail_bytes = 200;
constexpr std::size_t most_notes_at_once = 4000;
constexpr std::int64_t avoid_us = 60'000'000;

GapCause cause_of(const Error& error) {
  return error.code == code_of(RecordingError::disk_full) ? GapCause::disk_full
                                                          : GapCause::disk_failed;
}
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
    case FindingKind::unreachable:
      return "unreachable";
  }
  return "";
}

LogStore::LogStore(StoreOptions options, Disk& disk, const Clock& clock, IdSource& ids,
                   StoreObserver& observer)
    : options_(std::move(options)), disk_(disk), clock_(clock), ids_(ids), observer_(observer) {}
LogStore::~LogStore() = default;

Result<std::unique_ptr<FragmentStore>> open_fragment_store(StoreOptions options, Disk& disk,
                                                           const Clock& clock, IdSource& ids,
                                                           StoreObserver& observer) {
  auto store = std::make_unique<LogStore>(std::move(options), disk, clock, ids, observer);
  VL_CHECK(store->open());
  return store;
}

std::uint64_t LogStore::Stream::stored_bytes() const {
  auto out = indexed_bytes;
  for (const auto& minute : minutes) out += minute.bytes;
  return out;
}

LogStore::Stream* LogStore::known(const StreamKey& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}
const LogStore::Stream* LogStore::known(const StreamKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

LogStore::Stream& LogStore::put_stream(const StreamKey& key, std::int64_t id) {
  auto& stream = streams_[key];
  stream.key = key;
  stream.id = id;
  by_key_[key] = &stream;
  keys_[id] = key;
  next_stream_id_ = std::max(next_stream_id_, id + 1);
  return stream;
}

LogStore::Stream& LogStore::stream_of(const StreamKey& key) {
  if (auto* stream = known(key)) return *stream;
  auto& stream = put_stream(key, next_stream_id_);
  const auto disk = disk_for_new_stream();
  stream.log_id = main_log(disk, keeping_of(stream))->row.id;
  ++disks_[static_cast<std::size_t>(disk)].streams;
  stream.changed = true;
  return stream;
}

/// The one with the fewest, of those that do not fail and are not slow.
int LogStore::disk_for_new_stream() const {
  const auto now_us = clock_.mono().us;
  const auto best = std::ranges::min_element(disks_, {}, [&](const FootageDisk& disk) {
    return std::tuple(disk.is_slow, !disk.is_slow && disk.avoided_until_us > now_us, disk.streams);
  });
  return static_cast<int>(best - disks_.begin());
}

const LogStore::Stream& LogStore::ruler_of(const Stream& stream) const {
  if (stream.key.kind != StreamKind::fetched) return stream;
  const auto* main = known({stream.key.camera, StreamKind::main});
  return main != nullptr ? *main : stream;
}

const LogStore::Stream* LogStore::companion_of(const Stream& stream) const {
  if (stream.key.kind == StreamKind::sub) return nullptr;
  const bool is_main = stream.key.kind == StreamKind::main;
  return known({stream.key.camera, is_main ? StreamKind::fetched : StreamKind::main});
}

const Retention& LogStore::retention_of(const Stream& stream) const {
  const auto& own = ruler_of(stream).retention;
  return own ? *own : options_.default_retention;
}

int LogStore::keeping_of(const Stream& stream) const {
  const auto age_s = retention_of(stream).most_age_s;
  if (!age_s) return static_cast<int>(keeping_steps_s.size());
  return static_cast<int>(
      std::ranges::count_if(keeping_steps_s, [&](std::int64_t step) { return *age_s > step; }));
}

LogStore::Log* LogStore::main_log(int disk, int keeping) {
  Log* any = nullptr;
  for (const auto& [id, log] : logs_) {
    if (log->row.disk != disk || log->has_copies()) continue;
    if (log->row.keeping == keeping) return log.get();
    any = log.get();
  }
  return any;  // its own is made when its retention is set
}

/// Where the stream's next fragment goes: to the log of its keeping, on a disk that does not fail.
/// A stream moves when all of it is durable, so that its chain goes on from what is there.
LogStore::Log& LogStore::log_for(Stream& stream) {
  auto& now = log_of(stream.log_id);
  const auto mono_us = clock_.mono().us;
  auto disk = now.row.disk;
  if (disks_.size() > 1 && disks_[static_cast<std::size_t>(disk)].avoided_until_us > mono_us)
    disk = disk_for_new_stream();
  auto* wanted = main_log(disk, keeping_of(stream));
  if (wanted == nullptr || wanted == &now) return now;
  const auto& chains = now.log->durable().chains;
  const auto found = chains.find(stream.key);
  auto end = stream.durable;
  if (found != chains.end() && found->second.next_sequence > end.next_sequence) end = found->second;
  if (now.log->next_sequence(stream.key) != end.next_sequence) return now;
  wanted->log->continue_stream(stream.key, end);
  --disks_[static_cast<std::size_t>(now.row.disk)].streams;
  ++disks_[static_cast<std::size_t>(disk)].streams;
  stream.log_id = wanted->row.id;
  return *wanted;
}

void LogStore::avoid(const Log& log) {
  disks_[static_cast<std::size_t>(log.row.disk)].avoided_until_us = clock_.mono().us + avoid_us;
}

void LogStore::tell_refused(const Error& error) {
  if (told_refused_.exchange(true)) return;
  if (error.code == code_of(RecordingError::disk_full))
    observer_.on_disk_full(error.message);
  else
    observer_.on_disk_failed(error.message);
}

/// A full disk gives up the oldest unlocked footage, then the group is tried once more.
Result<FragmentId> LogStore::append(const NewFragment& fragment) {
  FragmentId id;
  Log* full = nullptr;
  {
    const std::lock_guard write_lock(write_);
    auto& stream = [&]() -> Stream& {
      const std::lock_guard state(state_);
      return stream_of(fragment.stream);
    }();
    auto& log = log_for(stream);
    id = {fragment.stream, log.log->next_sequence(fragment.stream)};
    VL_TRY(const bool is_full, log.log->add(fragment));
    if (stream.taken_us == 0) stream.taken_us = fragment.start_us;
    if (stream.open_gap && !stream.ending_us) stream.ending_us = fragment.start_us;
    if (!is_full) return id;
    auto written = write_group(log);
    if (written) return id;
    if (written.error().code != code_of(RecordingError::disk_full)) {
      lose_unwritten(log, written.error());
      lost_.pop_back();  // told at once
      return fail(std::move(written).error());
    }
    full = &log;
  }
  {
    const std::lock_guard slow(slow_);
    (void)make_room(*full);
  }
  const std::lock_guard write_lock(write_);
  auto written = write_group(*full);
  if (written) return id;
  lose_unwritten(*full, written.error());
  lost_.pop_back();
  return fail(std::move(written).error());
}

Result<void> LogStore::write_group(Log& log) {
  if (!log.log->has_unwritten() && log.notes.empty()) return {};
  const auto count = std::min(log.notes.size(), most_notes_at_once);
  for (std::size_t i = 0; i < count; ++i) {
    log.log->note(log.notes[i]);
    log.written_notes.push_back(std::move(log.notes[i]));
  }
  log.notes.erase(log.notes.begin(), log.notes.begin() + static_cast<std::ptrdiff_t>(count));
  VL_TRY(auto group, log.log->write());
  told_refused_ = false;
  const std::lock_guard state(state_);
  take_group(log, std::move(group));
  return {};
}

void LogStore::take_group(Log& log, LoggedGroup&& group) {
  for (const auto& fragment : group.fragments) {
    const auto& header = fragment.header;
    auto& stream = stream_of(header.id.stream);
    if (stream.ending_us && header.start_us == *stream.ending_us) {
      end_open_gap(stream, header.start_us);
    }
    add_to_minutes(stream, log, fragment, group.number);
    stream.end_us = header.end_us;
    stream.taken_us = 0;
    // What is fetched may lie before what was counted.
    if (stream.key.kind == StreamKind::fetched) stream.locked_counted_us = 0;
    auto& extent = log.extents[fragment.place.extent];
    if (extent.first_us == 0 || header.start_us < extent.first_us)
      extent.first_us = header.start_us;
    extent.end_us = std::max(extent.end_us, header.end_us);
  }
  see_extents(log);
}

/// What readers may look into is what the log holds.
void LogStore::see_extents(Log& log) {
  const auto& extents = log.log->extents();
  if (!extents.empty()) {
    auto& last = log.extents[extents.back().sequence];
    last.log_id = log.row.id;
    last.extent = extents.back();
    if (extents.size() > 1) {
      const auto& before = extents[extents.size() - 2];
      log.extents[before.sequence].log_id = log.row.id;
      log.extents[before.sequence].extent = before;
    }
  }
  while (!log.extents.empty() &&
         (extents.empty() || log.extents.rbegin()->first > extents.back().sequence))
    log.extents.erase(std::prev(log.extents.end()));
}

void LogStore::add_to_minutes(Stream& stream, Log& log, const LoggedFragment& fragment,
                              std::uint64_t group) {
  const bool follows =
      stream.is_open && !stream.minutes.empty() && stream.minutes.back().log_id == log.row.id &&
      stream.minutes.back().is_kept == log.is_kept() && stream.minutes.back().takes(fragment);
  if (!follows) {
    auto& fresh = stream.minutes.emplace_back();
    fresh.stream_id = stream.id;
    fresh.log_id = log.row.id;
    fresh.is_kept = log.is_kept();
    fresh.first_group = group;
  }
  stream.minutes.back().add(fragment);
  stream.is_open = true;
  stream.touched = clock_.mono();
}

/// What lies in memory for this log cannot be stored.
void LogStore::lose_unwritten(Log& log, const Error& error) {
  tell_refused(error);
  avoid(log);
  Lost lost;
  for (const auto& header : log.log->drop()) {
    const auto [from, is_first] = lost.try_emplace(header.id.stream, header.start_us);
    from->second = std::min(from->second, header.start_us);
    lost_.push_back(header.id);
  }
  log.notes.insert(log.notes.begin(), log.written_notes.begin(), log.written_notes.end());
  log.written_notes.clear();
  const std::lock_guard state(state_);
  lose(lost, error);
}

void LogStore::lose(const Lost& lost, const Error& error) {
  for (const auto& [key, lost_from_us] : lost) {
    auto& stream = stream_of(key);
    stream.taken_us = 0;
    stream.ending_us.reset();
    if (key.kind == StreamKind::fetched) continue;  // the main stream's gap is still there
    // From where footage or the gap behind it ends.
    const auto known_us = std::max(stream.end_us, stream.ended_until_us);
    const bool follows = known_us <= lost_from_us && lost_from_us - known_us <= span_hole_us;
    auto from_us = follows ? known_us : lost_from_us;
    // What was lost may lie on both sides of a gap.
    if (stream.ended_from_us > from_us && stream.ended_until_us > stream.ended_from_us) {
      put_gap(stream, {from_us, stream.ended_from_us, cause_of(error), error.message});
      from_us = stream.ended_until_us;
    }
    if (stream.open_gap && stream.open_gap->start_us > from_us)
      put_gap(stream, {from_us, stream.open_gap->start_us, cause_of(error), error.message});
    else
      put_open_gap(stream, {from_us, std::nullopt, cause_of(error), error.message});
  }
}

Result<void> LogStore::gap(const StreamKey& key, const Gap& gap) {
  if (gap.end_us && *gap.end_us < gap.start_us)
    return fail(RecordingError::invalid, "a gap ends before it begins", "end_us");
  if (key.kind == StreamKind::fetched)
    return fail(RecordingError::invalid, "gaps are of the main stream", "stream");
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  auto& stream = stream_of(key);
  if (!gap.end_us)
    put_open_gap(stream, gap);
  else if (*gap.end_us > gap.start_us)
    put_gap(stream, gap);
  return {};
}

/// Into the log and the index.
void LogStore::put_gap(Stream& stream, Gap gap) {
  gap.detail.resize(std::min(gap.detail.size(), most_detail_bytes));
  log_of(stream.log_id).notes.push_back({stream.key, gap});
  stream.gaps.push_back(std::move(gap));
}

void LogStore::put_open_gap(Stream& stream, Gap gap) {
  if (stream.open_gap && stream.ending_us) end_open_gap(stream, *stream.ending_us);
  if (stream.open_gap && stream.open_gap->cause == gap.cause) return;
  if (stream.open_gap) end_open_gap(stream, gap.start_us);
  // A gap that would begin no later than the one it follows begins behind it: two of one start
  // could not be told apart, and what has ended is never opened again.
  if (stream.ended_from_us >= gap.start_us && stream.ended_from_us - gap.start_us < span_hole_us)
    gap.start_us = stream.ended_from_us + 1;
  put_gap(stream, gap);
  stream.open_gap = std::move(gap);
}

void LogStore::end_open_gap(Stream& stream, std::int64_t at_us) {
  stream.ending_us.reset();
  if (!stream.open_gap) return;
  auto gap = std::move(*stream.open_gap);
  stream.open_gap.reset();
  gap.end_us = std::max(at_us, gap.start_us);
  stream.ended_from_us = gap.start_us;
  stream.ended_until_us = *gap.end_us;
  put_gap(stream, std::move(gap));  // over the one without an end
}

}  // namespace vl::recording
