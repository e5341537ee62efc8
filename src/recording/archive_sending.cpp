// What the archive asks of its object store.
//
// Order of sending an extent, so that a crash between any two steps leaves nothing untold:
//   1. a marker .put: it may be there;
//   2. the object is put and looked at;
//   3. a marker .obj: it is there; the folder is synced;
//   4. the file here goes.
// It is sent again after a crash before 3; after it, the file is removed at the start.
#include <algorithm>

#include <vonglau/base/log.hpp>
#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/recording/error.hpp>
#include <vonglau/recording/log_format.hpp>

namespace vl::recording {

namespace {
constexpr std::int64_t first_wait_us = 1'000'000, longest_wait_us = 60'000'000;
constexpr std::int64_t asked_anyway_us = 60'000'000;
constexpr std::int64_t kept_near_us = 60'000'000;
constexpr std::size_t most_near = 2;
constexpr std::size_t a_page = 1000;
constexpr std::size_t most_objects = 20'000'000;
}  // namespace

void ArchiveDisk::start() {
  thread_ = std::thread([this] { run(); });
}

void ArchiveDisk::run() {
  for (;;) {
    if (work()) continue;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; });
    if (stopping_) return;
  }
}

bool ArchiveDisk::work() {
  std::optional<std::string> path;
  std::optional<Given> given;
  {
    const std::lock_guard lock(mutex_);
    const auto now_us = clock_.mono().us;
    if (stopping_ || now_us < left_alone_until_us_) return false;
    if (!to_delete_.empty() && (deletes_next_ || to_put_.empty())) {
      given = to_delete_.front();
    } else if (!to_put_.empty()) {
      path = to_put_.front();
      to_put_.pop_front();
    } else if (!is_prepared_ || (heard_us_ != 0 && now_us - heard_mono_us_ < asked_anyway_us)) {
      return false;
    }
    deletes_next_ = path.has_value();
  }
  if (!given && !path) {
    (void)answers();  // so that what is told of it is true
    return false;
  }
  Result<bool> done = true;
  if (path) {
    done = put(*path);
  } else if (auto removed = remove_object(*given); !removed) {
    done = std::unexpected(removed.error());
  }
  const std::lock_guard lock(mutex_);
  if (done) {
    if (*done) heard();
    if (given) to_delete_.pop_front();
    return true;
  }
  failed(done.error());
  if (path) to_put_.push_back(*path);
  wait_us_ = std::clamp(wait_us_ * 2, first_wait_us, longest_wait_us);
  left_alone_until_us_ = clock_.mono().us + wait_us_;
  return false;
}

void ArchiveDisk::heard() {
  if (failing_since_us_ != 0) log::info("recording.archive_answers");
  heard_us_ = clock_.wall().us;
  heard_mono_us_ = clock_.mono().us;
  failing_since_us_ = wait_us_ = left_alone_until_us_ = reads_fail_until_us_ = 0;
  problem_.clear();
  problem_code_.clear();
}

void ArchiveDisk::failed(const Error& error) {
  if (stopping_) return;
  if (failing_since_us_ == 0) {
    failing_since_us_ = clock_.wall().us;
    log::error("recording.archive_fails", {{"why", error.message}});
  }
  problem_ = error.message;
  problem_code_ = error.code.name;
}

/// Whether the network was asked.
Result<bool> ArchiveDisk::put(const std::string& path) {
  std::uint64_t generation = 0, used = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    if (slot == slots_.end() || !slot->second.is_handed_over) return false;
    if (slot->second.kept_until_us > clock_.mono().us) {
      to_put_.push_back(path);
      left_alone_until_us_ = clock_.mono().us + first_wait_us;
      return false;
    }
    generation = slot->second.generation;
    used = slot->second.used_bytes;
  }
  VL_TRY(const auto content, below_.read(path, 0, used));
  const auto head = decode_extent_head(
      ByteView(content).first(std::min<std::size_t>(content.size(), log_block_bytes)));
  const auto is_current = [&](const auto& slot) {
    return slot != slots_.end() && slot->second.generation == generation &&
           slot->second.is_handed_over;
  };
  ArchivedExtent object;
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    if (!is_current(slot)) return false;
    if (!head || content.size() != used) {
      // Somebody changed it here. It stays: a check tells what is wrong with it.
      log::error("recording.archive_refused_extent", {{"path", path}});
      slot->second.is_handed_over = false;
      return false;
    }
    const auto name = path.substr(path.rfind('/') + 1);
    object = {static_cast<std::uint32_t>(std::stoul(name)), head->sequence, head->store, used};
    VL_CHECK(mark(log_of(path), object, ".put"));
    slot->second.putting = object;
  }
  const auto key = key_of(log_of(path), object);
  VL_CHECK(objects_.put(key, content));
  VL_TRY(const auto there, objects_.size(key));
  if (there != used)
    return fail(RecordingError::disk_failed, "the archive keeps less than it was given");
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(path);
  if (!is_current(slot)) return true;  // given up meanwhile: it is among what is deleted
  if (slot->second.kept_until_us > clock_.mono().us) {
    to_put_.push_back(path);
    return true;
  }
  VL_CHECK(mark(log_of(path), object, ".obj"));
  slot->second.object = object;
  slot->second.putting.reset();
  slot->second.is_handed_over = false;
  staged_bytes_ -= slot->second.local_bytes;
  slot->second.local_bytes = 0;
  archived_bytes_ += used;
  ++archived_;
  unmark(log_of(path), object, ".put");
  VL_CHECK(below_.remove(path));
  return true;
}

