// What the archive does with files. Sending them, and what is asked of the network:
// archive_sending.cpp.
#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>
#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/recording/error.hpp>
#include <vonglau/recording/log_format.hpp>

namespace vl::recording {

namespace {

constexpr std::string_view extent_ending = ".vle";
/// A small read is a head: what follows it is asked for next.
constexpr std::size_t small_read = 64 * 1024, read_ahead = 256 * 1024;
constexpr std::int64_t reads_fail_us = 3'000'000;
/// An object store has no end that we could see; what may lie there is the store's to say.
constexpr std::uint64_t without_end = 1ULL << 60;

template <class Number>
bool take_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::optional<std::uint32_t> slot_named(std::string_view name) {
  std::uint32_t slot = 0;
  if (!name.ends_with(extent_ending) ||
      !take_number(name.substr(0, name.size() - extent_ending.size()), slot))
    return std::nullopt;
  return slot;
}

}  // namespace

std::string ArchivedExtent::text() const {
  return fmt::format("{:06}.{}.{}.{}", slot, sequence, log.text(), bytes);
}

std::optional<ArchivedExtent> ArchivedExtent::parse(std::string_view name) {
  std::array<std::string_view, 4> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto dot = i + 1 < parts.size() ? name.find('.') : name.size();
    if (dot == std::string_view::npos) return std::nullopt;
    parts[i] = name.substr(0, dot);
    name.remove_prefix(std::min(dot + 1, name.size()));
  }
  ArchivedExtent out;
  const auto log = Uuid::parse(parts[2]);
  if (!log || !take_number(parts[0], out.slot) || !take_number(parts[1], out.sequence) ||
      !take_number(parts[3], out.bytes))
    return std::nullopt;
  out.log = *log;
  return out;
}

ArchiveDisk::ArchiveDisk(ArchiveOptions options, Disk& below, ObjectStore& objects,
                         const Clock& clock)
    : options_(std::move(options)), below_(below), objects_(objects), clock_(clock) {}

ArchiveDisk::~ArchiveDisk() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (!thread_.joinable()) return;
  objects_.cancel();
  thread_.join();
}

FarStorage* ArchiveDisk::far(const std::string& path) {
  return path == options_.folder || path.starts_with(options_.folder + "/") ? this : nullptr;
}

bool ArchiveDisk::is_extent(const std::string& path) const {
  if (!path.starts_with(options_.folder + "/")) return false;
  const auto slash = path.rfind('/');
  return slash > options_.folder.size() && slot_named(std::string_view(path).substr(slash + 1));
}
std::string ArchiveDisk::log_of(const std::string& path) const {
  const auto from = options_.folder.size() + 1;
  return path.substr(from, path.rfind('/') - from);
}
std::string ArchiveDisk::path_of(const std::string& log, std::uint32_t slot) const {
  return fmt::format("{}/{}/{:06}{}", options_.folder, log, slot, extent_ending);
}
std::string ArchiveDisk::key_of(const std::string& log, const ArchivedExtent& object) const {
  return fmt::format("{}{}/{}", options_.prefix, log, object.text());
}

/// Durable when it returns.
Result<void> ArchiveDisk::mark(const std::string& log, const ArchivedExtent& object,
                               std::string_view kind) {
  const auto folder = options_.folder + "/" + log;
  VL_TRY(const auto file, below_.open(fmt::format("{}/{}{}", folder, object.text(), kind)));
  VL_CHECK(file->sync());
  return below_.sync_folder(folder);
}
void ArchiveDisk::unmark(const std::string& log, const ArchivedExtent& object,
                         std::string_view kind) {
  (void)below_.remove(fmt::format("{}/{}/{}{}", options_.folder, log, object.text(), kind));
}

// ---- What lies there at the start ----------------------------------------------------------

Result<void> ArchiveDisk::make_folders(const std::string& path) {
  VL_CHECK(below_.make_folders(path));
  return path == options_.folder ? prepare() : Result<void>{};
}

