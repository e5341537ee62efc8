// Room: which extents are given up, and what is locked in them moved out before.
//
// Order of giving up an extent, so that a crash between any two steps leaves the index true:
//   1. what is locked in it is copied into the log of what is kept, synced;
//   2. one transaction: its minutes and its row go, the copies' come;
//   3. zeros are written over its head; the file is free.
// A crash before 2 leaves copies that start-up passes over; before 3, an extent that the index
// no longer knows and start-up frees.
//
// One file is always left for what is kept: without it nothing locked could be moved, and nothing
// given up.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>

#include "log_store.hpp"

namespace vl::recording {

namespace {
constexpr std::uint64_t fewest_files = 3;
constexpr std::uint64_t smallest_extent = 8ULL << 20;
constexpr std::uint64_t room_in_extents = 64;
/// Held in memory whole when it is sent.
constexpr std::uint64_t most_archive_extent = 64ULL << 20;
constexpr int most_extents_at_once = 100'000;
}  // namespace

std::uint64_t LogStore::extent_bytes_of(int disk) const {
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk) return log->log->extent_bytes();
  if (options_.extent_bytes != 0)
    return std::min(whole_blocks(options_.extent_bytes), most_extent_bytes);
  const auto& place = disks_[static_cast<std::size_t>(disk)];
  const auto free = disk_.free_bytes(place.folder).value_or(0);
  const auto room =
      place.most_bytes != 0 ? place.most_bytes : free - std::min(free, place.reserve_bytes);
  const auto most = place.tier == Tier::archive ? most_archive_extent : most_extent_bytes;
  return whole_blocks(std::clamp(room / room_in_extents, smallest_extent, most));
}

LogStore::Log* LogStore::kept_of(int disk) {
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk && log->is_kept()) return log.get();
  return nullptr;
}

/// How many files the disk may hold, of all its logs.
std::uint64_t LogStore::most_files(int disk) const {
  const auto& place = disks_[static_cast<std::size_t>(disk)];
  const auto bytes = extent_bytes_of(disk);
  std::uint64_t files = 0;
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk) files += log->log->extents().size() + log->log->free_files();
  const auto free = disk_.free_bytes(place.folder).value_or(0);
  auto most = free >= place.reserve_bytes
                  ? files + (free - place.reserve_bytes) / bytes
                  : files - std::min(files, (place.reserve_bytes - free + bytes - 1) / bytes);
  if (place.most_bytes != 0) most = std::min(most, place.most_bytes / bytes);
  return std::max(most, fewest_files);
}

/// Files that the disk may still take; below 0: so many too many.
std::int64_t LogStore::spare_files(int disk) const {
  auto out = static_cast<std::int64_t>(most_files(disk));
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk)
      out -= static_cast<std::int64_t>(log->log->extents().size() + log->log->free_files());
  return out;
}

/// How many files each log may make by itself until it is asked again. What is kept may always
/// have one, also where the disk holds more than it may since its room was made less: otherwise
/// nothing that holds something locked could ever be given up again.
void LogStore::allow(int disk) {
  const auto spare = std::max<std::int64_t>(spare_files(disk), 0);
  auto* kept = kept_of(disk);
  const std::int64_t for_kept = kept->log->free_files() == 0 ? 1 : 0;
  const auto free_bytes = disk_.free_bytes(disks_[static_cast<std::size_t>(disk)].folder);
  const bool has_room = free_bytes.value_or(0) > extent_bytes_of(disk);
  std::int64_t logs = 0;
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk && !log->is_kept()) ++logs;
  const auto for_each =
      std::max<std::int64_t>(spare - for_kept, 0) / std::max<std::int64_t>(logs, 1);
  for (const auto& [id, log] : logs_) {
    if (log->row.disk != disk) continue;
    log->log->set_may_make(static_cast<std::size_t>(
        log->is_kept() ? std::min<std::int64_t>(has_room ? for_kept : spare, 1) : for_each));
  }
}

