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

#include <fmt/format.h>

#include <vonglau/recording/footage_log.hpp>

namespace vl::recording {

namespace {

std::optional<std::uint32_t> slot_of(std::string_view name) {
  if (name.size() != 10 || !name.ends_with(".vle")) return std::nullopt;
  std::uint32_t slot = 0;
  const auto digits = name.substr(0, 6);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), slot);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return slot;
}

}  // namespace

Result<std::unique_ptr<FootageLog>> FootageLog::open(LogOptions options, Disk& disk,
                                                     const Clock& clock, IdSource& ids,
                                                     std::uint64_t from_group,
                                                     const OnGroup& on_group,
                                                     Recovered* recovered) {
  Recovered unasked;
  std::unique_ptr<FootageLog> log(new FootageLog(std::move(options), disk, clock));
  VL_CHECK(disk.make_folders(log->options_.folder));
  VL_CHECK(log->find_extents(ids));
  VL_CHECK(log->recover(from_group, on_group, recovered == nullptr ? unasked : *recovered));
  return log;
}

Result<void> FootageLog::find_extents(IdSource& ids) {
  VL_TRY(const auto names, disk_.list(options_.folder));
  struct Found {
    ExtentHead head;
    std::uint32_t slot;
  };
  std::vector<Found> found;
  for (const auto& name : names) {
    const auto slot = slot_of(name);
    if (!slot) continue;
    next_slot_ = std::max(next_slot_, *slot + 1);
    VL_TRY(const auto block, disk_.read(path_of(*slot), 0, log_block_bytes));
    const auto head = decode_extent_head(block);
    if (head && head->bytes == options_.extent_bytes)
      found.push_back({*head, *slot});
    else if (!head)
      free_slots_.push_back(*slot);  // released, or never begun
  }
  if (found.empty()) {
    store_ = ids.next();
    return {};
  }
  // A file that somebody copied here from another log stays as it is.
  const auto newest = std::ranges::max_element(
      found, {}, [](const Found& f) { return std::pair(f.head.begun_us, f.head.sequence); });
  store_ = newest->head.store;
  std::erase_if(found, [&](const Found& f) { return f.head.store != store_; });
  std::ranges::sort(found, {}, [](const Found& f) { return f.head.sequence; });
  for (const auto& [head, slot] : found) {
    extents_.push_back({head.sequence, slot, log_block_bytes, 0});
    next_extent_ = head.sequence + 1;
  }
  return {};
}

/// Nothing where no whole group of this extent lies.
Result<std::optional<GroupHead>> FootageLog::read_group(const LogExtent& extent,
                                                        std::uint64_t at) const {
  if (at + log_block_bytes > options_.extent_bytes) return std::nullopt;
  VL_TRY(auto bytes, disk_.read(path_of(extent.slot), at, log_block_bytes));
  const auto head_bytes = group_head_bytes(bytes);
  if (!head_bytes || at + *head_bytes > options_.extent_bytes) return std::nullopt;
  if (*head_bytes > log_block_bytes) {
    VL_TRY(bytes, disk_.read(path_of(extent.slot), at, *head_bytes));
  }
  auto head = decode_group_head(bytes);
  if (!head || head->extent != extent.sequence || at + head->bytes() > options_.extent_bytes)
    return std::nullopt;
  return std::move(*head);
}

Result<void> FootageLog::recover(std::uint64_t from_group, const OnGroup& on_group,
                                 Recovered& recovered) {
  std::uint64_t after = ~std::uint64_t{0};  // the first group of what follows
  for (auto extent = extents_.rbegin(); extent != extents_.rend(); ++extent) {
    VL_TRY(const auto first, read_group(*extent, log_block_bytes));
    extent->first_group = first ? first->number : 0;
    // Begun again later: nothing of this extent was ever acknowledged.
    if (extent->first_group >= after) extent->first_group = 0;
    if (extent->first_group != 0) after = extent->first_group;
  }
  std::vector<Pending> pending;  // not known to be durable
  std::uint64_t next_group = 1;
  Digest hash{};
  for (std::size_t i = 0; i < extents_.size(); ++i) {
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
      if (!follows && next_group != 1) ++recovered.holes;
      next_group = head->number + 1;
      hash = head->hash;
      const auto durable = head->durable;
      const auto at = extent.used_bytes;
      extent.used_bytes += head->bytes();
      pending.push_back({i, at, std::move(*head)});
      VL_CHECK(tell(pending, durable, from_group, on_group, recovered));
    }
  }
  VL_CHECK(cut_torn_end(pending, recovered));
  VL_CHECK(tell(pending, ~std::uint64_t{0}, from_group, on_group, recovered));
  // Extents after the end hold nothing.
  while (!extents_.empty() && extents_.back().first_group == 0) {
    free_slots_.push_back(extents_.back().slot);
    extents_.pop_back();
  }
  durable_ = end_;
  if (!extents_.empty()) {
    VL_TRY(file_, disk_.open_blocks(path_of(extents_.back().slot), options_.extent_bytes));
  }
  return {};
}

/// Those up to `durable`, to whoever asked for them.
Result<void> FootageLog::tell(std::vector<Pending>& pending, std::uint64_t durable,
                              std::uint64_t from_group, const OnGroup& on_group,
                              Recovered& recovered) {
  std::size_t told = 0;
  for (; told < pending.size() && pending[told].head.number <= durable; ++told) {
    auto& one = pending[told];
    ++recovered.groups;
    follow(one.head);
    if (one.head.number >= from_group) VL_CHECK(on_group(placed(std::move(one.head), one.at)));
  }
  pending.erase(pending.begin(), pending.begin() + static_cast<std::ptrdiff_t>(told));
  return {};
}

Result<void> FootageLog::cut_torn_end(std::vector<Pending>& pending, Recovered& recovered) {
  for (std::size_t i = 0; i < pending.size(); ++i) {
    auto& [place, at, head] = pending[i];
    auto& extent = extents_[place];
    auto body_at = at + head.head_bytes;
    std::size_t whole = 0;
    for (; whole < head.fragments.size(); ++whole) {
      const auto& header = head.fragments[whole];
      VL_TRY(const auto body, disk_.read(path_of(extent.slot), body_at, header.body_bytes));
      if (!check_body(header, body)) break;
      body_at += header.body_bytes;
    }
    if (whole == head.fragments.size()) continue;
    for (auto later = i; later < pending.size(); ++later)
      recovered.torn_bytes += pending[later].head.bytes();
    for (auto later = place + 1; later < extents_.size(); ++later) extents_[later].first_group = 0;
    extent.used_bytes = at;
    pending.resize(i + 1);
    head.fragments.resize(whole);
    VL_CHECK(write_shortened(extent, at, head));
    if (whole == 0 && head.notes.empty()) pending.pop_back();
    if (extent.used_bytes == log_block_bytes) extent.first_group = 0;
    break;
  }
  return {};
}

/// The head of a torn group again, with the fragments that are whole.
Result<void> FootageLog::write_shortened(LogExtent& extent, std::uint64_t at, GroupHead& head) {
  VL_TRY(auto file, disk_.open_blocks(path_of(extent.slot), options_.extent_bytes));
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
  VL_CHECK(file->write(at, pieces));
  return file->sync();
}

}  // namespace vl::recording