Result<void> ArchiveDisk::prepare() {
  {
    const std::lock_guard lock(mutex_);
    if (is_prepared_) return {};
  }
  const auto note = options_.folder + "/archive";
  const auto known = below_.size(note);
  if (!known || *known == 0) {
    VL_CHECK(take_over_bucket());
  } else {
    VL_TRY(const auto name, below_.read(note, 0, 4096));
    if (as_text(name) != options_.name)
      return fail(RecordingError::invalid,
                  fmt::format("{} belongs to the archive {} and not to {}: name another folder",
                              options_.folder, as_text(name), options_.name));
  }
  VL_TRY(const auto logs, below_.list(options_.folder));
  for (const auto& log : logs)
    if (log.starts_with("moved-") || log == "kept") VL_CHECK(look_at(log));
  const std::lock_guard lock(mutex_);
  is_prepared_ = true;
  return {};
}

/// The folder is new: what the bucket holds already, of a folder that was lost, gets its markers.
Result<void> ArchiveDisk::take_over_bucket() {
  VL_TRY(const auto objects, list_bucket());
  std::set<std::string> logs;
  std::size_t found = 0;
  for (const auto& object : objects) {
    const auto name = std::string_view(object.key).substr(options_.prefix.size());
    const auto slash = name.find('/');
    if (slash == std::string_view::npos) continue;
    const std::string log(name.substr(0, slash));
    const auto extent = ArchivedExtent::parse(name.substr(slash + 1));
    // One that was cut off on its way was never said to be there.
    if (!extent || extent->bytes != object.bytes || !(log.starts_with("moved-") || log == "kept"))
      continue;
    const auto folder = options_.folder + "/" + log;
    if (logs.insert(log).second) VL_CHECK(below_.make_folders(folder));
    VL_TRY(const auto file, below_.open(fmt::format("{}/{}.obj", folder, extent->text())));
    ++found;
  }
  for (const auto& log : logs) VL_CHECK(below_.sync_folder(options_.folder + "/" + log));
  if (found > 0) log::info("recording.archive_found", {{"objects", std::to_string(found)}});
  VL_TRY(const auto note, below_.open(options_.folder + "/archive"));
  const auto name = as_bytes(options_.name);
  VL_CHECK(note->append({&name, 1}));
  VL_CHECK(note->sync());
  return below_.sync_folder(options_.folder);
}

Result<void> ArchiveDisk::look_at(const std::string& log) {
  const auto folder = options_.folder + "/" + log;
  VL_TRY(const auto names, below_.list(folder));
  std::vector<ArchivedExtent> put, there, given;
  std::map<std::uint32_t, std::uint64_t> files;
  for (const auto& name : names) {
    if (const auto slot = slot_named(name)) {
      VL_TRY(files[*slot], below_.size(folder + "/" + name));
      continue;
    }
    if (name.size() <= 4) continue;
    const auto object = ArchivedExtent::parse(std::string_view(name).substr(0, name.size() - 4));
    if (!object) continue;
    if (name.ends_with(".put")) put.push_back(*object);
    if (name.ends_with(".obj")) there.push_back(*object);
    if (name.ends_with(".del")) given.push_back(*object);
  }
  const auto has = [](const std::vector<ArchivedExtent>& list, const ArchivedExtent& one) {
    return std::ranges::find(list, one) != list.end();
  };
  const auto is_of = [&](std::uint32_t slot, const ArchivedExtent& object) {
    if (!files.contains(slot)) return false;
    const auto block = below_.read(path_of(log, slot), 0, log_block_bytes);
    const auto head =
        block ? decode_extent_head(*block) : Result<ExtentHead>(std::unexpected(block.error()));
    return head && head->store == object.log && head->sequence == object.sequence;
  };
  const std::lock_guard lock(mutex_);
  const auto give = [&](const ArchivedExtent& object) -> Result<void> {
    if (has(given, object)) return {};
    VL_CHECK(mark(log, object, ".del"));
    given.push_back(object);
    return {};
  };
  for (const auto& object : there) {
    if (has(given, object)) {
      unmark(log, object, ".obj");
      continue;
    }
    // The file is another extent by now, or another object is: this one was given up.
    const bool is_newest = std::ranges::none_of(there, [&](const ArchivedExtent& other) {
      return other.slot == object.slot && !has(given, other) && other.sequence > object.sequence;
    });
    const bool is_same = is_of(object.slot, object);
    if (!is_newest || (files.contains(object.slot) && !is_same)) {
      VL_CHECK(give(object));
      unmark(log, object, ".obj");
      continue;
    }
    if (files.erase(object.slot) > 0) VL_CHECK(below_.remove(path_of(log, object.slot)));
    slots_[path_of(log, object.slot)].object = object;
    archived_bytes_ += object.bytes;
    ++archived_;
  }
  for (const auto& object : put) {
    if (!has(given, object) && !has(there, object) && is_of(object.slot, object)) {
      slots_[path_of(log, object.slot)].putting = object;
      continue;
    }
    if (!has(there, object)) VL_CHECK(give(object));
    unmark(log, object, ".put");
  }
  for (const auto& object : given) to_delete_.push_back({log, object});
  for (const auto& [slot, bytes] : files) {
    slots_[path_of(log, slot)].local_bytes = bytes;
    staged_bytes_ += bytes;
  }
  return {};
}

