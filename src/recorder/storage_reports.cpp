#include "storage_reports.hpp"

#include <fstream>

#include <vonglau/base/json.hpp>

namespace vl::recorder {

namespace {

constexpr double day_us = 86'400e6;

node::DiskState state_of(const recording::DiskNow& disk) {
  node::DiskState out;
  out.folder = disk.folder;
  out.is_slow = disk.is_slow;
  out.stored_bytes = static_cast<std::int64_t>(disk.stored_bytes);
  out.free_bytes = static_cast<std::int64_t>(disk.free_bytes);
  out.reserve_bytes = static_cast<std::int64_t>(disk.reserve_bytes);
  if (disk.oldest_us > 0) out.oldest_us = disk.oldest_us;
  out.room_bytes = static_cast<std::int64_t>(disk.room_bytes);
  if (disk.archive) {
    const auto& from = *disk.archive;
    out.archive = {.archived_bytes = static_cast<std::int64_t>(from.archived_bytes),
                   .objects = static_cast<std::int64_t>(from.objects),
                   .staged_bytes = static_cast<std::int64_t>(from.staged_bytes),
                   .staging_bytes = static_cast<std::int64_t>(from.staging_bytes),
                   .to_delete = static_cast<std::int64_t>(from.to_delete),
                   .problem = from.problem_code};
    if (from.most_bytes > 0) out.archive->most_bytes = static_cast<std::int64_t>(from.most_bytes);
    if (from.heard_us > 0) out.archive->heard_us = from.heard_us;
    if (from.failing_since_us > 0) out.archive->failing_since_us = from.failing_since_us;
    out.state = disk.is_failing ? "failing" : "fine";
    return out;
  }
  // A ring is never full to the last extent, nor is a file given back that was emptied.
  const bool is_full = disk.free_bytes < disk.reserve_bytes ||
                       (disk.room_bytes > 0 && disk.stored_bytes >= disk.room_bytes / 20 * 19);
  out.state = disk.is_failing ? "failing" : is_full ? "full" : "fine";
  return out;
}

}  // namespace

node::StorageStateItem StorageReports::look(std::uint64_t written_bytes) {
  const auto now_us = clock_.mono().us;
  next_us_ = now_us + tell_us;
  written_.push_back({now_us, written_bytes});
  while (written_.size() > 2 && written_.front().at_us < now_us - rate_us) written_.pop_front();
  node::StorageStateItem out;
  for (const auto& disk : store_.disks()) out.disks.push_back(state_of(disk));
  const auto usage = store_.usage();
  out.stored_bytes = static_cast<std::int64_t>(usage.stored_bytes);
  out.locked_bytes = static_cast<std::int64_t>(usage.locked_bytes);
  if (usage.oldest_us > 0) out.oldest_us = usage.oldest_us;
  const auto took_us = static_cast<double>(now_us - written_.front().at_us);
  if (took_us > 0)
    out.bytes_a_day = static_cast<std::int64_t>(
        static_cast<double>(written_bytes - written_.front().bytes) / took_us * day_us);
  out.retention_days = retention_days_;
  std::ifstream in(folder_ + "/" + last_check_file, std::ios::binary);
  if (in) {
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (const auto check = json::read_text<node::StorageCheck>(text, json::Unknown::ignore))
      out.check = *check;
  }
  return out;
}

}  // namespace vl::recorder
