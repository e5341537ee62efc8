// Opening the log: which files are its extents, where it ends, and what a crash tore off.
//
// 1. Each file's head says whether it is an extent of this log and which one. One that has none
//    is free.
// 2. Each extent's first group says which groups are in it. Groups that a later extent begins
//    again were never acknowledged: a disk refused them, and the log went on elsewhere.
// 3. Groups are read on, extent by extent. A head that is not whole, not the next one or not
//    chained to the one before is the end of its extent.
// 4. Groups after the last that is known to be durable are checked with their bodies. At the
//    first that does not agree its head is written again without what is torn; what follows is
//    given up.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

#include <vonglau/recording/footage_log.hpp>

namespace vl::recording {

namespace {

std::optional<std::uint32_t> slot_of(std::string_view name) {
  if (name.size() < 10 || name.size() > 13 || !name.ends_with(".vle")) return std::nullopt;
  std::uint32_t slot = 0;
  const auto digits = name.substr(0, name.size() - 4);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), slot);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return slot;
}

}  // namespace

Result<std::unique_ptr<FootageLog>> FootageLog::open(LogOptions options, Disk& disk,
                                                     const Clock& clock, IdSource& ids,
                                                     const KnownLog& known, const OnGroup& on_group,
                                                     Recovered* recovered) {
  Recovered unasked;
  if (known.extent_bytes != 0) options.extent_bytes = known.extent_bytes;
  std::unique_ptr<FootageLog> log(new FootageLog(std::move(options), disk, clock));
  VL_CHECK(disk.make_folders(log->options_.folder));
  VL_CHECK(log->find_extents(ids, known));
  VL_CHECK(log->recover(known, on_group, recovered == nullptr ? unasked : *recovered));
  return log;
}

/// A file that is no extent, or no longer: it is written again, if it has the right size.
Result<void> FootageLog::free_slot_found(std::uint32_t slot) {
  VL_TRY(const auto bytes, disk_.size(path_of(slot)));
  const auto* far = disk_.far(options_.folder);
  if (bytes == options_.extent_bytes && !(far != nullptr && far->is_far(path_of(slot)))) {
    free_slots_.push_back(slot);
    return {};
  }
  folder_changed_ = true;
  return disk_.remove(path_of(slot));
}

Result<void> FootageLog::find_extents(IdSource& ids, const KnownLog& known) {
  VL_TRY(const auto names, disk_.list(options_.folder));
  struct Found {
    ExtentHead head;
    std::uint32_t slot;
  };
  std::vector<Found> found;
  std::vector<std::uint32_t> free;
  std::set<std::uint32_t> known_slots;
  for (const auto& extent : known.extents) known_slots.insert(extent.slot);
  for (const auto& name : names) {
    const auto slot = slot_of(name);
    if (!slot) continue;
    next_slot_ = std::max(next_slot_, *slot + 1);
    if (known_slots.contains(*slot)) continue;
    VL_TRY(const auto block, disk_.read(path_of(*slot), 0, log_block_bytes));
    const auto head = decode_extent_head(block);
    if (head)
      found.push_back({*head, *slot});
    else
      free.push_back(*slot);  // released, or never begun
  }
  log_ = known.log;
  if (known.extent_bytes == 0 && !found.empty()) {
    // A file that somebody copied here from another log stays as it is.
    const auto newest = std::ranges::max_element(
        found, {}, [](const Found& f) { return std::pair(f.head.begun_us, f.head.sequence); });
    log_ = newest->head.store;
    options_.extent_bytes = newest->head.bytes;
  } else if (known.extent_bytes == 0) {
    log_ = ids.next();
  }
  for (const auto slot : free) VL_CHECK(free_slot_found(slot));
  std::erase_if(found, [&](const Found& f) {
    return f.head.store != log_ || f.head.bytes != options_.extent_bytes;
  });
  std::ranges::sort(found, {}, [](const Found& f) { return f.head.sequence; });
  extents_.assign(known.extents.begin(), known.extents.end());
  next_extent_ = known.last_extent + 1;
  for (const auto& [head, slot] : found) {
    // Released, and the index knows; the zeros over its head did not become durable.
    if (head.sequence <= known.last_extent) {
      VL_CHECK(free_slot_found(slot));
      continue;
    }
    extents_.push_back({head.sequence, slot, log_block_bytes, 0});
    next_extent_ = head.sequence + 1;
  }
  return {};
}