// ---- Writing -------------------------------------------------------------------------------

/// A file of the archive. What is far is not written to: but a new head at its beginning says that
/// it was given up, and zeros there are a file that nobody needs to have.
class ArchiveDisk::Blocks final : public BlockFile {
 public:
  Blocks(ArchiveDisk& archive, std::string path, std::uint64_t bytes,
         std::unique_ptr<BlockFile> file)
      : archive_(archive), path_(std::move(path)), bytes_(bytes), file_(std::move(file)) {}
  Result<void> write(std::uint64_t offset, std::span<const ByteView> pieces) override {
    if (offset == 0) {
      VL_CHECK(archive_.begin_anew(path_));
      const bool is_zeros = std::ranges::all_of(pieces, [](ByteView piece) {
        return std::ranges::all_of(piece, [](std::uint8_t byte) { return byte == 0; });
      });
      if (!file_ && is_zeros) return {};
      if (!file_) {
        VL_TRY(file_, archive_.open_local(path_, bytes_));
      }
    }
    if (!file_)
      return fail(RecordingError::disk_failed, "what lies in the archive is not written again");
    return file_->write(offset, pieces);
  }
  Result<void> sync() override { return file_ ? file_->sync() : Result<void>{}; }

 private:
  ArchiveDisk& archive_;
  const std::string path_;
  const std::uint64_t bytes_;
  std::unique_ptr<BlockFile> file_;
};

Result<std::unique_ptr<BlockFile>> ArchiveDisk::open_blocks(const std::string& path,
                                                            std::uint64_t bytes) {
  if (!is_extent(path)) return below_.open_blocks(path, bytes);
  std::unique_ptr<BlockFile> file;
  if (!is_far(path)) {
    VL_TRY(file, open_local(path, bytes));
  }
  return std::make_unique<Blocks>(*this, path, bytes, std::move(file));
}

Result<std::unique_ptr<BlockFile>> ArchiveDisk::open_local(const std::string& path,
                                                           std::uint64_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    const bool is_new = slot == slots_.end() || slot->second.local_bytes == 0;
    if (is_new && staged_bytes_ + bytes > options_.staging_bytes)
      return fail(RecordingError::far,
                  "the archive's folder is full until the archive takes what lies there");
  }
  VL_TRY(auto file, below_.open_blocks(path, bytes));
  const std::lock_guard lock(mutex_);
  auto& slot = slots_[path];
  if (slot.local_bytes == 0) staged_bytes_ += bytes;
  slot.local_bytes = bytes;
  return file;
}

/// Durable when it returns: from here on the object is not found again, and is deleted.
Result<void> ArchiveDisk::give_up(const std::string& path, Slot& slot) {
  const auto log = log_of(path);
  for (auto* object : {&slot.object, &slot.putting}) {
    if (!*object) continue;
    VL_CHECK(mark(log, **object, ".del"));
    to_delete_.push_back({log, **object});
    if (object == &slot.object) {
      archived_bytes_ -= (*object)->bytes;
      --archived_;
      unmark(log, **object, ".obj");
    } else {
      unmark(log, **object, ".put");
    }
    object->reset();
  }
  std::erase_if(near_, [&](const Cached& one) { return one.key == path; });
  slot.is_handed_over = false;
  ++slot.generation;
  changed_.notify_all();
  return {};
}

Result<void> ArchiveDisk::begin_anew(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return give_up(path, slots_[path]);
}

Result<void> ArchiveDisk::remove(const std::string& path) {
  if (!is_extent(path)) return below_.remove(path);
  {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    if (slot != slots_.end()) {
      VL_CHECK(give_up(path, slot->second));
      staged_bytes_ -= slot->second.local_bytes;
      slots_.erase(slot);
    }
  }
  return below_.remove(path);
}

