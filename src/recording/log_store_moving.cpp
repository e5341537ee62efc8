// Moving down: footage goes from the disks that are recorded to, to the slow ones, and from those
// to the archive, before its room is needed. Who moves owns the logs of the tiers below, so that
// one that hangs or fails takes nobody else's time; when it does, the oldest footage is given up as
// if there were none.
//
// Order, so that a crash between any two steps leaves the index true:
//   1. what is found of the oldest extents is copied into the log of what is kept as long a tier
//      below, synced;
//   2. one transaction: their minutes and rows go, the copies' come, with where their log is, and
//      gaps where something was damaged and has no copy;
//   3. zeros over their heads, as when they are given up.
// A crash before 2 leaves copies that start-up passes over.
#include <algorithm>
#include <iterator>
#include <utility>

#include <vonglau/base/log.hpp>

#include "log_store.hpp"

namespace vl::recording {

namespace {
constexpr std::uint64_t share_left_free = 8;  // of a disk's extents, so much of them
constexpr std::uint64_t least_left_free = 2, most_left_free = 64;
/// Extents that are moved at once share a transaction, and their minutes rows.
constexpr std::size_t most_moved = 8;
constexpr std::int64_t left_alone_us = 60'000'000;
constexpr std::int64_t tend_interval_us = 5'000'000;

/// One gap of what follows each other.
void add_lost(std::vector<Gap>& gaps, const FragmentRef& ref) {
  if (!gaps.empty() && ref.start_us >= *gaps.back().end_us &&
      ref.start_us - *gaps.back().end_us < span_hole_us)
    gaps.back().end_us = ref.end_us;
  else
    gaps.push_back({ref.start_us, ref.end_us, GapCause::disk_failed,
                    "damaged when it was to be moved to a slow disk"});
}
}  // namespace

bool LogStore::has_slow_disks() const {
  return std::ranges::any_of(disks_, &FootageDisk::is_slow);
}

/// How many should be moved now, so that there is room when it is needed.
std::size_t LogStore::extents_wanted(int disk) {
  const auto wanted =
      std::clamp(most_files(disk) / share_left_free, least_left_free, most_left_free);
  auto free = static_cast<std::uint64_t>(std::max<std::int64_t>(spare_files(disk), 0));
  for (const auto& [id, log] : logs_)
    if (log->row.disk == disk && !log->is_kept()) free += log->log->free_files();
  if (kept_of(disk)->log->free_files() == 0) free -= std::min<std::uint64_t>(free, 1);  // its own
  return free >= wanted ? 0 : static_cast<std::size_t>(std::min<std::uint64_t>(wanted, most_moved));
}

Result<bool> LogStore::move_down() {
  if (!has_slow_disks()) return false;
  const std::lock_guard move(move_);
  if (const auto now_us = clock_.mono().us; now_us >= tended_us_) {
    VL_CHECK(tend_slow_disks());
    tended_us_ = now_us + tend_interval_us;
  }
  fetch_wanted();
  Log* from = nullptr;
  Log* into = nullptr;
  std::vector<std::uint64_t> extents;
  {
    const std::lock_guard slow(slow_);
    // The lowest first, so that there is room for what comes from above.
    for (const auto tier : {Tier::slow, Tier::recorded}) {
      for (std::size_t i = 0; i < disks_.size() && into == nullptr; ++i) {
        if (disks_[i].tier != tier || disks_.back().tier <= tier) continue;
        extents = extents_to_move(static_cast<int>(i), from);
        if (extents.empty()) continue;
        const auto bytes = extent_bytes_of(static_cast<int>(i));
        into = log_below(tier, from->row.keeping, bytes * extents.size());
        if (into != nullptr || extents.size() == 1) continue;
        extents.resize(1);
        into = log_below(tier, from->row.keeping, bytes);
      }
    }
    if (into == nullptr) return false;  // nothing to do, or nowhere to go
  }
  std::vector<MovedExtent> moved;
  for (const auto sequence : extents) {
    auto copied = copy_extent(*from, sequence, *into);
    if (!copied) {
      (void)into->log->drop();
      if (copied.error().code == code_of(RecordingError::far)) {
        fetch_wanted();
        return false;
      }
      disks_[static_cast<std::size_t>(into->row.disk)].avoided_until_us =
          clock_.mono().us + left_alone_us;
      log::error("recording.slow_disk_failed",
                 {{"folder", disks_[static_cast<std::size_t>(into->row.disk)].folder},
                  {"why", copied.error().message}});
      break;  // what was copied before it stays where it was, and is copied again
    }
    moved.push_back(std::move(*copied));
  }
  if (moved.size() < extents.size()) return false;
  VL_CHECK(take_the_place(*from, moved, *into));
  hand_over(*into);
  return true;
}

/// The oldest of a disk that wants room. (slow, move)
std::vector<std::uint64_t> LogStore::extents_to_move(int disk, Log*& from) {
  std::size_t wanted = 0;
  {
    const std::lock_guard write_lock(write_);
    wanted = extents_wanted(disk);
  }
  if (wanted == 0) return {};
  const std::lock_guard state(state_);
  return oldest_extents(disk, wanted, from);
}

/// What is full and in the index may leave for the archive.
void LogStore::hand_over(Log& log) {
  auto* far = disk_.far(folder_of(log.row));
  if (far == nullptr) return;
  const std::lock_guard state(state_);
  for (auto extent = log.extents.upper_bound(log.handed_over);
       extent != log.extents.end() && extent->first <= log.saved_extent; ++extent)
    far->hand_over(log.log->path_of(extent->second.extent.slot), extent->second.extent.used_bytes);
  log.handed_over = log.saved_extent;
}

/// What is locked in the archive and must be moved there is fetched by who holds nobody up.
void LogStore::fetch_wanted() {
  const auto path = std::exchange(wanted_near_, {});
  if (path.empty()) return;
  auto* far = disk_.far(path);
  if (far == nullptr) return;
  if (const auto near = far->bring_near(path); near)
    tended_us_ = 0;
  else
    log::warn("recording.archive_not_read", {{"why", near.error().message}});
}

/// What is beyond its retention, and room for what comes.
Result<void> LogStore::tend_slow_disks() {
  const std::lock_guard slow(slow_);
  VL_CHECK(release_expired(true));
  VL_CHECK(release_unused_kept(true));
  VL_CHECK(release_surplus(true));
  for (std::size_t i = 0; i < disks_.size(); ++i) {
    if (!disks_[i].is_slow) continue;
    const auto disk = static_cast<int>(i);
    auto room = most_files(disk) * extent_bytes_of(disk);
    const std::lock_guard state(state_);
    // Of an archive without end, what is there.
    if (disks_[i].tier == Tier::archive && disks_[i].most_bytes == 0) {
      room = 0;
      for (const auto& [id, log] : logs_)
        if (log->row.disk == disk)
          for (const auto& [sequence, extent] : log->extents) room += extent.extent.used_bytes;
    }
    disks_[i].room_bytes = room;
  }
  for (const auto& [id, log] : logs_)
    if (log->is_slow) hand_over(*log);
  return {};
}

/// Of this keeping, in the next tier that works, on the disk with the least; nothing where none
/// can take so much. (slow)
LogStore::Log* LogStore::log_below(Tier above, int keeping, std::uint64_t bytes) {
  const auto now_us = clock_.mono().us;
  int best = -1;
  std::size_t least = 0;
  for (const auto tier : {Tier::slow, Tier::archive}) {
    if (tier <= above || best >= 0) continue;
    for (std::size_t i = 0; i < disks_.size(); ++i) {
      if (disks_[i].tier != tier || disks_[i].avoided_until_us > now_us) continue;
      const auto disk = static_cast<int>(i);
      const auto* far = disk_.far(disks_[i].folder);
      if (far != nullptr && !far->can_take(bytes + extent_bytes_of(disk))) continue;
      std::size_t extents = 0;
      for (const auto& [id, log] : logs_)
        if (log->row.disk == disk) extents += log->log->extents().size();
      if (best < 0 || extents < least) {
        best = disk;
        least = extents;
      }
    }
  }
  if (best < 0) return nullptr;
  const auto wanted = keeping >= moved_log ? keeping : moved_log + keeping;
  for (int attempt = 0; attempt < 2; ++attempt) {
    for (const auto& [id, log] : logs_)
      if (log->row.disk == best && log->row.keeping == wanted) return log.get();
    const auto made = add_log({.id = logs_.rbegin()->first + 1, .disk = best, .keeping = wanted});
    if (!made) return nullptr;
    const std::lock_guard write_lock(write_);
    allow(best);
  }
  return nullptr;
}

/// What is found of an extent, in the order in which it lies there; durable when it returns.
Result<LogStore::MovedExtent> LogStore::copy_extent(Log& from, std::uint64_t sequence, Log& into) {
  MovedExtent out{sequence, {}};
  std::map<std::uint64_t, std::pair<FragmentId, std::uint32_t>> found;  // by place
  std::optional<std::string> path;
  LogId from_id = 0;
  // Memory before the index: a minute that goes from one to the other between is seen twice.
  std::vector<MinuteRow> rows;
  {
    const std::lock_guard state(state_);
    from_id = from.row.id;
    path = path_of(from_id, sequence);
    for (const auto& [key, stream] : streams_)
      for (const auto& minute : stream.minutes)
        if (minute.log_id == from_id && minute.first_extent() <= sequence &&
            minute.last_extent() >= sequence)
          rows.push_back(minute);
  }
  VL_TRY(auto indexed, reader_->in_extent(from_id, sequence));
  std::ranges::move(indexed, std::back_inserter(rows));
  {
    const std::lock_guard state(state_);
    for (const auto& row : rows)
      for (std::size_t i = 0; i < row.entries.size(); ++i)
        if (row.entries[i].place.extent == sequence)
          found[row.entries[i].place.at] = {{keys_.at(row.stream_id), row.first_sequence + i},
                                            row.entries[i].bytes};
  }
  if (!path) return out;
  for (const auto& [at, fragment] : found) {
    const auto& [id, bytes] = fragment;
    const auto piece = disk_.read(*path, at, bytes);
    const auto header =
        piece ? decode_header(*piece) : Result<FragmentHeader>(std::unexpected(piece.error()));
    if (!header || header->id != id) {
      {
        const std::lock_guard state(state_);
        if (!from.extents.contains(sequence)) break;  // its room could not wait
      }
      out.damaged.insert(id);
      continue;
    }
    VL_TRY(const bool is_full,
           into.log->add_stored(*header, ByteView(*piece).subspan(fragment_header_bytes)));
    if (is_full) VL_CHECK(write_moved(into, out));
  }
  if (into.log->has_unwritten()) VL_CHECK(write_moved(into, out));
  VL_CHECK(into.log->sync());
  if (!out.damaged.empty())
    log::error(
        "recording.damaged_footage_not_moved",
        {{"extent", std::to_string(sequence)}, {"fragments", std::to_string(out.damaged.size())}});
  return out;
}

/// A slow disk that is full gives up its own oldest footage.
Result<void> LogStore::write_moved(Log& into, MovedExtent& moved) {
  auto group = into.log->write();
  if (!group && group.error().code == code_of(RecordingError::disk_full)) {
    const std::lock_guard slow(slow_);
    VL_CHECK(make_room(into));
    group = into.log->write();
  }
  if (!group) return fail(std::move(group).error());
  const std::lock_guard state(state_);
  for (auto& fragment : group->fragments) {
    auto& extent = into.extents[fragment.place.extent];
    if (extent.first_us == 0 || fragment.header.start_us < extent.first_us)
      extent.first_us = fragment.header.start_us;
    extent.end_us = std::max(extent.end_us, fragment.header.end_us);
    moved.copies.insert_or_assign(fragment.header.id, std::move(fragment));
  }
  see_extents(into);
  return {};
}

/// Of one extent's fragments those that are still found: they may have expired meanwhile, or been
/// given up.
Result<void> LogStore::replace_minutes(const Log& from, const MovedExtent& moved, const Log& into,
                                       Replaced& out) const {
  VL_TRY(auto rows, reader_->in_extent(from.row.id, moved.sequence));
  std::map<std::int64_t, StreamKey> keys;
  {
    const std::lock_guard state(state_);
    for (const auto& [key, stream] : streams_)
      for (const auto& minute : stream.minutes)
        if (minute.log_id == from.row.id && minute.first_extent() <= moved.sequence &&
            minute.last_extent() >= moved.sequence)
          rows.push_back(minute);
    for (const auto& row : rows) keys[row.stream_id] = keys_.at(row.stream_id);
  }
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.entries.size(); ++i) {
      if (row.entries[i].place.extent != moved.sequence) continue;
      const FragmentId id{keys.at(row.stream_id), row.first_sequence + i};
      const auto copy = moved.copies.find(id);
      if (copy == moved.copies.end()) {
        // Fetched footage lies in a gap already.
        if (moved.damaged.contains(id) && id.stream.kind != StreamKind::fetched)
          add_lost(out.lost[id.stream], row.ref(id.stream, i));
        continue;
      }
      const auto& fragment = copy->second;
      const auto takes = [&](const MinuteRow& minute) {
        return minute.stream_id == row.stream_id && minute.is_kept == row.is_kept &&
               minute.log_id == into.row.id && minute.takes(fragment);
      };
      const auto [last, is_first] = out.last.try_emplace(row.stream_id, out.come.size());
      if (is_first || !takes(out.come[last->second])) {
        last->second = out.come.size();
        // It goes on where what was moved before it ends, or begins anew.
        auto& fresh = out.come.emplace_back();
        VL_TRY(auto before, reader_->holding(row.stream_id, fragment.header.id.sequence - 1));
        const auto goes_on = std::ranges::find_if(before, takes);
        if (is_first && goes_on != before.end()) {
          out.gone.push_back(goes_on->id);
          fresh = std::move(*goes_on);
        } else {
          fresh.stream_id = row.stream_id;
          fresh.log_id = into.row.id;
          fresh.is_kept = row.is_kept;
        }
      }
      auto& minute = out.come[last->second];
      minute.add(fragment);
      out.bytes[row.stream_id] += minute.entries.back().bytes;
    }
  return {};
}

