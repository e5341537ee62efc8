#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/evidence/folder.hpp>
#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

namespace {
std::unexpected<Error> unreadable(const std::string& path, const char* what) {
  return fail(EvidenceError::unreadable, fmt::format("{}: {}", path, what));
}
}  // namespace

FolderFile::~FolderFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
FolderFile::FolderFile(FolderFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), bytes_(other.bytes_) {}

Result<Bytes> FolderFile::read(std::uint64_t offset, std::size_t most) const {
  const auto there = offset < bytes_ ? bytes_ - offset : 0;
  Bytes out(static_cast<std::size_t>(std::min<std::uint64_t>(most, there)));
  std::size_t done = 0;
  while (done < out.size()) {
    const auto n = ::pread(descriptor_, out.data() + done, out.size() - done,
                           static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable("a file of the export", std::strerror(errno));
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  out.resize(done);
  return out;
}

Result<Digest> FolderFile::sha256() const {
  Sha256 hash;
  for (std::uint64_t at = 0; at < bytes_;) {
    VL_TRY(const auto piece, read(at, 1 << 20));
    if (piece.empty()) break;
    hash.add(piece);
    at += piece.size();
  }
  return hash.finish();
}

Result<Folder> Folder::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return unreadable(path, std::strerror(errno));
  return Folder(path, descriptor);
}
Folder::~Folder() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
Folder::Folder(Folder&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Result<std::optional<FolderFile>> Folder::file(const std::string& path) const {
  if (!is_export_path(path)) return unreadable(path, "that is no name of an export's file");
  int folder = descriptor_;
  std::size_t from = 0;
  const auto done = [&] {
    if (folder != descriptor_) ::close(folder);
  };
  for (auto slash = path.find('/'); slash != std::string::npos; slash = path.find('/', from)) {
    const auto part = path.substr(from, slash - from);
    const int next =
        ::openat(folder, part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const int why = errno;
    done();
    if (next < 0) {
      if (why == ENOENT) return std::nullopt;
      return unreadable(path, std::strerror(why));
    }
    folder = next;
    from = slash + 1;
  }
  const int descriptor =
      ::openat(folder, path.c_str() + from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  const int why = errno;
  done();
  if (descriptor < 0) {
    if (why == ENOENT) return std::nullopt;
    return unreadable(path, std::strerror(why));
  }
  struct stat status{};
  const bool plain = ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
  FolderFile out(descriptor, plain ? static_cast<std::uint64_t>(status.st_size) : 0);
  if (!plain) return unreadable(path, "it is not a plain file");
  return out;
}

Result<std::optional<Bytes>> Folder::content(const std::string& path,
                                             std::size_t most_bytes) const {
  VL_TRY(const auto found, file(path));
  if (!found) return std::nullopt;
  if (found->bytes() > most_bytes)
    return fail(EvidenceError::malformed,
                fmt::format("{} has more than {} bytes", path, most_bytes));
  return found->read(0, most_bytes);
}

std::vector<std::string> Folder::list(std::size_t most) const {
  std::vector<std::string> out;
  std::error_code error;
  namespace fs = std::filesystem;
  const fs::path base(path_);
  for (auto at = fs::recursive_directory_iterator(base, error);
       !error && at != fs::recursive_directory_iterator() && out.size() < most; at.increment(error))
    if (std::error_code ignored; !at->is_directory(ignored) || at->is_symlink(ignored))
      out.push_back(at->path().lexically_relative(base).generic_string());
  std::ranges::sort(out);
  return out;
}

}  // namespace vl::evidence