/// What keeps append() away from a log; nobody appends to those of a slow disk.
std::unique_lock<std::mutex> LogStore::writing(const Log& log) const {
  return log.is_slow ? std::unique_lock<std::mutex>() : std::unique_lock(write_);
}

/// A file for this log to go on in, if the oldest footage of the disk must be given up for it.
Result<void> LogStore::make_room(Log& log) {
  const auto disk = log.row.disk;
  give_up_ballast();
  bool settled = false;
  for (int i = 0; i < most_extents_at_once; ++i) {
    {
      const auto write_lock = writing(log);
      share_free_files(log);
      if (log.log->can_begin()) return {};
    }
    VL_TRY(const bool released, release_oldest(disk));
    if (released) continue;
    if (settled) break;
    // All that is unlocked lies in extents still being written: close them and look again.
    VL_CHECK(settle(disk));
    settled = true;
  }
  return fail(RecordingError::disk_full, "all extents hold footage that is locked");
}

/// Free files go to the log of what is kept first, then to the one that asks.
void LogStore::share_free_files(Log& log) {
  const auto disk = log.row.disk;
  auto* kept = kept_of(disk);
  const auto take_one = [&](const Log* but) {
    for (const auto& [id, other] : logs_) {
      if (other->row.disk != disk || other.get() == but || other->is_kept()) continue;
      if (other->log->free_files() > 0) return other->log->remove_free_file().has_value();
    }
    return false;
  };
  const auto lacks = [&] { return kept->log->free_files() == 0 && spare_files(disk) < 1; };
  while (lacks() && take_one(nullptr)) {
  }
  allow(disk);
  if (log.log->can_begin() || !take_one(&log)) return;
  allow(disk);
}

/// Closes what is being written on this disk and makes it durable, so that it may be given up.
Result<void> LogStore::settle(int disk) {
  for (const auto& [id, log] : logs_) {
    if (log->row.disk != disk || log->is_kept()) continue;
    {
      const auto write_lock = writing(*log);
      log->log->close_extent();
    }
    if (!log->is_slow) {
      sync_written(*log, carried_);
      continue;
    }
    VL_CHECK(log->log->sync());
    VL_CHECK(index_->transact([&] { return save_log(*log); }));
  }
  return write_index();
}

/// Of the log whose first extent is the oldest; not those that the index does not have yet.
std::vector<std::uint64_t> LogStore::oldest_extents(int disk, std::size_t most, Log*& of) const {
  std::int64_t first_us = std::numeric_limits<std::int64_t>::max();
  of = nullptr;
  for (const auto& [id, log] : logs_) {
    if (log->row.disk != disk || log->is_kept() || log->extents.empty()) continue;
    const auto& [sequence, extent] = *log->extents.begin();
    if (sequence > log->saved_extent || extent.first_us >= first_us) continue;
    first_us = extent.first_us;
    of = log.get();
  }
  std::vector<std::uint64_t> out;
  if (of == nullptr) return out;
  for (const auto& [sequence, extent] : of->extents) {
    if (sequence > of->saved_extent || out.size() == most) break;
    out.push_back(sequence);
  }
  return out;
}

Result<bool> LogStore::release_oldest(int disk) {
  Log* log = nullptr;
  std::vector<std::uint64_t> extents;
  {
    const std::lock_guard state(state_);
    extents = oldest_extents(disk, 1, log);
  }
  if (extents.empty()) return false;
  VL_CHECK(release(*log, extents.front(), true));
  return true;
}

