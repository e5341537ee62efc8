// Start-up: what a crash left behind is cut off, what the index does not know is taken in.
//
// 1. The index is loaded: streams, locks, open gaps, logs and their full extents.
// 2. Each log is read on from the first group that the index may not have; without an index, from
//    its beginning. What is already in a minute is passed over; of two copies of kept footage one
//    counts.
// 3. Every stream with footage has a gap from its end.
#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>

#include "log_store.hpp"

namespace vl::recording {

namespace {
/// A hole between fragments that nobody explained, worth telling.
constexpr std::int64_t hole_us = 500'000;
/// Of such a hole, what no gap tells of: more than times are rounded by.
constexpr std::int64_t told_us = 2'000;
/// Minutes found again that are held in memory before they go into the index.
constexpr std::size_t most_found_minutes = 20'000;
constexpr std::size_t most_minutes_looked_at = 1'000'000;
}  // namespace

Result<void> LogStore::open() {
  VL_CHECK(disk_.make_folders(options_.folder));
  VL_TRY(folder_lock_, FolderLock::take(options_.folder));
  VL_CHECK(open_disks());
  VL_TRY(index_, FootageIndex::open(options_.folder + "/footage.db", clock_));
  reader_ = std::make_unique<IndexReader>(index_->database());
  VL_CHECK(look_for_archive());
  index_written_ = clock_.mono();
  has_ballast_ = disk_.size(options_.folder + "/ballast").has_value();
  {
    const std::lock_guard slow(slow_);
    VL_CHECK(load_index());
    VL_CHECK(open_logs());
    VL_CHECK(finish_recovery());
    VL_CHECK(recover_locks());
  }
  VL_CHECK(reclaim());
  return {};
}

Result<void> LogStore::open_disks() {
  if (options_.disks.empty()) {
    disks_.push_back({.folder = options_.folder,
                      .reserve_bytes = options_.reserve_bytes,
                      .most_bytes = options_.most_bytes});
    return {};
  }
  for (const auto& disk : options_.disks) {
    if (disk.tier == Tier::archive &&
        (&disk != &options_.disks.back() || disk_.far(disk.folder) == nullptr))
      return fail(RecordingError::invalid, "the archive must be the last of the disks", "disks");
    if (auto made = disk_.make_folders(disk.folder); !made) {
      if (disk.tier != Tier::archive) return made;
      leave_out(disk.folder, made.error());
      break;
    }
    FootageDisk one{.folder = disk.folder,
                    .reserve_bytes = disk.reserve_bytes,
                    .most_bytes = disk.most_bytes,
                    .tier = disk.tier,
                    .is_slow = disk.tier != Tier::recorded};
    if (disk.folder != options_.folder) {
      VL_TRY(one.lock, FolderLock::take(disk.folder));
    }
    disks_.push_back(std::move(one));
  }
  if (disks_.front().is_slow)
    return fail(RecordingError::invalid,
                "the first disk for footage is a slow one: name one to record to before it",
                "disks");
  return {};
}

/// Recording never waits for an archive: one of which the index knows nothing must be read first,
/// and is left alone until the next start if it does not answer.
Result<void> LogStore::look_for_archive() {
  if (disks_.back().tier != Tier::archive) return {};
  VL_TRY(const auto rows, index_->logs());
  const auto number = static_cast<int>(disks_.size()) - 1;
  if (std::ranges::find(rows, number, &LogRow::disk) != rows.end()) return {};
  if (auto answers = disk_.far(disks_.back().folder)->answers(); !answers) {
    leave_out(disks_.back().folder, answers.error());
    disks_.pop_back();
  }
  return {};
}

void LogStore::leave_out(const std::string& folder, const Error& why) {
  log::error("recording.archive_left_out", {{"folder", folder}, {"why", why.message}});
  auto& now = left_out_.emplace();
  now.folder = folder;
  now.is_slow = now.is_failing = true;
  now.archive.emplace();
  if (auto* far = disk_.far(folder)) now.archive = far->now();
  now.archive->problem =
      why.message + "; it is looked for again when the recorder is started again";
  now.archive->problem_code = "recording.left_out";
  if (now.archive->failing_since_us == 0) now.archive->failing_since_us = clock_.wall().us;
}

std::string LogStore::folder_of(const LogRow& row) const {
  return fmt::format("{}/{}", disks_[static_cast<std::size_t>(row.disk)].folder, row.folder);
}

Result<void> LogStore::load_index() {
  VL_TRY(const auto rows, index_->streams());
  for (const auto& row : rows) {
    auto& stream = put_stream(row.key, row.id);
    stream.retention = row.retention;
    stream.log_id = row.log_id;
    stream.next_indexed = row.next_sequence;
    stream.durable = {row.head_sequence + 1, row.head_chain};
    stream.durable_end_us = stream.end_us = row.head_end_us;
    stream.indexed_bytes = row.stored_bytes;
  }
  VL_TRY(auto gaps, index_->open_gaps());
  for (auto& [id, gap] : gaps)
    if (keys_.contains(id)) streams_.at(keys_.at(id)).open_gap = std::move(gap);
  VL_TRY(auto locks, index_->locks());
  for (auto& [id, lock] : locks) {
    if (!keys_.contains(id)) continue;
    lock.stream = keys_.at(id);
    streams_.at(lock.stream).locks.push_back(lock);
  }
  return {};
}

/// Opens a log and takes in what the index does not have of it.
Result<void> LogStore::add_log(LogRow row) {
  const bool is_new = row.folder.empty();
  if (is_new)
    row.folder = row.keeping == kept_log  ? "kept"
                 : row.keeping > kept_log ? fmt::format("moved-{}", row.keeping - moved_log)
                                          : fmt::format("log-{}", row.keeping);
  auto log = std::make_unique<Log>();
  log->row = row;
  log->is_slow = disks_[static_cast<std::size_t>(row.disk)].is_slow;
  KnownLog known;
  if (!is_new) {
    known = {{}, row.last_extent, row.from_group, row.durable_group, row.extent_bytes, row.log};
    VL_TRY(const auto extents, index_->extents());
    for (const auto& extent : extents) {
      if (extent.log_id != row.id) continue;
      known.extents.push_back(extent.extent);
      log->extents[extent.extent.sequence] = extent;
    }
    log->saved_extent = row.last_extent;
  }
  LogOptions options{.folder = folder_of(row),
                     .extent_bytes = extent_bytes_of(row.disk),
                     .group_bytes = options_.group_bytes};
  options.group_bytes = std::min<std::size_t>(options.group_bytes, options.extent_bytes / 4);
  auto& placed = *log;
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    logs_[row.id] = std::move(log);
  }
  FootageLog::Recovered recovered;
  auto opened = FootageLog::open(
      options, disk_, clock_, ids_, known,
      [&](LoggedGroup&& group) { return recover_group(placed, std::move(group)); }, &recovered);
  if (!opened) {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    logs_.erase(row.id);
    return fail(std::move(opened).error());
  }
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    placed.log = std::move(*opened);
    placed.row.log = placed.log->id();
    placed.row.extent_bytes = placed.log->extent_bytes();
    placed.changed = true;
    for (const auto& extent : placed.log->extents()) {
      placed.extents[extent.sequence].log_id = row.id;
      placed.extents[extent.sequence].extent = extent;
    }
    see_extents(placed);
  }
  if (recovered.torn_bytes > 0) observer_.on_torn_tail({}, recovered.torn_bytes);
  if (recovered.holes > 0 && row.keeping < kept_log)
    log::warn("recording.groups_missing",
              {{"log", row.folder}, {"places", std::to_string(recovered.holes)}});
  return {};
}

