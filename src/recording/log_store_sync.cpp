// Making durable: one sync for all streams of a log, and the index after it.
//
// The index follows only what is durable, so that it never names what a crash takes away.
#include <algorithm>
#include <utility>

#include "log_store.hpp"

namespace vl::recording {

namespace {
/// A minute that has not grown for so long is over.
constexpr std::int64_t idle_minute_us = 120'000'000;
/// Minutes wait for each other a little, so that they share a transaction.
constexpr std::size_t many_minutes = 64;
constexpr std::int64_t index_interval_us = 1'000'000;
}  // namespace

Result<SyncOutcome> LogStore::sync() {
  const std::lock_guard slow(slow_);
  return sync_all();
}

Result<SyncOutcome> LogStore::sync_all() {
  SyncOutcome outcome = std::exchange(carried_, {});
  for (auto& [id, log] : logs_) {
    if (log->has_copies() || log->is_slow) continue;  // synced when something is moved there
    if (auto written = write_all(*log); !written) {
      const std::lock_guard write_lock(write_);
      lose_unwritten(*log, written.error());
    }
    sync_written(*log, outcome);
  }
  {
    const std::lock_guard write_lock(write_);
    outcome.lost.insert(outcome.lost.end(), lost_.begin(), lost_.end());
    lost_.clear();
  }
  VL_CHECK(write_index());
  return outcome;
}

/// What lies in memory, if need be into an extent that is given up for it.
Result<void> LogStore::write_all(Log& log) {
  for (int attempt = 0;; ++attempt) {
    {
      const std::lock_guard write_lock(write_);
      auto written = write_group(log);
      if (written || attempt > 0 || written.error().code != code_of(RecordingError::disk_full))
        return written;
    }
    (void)make_room(log);
  }
}

void LogStore::sync_written(Log& log, SyncOutcome& outcome) {
  FootageLog::Syncing syncing;
  std::size_t notes = 0;
  {
    const std::lock_guard write_lock(write_);
    if (!log.log->needs_sync()) return;
    syncing = log.log->begin_sync();
    notes = log.written_notes.size();
  }
  auto synced = log.log->sync_files(syncing);
  if (!synced) tell_refused(synced.error());
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  if (!synced) {
    avoid(log);
    take_back(log, std::move(syncing), synced.error(), outcome);
    return;
  }
  took_hold(syncing.end, outcome);
  log.log->end_sync(std::move(syncing), true);
  log.written_notes.erase(log.written_notes.begin(),
                          log.written_notes.begin() + static_cast<std::ptrdiff_t>(notes));
}

/// Everything up to `end` is durable.
void LogStore::took_hold(const FootageLog::End& end, SyncOutcome& outcome) {
  for (const auto& [key, chain] : end.chains) {
    auto* stream = known(key);
    if (stream == nullptr || chain.next_sequence <= stream->durable.next_sequence) continue;
    for (auto minute = stream->minutes.rbegin(); minute != stream->minutes.rend(); ++minute) {
      if (minute->end_sequence() <= stream->durable.next_sequence) break;
      const auto first = std::max(minute->first_sequence, stream->durable.next_sequence);
      for (auto sequence = first; sequence < std::min(minute->end_sequence(), chain.next_sequence);
           ++sequence) {
        const auto i = sequence - minute->first_sequence;
        ++outcome.fragments;
        outcome.bytes += minute->entries[i].bytes;
        stream->durable_end_us = std::max(stream->durable_end_us, minute->ref(key, i).end_us);
      }
    }
    stream->durable = chain;
  }
}

/// After a failed sync: what was written since the last one was never acknowledged and may be
/// there or not. It is taken out, and the chains go on from what is durable.
void LogStore::take_back(Log& log, FootageLog::Syncing&& syncing, const Error& error,
                         SyncOutcome& outcome) {
  Lost lost;
  for (auto& [key, stream] : streams_) {
    if (stream.log_id != log.row.id) continue;
    const auto next = log.log->next_sequence(key);
    for (auto sequence = stream.durable.next_sequence; sequence < next; ++sequence)
      outcome.lost.push_back({key, sequence});
    if (next <= stream.durable.next_sequence) continue;
    auto from_us = stream.taken_us;
    while (!stream.minutes.empty() &&
           stream.minutes.back().end_sequence() > stream.durable.next_sequence) {
      auto& minute = stream.minutes.back();
      const auto left = stream.durable.next_sequence > minute.first_sequence
                            ? stream.durable.next_sequence - minute.first_sequence
                            : 0;
      from_us = minute.ref(key, left).start_us;
      if (left == 0)
        stream.minutes.pop_back();
      else
        minute = minute.part(0, left);
      stream.is_open = false;
    }
    stream.end_us = stream.durable_end_us;
    lost[key] = from_us;
  }
  log.log->end_sync(std::move(syncing), false);
  see_extents(log);
  log.notes.insert(log.notes.begin(), log.written_notes.begin(), log.written_notes.end());
  log.written_notes.clear();
  lose(lost, error);
}

StreamRow LogStore::row_of(const Stream& stream) const {
  return {stream.id,
          stream.key,
          stream.log_id,
          stream.next_indexed,
          stream.durable.next_sequence - 1,
          stream.durable.hash,
          stream.durable_end_us,
          stream.indexed_bytes,
          stream.retention};
}

Result<void> LogStore::write_index() {
  struct Saving {
    Stream* stream = nullptr;
    StreamRow row;
    std::vector<MinuteRow> minutes;
    std::vector<Gap> gaps;
  };
  std::vector<Saving> saving;
  std::map<LogId, std::uint64_t> from_groups;  // where to read on from after a crash
  std::vector<std::pair<Log*, std::vector<ExtentRow>>> extents;
  std::vector<LogRow> log_rows;
  std::size_t minutes = 0;
  bool urgent = false;
  const auto now = clock_.mono();
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    for (const auto& [id, log] : logs_)
      if (!log->is_slow) from_groups[id] = log->log->durable().next_group;
    for (auto& [key, stream] : streams_) {
      if (stream.is_open && now.us - stream.touched.us > idle_minute_us) stream.is_open = false;
      Saving one;
      one.stream = &stream;
      for (const auto& minute : stream.minutes) {
        const bool is_last = &minute == &stream.minutes.back();
        if ((is_last && stream.is_open) || minute.end_sequence() > stream.durable.next_sequence)
          break;
        one.minutes.push_back(minute);
      }
      for (auto i = one.minutes.size(); i < stream.minutes.size(); ++i) {
        auto& from = from_groups[stream.minutes[i].log_id];
        from = std::min(from, stream.minutes[i].first_group);
      }
      one.gaps = stream.gaps;
      if (one.minutes.empty() && one.gaps.empty() && !stream.changed) continue;
      minutes += one.minutes.size();
      urgent |= !one.gaps.empty() || stream.changed;
      saving.push_back(std::move(one));
    }
    for (auto& [id, log] : logs_) {
      if (log->is_slow) continue;  // whoever moves footage there
      std::vector<ExtentRow> fresh;
      for (const auto& extent : log->log->settled(log->saved_extent)) {
        auto row = log->extents[extent.sequence];
        row.log_id = id;
        row.extent = extent;
        fresh.push_back(row);
      }
      urgent |= !fresh.empty() || log->changed;
      if (!fresh.empty()) extents.emplace_back(log.get(), std::move(fresh));
    }
    if (!urgent && (minutes == 0 ||
                    (minutes < many_minutes && now.us - index_written_.us < index_interval_us)))
      return {};
    for (auto& [id, log] : logs_) {
      if (log->is_slow) continue;
      auto row = log->row;
      row.from_group = from_groups[id];
      row.durable_group = log->log->durable().next_group - 1;
      for (const auto& [owner, fresh] : extents)
        if (owner == log.get()) row.last_extent = fresh.back().extent.sequence;
      log_rows.push_back(std::move(row));
    }
    for (auto& one : saving) {
      one.row = row_of(*one.stream);
      for (const auto& minute : one.minutes) {
        one.row.stored_bytes += minute.bytes;
        one.row.next_sequence = std::max(one.row.next_sequence, minute.end_sequence());
      }
    }
  }
  VL_CHECK(index_->transact([&]() -> Result<void> {
    for (const auto& one : saving) {
      VL_CHECK(index_->put_stream(one.row));
      for (const auto& minute : one.minutes) VL_CHECK(index_->put_minute(minute));
      for (const auto& gap : one.gaps) VL_CHECK(index_->put_gap(one.row.id, gap));
    }
    for (const auto& [log, fresh] : extents)
      for (const auto& extent : fresh) VL_CHECK(index_->put_extent(extent));
    for (const auto& row : log_rows) VL_CHECK(index_->put_log(row));
    return {};
  }));
  index_written_ = now;
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  for (auto& one : saving) {
    auto& stream = *one.stream;
    stream.minutes.erase(stream.minutes.begin(),
                         stream.minutes.begin() + static_cast<std::ptrdiff_t>(one.minutes.size()));
    if (stream.minutes.empty()) stream.is_open = false;
    stream.gaps.erase(stream.gaps.begin(),
                      stream.gaps.begin() + static_cast<std::ptrdiff_t>(one.gaps.size()));
    stream.indexed_bytes = one.row.stored_bytes;
    stream.next_indexed = one.row.next_sequence;
    stream.changed = false;
  }
  for (const auto& row : log_rows) {
    auto& log = log_of(row.id);
    log.row = row;
    log.changed = false;
    log.saved_extent = std::max(log.saved_extent, row.last_extent);
  }
  return {};
}

}  // namespace vl::recording
