// Keeping: locks and retention. What is beyond its retention is no longer found; its room is free
// when all of its extent may be given up (log_store_room.cpp).
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "log_store.hpp"

namespace vl::recording {

namespace {
constexpr std::size_t most_locks = 100'000;
constexpr std::size_t most_reason_bytes = 200;
constexpr int most_minutes_at_once = 16;
constexpr int most_rounds = 1000;
constexpr std::size_t most_minutes = 1'000'000;
}  // namespace

bool LogStore::is_locked(const Stream& stream, std::int64_t from_us, std::int64_t to_us) const {
  return std::ranges::any_of(ruler_of(stream).locks, [&](const FootageLock& lock) {
    return lock.from_us <= to_us && lock.to_us > from_us;
  });
}

/// What of a minute is locked.
std::vector<MinuteRow> LogStore::parts_locked(const Stream& stream, const MinuteRow& row) const {
  std::vector<MinuteRow> out;
  if (!is_locked(stream, row.start_us, row.end_us)) return out;
  std::size_t from = 0;
  for (std::size_t i = 0; i <= row.entries.size(); ++i) {
    const bool locked = i < row.entries.size() && [&] {
      const auto ref = row.ref(stream.key, i);
      return is_locked(stream, ref.start_us, ref.end_us);
    }();
    if (locked) continue;
    if (i > from) {
      out.push_back(row.part(from, i - from));
      out.back().is_kept = true;
    }
    from = i + 1;
  }
  return out;
}

/// Bytes of the stream's locked fragments that begin at `from_us` or later.
Result<std::uint64_t> LogStore::count_locked(const Stream& stream, std::int64_t from_us) const {
  std::map<std::uint64_t, std::uint32_t> found;
  const auto locks = [&] {
    const std::lock_guard state(state_);
    return ruler_of(stream).locks;
  }();
  for (const auto& lock : locks) {
    VL_TRY(const auto rows, minutes_between(stream.key, std::max(lock.from_us, from_us) - 1,
                                            lock.to_us, most_minutes, true));
    const std::lock_guard state(state_);
    for (const auto& row : rows)
      for (std::size_t i = 0; i < row.entries.size(); ++i) {
        const auto ref = row.ref(stream.key, i);
        if (ref.start_us >= from_us && lock.from_us <= ref.end_us && lock.to_us > ref.start_us &&
            is_live(row, i))
          found[ref.id.sequence] = ref.bytes;
      }
  }
  std::uint64_t out = 0;
  for (const auto& [sequence, bytes] : found) out += bytes;
  return out;
}

/// Into the log of what is kept, from where they are found again without the index.
Result<void> LogStore::note_locks(const std::vector<FootageLock>& taken,
                                  const std::vector<LockId>& off) {
  constexpr std::size_t at_once = 4000;
  auto* kept = kept_of(0);
  {
    const std::lock_guard write_lock(write_);
    allow(0);
  }
  for (std::size_t i = 0; i < std::max(taken.size(), off.size()); ++i) {
    if (i < taken.size()) kept->log->note(taken[i]);
    if (i < off.size()) kept->log->note(off[i]);
    if ((i + 1) % at_once != 0 && i + 1 < std::max(taken.size(), off.size())) continue;
    if (auto written = kept->log->write(); !written) {
      (void)kept->log->drop();
      return fail(std::move(written).error());
    }
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    see_extents(*kept);
  }
  return kept->log->sync();
}

Result<FootageLock> LogStore::lock(const StreamKey& key, std::int64_t from_us, std::int64_t to_us,
                                   std::string reason) {
  if (to_us <= from_us)
    return fail(RecordingError::invalid, "a lock's end must be after its start", "to_us");
  if (reason.empty() || reason.size() > most_reason_bytes)
    return fail(RecordingError::invalid, "a lock needs a reason of 1 to 200 bytes", "reason");
  const std::lock_guard slow(slow_);
  VL_TRY(const auto all, locks());
  if (all.size() >= most_locks)
    return fail(RecordingError::invalid, fmt::format("more than {} locks", most_locks));
  FootageLock lock{LockId{ids_.next()}, key, from_us, to_us, std::move(reason), clock_.wall().us};
  Stream* stream = nullptr;
  StreamRow row;
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    stream = &stream_of(key);
    stream->locks.push_back(lock);
    row = row_of(*stream);
  }
  auto done = index_->transact([&]() -> Result<void> {
    VL_CHECK(index_->put_stream(row));
    return index_->put_lock(row.id, lock);
  });
  if (!done) {
    const std::lock_guard state(state_);
    stream->locks.pop_back();
    return fail(std::move(done).error());
  }
  (void)note_locks({lock}, {});  // the index has it; a full disk must not stand in its way
  VL_CHECK(recount_locked(*stream));
  return lock;
}