Result<void> LogStore::open_logs() {
  VL_TRY(auto rows, index_->logs());
  rebuilding_ = rows.empty();
  std::erase_if(rows, [&](const LogRow& row) {
    return row.disk < 0 || static_cast<std::size_t>(row.disk) >= disks_.size();
  });
  const auto default_keeping = keeping_of(Stream{});
  std::vector<LogRow> wanted = rows;
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    const auto disk = static_cast<int>(i);
    const auto want = [&](int keeping) {
      const auto is_it = [&](const LogRow& row) {
        return row.disk == disk && row.keeping == keeping;
      };
      if (std::ranges::none_of(wanted, is_it)) wanted.push_back({.disk = disk, .keeping = keeping});
    };
    if (!disks_[i].is_slow) want(default_keeping);
    // What lies there of an index that was lost.
    VL_TRY(const auto names, disk_.list(disks_[i].folder));
    for (const auto& name : names) {
      for (const auto& [prefix, base] : {std::pair(std::string_view("log-"), 0),
                                         std::pair(std::string_view("moved-"), moved_log)}) {
        int keeping = 0;
        if (!name.starts_with(prefix)) continue;
        const auto* end = name.data() + name.size();
        const auto parsed = std::from_chars(name.data() + prefix.size(), end, keeping);
        if (parsed.ec == std::errc{} && parsed.ptr == end && keeping >= 0 && keeping < kept_log)
          want(base + keeping);
      }
    }
    want(kept_log);
  }
  LogId next = 1;
  for (const auto& row : wanted) next = std::max(next, row.id + 1);
  for (auto& row : wanted)
    if (row.id == 0) row.id = next++;
  // Copies come last: one does not count where its fragment is still in its log. What was moved
  // may have been kept before or after.
  std::ranges::sort(wanted, {},
                    [](const LogRow& row) { return std::pair(row.keeping >= kept_log, row.id); });
  for (auto& row : wanted) VL_CHECK(add_log(std::move(row)));
  const std::lock_guard write_lock(write_);
  for (std::size_t i = 0; i < disks_.size(); ++i) allow(static_cast<int>(i));
  return {};
}