/// The fragments in an extent that a lock holds.
Result<std::vector<LogStore::Locked>> LogStore::locked_in(const Log& log,
                                                          const ExtentRow& extent) const {
  std::map<FragmentId, MinuteEntry> found;
  std::vector<FootageLock> locks;
  {
    const std::lock_guard state(state_);
    for (const auto& [key, stream] : streams_)
      for (auto lock : ruler_of(stream).locks) {
        if (lock.from_us > extent.end_us || lock.to_us <= extent.first_us) continue;
        lock.stream = key;
        locks.push_back(std::move(lock));
      }
  }
  for (const auto& lock : locks) {
    VL_TRY(const auto rows,
           minutes_between(lock.stream, std::max(lock.from_us, extent.first_us) - 1,
                           std::min(lock.to_us, extent.end_us + 1), most_extents_at_once, true));
    for (const auto& row : rows) {
      if (row.log_id != log.row.id) continue;
      for (std::size_t i = 0; i < row.entries.size(); ++i) {
        const auto ref = row.ref(lock.stream, i);
        if (row.entries[i].place.extent == extent.extent.sequence && lock.from_us <= ref.end_us &&
            lock.to_us > ref.start_us)
          found[ref.id] = row.entries[i];
      }
    }
  }
  std::vector<Locked> out;
  for (const auto& [id, entry] : found) out.push_back({id, entry});
  return out;
}

Result<void> LogStore::write_kept(Log& kept, std::vector<MinuteRow>& rows) {
  auto group = kept.log->write();
  if (!group) {
    (void)kept.log->drop();
    return fail(std::move(group).error());
  }
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  for (const auto& fragment : group->fragments) {
    const auto stream_id = stream_of(fragment.header.id.stream).id;
    if (rows.empty() || rows.back().stream_id != stream_id || !rows.back().takes(fragment)) {
      auto& row = rows.emplace_back();
      row.stream_id = stream_id;
      row.log_id = kept.row.id;
      row.is_kept = true;
    }
    rows.back().add(fragment);
    auto& extent = kept.extents[fragment.place.extent];
    if (extent.first_us == 0 || fragment.header.start_us < extent.first_us)
      extent.first_us = fragment.header.start_us;
    extent.end_us = std::max(extent.end_us, fragment.header.end_us);
  }
  see_extents(kept);
  return {};
}

/// Copies what is locked in an extent; durable when it returns. The rows of the copies.
Result<LogStore::Replaced> LogStore::move_locked(Log& log, std::uint64_t sequence) {
  Replaced out;
  ExtentRow extent;
  std::optional<std::string> path;
  {
    const std::lock_guard state(state_);
    extent = log.extents.at(sequence);
    path = path_of(log.row.id, sequence);
  }
  VL_TRY(const auto locked, locked_in(log, extent));
  if (locked.empty()) return out;
  if (auto* far = disk_.far(*path); far != nullptr && !far->keep_near(*path)) {
    wanted_near_ = *path;  // nobody waits for the network here
    return fail(RecordingError::far, "what is locked of it lies in the archive");
  }
  auto& kept = *kept_of(log.row.disk);
  {
    const std::lock_guard write_lock(write_);
    allow(log.row.disk);
  }
  for (const auto& [id, entry] : locked) {
    VL_TRY(const auto bytes, disk_.read(*path, entry.place.at, entry.bytes));
    const auto header = decode_header(bytes);
    if (!header || header->id != id) {
      log::error("recording.locked_footage_damaged",
                 {{"camera", id.stream.camera.text()}, {"sequence", std::to_string(id.sequence)}});
      continue;
    }
    VL_TRY(const bool is_full,
           kept.log->add_stored(*header, ByteView(bytes).subspan(fragment_header_bytes)));
    if (is_full) VL_CHECK(write_kept(kept, out.come));
  }
  if (kept.log->has_unwritten()) VL_CHECK(write_kept(kept, out.come));
  VL_CHECK(kept.log->sync());
  if (kept.is_slow) VL_CHECK(index_->transact([&] { return save_log(kept); }));
  for (const auto& row : out.come) out.bytes[row.stream_id] += row.bytes;
  return out;
}

Result<std::uint64_t> LogStore::release(Log& log, std::uint64_t sequence, bool for_room) {
  VL_TRY(const auto copies, move_locked(log, sequence));
  return give_up_extents(log, {sequence}, copies, for_room ? GivenUp::for_room : GivenUp::expired);
}