Result<std::optional<GroupHead>> FootageLog::read_group(Disk& disk, const std::string& path,
                                                        std::uint64_t extent_bytes,
                                                        std::uint64_t extent, std::uint64_t at) {
  if (at + log_block_bytes > extent_bytes) return std::nullopt;
  VL_TRY(auto bytes, disk.read(path, at, log_block_bytes));
  const auto head_bytes = group_head_bytes(bytes);
  if (!head_bytes || at + *head_bytes > extent_bytes) return std::nullopt;
  if (*head_bytes > log_block_bytes) {
    VL_TRY(bytes, disk.read(path, at, *head_bytes));
  }
  auto head = decode_group_head(bytes);
  if (!head || head->extent != extent || at + head->bytes() > extent_bytes) return std::nullopt;
  return std::move(*head);
}

Result<std::optional<GroupHead>> FootageLog::read_group(const LogExtent& extent,
                                                        std::uint64_t at) const {
  return read_group(disk_, path_of(extent.slot), options_.extent_bytes, extent.sequence, at);
}

/// The extent to read on from: the last that begins no later than what the index does not know.
std::size_t FootageLog::first_read(const KnownLog& known) const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < known.extents.size(); ++i)
    if (extents_[i].first_group <= known.from_group) out = i;
  return out;
}

Result<void> FootageLog::recover(const KnownLog& known, const OnGroup& on_group,
                                 Recovered& recovered) {
  const auto first_place = first_read(known);
  std::uint64_t after = ~std::uint64_t{0};  // the first group of what follows
  for (auto place = extents_.size(); place-- > first_place;) {
    auto& extent = extents_[place];
    if (place >= known.extents.size()) {
      VL_TRY(const auto first, read_group(extent, log_block_bytes));
      extent.first_group = first ? first->number : 0;
    }
    extent.used_bytes = log_block_bytes;
    // Begun again later: nothing of this extent was ever acknowledged.
    if (extent.first_group >= after) extent.first_group = 0;
    if (extent.first_group != 0) after = extent.first_group;
  }
  std::vector<Pending> pending;  // not known to be durable
  end_.next_group = known.from_group;
  std::uint64_t next_group = 0;  // 0: whichever comes first
  Digest hash{};
  for (auto i = first_place; i < extents_.size(); ++i) {
    auto& extent = extents_[i];
    if (extent.first_group == 0) continue;
    std::uint64_t until = ~std::uint64_t{0};
    for (auto later = i + 1; later < extents_.size() && until == ~std::uint64_t{0}; ++later)
      if (extents_[later].first_group != 0) until = extents_[later].first_group;
    for (;;) {
      VL_TRY(auto head, read_group(extent, extent.used_bytes));
      const bool is_first = extent.used_bytes == log_block_bytes;
      if (!head || head->number >= until) break;
      const bool follows = head->number == next_group && head->previous == hash;
      if (!follows && !is_first) break;
      if (!follows && next_group != 0) ++recovered.holes;
      next_group = head->number + 1;
      hash = head->hash;
      const auto durable = std::max(head->durable, known.durable_group);
      const auto at = extent.used_bytes;
      extent.used_bytes += head->bytes();
      pending.push_back({i, at, std::move(*head)});
      VL_CHECK(tell(pending, durable, on_group, recovered));
    }
  }
  for (std::size_t i = 0; i < known.extents.size(); ++i)  // also where one is damaged
    extents_[i].used_bytes = std::max(extents_[i].used_bytes, known.extents[i].used_bytes);
  VL_CHECK(cut_torn_end(pending, recovered));
  VL_CHECK(tell(pending, ~std::uint64_t{0}, on_group, recovered));
  // Extents after the end hold nothing.
  while (!extents_.empty() && extents_.back().first_group == 0) {
    free_slots_.push_back(extents_.back().slot);
    extents_.pop_back();
  }
  durable_ = end_;
  // One that cannot be written, or was cut short, is left as it is: the log goes on in another.
  auto* far = disk_.far(options_.folder);
  const bool is_far =
      far != nullptr && !extents_.empty() && far->is_far(path_of(extents_.back().slot));
  if (extents_.size() > known.extents.size() && !is_far)
    if (auto file = disk_.open_blocks(path_of(extents_.back().slot), options_.extent_bytes))
      file_ = std::move(*file);
  return {};
}

