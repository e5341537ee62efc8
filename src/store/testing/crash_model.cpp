#include "crash_model.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include <vonglau/base/assert.hpp>

namespace vl::store::testing {
namespace {

constexpr std::size_t sector = 512;

void make(const Change& change, Bytes& content) {
  if (change.truncates) {
    content.resize(change.offset);
    return;
  }
  const std::size_t end = change.offset + change.data.size();
  if (content.size() < end) content.resize(end);
  std::memcpy(content.data() + change.offset, change.data.data(), change.data.size());
}

void copy_sector(const Bytes& from, Bytes& to, std::size_t index) {
  const std::size_t begin = index * sector;
  const std::size_t end = std::min(begin + sector, from.size());
  if (begin >= end) return;
  if (to.size() < end) to.resize(end);
  std::memcpy(to.data() + begin, from.data() + begin, end - begin);
}

}  // namespace

CrashDisk::Model::Model(CrashDiskOptions options)
    : options_(options), state_(options.seed * 0x9E3779B97F4A7C15 + 1) {
  static std::atomic<std::uint64_t> made{0};
  vfs_name_ = fmt::format("crash-{}", ++made);
  vfs_ = register_crash_vfs(*this, vfs_name_);
}

CrashDisk::Model::~Model() {
  sqlite3_vfs_unregister(vfs_.get());
}

std::uint64_t CrashDisk::Model::next_random() {  // splitmix64
  std::uint64_t z = (state_ += 0x9E3779B97F4A7C15);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

std::uint64_t CrashDisk::Model::random() {
  const std::scoped_lock lock(mutex_);
  return next_random();
}

std::uint64_t CrashDisk::Model::generation() {
  const std::scoped_lock lock(mutex_);
  return generation_;
}

bool CrashDisk::Model::counts_to_cut() {
  ++changes_;
  return until_cut_ > 0 && --until_cut_ == 0;
}

bool CrashDisk::Model::fails(Operation operation) {
  Failure& due = failures_[static_cast<std::size_t>(operation)];
  if (due.nth == 0) return false;
  if (due.nth > 1) {
    --due.nth;
    return false;
  }
  if (--due.times == 0) due.nth = 0;
  return true;
}

int CrashDisk::Model::open(const char* name, int flags, FilePointer& file) {
  const std::scoped_lock lock(mutex_);
  if (is_off_) return SQLITE_CANTOPEN;
  if (!name) {  // a temporary file without a name
    file = std::make_shared<SimulatedFile>();
    return SQLITE_OK;
  }
  const auto found = files_.find(name);
  if (found != files_.end()) {
    file = found->second;
    return SQLITE_OK;
  }
  if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
  file = std::make_shared<SimulatedFile>();
  // SQLite's own VFS syncs the folder with the first sync of a new journal or log.
  file->syncs_folder =
      (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
  files_.emplace(name, file);
  return SQLITE_OK;
}

void CrashDisk::Model::sync_folder() {
  deleted_.clear();
  for (auto& [name, file] : files_) file->is_on_disk = true;
}

bool CrashDisk::Model::exists(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return !is_off_ && files_.contains(name);
}

int CrashDisk::Model::remove(const std::string& name, bool sync_folder) {
  const std::scoped_lock lock(mutex_);
  if (is_off_) return SQLITE_IOERR_DELETE;
  const auto found = files_.find(name);
  if (found == files_.end()) return SQLITE_IOERR_DELETE_NOENT;
  if (found->second->is_on_disk) deleted_[name] = found->second;
  files_.erase(found);
  if (counts_to_cut()) {
    crash();
    return SQLITE_IOERR_DELETE;
  }
  if (sync_folder && !options_.lying) this->sync_folder();
  return SQLITE_OK;
}

int CrashDisk::Model::read(std::uint64_t generation, SimulatedFile& file, std::uint8_t* into,
                           std::size_t length, std::size_t offset) {
  const std::scoped_lock lock(mutex_);
  if (is_dead(generation) || fails(Operation::read)) return SQLITE_IOERR_READ;
  const std::size_t there =
      offset < file.cache.size() ? std::min(length, file.cache.size() - offset) : 0;
  if (there > 0) std::memcpy(into, file.cache.data() + offset, there);
  if (there == length) return SQLITE_OK;
  std::memset(into + there, 0, length - there);
  return SQLITE_IOERR_SHORT_READ;
}

int CrashDisk::Model::write(std::uint64_t generation, SimulatedFile& file, ByteView data,
                            std::size_t offset) {
  const std::scoped_lock lock(mutex_);
  if (is_dead(generation) || fails(Operation::write)) return SQLITE_IOERR_WRITE;
  const std::size_t end = offset + data.size();
  const std::size_t grows = end > file.cache.size() ? end - file.cache.size() : 0;
  if (grows > 0 && used() + static_cast<std::int64_t>(grows) > options_.capacity_bytes) {
    return SQLITE_FULL;
  }
  file.changes.push_back({offset, Bytes(data.begin(), data.end()), false, false});
  make(file.changes.back(), file.cache);
  if (!counts_to_cut()) return SQLITE_OK;
  crash();
  return SQLITE_IOERR_WRITE;
}

int CrashDisk::Model::truncate(std::uint64_t generation, SimulatedFile& file, std::size_t size) {
  const std::scoped_lock lock(mutex_);
  if (is_dead(generation)) return SQLITE_IOERR_TRUNCATE;
  file.changes.push_back({size, {}, true, false});
  make(file.changes.back(), file.cache);
  if (!counts_to_cut()) return SQLITE_OK;
  crash();
  return SQLITE_IOERR_TRUNCATE;
}

int CrashDisk::Model::sync(std::uint64_t generation, SimulatedFile& file) {
  const std::scoped_lock lock(mutex_);
  if (is_dead(generation)) return SQLITE_IOERR_FSYNC;
  ++syncs_;
  if (counts_to_cut()) {
    crash();
    return SQLITE_IOERR_FSYNC;
  }
  if (fails(Operation::sync)) {
    for (Change& change : file.changes) change.forgotten = true;
    return SQLITE_IOERR_FSYNC;
  }
  if (options_.lying) return SQLITE_OK;
  file.is_on_disk = true;
  if (std::exchange(file.syncs_folder, false)) sync_folder();
  std::erase_if(file.changes, [&](const Change& change) {
    if (change.forgotten) return false;
    make(change, file.disk);
    return true;
  });
  // Once all that was forgotten has been written over and synced, cache and disk agree again.
  if (!file.changes.empty() && file.cache == file.disk) file.changes.clear();
  return SQLITE_OK;
}

std::int64_t CrashDisk::Model::size(SimulatedFile& file) {
  const std::scoped_lock lock(mutex_);
  return static_cast<std::int64_t>(file.cache.size());
}

void CrashDisk::Model::crash_file(SimulatedFile& file) {
  enum { nothing, everything, some } kept = some;
  if (const auto roll = next_random() % 10; roll < 2) {
    kept = nothing;
  } else if (roll < 4) {
    kept = everything;
  }
  Bytes working = file.disk;  // every version in turn
  Bytes chosen = file.disk;   // the version each sector ends with
  std::map<std::size_t, std::uint64_t> versions;
  std::vector<std::size_t> sizes{file.disk.size()};
  for (const Change& change : file.changes) {
    if (kept == nothing || change.forgotten) continue;
    make(change, working);
    sizes.push_back(working.size());
    if (change.truncates) continue;
    const std::size_t last = (change.offset + change.data.size() - 1) / sector;
    for (std::size_t s = change.offset / sector; s <= last && !change.data.empty(); ++s) {
      // Each of the versions, the oldest included, with the same chance.
      const std::uint64_t seen = ++versions[s];
      if (kept == everything || next_random() % (seen + 1) == 0) copy_sector(working, chosen, s);
    }
  }
  const std::size_t size = kept == everything ? sizes.back() : sizes[next_random() % sizes.size()];
  chosen.resize(size);
  file.disk = chosen;
  file.cache = std::move(chosen);
  file.changes.clear();
}

void CrashDisk::Model::crash() {
  is_off_ = true;
  until_cut_ = 0;
  for (auto& [name, file] : deleted_) {
    if (!files_.contains(name) && next_random() % 2 == 0) files_.emplace(name, file);
  }
  deleted_.clear();
  for (auto at = files_.begin(); at != files_.end();) {
    if (!at->second->is_on_disk && next_random() % 2 == 0) {
      at = files_.erase(at);
      continue;
    }
    crash_file(*at->second);
    at->second->is_on_disk = true;
    ++at;
  }
}

void CrashDisk::Model::cut_power_after(std::int64_t changes) {
  VL_ASSERT(changes > 0);
  const std::scoped_lock lock(mutex_);
  until_cut_ = changes;
}

void CrashDisk::Model::cut_power() {
  const std::scoped_lock lock(mutex_);
  if (!is_off_) crash();
}

void CrashDisk::Model::kill_process() {
  const std::scoped_lock lock(mutex_);
  is_off_ = true;
  until_cut_ = 0;
}

void CrashDisk::Model::restart() {
  const std::scoped_lock lock(mutex_);
  VL_ASSERT(is_off_);
  is_off_ = false;
  ++generation_;
  // New objects without locks: what was open holds the old ones, which nobody sees any more.
  for (auto& [name, file] : files_) {
    auto after = std::make_shared<SimulatedFile>();
    after->cache = file->cache;
    after->disk = file->disk;
    after->changes = file->changes;
    after->is_on_disk = file->is_on_disk;
    after->syncs_folder = file->syncs_folder;
    file = std::move(after);
  }
}

void CrashDisk::Model::fail(Operation operation, std::int64_t nth, std::int64_t times) {
  VL_ASSERT(nth > 0 && times > 0);
  const std::scoped_lock lock(mutex_);
  failures_[static_cast<std::size_t>(operation)] = {nth, times};
}

void CrashDisk::Model::set_capacity(std::int64_t bytes) {
  const std::scoped_lock lock(mutex_);
  options_.capacity_bytes = bytes;
}

std::int64_t CrashDisk::Model::used() const {
  std::size_t sum = 0;
  for (const auto& [name, file] : files_) sum += file->cache.size();
  return static_cast<std::int64_t>(sum);
}

std::int64_t CrashDisk::Model::used_bytes() {
  const std::scoped_lock lock(mutex_);
  return used();
}

bool CrashDisk::Model::is_off() {
  const std::scoped_lock lock(mutex_);
  return is_off_;
}

std::int64_t CrashDisk::Model::changes() {
  const std::scoped_lock lock(mutex_);
  return changes_;
}

std::int64_t CrashDisk::Model::syncs() {
  const std::scoped_lock lock(mutex_);
  return syncs_;
}

CrashDisk::CrashDisk(CrashDiskOptions options) : model_(std::make_unique<Model>(options)) {}
CrashDisk::~CrashDisk() = default;

SqliteOptions CrashDisk::database(const std::string& name) const {
  return {.path = "/" + name, .vfs = vfs()};
}
const std::string& CrashDisk::vfs() const {
  return model_->vfs_name();
}
void CrashDisk::cut_power_after(std::int64_t changes) {
  model_->cut_power_after(changes);
}
void CrashDisk::cut_power() {
  model_->cut_power();
}
bool CrashDisk::is_off() const {
  return model_->is_off();
}
void CrashDisk::restart() {
  model_->restart();
}
void CrashDisk::kill_process() {
  model_->kill_process();
}
void CrashDisk::fail(Operation operation, std::int64_t nth, std::int64_t times) {
  model_->fail(operation, nth, times);
}
void CrashDisk::set_capacity(std::int64_t bytes) {
  model_->set_capacity(bytes);
}
std::int64_t CrashDisk::used_bytes() const {
  return model_->used_bytes();
}
std::int64_t CrashDisk::changes() const {
  return model_->changes();
}
std::int64_t CrashDisk::syncs() const {
  return model_->syncs();
}

}  // namespace vl::store::testing