/// Steps 2 and 3; the oldest extents of their log, unless it is of what is kept. `into`: the log
/// on a slow disk that they were copied to.
Result<std::uint64_t> LogStore::give_up_extents(Log& log, const std::vector<std::uint64_t>& extents,
                                                const Replaced& copies, GivenUp why, Log* into) {
  Shares shares;
  std::vector<MinuteRow> touched;
  if (log.is_kept()) {
    VL_TRY(touched, reader_->in_extent(log.row.id, extents.front()));
    for (const auto& row : touched) {
      auto& share = shares[row.stream_id];
      for (const auto& entry : row.entries)
        if (entry.place.extent == extents.front()) share.bytes += entry.bytes;
    }
  } else {
    VL_TRY(const auto gone, index_->shares_to(log.row.id, extents.back()));
    for (const auto& share : gone) shares[share.stream_id] = share;
  }
  const auto copied = [&](std::int64_t stream_id) {
    const auto found = copies.bytes.find(stream_id);
    return found == copies.bytes.end() ? std::uint64_t{0} : found->second;
  };
  {
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) {
      const auto share = shares.find(stream.id);
      const auto gone = share == shares.end() ? 0 : share->second.bytes;
      stream.indexed_bytes += copied(stream.id);
      stream.indexed_bytes -= std::min(stream.indexed_bytes, gone);
      stream.changed |= gone > 0 || copied(stream.id) > 0;
    }
  }
  VL_CHECK(index_->transact([&]() -> Result<void> {
    if (!log.is_kept()) VL_CHECK(index_->remove_minutes_to(log.row.id, extents.back()));
    for (const auto& row : touched) {
      VL_CHECK(index_->remove_minute(row.id));
      std::size_t from = 0;
      for (std::size_t i = 0; i <= row.entries.size(); ++i) {
        if (i < row.entries.size() && row.entries[i].place.extent != extents.front()) continue;
        if (i > from) VL_CHECK(index_->put_minute(row.part(from, i - from)));
        from = i + 1;
      }
    }
    for (const auto id : copies.gone) VL_CHECK(index_->remove_minute(id));
    for (const auto& row : copies.come) VL_CHECK(index_->put_minute(row));
    for (const auto sequence : extents) VL_CHECK(index_->remove_extent(log.row.id, sequence));
    VL_CHECK(put_lost(copies));
    return into == nullptr ? Result<void>{} : save_log(*into);
  }));
  std::uint64_t freed = 0;
  {
    const auto write_lock = writing(log);
    for (const auto sequence : extents) {
      {
        const std::lock_guard state(state_);
        freed += log.extents.at(sequence).extent.used_bytes;
        log.extents.erase(sequence);
        forget_in_memory(log, sequence, shares);
      }
      VL_CHECK(log.log->release(sequence));
    }
  }
  if (log.is_kept()) {
    // Notes of locks may have lain there.
    VL_TRY(const auto all, locks());
    if (!all.empty()) (void)note_locks(all, {});
    return freed;
  }
  if (why == GivenUp::moved) return freed;
  for (const auto& [id, share] : shares) {
    const auto gone = share.bytes - std::min(share.bytes, copied(id));
    StreamKey key;
    {
      const std::lock_guard state(state_);
      key = keys_.at(id);
    }
    if (gone > 0) observer_.on_reclaimed(key, gone, share.end_us, why == GivenUp::for_room);
  }
  return freed;
}

bool LogStore::in_memory(const Log& log, std::uint64_t extent) const {
  return std::ranges::any_of(streams_, [&](const auto& one) {
    return std::ranges::any_of(one.second.minutes, [&](const MinuteRow& row) {
      return row.log_id == log.row.id && row.first_extent() <= extent;
    });
  });
}

