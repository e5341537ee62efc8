#include <algorithm>
#include <atomic>
#include <cerrno>
#include <ctime>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/vault/objects.hpp>

#include "files.hpp"

namespace vl::vault {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kUnfinished = "unfinished";

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(VaultError::storage,
                "cannot make the folder " + path + ": " + files::reason(errno));
  return {};
}

std::string next_name() {
  static std::atomic<std::uint64_t> counter{0};
  return std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

}  // namespace

struct Objects::Writer::Open {
  const Objects& objects;
  std::string path;
  files::Descriptor file;
  Sha256 hash;
  bool finished = false;
};

Result<std::unique_ptr<Objects>> Objects::open(std::string folder) {
  VL_CHECK(make_folder(folder));
  const std::string unfinished = folder + "/" + std::string(kUnfinished);
  VL_CHECK(make_folder(unfinished));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(unfinished, error)) {
    std::error_code ignored;
    fs::remove(entry.path(), ignored);
  }
  if (error)
    return fail(VaultError::storage, "cannot read the folder " + folder + ": " + error.message());
  return std::unique_ptr<Objects>(new Objects(std::move(folder)));
}

std::string Objects::path_of(const Digest& name) const {
  const std::string hex = to_hex(name);
  return folder_ + "/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

Result<Objects::Writer> Objects::create() {
  const std::string path = folder_ + "/" + std::string(kUnfinished) + "/" + next_name();
  files::Descriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file)
    return fail(VaultError::storage, "cannot create " + path + ": " + files::reason(errno));
  return Writer(
      std::unique_ptr<Writer::Open>(new Writer::Open{*this, path, std::move(file), {}, false}));
}

Objects::Writer::Writer(std::unique_ptr<Open> open) : open_(std::move(open)) {}
Objects::Writer::Writer(Writer&&) noexcept = default;
Objects::Writer::~Writer() {
  if (open_ && !open_->finished) ::unlink(open_->path.c_str());
}

Result<void> Objects::Writer::add(ByteView bytes) {
  VL_CHECK(files::write_all(open_->file.get(), bytes, open_->path));
  open_->hash.add(bytes);
  return {};
}

Result<Digest> Objects::Writer::finish() {
  VL_ASSERT(!open_->finished);
  const Digest name = open_->hash.finish();
  const std::string path = open_->objects.path_of(name);
  const std::string folder = fs::path(path).parent_path().string();
  if (::fsync(open_->file.get()) != 0)
    return fail(VaultError::storage, "cannot sync " + open_->path + ": " + files::reason(errno));
  VL_CHECK(make_folder(folder));
  VL_CHECK(files::sync_folder_of(folder));
  if (::rename(open_->path.c_str(), path.c_str()) != 0)
    return fail(VaultError::storage, "cannot rename " + open_->path + ": " + files::reason(errno));
  open_->finished = true;
  VL_CHECK(files::sync_folder_of(path));
  return name;
}

Result<void> Objects::read(const Digest& name, std::size_t piece_bytes,
                           const std::function<Result<bool>(ByteView, bool)>& on_piece) const {
  const std::string path = path_of(name);
  files::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat about{};
  if (!file || ::fstat(file.get(), &about) != 0)
    return fail(VaultError::storage, "cannot open the attachment's file " + path + ": " +
                                         files::reason(errno) + "; restore it from the backup");
  Bytes piece(piece_bytes);
  auto left = static_cast<std::size_t>(about.st_size);
  do {
    const std::size_t wanted = std::min(left, piece_bytes);
    std::size_t have = 0;
    while (have < wanted) {
      const ssize_t got = ::read(file.get(), piece.data() + have, wanted - have);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return fail(VaultError::storage, "cannot read the attachment's file " + path);
      have += static_cast<std::size_t>(got);
    }
    left -= wanted;
    VL_TRY(const bool more, on_piece(ByteView(piece).first(wanted), left == 0));
    if (!more) return {};
  } while (left > 0);
  return {};
}

Result<void> Objects::remove(const Digest& name) {
  const std::string path = path_of(name);
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail(VaultError::storage, "cannot remove " + path + ": " + files::reason(errno));
  }
  return files::sync_folder_of(path);
}

Result<std::vector<Digest>> Objects::list(std::int64_t min_age_s) const {
  std::vector<Digest> names;
  std::error_code error;
  // The files' own age, by the clock that stamped them.
  const std::time_t newest = std::time(nullptr) - static_cast<std::time_t>(min_age_s);
  for (fs::recursive_directory_iterator entry(folder_, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto hex = from_hex(entry->path().parent_path().filename().string() +
                              entry->path().filename().string());
    struct stat about{};
    if (!hex || hex->size() != 32 || ::lstat(entry->path().c_str(), &about) != 0 ||
        !S_ISREG(about.st_mode) || about.st_mtime > newest)
      continue;
    Digest name;
    std::ranges::copy(*hex, name.begin());
    names.push_back(name);
  }
  if (error)
    return fail(VaultError::storage, "cannot read the folder " + folder_ + ": " + error.message());
  return names;
}

}  // namespace vl::vault