Result<void> LogStore::recover_group(Log& log, LoggedGroup&& group) {
  const bool is_new = rebuilding_ || group.number >= log.row.from_group;
  if (!is_new) group.notes = {};
  for (auto& [key, gap] : group.notes.gaps) {
    auto& stream = found_stream(key, log);
    stream.found_us = std::min(stream.found_us, gap.start_us);
    stream.gaps.push_back(std::move(gap));
  }
  if (rebuilding_) {
    for (auto& lock : group.notes.locks) {
      auto& locks = found_stream(lock.stream, log).locks;
      if (std::ranges::find(locks, lock.id, &FootageLock::id) == locks.end())
        locks.push_back(std::move(lock));
    }
    for (const auto& id : group.notes.unlocks)
      for (auto& [key, stream] : streams_)
        std::erase_if(stream.locks, [&](const FootageLock& lock) { return lock.id == id; });
  }
  for (const auto& fragment : group.fragments) {
    auto& extent = log.extents[fragment.place.extent];
    if (extent.first_us == 0 || fragment.header.start_us < extent.first_us)
      extent.first_us = fragment.header.start_us;
    extent.end_us = std::max(extent.end_us, fragment.header.end_us);
    if (is_new) VL_CHECK(recover_fragment(log, fragment, group.number));
  }
  if (found_minutes_ < most_found_minutes) return {};
  return save_found(false);
}

LogStore::Stream& LogStore::found_stream(const StreamKey& key, const Log& log) {
  if (auto* stream = known(key)) return *stream;
  auto& stream = put_stream(key, next_stream_id_);
  stream.log_id = log.row.id;
  stream.changed = true;
  return stream;
}

/// Whether it is found elsewhere.
Result<bool> LogStore::is_held(const FragmentId& id) const {
  const auto* stream = known(id.stream);
  if (stream == nullptr) return false;
  const auto holds = [&](const MinuteRow& row) {
    return row.first_sequence <= id.sequence && id.sequence < row.end_sequence() &&
           is_live(row, id.sequence - row.first_sequence);
  };
  if (std::ranges::any_of(stream->minutes, holds)) return true;
  VL_TRY(const auto rows, reader_->holding(stream->id, id.sequence));
  return std::ranges::any_of(rows, holds);
}