/// Of the stream and of what was fetched of it.
Result<void> LogStore::recount_locked(Stream& stream) {
  for (auto* one : {&stream, fetched_of(stream)}) {
    if (one == nullptr) continue;
    const auto until_us = end_us(one->key).value_or(0);
    VL_TRY(const auto bytes, count_locked(*one, 0));
    const std::lock_guard state(state_);
    one->locked_bytes = bytes;
    one->locked_counted_us = until_us;
  }
  return {};
}

LogStore::Stream* LogStore::fetched_of(const Stream& stream) {
  const std::lock_guard state(state_);
  if (stream.key.kind != StreamKind::main) return nullptr;
  return known({stream.key.camera, StreamKind::fetched});
}

/// Minutes that were only kept for a lock of this time, as far as no other lock holds them.
Result<void> LogStore::keep_only_locked(Stream& stream, std::int64_t from_us, std::int64_t to_us) {
  VL_TRY(const auto rows, reader_->overlapping(stream.id, from_us - 1, to_us, most_minutes));
  for (const auto& row : rows) {
    if (!row.is_kept) continue;
    std::vector<MinuteRow> parts;
    {
      const std::lock_guard state(state_);
      parts = parts_locked(stream, row);
    }
    std::uint64_t left = 0;
    for (const auto& part : parts) left += part.bytes;
    if (left == row.bytes) continue;
    VL_CHECK(index_->remove_minute(row.id));
    for (const auto& part : parts) VL_CHECK(index_->put_minute(part));
    const std::lock_guard state(state_);
    stream.indexed_bytes -= std::min(stream.indexed_bytes, row.bytes - left);
  }
  return {};
}

Result<void> LogStore::unlock(const LockId& id) {
  const std::lock_guard slow(slow_);
  Stream* stream = nullptr;
  FootageLock lock;
  {
    const std::lock_guard state(state_);
    for (auto& [key, one] : streams_) {
      const auto found = std::ranges::find(one.locks, id, &FootageLock::id);
      if (found == one.locks.end()) continue;
      lock = *found;
      stream = &one;
      one.locks.erase(found);
      break;
    }
  }
  if (stream == nullptr) return fail(RecordingError::not_found, "no such lock", "id");
  auto done = index_->transact([&]() -> Result<void> {
    VL_CHECK(index_->remove_lock(id));
    if (auto* fetched = fetched_of(*stream))
      VL_CHECK(keep_only_locked(*fetched, lock.from_us, lock.to_us));
    return keep_only_locked(*stream, lock.from_us, lock.to_us);
  });
  if (!done) {
    const std::lock_guard state(state_);
    stream->locks.push_back(lock);
    return done;
  }
  (void)note_locks({}, {id});
  return recount_locked(*stream);
}

Result<std::vector<FootageLock>> LogStore::locks() const {
  const std::lock_guard state(state_);
  std::vector<FootageLock> out;
  for (const auto& [key, stream] : streams_)
    out.insert(out.end(), stream.locks.begin(), stream.locks.end());
  std::ranges::sort(out, {}, [](const FootageLock& l) { return std::pair(l.created_us, l.id); });
  return out;
}

Result<void> LogStore::set_retention(const StreamKey& key, const Retention& retention) {
  const std::lock_guard slow(slow_);
  StreamRow row;
  int keeping = 0;
  int disk = 0;
  {
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    auto& stream = stream_of(key);
    stream.retention = retention;
    row = row_of(stream);
    keeping = keeping_of(stream);
    disk = log_of(stream.log_id).row.disk;
  }
  VL_CHECK(index_->transact([&] { return index_->put_stream(row); }));
  if (main_log(disk, keeping)->row.keeping == keeping) return {};
  VL_CHECK(add_log({.id = logs_.rbegin()->first + 1, .disk = disk, .keeping = keeping}));
  const std::lock_guard write_lock(write_);
  allow(disk);
  return {};
}