// ---- Reading -------------------------------------------------------------------------------

Result<Bytes> ArchiveDisk::read(const std::string& path, std::uint64_t offset, std::size_t bytes) {
  if (!is_extent(path)) return below_.read(path, offset, bytes);
  std::string key;
  ArchivedExtent object;
  for (int attempt = 0;; ++attempt) {
    {
      const std::lock_guard lock(mutex_);
      const auto slot = slots_.find(path);
      if (slot == slots_.end() || (!slot->second.is_far() && slot->second.local_bytes == 0))
        return fail(RecordingError::not_found, "no such extent");
      if (slot->second.is_far()) {
        object = *slot->second.object;
        if (offset >= object.bytes) return Bytes{};
        bytes = std::min<std::uint64_t>(bytes, object.bytes - offset);
        key = key_of(log_of(path), object);
        if (const auto near = std::ranges::find(near_, path, &Cached::key); near != near_.end())
          return near->part(offset, bytes);
        for (auto one = cache_.begin(); one != cache_.end(); ++one) {
          if (one->key != key || offset < one->at || offset + bytes > one->at + one->bytes.size())
            continue;
          cache_.splice(cache_.begin(), cache_, one);
          return one->part(offset, bytes);
        }
        if (clock_.mono().us < reads_fail_until_us_)
          return fail(RecordingError::disk_failed, problem_);
        break;
      }
    }
    auto local = below_.read(path, offset, bytes);
    // It may have left while it was opened.
    if (local || attempt > 0 || local.error().code != code_of(RecordingError::not_found))
      return local;
  }
  const auto wanted =
      bytes > small_read
          ? bytes
          : static_cast<std::size_t>(std::min<std::uint64_t>(read_ahead, object.bytes - offset));
  auto got = objects_.get(key, offset, wanted);
  if (!got && got.error().code == code_of(RecordingError::not_found)) {
    const std::lock_guard lock(mutex_);
    const auto slot = slots_.find(path);
    if (slot == slots_.end() || slot->second.object != object)
      return fail(RecordingError::not_found, "it was given up");
    return fail(RecordingError::disk_failed,
                fmt::format("object {} is missing in the archive", key));
  }
  if (!got) {
    const std::lock_guard lock(mutex_);
    failed(got.error());
    reads_fail_until_us_ = clock_.mono().us + reads_fail_us;
    return fail(RecordingError::disk_failed, got.error().message);
  }
  Bytes out(got->begin(), got->begin() + static_cast<std::ptrdiff_t>(std::min(bytes, got->size())));
  const std::lock_guard lock(mutex_);
  heard();
  if (got->size() > options_.cache_bytes / 4) return out;
  cached_bytes_ += got->size();
  cache_.push_front({key, offset, std::move(*got)});
  while (cached_bytes_ > options_.cache_bytes) {
    cached_bytes_ -= cache_.back().bytes.size();
    cache_.pop_back();
  }
  return out;
}

Result<std::uint64_t> ArchiveDisk::size(const std::string& path) {
  if (!is_extent(path)) return below_.size(path);
  {
    const std::lock_guard lock(mutex_);
    if (const auto slot = slots_.find(path); slot != slots_.end() && slot->second.is_far())
      return slot->second.object->bytes;
  }
  return below_.size(path);
}

Result<std::vector<std::string>> ArchiveDisk::list(const std::string& path) {
  if (!path.starts_with(options_.folder + "/")) return below_.list(path);
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (auto slot = slots_.lower_bound(path + "/");
       slot != slots_.end() && slot->first.starts_with(path + "/"); ++slot)
    if (slot->second.is_far() || slot->second.local_bytes > 0)
      out.push_back(slot->first.substr(path.size() + 1));
  return out;
}

Result<std::unique_ptr<DiskFile>> ArchiveDisk::open(const std::string& path) {
  return below_.open(path);
}
Result<void> ArchiveDisk::sync_folder(const std::string& path) {
  return below_.sync_folder(path);
}
Result<std::uint64_t> ArchiveDisk::free_bytes(const std::string& path) {
  return far(path) != nullptr ? Result<std::uint64_t>(without_end) : below_.free_bytes(path);
}
Result<std::uint64_t> ArchiveDisk::total_bytes(const std::string& path) {
  return far(path) != nullptr ? Result<std::uint64_t>(without_end) : below_.total_bytes(path);
}

}  // namespace vl::recording