Result<void> LogStore::recover_fragment(Log& log, const LoggedFragment& fragment,
                                        std::uint64_t group) {
  const auto& header = fragment.header;
  auto& stream = found_stream(header.id.stream, log);
  if (log.has_copies()) {
    VL_TRY(const bool held, is_held(header.id));
    if (held) return {};
  } else if (!rebuilding_ && header.id.sequence < stream.next_indexed) {
    return {};
  }
  const auto before = stream.minutes.size();
  add_to_minutes(stream, log, fragment, group);
  found_minutes_ += stream.minutes.size() - before;
  stream.found_us = std::min(stream.found_us, header.start_us);
  if (header.id.sequence < stream.durable.next_sequence) return {};
  stream.durable = {header.id.sequence + 1, header.chain};
  stream.durable_end_us = stream.end_us = header.end_us;
  if (!log.has_copies()) stream.log_id = log.row.id;
  return {};
}

/// Once all that was found is in the index: gaps that were open end where footage goes on, and
/// holes that nobody explained are told. Fragments and notes may have come from several logs, so
/// that neither can be seen before.
Result<void> LogStore::recover_gaps(Stream& stream) {
  if (stream.key.kind == StreamKind::fetched) return {};
  constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();
  auto since_us = stream.found_us;
  if (stream.open_gap) since_us = std::min(since_us, stream.open_gap->start_us);
  if (since_us == for_ever) return {};
  VL_TRY(const auto rows, reader_->overlapping(stream.id, since_us - 2 * most_minute_us, for_ever,
                                               most_minutes_looked_at));
  VL_TRY(auto gaps,
         reader_->gaps(stream.id, since_us - 2 * most_minute_us, for_ever, most_minutes_looked_at));
  std::vector<Gap> settled;
  stream.open_gap.reset();
  for (auto gap = gaps.begin(); gap != gaps.end(); ++gap) {
    if (gap->end_us) continue;
    auto end_us = std::next(gap) == gaps.end() ? for_ever : std::next(gap)->start_us;
    for (const auto& row : rows)
      if (row.end_us > gap->start_us && row.start_us < end_us)
        end_us = std::max(row.start_us, gap->start_us);
    if (end_us == for_ever) {
      stream.open_gap = *gap;
    } else {
      gap->end_us = end_us;
      settled.push_back(*gap);
    }
  }
  const auto explain = [&](std::int64_t from_us, std::int64_t to_us) {
    const auto hole = [&](std::int64_t until_us) {
      if (until_us - from_us > told_us)
        settled.push_back(
            {from_us, until_us, GapCause::unexplained, "found at start-up after a crash"});
    };
    for (const auto& gap : gaps) {
      if (gap.start_us >= to_us) break;
      const auto end_us = gap.end_us.value_or(to_us);
      if (end_us <= from_us) continue;
      hole(gap.start_us);
      from_us = std::max(from_us, end_us);
    }
    hole(to_us);
  };
  for (std::size_t i = 1; i < rows.size(); ++i)
    if (rows[i].first_sequence == rows[i - 1].end_sequence() &&
        rows[i].start_us - rows[i - 1].end_us >= hole_us)
      explain(rows[i - 1].end_us, rows[i].start_us);
  // Notes of gaps may have gone with the extents they lay in, when only the index had them still.
  if (!rows.empty() && !gaps.empty() && gaps.back().start_us > rows.back().end_us)
    explain(rows.back().end_us, gaps.back().start_us);
  if (settled.empty()) return {};
  return index_->transact([&]() -> Result<void> {
    for (const auto& gap : settled) VL_CHECK(index_->put_gap(stream.id, gap));
    return {};
  });
}