Result<std::uint64_t> LogStore::reclaim() {
  const std::lock_guard slow(slow_);
  std::vector<Stream*> streams;
  {
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) streams.push_back(&stream);
  }
  std::uint64_t freed = 0;
  VL_CHECK(index_->transact([&]() -> Result<void> {
    for (auto* stream : streams)
      for (int i = 0; i < most_rounds; ++i) {
        VL_TRY(const bool more, expire(*stream, freed));
        if (!more) break;
      }
    return {};
  }));
  VL_CHECK(release_expired(false));
  VL_CHECK(release_unused_kept(false));
  VL_TRY(const auto for_room, release_surplus(false));
  freed += for_room;
  restore_ballast();
  std::int64_t oldest_us = 0;
  for (auto* stream : streams) {
    VL_TRY(const auto first_us, reader_->oldest_us(stream->id));
    const auto take = [&](std::int64_t us) {
      if (us != 0 && (oldest_us == 0 || us < oldest_us)) oldest_us = us;
    };
    take(first_us);
    {
      const std::lock_guard state(state_);
      for (const auto& minute : stream->minutes) take(minute.start_us);
    }
    const auto counted_us = stream->locked_counted_us;
    const bool grows = [&] {
      const std::lock_guard state(state_);
      return std::ranges::any_of(ruler_of(*stream).locks,
                                 [&](const FootageLock& lock) { return lock.to_us > counted_us; });
    }();
    if (!grows) continue;
    if (stream->key.kind == StreamKind::fetched) {
      if (counted_us == 0) VL_CHECK(recount_locked(*stream));
      continue;
    }
    const auto until_us = end_us(stream->key).value_or(0);
    VL_TRY(const auto more, count_locked(*stream, counted_us));
    const std::lock_guard state(state_);
    stream->locked_bytes += more;
    stream->locked_counted_us = until_us;
  }
  if (oldest_us != 0)
    VL_CHECK(index_->transact([&] { return index_->remove_gaps_before(oldest_us); }));
  {
    const std::lock_guard state(state_);
    oldest_us_ = oldest_us;
  }
  const auto now = usage();
  std::uint64_t room = 0;
  std::unique_lock write_lock(write_);
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    const auto disk = static_cast<int>(i);
    if (!disks_[i].is_slow) room += most_files(disk) * extent_bytes_of(disk);
  }
  write_lock.unlock();
  {
    const std::lock_guard state(state_);
    for (const auto& disk : disks_) room += disk.room_bytes;
  }
  const bool mostly_locked =
      room > 0 &&
      now.locked_bytes * 100 > room * static_cast<std::uint64_t>(options_.most_locked_percent);
  if (mostly_locked && !told_mostly_locked_) observer_.on_mostly_locked(now);
  told_mostly_locked_ = mostly_locked;
  return freed;
}

/// The stream's oldest minutes that are beyond its retention. True: there may be more.
Result<bool> LogStore::expire(Stream& stream, std::uint64_t& freed) {
  const auto retention = [&] {
    const std::lock_guard state(state_);
    return retention_of(stream);
  }();
  if (!retention.most_age_s && !retention.most_bytes) return false;
  const auto oldest_kept_us = retention.most_age_s
                                  ? clock_.wall().us - *retention.most_age_s * 1'000'000
                                  : std::numeric_limits<std::int64_t>::min();
  std::uint64_t stored = 0;
  std::optional<std::int64_t> companion_id;
  {
    const std::lock_guard state(state_);
    stored = stream.stored_bytes();
    if (const auto* companion = companion_of(stream)) {
      stored += companion->stored_bytes();
      companion_id = companion->id;
    }
  }
  auto others_from_us = std::numeric_limits<std::int64_t>::max();
  if (companion_id && retention.most_bytes && stored > *retention.most_bytes) {
    VL_TRY(const auto oldest, index_->oldest_unlocked(*companion_id, 1));
    if (!oldest.empty()) others_from_us = oldest.front().start_us;
  }
  // One is enough to see that there is nothing to do.
  for (const int most : {1, most_minutes_at_once}) {
    VL_TRY(const auto rows, index_->oldest_unlocked(stream.id, most));
    std::size_t gone = 0;
    for (const auto& row : rows) {
      // The oldest of both goes first.
      const bool too_much =
          retention.most_bytes && stored > *retention.most_bytes && row.start_us <= others_from_us;
      if (row.end_us >= oldest_kept_us && !too_much) return false;
      if (most == 1) break;
      std::vector<MinuteRow> parts;
      {
        const std::lock_guard state(state_);
        parts = parts_locked(stream, row);
      }
      std::uint64_t left = 0;
      VL_CHECK(index_->remove_minute(row.id));
      for (const auto& part : parts) {
        left += part.bytes;
        VL_CHECK(index_->put_minute(part));
      }
      stored -= std::min(stored, row.bytes - left);
      freed += row.bytes - left;
      ++gone;
      observer_.on_reclaimed(stream.key, row.bytes - left, row.end_us, false);
      const std::lock_guard state(state_);
      stream.indexed_bytes -= std::min(stream.indexed_bytes, row.bytes - left);
      stream.changed = true;
    }
    if (rows.empty()) return false;
    if (most > 1) return gone == rows.size();
  }
  return false;
}

}  // namespace vl::recording