Result<void> LogStore::put_lost(const Replaced& copies) {
  for (const auto& [key, gaps] : copies.lost) {
    std::int64_t stream_id = 0;
    {
      const std::lock_guard state(state_);
      if (const auto* stream = known(key)) stream_id = stream->id;
    }
    for (const auto& gap : gaps)
      if (stream_id != 0) VL_CHECK(index_->put_gap(stream_id, gap));
  }
  return {};
}

/// For an index that is made again from the logs.
void LogStore::note_lost(const Replaced& copies) {
  if (copies.lost.empty()) return;
  const std::lock_guard write_lock(write_);
  const std::lock_guard state(state_);
  for (const auto& [key, gaps] : copies.lost) {
    const auto& stream = stream_of(key);
    for (const auto& gap : gaps) log_of(stream.log_id).notes.push_back({key, gap});
  }
}

Result<void> LogStore::take_the_place(Log& from, const std::vector<MovedExtent>& moved, Log& into) {
  const std::lock_guard slow(slow_);
  Replaced copies;
  std::vector<std::uint64_t> extents;
  for (const auto& one : moved) {
    {
      const std::lock_guard state(state_);
      if (!from.extents.contains(one.sequence)) continue;  // its room could not wait
    }
    VL_CHECK(replace_minutes(from, one, into, copies));
    extents.push_back(one.sequence);
  }
  if (extents.empty()) return {};
  VL_CHECK(give_up_extents(from, extents, copies, GivenUp::moved, &into));
  note_lost(copies);
  return {};
}

/// How far it is, and the extents that are full.
Result<void> LogStore::save_log(Log& log) {
  std::vector<ExtentRow> full;
  for (const auto& extent : log.log->settled(log.saved_extent)) {
    const std::lock_guard state(state_);
    auto& row = log.extents[extent.sequence];
    row.log_id = log.row.id;
    row.extent = extent;
    full.push_back(row);
  }
  auto row = log.row;
  row.from_group = log.log->durable().next_group;
  row.durable_group = row.from_group - 1;
  if (!full.empty()) row.last_extent = full.back().extent.sequence;
  for (const auto& extent : full) VL_CHECK(index_->put_extent(extent));
  VL_CHECK(index_->put_log(row));
  const std::lock_guard state(state_);
  log.row = row;
  log.saved_extent = std::max(log.saved_extent, row.last_extent);
  return {};
}

}  // namespace vl::recording