/// Minutes that the index does not have yet lose what lay in this extent or an older one.
void LogStore::forget_in_memory(const Log& log, std::uint64_t extent, Shares& shares) {
  for (auto& [key, stream] : streams_) {
    const auto before = stream.stored_bytes();
    for (auto& row : stream.minutes) {
      if (row.log_id != log.row.id || row.first_extent() > extent) continue;
      auto& end_us = shares[stream.id].end_us;
      std::size_t gone = 0;
      while (gone < row.entries.size() && row.entries[gone].place.extent <= extent)
        end_us = std::max(end_us, row.ref(key, gone++).end_us);
      if (gone == row.entries.size())
        row.entries.clear();
      else
        row = row.part(gone, row.entries.size() - gone);
    }
    std::erase_if(stream.minutes, [](const MinuteRow& row) { return row.entries.empty(); });
    if (stream.minutes.empty()) stream.is_open = false;
    if (const auto bytes = before - stream.stored_bytes()) shares[stream.id].bytes += bytes;
  }
}

/// Extents in which nothing is found any more but what is locked.
Result<std::uint64_t> LogStore::release_expired(bool slow) {
  std::uint64_t freed = 0;
  for (const auto& [id, log] : logs_) {
    if (log->is_kept() || log->is_slow != slow) continue;
    for (int i = 0; i < most_extents_at_once; ++i) {
      std::uint64_t sequence = 0;
      {
        const std::lock_guard state(state_);
        if (log->extents.empty()) break;
        sequence = log->extents.begin()->first;
        if (sequence > log->saved_extent || in_memory(*log, sequence)) break;
      }
      VL_TRY(const bool unlocked, index_->has_unlocked(id, sequence));
      if (unlocked) break;
      const auto released = release(*log, sequence, false);
      if (!released && released.error().code == code_of(RecordingError::far)) break;
      if (!released) return fail(released.error());
      freed += *released;
    }
  }
  return freed;
}

/// Kept extents whose locks are off; what is left in one that is nearly empty is moved on.
Result<std::uint64_t> LogStore::release_unused_kept(bool slow) {
  std::uint64_t freed = 0;
  for (const auto& [id, log] : logs_) {
    if (!log->is_kept() || log->is_slow != slow) continue;
    std::vector<ExtentRow> extents;
    {
      const std::lock_guard state(state_);
      for (const auto& [sequence, extent] : log->extents)
        if (sequence <= log->saved_extent) extents.push_back(extent);
    }
    for (const auto& extent : extents) {
      VL_TRY(const auto bytes, index_->bytes_in(id, extent.extent.sequence));
      if (bytes >= extent.extent.used_bytes / 4) continue;
      auto released = release(*log, extent.extent.sequence, false);
      if (released)
        freed += *released;
      else if (released.error().code != code_of(RecordingError::disk_full) &&
               released.error().code != code_of(RecordingError::far))
        return released;
    }
  }
  return freed;
}

/// Room that is below the reserve, or footage beyond what it may take.
Result<std::uint64_t> LogStore::release_surplus(bool slow) {
  std::uint64_t freed = 0;
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    if (disks_[i].is_slow != slow) continue;
    const auto disk = static_cast<int>(i);
    for (int n = 0; n < most_extents_at_once; ++n) {
      {
        std::unique_lock<std::mutex> write_lock;
        if (!slow) write_lock = std::unique_lock(write_);
        allow(disk);
        if (spare_files(disk) >= 0) break;
        bool removed = false;
        for (const auto& [id, log] : logs_)
          if (!removed && log->row.disk == disk &&
              log->log->free_files() > (log->is_kept() ? 1U : 0U))
            removed = log->log->remove_free_file().has_value();
        if (removed) continue;
      }
      auto released = release_oldest(disk);
      if (!released && (released.error().code == code_of(RecordingError::disk_full) ||
                        released.error().code == code_of(RecordingError::far)))
        break;
      if (!released) return fail(std::move(released).error());
      if (!*released) break;
      freed += extent_bytes_of(disk);
    }
  }
  return freed;
}

/// The index needs a little room to write what reclaiming frees.
void LogStore::give_up_ballast() {
  if (!has_ballast_) return;
  (void)disk_.remove(options_.folder + "/ballast");
  has_ballast_ = false;
}

void LogStore::restore_ballast() {
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

}  // namespace vl::recording
