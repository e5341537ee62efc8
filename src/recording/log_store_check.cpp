// The check of everything: presence, size, place, chain and, if asked, content. It reads each
// extent from its beginning to its end, so that a disk need not seek.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "log_store.hpp"

namespace vl::recording {

namespace {
constexpr std::size_t most_findings = 1000;
constexpr std::size_t most_unreadable = 1'000'000;

void add_finding(CheckReport& report, FindingKind kind, FragmentId id, std::string detail) {
  ++report.problems;
  if (report.findings.size() < most_findings)
    report.findings.push_back({kind, id, std::move(detail)});
}

void add_unreadable(CheckReport& report, const FragmentId& id) {
  if (report.unreadable.size() < most_unreadable) report.unreadable.push_back(id);
}

void add_all(CheckReport& to, CheckReport&& from) {
  to.fragments += from.fragments;
  to.bytes += from.bytes;
  to.problems += from.problems;
  for (const auto& id : from.unreadable) add_unreadable(to, id);
  for (auto& finding : from.findings)
    if (to.findings.size() < most_findings) to.findings.push_back(std::move(finding));
}
}  // namespace

struct LogStore::Checking {
  struct Expected {
    FragmentId id;
    std::uint32_t bytes = 0;
  };
  bool with_hashes = false;
  std::map<std::uint64_t, Expected> expected;  // by place in the extent
  std::map<StreamKey, FragmentHeader> last;
  CheckReport report;
  /// Of the archive, when it was asked; nothing: it did not answer.
  std::optional<std::map<std::string, std::uint64_t>> far_sizes;
};

Result<CheckReport> LogStore::check(bool with_hashes) const {
  std::vector<std::pair<LogRow, ExtentRow>> extents;
  std::map<std::pair<LogId, std::uint64_t>, std::vector<MinuteRow>> fresh;
  // What is recorded while the check runs is not looked for: it may be on its way to the disk.
  std::map<StreamKey, std::uint64_t> next;
  {
    const std::lock_guard state(state_);
    for (const auto& [key, stream] : streams_) next[key] = stream.durable.next_sequence;
    for (const auto& [id, log] : logs_)
      for (const auto& [sequence, extent] : log->extents) extents.emplace_back(log->row, extent);
    for (const auto& [key, stream] : streams_)
      for (const auto& minute : stream.minutes)
        for (auto at = minute.first_extent(); at <= minute.last_extent(); ++at)
          fresh[{minute.log_id, at}].push_back(minute);
  }
  CheckReport report;
  Checking checking{.with_hashes = with_hashes};
  if (left_out_)
    add_finding(report, FindingKind::unreachable, {},
                left_out_->archive->problem + "; what is archived was not looked at");
  auto* far = disk_.far(disks_.back().folder);
  if (far != nullptr && disks_.back().tier == Tier::archive) {
    if (auto sizes = far->sizes())
      checking.far_sizes = std::move(*sizes);
    else
      add_finding(report, FindingKind::unreachable, {},
                  sizes.error().message + "; what is archived was not looked at");
  }
  LogId log_id = 0;
  for (const auto& [log, extent] : extents) {
    if (log.id != log_id) checking.last.clear();  // what is kept begins anew
    log_id = log.id;
    VL_TRY(auto rows, reader_->in_extent(log.id, extent.extent.sequence));
    for (auto& row : fresh[{log.id, extent.extent.sequence}]) rows.push_back(std::move(row));
    checking.expected.clear();
    checking.report = {};
    for (const auto& row : rows) {
      const std::lock_guard state(state_);
      const auto key = keys_.at(row.stream_id);
      for (std::size_t i = 0; i < row.entries.size(); ++i)
        if (row.entries[i].place.extent == extent.extent.sequence &&
            row.first_sequence + i < next[key])
          checking.expected[row.entries[i].place.at] = {{key, row.first_sequence + i},
                                                        row.entries[i].bytes};
    }
    VL_CHECK(check_extent(log, extent, checking));
    if (checking.report.problems > 0) {
      // Given up while it was read: no finding.
      const std::lock_guard state(state_);
      if (!path_of(log.id, extent.extent.sequence)) continue;
    }
    add_all(report, std::move(checking.report));
  }
  VL_CHECK(check_files(report));
  if (!checking.far_sizes) return report;
  far->forget_near();
  for (const auto& [name, bytes] : *checking.far_sizes)
    if (!name.starts_with(disks_.back().folder))
      add_finding(report, FindingKind::unindexed, {},
                  name + " lies in the archive and is no extent of ours");
  return report;
}

Result<void> LogStore::check_extent(const LogRow& log, const ExtentRow& extent,
                                    Checking& checking) const {
  auto& report = checking.report;
  std::optional<std::string> path;
  {
    const std::lock_guard state(state_);
    path = path_of(log.id, extent.extent.sequence);
  }
  if (!path) return {};
  const FragmentId whole{
      checking.expected.empty() ? StreamKey{} : checking.expected.begin()->second.id.stream, 0};
  auto size = disk_.size(*path);
  auto* far = disk_.far(*path);
  if (far != nullptr && far->is_far(*path)) {
    if (!checking.far_sizes) return {};  // told once
    const auto there = checking.far_sizes->find(*path);
    if (there != checking.far_sizes->end())
      size = there->second;
    else
      size = fail(RecordingError::not_found, "its object is missing in the archive");
    if (size && *size >= extent.extent.used_bytes && !checking.with_hashes) {
      for (const auto& [place, expected] : checking.expected) {
        ++report.fragments;
        report.bytes += expected.bytes;
      }
      return {};
    }
    if (auto near = size ? far->bring_near(*path) : Result<void>{}; !near) {
      add_finding(report, FindingKind::unreachable, whole,
                  fmt::format("extent {}: {}", extent.extent.sequence, near.error().message));
      return {};
    }
  }
  if (!size) {
    add_finding(report, FindingKind::missing_file, whole,
                fmt::format("extent {}: {}", extent.extent.sequence, size.error().message));
    for (const auto& [place, expected] : checking.expected) {
      ++report.fragments;
      add_unreadable(report, expected.id);
    }
    return {};
  }
  if (*size < extent.extent.used_bytes)
    add_finding(report, FindingKind::short_file, whole,
                fmt::format("extent {}: {} bytes, should be {}", extent.extent.sequence, *size,
                            log.extent_bytes));
  // An extent that was cut short is used up to its cut: what the index knows beyond is looked for.
  const auto end =
      std::max(extent.extent.used_bytes,
               checking.expected.empty() ? std::uint64_t{0} : checking.expected.rbegin()->first);
  auto at = std::uint64_t{log_block_bytes};
  while (at < end) {
    VL_TRY(const auto head,
           FootageLog::read_group(disk_, *path, log.extent_bytes, extent.extent.sequence, at));
    if (!head) break;  // what is missing is told below
    auto piece_at = at + head->head_bytes;
    for (const auto& header : head->fragments) {
      const auto place = piece_at;
      piece_at += piece_bytes(header);
      const auto& stream = header.id.stream;
      if (const auto before = checking.last.find(stream);
          before != checking.last.end() && before->second.id.sequence + 1 == header.id.sequence &&
          before->second.chain != header.previous_chain)
        add_finding(report, FindingKind::chain_broken, header.id,
                    "it does not follow the fragment before it");
      checking.last[stream] = header;
      const auto expected = checking.expected.find(place);
      if (expected == checking.expected.end()) continue;  // no longer kept
      const auto id = expected->second.id;
      const auto bytes = expected->second.bytes;
      checking.expected.erase(expected);
      ++report.fragments;
      report.bytes += bytes;
      if (id != header.id || bytes != fragment_header_bytes + header.body_bytes) {
        add_finding(report, FindingKind::bad_header, id, "another fragment lies here");
        add_unreadable(report, id);
        continue;
      }
      if (place + bytes > *size) {
        add_finding(report, FindingKind::short_file, id, "the file ends before it does");
        add_unreadable(report, id);
        continue;
      }
      const auto piece =
          disk_.read(*path, place, checking.with_hashes ? bytes : fragment_header_bytes);
      const auto found =
          piece ? decode_header(*piece) : Result<FragmentHeader>(std::unexpected(piece.error()));
      if (!found || found->chain != header.chain) {
        add_finding(report, FindingKind::bad_header, id,
                    found ? "its header is not that of its group" : found.error().message);
        if (!found) add_unreadable(report, id);
        continue;
      }
      if (!checking.with_hashes) continue;
      if (auto body = check_body(header, ByteView(*piece).subspan(fragment_header_bytes)); !body)
        add_finding(report, FindingKind::altered, id, body.error().message);
    }
    at += head->bytes();
  }
  for (const auto& [place, expected] : checking.expected) {
    ++report.fragments;
    add_unreadable(report, expected.id);
    add_finding(report, FindingKind::bad_header, expected.id,
                fmt::format("its group in extent {} cannot be read", extent.extent.sequence));
  }
  return {};
}

/// Files in the logs' folders that are none of theirs.
Result<void> LogStore::check_files(CheckReport& report) const {
  std::vector<std::pair<LogRow, std::string>> folders;
  {
    const std::lock_guard state(state_);
    for (const auto& [id, log] : logs_) folders.emplace_back(log->row, folder_of(log->row));
  }
  for (const auto& [log, folder] : folders) {
    VL_TRY(const auto names, disk_.list(folder));
    const auto* far = disk_.far(folder);
    for (const auto& name : names) {
      if (far != nullptr && far->is_far(folder + "/" + name)) continue;  // looked at as an extent
      const auto block = disk_.read(folder + "/" + name, 0, log_block_bytes);
      const auto head =
          block ? decode_extent_head(*block) : Result<ExtentHead>(std::unexpected(block.error()));
      if (!name.ends_with(".vle") || (head && head->store != log.log))
        add_finding(report, FindingKind::unindexed, {}, name + " is no extent of this log");
    }
  }
  return {};
}

Result<void> LogStore::give_up(const std::vector<FragmentId>& unreadable) {
  const std::lock_guard slow(slow_);
  // So that the index has all of them.
  {
    const std::lock_guard state(state_);
    for (auto& [key, stream] : streams_) stream.is_open = false;
    for (auto& [id, log] : logs_) log->changed = true;
  }
  VL_CHECK(sync_all());
  for (const auto& id : unreadable) {
    std::int64_t stream_id = 0;
    {
      const std::lock_guard state(state_);
      const auto* stream = known(id.stream);
      if (stream == nullptr) continue;
      stream_id = stream->id;
    }
    VL_TRY(const auto rows, reader_->holding(stream_id, id.sequence));
    Gap gap{0, 0, GapCause::disk_failed, "found unreadable by a check"};
    std::uint64_t bytes = 0;
    VL_CHECK(index_->transact([&]() -> Result<void> {
      for (const auto& row : rows) {
        const auto place = id.sequence - row.first_sequence;
        const auto ref = row.ref(id.stream, place);
        gap.start_us = ref.start_us;
        gap.end_us = ref.end_us;
        bytes += ref.bytes;
        VL_CHECK(index_->remove_minute(row.id));
        if (place > 0) VL_CHECK(index_->put_minute(row.part(0, place)));
        if (place + 1 < row.entries.size())
          VL_CHECK(index_->put_minute(row.part(place + 1, row.entries.size() - place - 1)));
      }
      if (rows.empty() || id.stream.kind == StreamKind::fetched) return {};
      return index_->put_gap(stream_id, gap);
    }));
    const std::lock_guard write_lock(write_);
    const std::lock_guard state(state_);
    auto& stream = stream_of(id.stream);
    stream.indexed_bytes -= std::min(stream.indexed_bytes, bytes);
    stream.changed = true;
    if (!rows.empty() && id.stream.kind != StreamKind::fetched)
      log_of(stream.log_id).notes.push_back({id.stream, gap});
  }
  VL_CHECK(sync_all());
  return {};
}

}  // namespace vl::recording