/// Into the index, while there is more to come or at the end.
Result<void> LogStore::save_found(bool all) {
  std::vector<std::pair<Stream*, std::size_t>> saved;
  VL_CHECK(index_->transact([&]() -> Result<void> {
    for (auto& [key, stream] : streams_) {
      auto count = stream.minutes.size();
      if (!all && count > 0) --count;
      if (count == 0 && stream.gaps.empty() && !stream.changed) continue;
      for (std::size_t i = 0; i < count; ++i) {
        const auto& minute = stream.minutes[i];
        VL_CHECK(index_->put_minute(minute));
        stream.indexed_bytes += minute.bytes;
        stream.next_indexed = std::max(stream.next_indexed, minute.end_sequence());
      }
      for (const auto& gap : stream.gaps) VL_CHECK(index_->put_gap(stream.id, gap));
      for (const auto& lock : rebuilding_ ? stream.locks : std::vector<FootageLock>{})
        VL_CHECK(index_->put_lock(stream.id, lock));
      VL_CHECK(index_->put_stream(row_of(stream)));
      saved.emplace_back(&stream, count);
    }
    return {};
  }));
  for (const auto& [stream, count] : saved) {
    stream->minutes.erase(stream->minutes.begin(),
                          stream->minutes.begin() + static_cast<std::ptrdiff_t>(count));
    stream->gaps.clear();
  }
  found_minutes_ = 0;
  return {};
}

Result<void> LogStore::finish_recovery() {
  // What was read on is there, but perhaps not durable: a kill leaves it to the system.
  for (auto& [id, log] : logs_) VL_CHECK(log->log->sync());
  for (auto& [key, stream] : streams_) stream.is_open = false;
  VL_CHECK(save_found(true));
  for (auto& [key, stream] : streams_) VL_CHECK(recover_gaps(stream));
  const std::lock_guard write_lock(write_);
  for (auto& [key, stream] : streams_) {
    if (!logs_.contains(stream.log_id) || log_of(stream.log_id).has_copies() ||
        log_of(stream.log_id).is_slow) {
      const auto disk = disk_for_new_stream();
      stream.log_id = main_log(disk, keeping_of(stream))->row.id;
      stream.changed = true;
    }
    auto& log = log_of(stream.log_id);
    ++disks_[static_cast<std::size_t>(log.row.disk)].streams;
    log.log->continue_stream(key, stream.durable);
    if (stream.end_us == 0 || stream.open_gap || key.kind == StreamKind::fetched) continue;
    // One that has ended is not opened again.
    VL_TRY(const auto ended,
           reader_->gaps(stream.id, stream.end_us - span_hole_us,
                         std::numeric_limits<std::int64_t>::max(), most_minutes_looked_at));
    for (const auto& gap : ended) {
      stream.ended_from_us = gap.start_us;
      stream.ended_until_us = gap.end_us.value_or(gap.start_us);
    }
    put_open_gap(stream, {stream.end_us, std::nullopt, GapCause::recorder_down, ""});
  }
  VL_CHECK(save_found(true));
  VL_CHECK(index_->transact([&]() -> Result<void> {
    for (auto& [id, log] : logs_) {
      log->row.from_group = log->log->durable().next_group;
      log->row.durable_group = log->row.from_group - 1;
      for (const auto& extent : log->log->settled(log->saved_extent)) {
        auto& row = log->extents[extent.sequence];
        row.log_id = id;
        row.extent = extent;
        VL_CHECK(index_->put_extent(row));
        log->row.last_extent = log->saved_extent = extent.sequence;
      }
      VL_CHECK(index_->put_log(log->row));
    }
    return {};
  }));
  for (auto& [key, stream] : streams_) stream.changed = false;
  for (auto& [id, log] : logs_) log->changed = false;
  return {};
}

/// What only the locks know, once all of them are there.
Result<void> LogStore::recover_locks() {
  if (std::exchange(rebuilding_, false))
    VL_CHECK(index_->transact([&]() -> Result<void> {
      for (auto& [key, stream] : streams_)
        VL_CHECK(keep_only_locked(stream, 0, std::numeric_limits<std::int64_t>::max()));
      return {};
    }));
  for (auto& [key, stream] : streams_) {
    if (ruler_of(stream).locks.empty()) continue;
    VL_TRY(stream.locked_bytes, count_locked(stream, 0));
    stream.locked_counted_us = stream.end_us;
  }
  return {};
}

}  // namespace vl::recording