Result<void> FootageLog::tell(std::vector<Pending>& pending, std::uint64_t durable,
                              const OnGroup& on_group, Recovered& recovered) {
  std::size_t told = 0;
  for (; told < pending.size() && pending[told].head.number <= durable; ++told) {
    auto& one = pending[told];
    ++recovered.groups;
    follow(one.head, one.at);
    VL_CHECK(on_group(placed(std::move(one.head), one.at)));
  }
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(told));
  return {};
}

Result<void> FootageLog::cut_torn_end(std::vector<Pending>& pending, Recovered& recovered) {
  for (std::size_t i = 0; i < pending.size(); ++i) {
    auto& [place, at, head] = pending[i];
    auto& extent = extents_[place];
    auto piece_at = at + head.head_bytes;
    std::size_t whole = 0;
    for (; whole < head.fragments.size(); ++whole) {
      const auto& header = head.fragments[whole];
      VL_TRY(const auto piece,
             disk_.read(path_of(extent.slot), piece_at, fragment_header_bytes + header.body_bytes));
      const auto found = decode_header(piece);
      if (!found || found->chain != header.chain ||
          !check_body(header, ByteView(piece).subspan(fragment_header_bytes)))
        break;
      piece_at += piece_bytes(header);
    }
    if (whole == head.fragments.size()) continue;
    for (auto later = i; later < pending.size(); ++later)
      recovered.torn_bytes += pending[later].head.bytes();
    for (auto later = place + 1; later < extents_.size(); ++later) extents_[later].first_group = 0;
    extent.used_bytes = at;
    pending.resize(i + 1);
    head.fragments.resize(whole);
    VL_CHECK(write_shortened(extent, at, head));
    if (head.fragments.empty() && head.notes.empty()) pending.pop_back();
    if (extent.used_bytes == log_block_bytes) extent.first_group = 0;
    break;
  }
  return {};
}

/// The head of a torn group again, with the fragments that are whole.
Result<void> FootageLog::write_shortened(LogExtent& extent, std::uint64_t at, GroupHead& head) {
  auto file = disk_.open_blocks(path_of(extent.slot), options_.extent_bytes);
  // Cut short by somebody: the log goes on in another extent, with the number of this group.
  if (!file && file.error().code == code_of(RecordingError::invalid)) {
    head.fragments.clear();
    head.notes = {};
    return {};
  }
  if (!file) return fail(std::move(file).error());
  head_.clear();
  if (head.fragments.empty() && head.notes.empty()) {
    head_.add(Bytes(log_block_bytes));
  } else {
    std::vector<HeaderBytes> sealed;
    for (auto& header : head.fragments) sealed.push_back(seal_header(header));
    VL_TRY(const auto bytes, encode_group_head(head, sealed));
    head_.add(bytes);
    extent.used_bytes = at + head.bytes();
  }
  const std::array<ByteView, 1> pieces{head_.view()};
  VL_CHECK((*file)->write(at, pieces));
  return (*file)->sync();
}

}  // namespace vl::recording