Result<void> ArchiveDisk::remove_object(const Given& given) {
  VL_CHECK(objects_.remove(key_of(given.log, given.object)));
  unmark(given.log, given.object, ".del");
  return {};
}

// ---- FarStorage ----------------------------------------------------------------------------

bool ArchiveDisk::can_take(std::uint64_t bytes) const {
  {
    const std::lock_guard lock(mutex_);
    if (staged_bytes_ + bytes > options_.staging_bytes) return false;
  }
  return below_.free_bytes(options_.folder).value_or(0) >= bytes + options_.reserve_bytes;
}

void ArchiveDisk::hand_over(const std::string& path, std::uint64_t used_bytes) {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(path);
  if (slot == slots_.end() || slot->second.object || slot->second.is_handed_over ||
      slot->second.local_bytes == 0)
    return;
  slot->second.is_handed_over = true;
  slot->second.used_bytes = used_bytes;
  to_put_.push_back(path);
  changed_.notify_all();
}

bool ArchiveDisk::is_far(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(path);
  return slot != slots_.end() && slot->second.is_far();
}

bool ArchiveDisk::keep_near(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto slot = slots_.find(path);
  if (slot == slots_.end()) return true;  // nothing to wait for
  if (slot->second.is_far()) return std::ranges::find(near_, path, &Cached::key) != near_.end();
  slot->second.kept_until_us = clock_.mono().us + kept_near_us;
  return true;
}

Result<void> ArchiveDisk::bring_near(const std::string& path) {
  std::string key;
  std::uint64_t bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    if (slot == slots_.end() || !slot->second.is_far() ||
        std::ranges::find(near_, path, &Cached::key) != near_.end())
      return {};
    if (clock_.mono().us < left_alone_until_us_) return fail(RecordingError::disk_failed, problem_);
    key = key_of(log_of(path), *slot->second.object);
    bytes = slot->second.object->bytes;
  }
  auto content = objects_.get_all(key);
  const std::lock_guard lock(mutex_);
  if (!content) {
    if (content.error().code != code_of(RecordingError::not_found)) failed(content.error());
    return fail(std::move(content).error());
  }
  heard();
  if (content->size() > bytes) content->resize(bytes);
  near_.push_front({path, 0, std::move(*content)});
  if (near_.size() > most_near) near_.pop_back();
  return {};
}

void ArchiveDisk::forget_near() {
  const std::lock_guard lock(mutex_);
  near_.clear();
}

Result<void> ArchiveDisk::answers() {
  const auto page = objects_.list(options_.prefix, {}, 1);
  const std::lock_guard lock(mutex_);
  if (page) {
    heard();
    return {};
  }
  failed(page.error());
  wait_us_ = std::clamp(wait_us_ * 2, first_wait_us, longest_wait_us);
  left_alone_until_us_ = clock_.mono().us + wait_us_;
  return std::unexpected(page.error());
}

Result<std::vector<StoredObject>> ArchiveDisk::list_bucket() {
  std::vector<StoredObject> out;
  std::string from;
  do {
    auto page = objects_.list(options_.prefix, from, a_page);
    if (!page) {
      const std::lock_guard lock(mutex_);
      failed(page.error());
      return std::unexpected(page.error());
    }
    for (auto& object : page->objects)
      if (object.key.starts_with(options_.prefix)) out.push_back(std::move(object));
    from = std::move(page->next);
  } while (!from.empty() && out.size() < most_objects);
  const std::lock_guard lock(mutex_);
  heard();
  return out;
}

Result<std::map<std::string, std::uint64_t>> ArchiveDisk::sizes() {
  VL_TRY(const auto objects, list_bucket());
  std::map<std::string, std::string> ours;  // key, path; "" for what is on its way here or there
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, slot] : slots_) {
      if (slot.object) ours[key_of(log_of(path), *slot.object)] = path;
      if (slot.putting) ours[key_of(log_of(path), *slot.putting)];
    }
    for (const auto& given : to_delete_) ours[key_of(given.log, given.object)];
  }
  std::map<std::string, std::uint64_t> out;
  for (const auto& object : objects) {
    const auto known = ours.find(object.key);
    if (known == ours.end())
      out["object " + object.key] = object.bytes;
    else if (!known->second.empty())
      out[known->second] = object.bytes;
  }
  return out;
}

ArchiveNow ArchiveDisk::now() const {
  const std::lock_guard lock(mutex_);
  return {.archived_bytes = archived_bytes_,
          .objects = archived_,
          .staged_bytes = staged_bytes_,
          .staging_bytes = options_.staging_bytes,
          .to_delete = to_delete_.size(),
          .heard_us = heard_us_,
          .failing_since_us = failing_since_us_,
          .problem = problem_,
          .problem_code = problem_code_};
}

}  // namespace vl::recording
