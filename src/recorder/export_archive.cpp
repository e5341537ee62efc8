#include "export_archive.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <vonglau/evidence/error.hpp>

namespace vl::recorder {

namespace {

namespace fs = std::filesystem;
constexpr std::uint64_t most_32 = 0xffff'ffff;
constexpr std::uint16_t utf8_names = 0x0800;
constexpr std::uint16_t dos_date = 0x21;  // 1980-01-01: the same content gives the same archive

std::unexpected<Error> archive_error(const std::string& what) {
  return fail(evidence::EvidenceError::unreadable,
              fmt::format("{}: {}", what, std::strerror(errno)));
}

struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number;
};

class Numbers {
 public:
  template <class T>
  void add(T value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
      bytes_.push_back(static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (8 * i)));
  }
  void add(std::string_view text) { bytes_.insert(bytes_.end(), text.begin(), text.end()); }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

class Zip {
 public:
  explicit Zip(int out) : out_(out) {}

  Result<void> add(const std::string& file, const std::string& name,
                   const std::function<bool()>& goes_on) {
    const Descriptor in(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    struct stat status{};
    if (in.number < 0 || ::fstat(in.number, &status) != 0) return archive_error(file);
    Entry entry{name, at_, static_cast<std::uint64_t>(status.st_size), 0};
    VL_CHECK(write(local_header(entry)));
    VL_CHECK(copy(in.number, entry, goes_on));
    entries_.push_back(std::move(entry));
    return {};
  }
  Result<std::uint64_t> finish() {
    const auto directory_at = at_;
    for (const auto& entry : entries_) VL_CHECK(write(central_header(entry)));
    VL_CHECK(write(end(directory_at, at_ - directory_at)));
    return at_;
  }

 private:
  struct Entry {
    std::string name;
    std::uint64_t at;
    std::uint64_t bytes;
    std::uint32_t crc;
  };
  static bool is_large(std::uint64_t number) { return number >= most_32; }

  static void add_common(Numbers& out, const Entry& entry, bool large) {
    out.add(std::uint16_t{utf8_names});
    out.add(std::uint16_t{0});  // stored
    out.add(std::uint16_t{0});
    out.add(dos_date);
    out.add(entry.crc);
    const auto shown = static_cast<std::uint32_t>(large ? most_32 : entry.bytes);
    out.add(shown);
    out.add(shown);
    out.add(static_cast<std::uint16_t>(entry.name.size()));
  }
  static Bytes local_header(const Entry& entry) {
    const bool large = is_large(entry.bytes);
    Numbers out;
    out.add(std::uint32_t{0x04034b50});
    out.add(static_cast<std::uint16_t>(large ? 45 : 20));
    add_common(out, entry, large);
    out.add(static_cast<std::uint16_t>(large ? 20 : 0));
    out.add(std::string_view(entry.name));
    if (large) {
      out.add(std::uint16_t{1});
      out.add(std::uint16_t{16});
      out.add(entry.bytes);
      out.add(entry.bytes);
    }
    return out.bytes();
  }
  static Bytes central_header(const Entry& entry) {
    const bool large = is_large(entry.bytes);
    const bool far_off = is_large(entry.at);
    const auto extra = (large ? 16 : 0) + (far_off ? 8 : 0);
    Numbers out;
    out.add(std::uint32_t{0x02014b50});
    out.add(std::uint16_t{0x032d});  // made on Unix, version 4.5
    out.add(static_cast<std::uint16_t>(extra > 0 ? 45 : 20));
    add_common(out, entry, large);
    out.add(static_cast<std::uint16_t>(extra > 0 ? extra + 4 : 0));
    out.add(std::uint16_t{0});
    out.add(std::uint16_t{0});
    out.add(std::uint16_t{0});
    out.add(std::uint32_t{0100600U << 16});
    out.add(static_cast<std::uint32_t>(far_off ? most_32 : entry.at));
    out.add(std::string_view(entry.name));
    if (extra > 0) {
      out.add(std::uint16_t{1});
      out.add(static_cast<std::uint16_t>(extra));
      if (large) out.add(entry.bytes), out.add(entry.bytes);
      if (far_off) out.add(entry.at);
    }
    return out.bytes();
  }
  Bytes end(std::uint64_t directory_at, std::uint64_t directory_bytes) const {
    const auto count = static_cast<std::uint64_t>(entries_.size());
    const bool large = count >= 0xffff || is_large(directory_at) || is_large(directory_bytes);
    Numbers out;
    if (large) {
      out.add(std::uint32_t{0x06064b50});
      out.add(std::uint64_t{44});
      out.add(std::uint16_t{0x032d});
      out.add(std::uint16_t{45});
      out.add(std::uint64_t{0});
      out.add(count);
      out.add(count);
      out.add(directory_bytes);
      out.add(directory_at);
      out.add(std::uint32_t{0x07064b50});
      out.add(std::uint32_t{0});
      out.add(directory_at + directory_bytes);
      out.add(std::uint32_t{1});
    }
    out.add(std::uint32_t{0x06054b50});
    out.add(std::uint32_t{0});
    const auto shown = static_cast<std::uint16_t>(large ? 0xffff : count);
    out.add(shown);
    out.add(shown);
    out.add(static_cast<std::uint32_t>(large ? most_32 : directory_bytes));
    out.add(static_cast<std::uint32_t>(large ? most_32 : directory_at));
    out.add(std::uint16_t{0});
    return out.bytes();
  }

  Result<void> write(ByteView bytes) {
    while (!bytes.empty()) {
      const auto n = ::write(out_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return archive_error("the archive");
      at_ += static_cast<std::uint64_t>(n);
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return {};
  }
  /// The checksum goes into the header that is written already.
  Result<void> copy(int in, Entry& entry, const std::function<bool()>& goes_on) {
    Bytes piece(1 << 20);
    uLong crc = ::crc32(0, nullptr, 0);
    std::uint64_t left = entry.bytes;
    while (left > 0) {
      if (!goes_on()) return fail(evidence::EvidenceError::stopped, "it is not wanted any more");
      const auto n = ::read(in, piece.data(), std::min<std::uint64_t>(piece.size(), left));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return archive_error(entry.name);
      crc = ::crc32(crc, piece.data(), static_cast<uInt>(n));
      VL_CHECK(write(ByteView(piece).first(static_cast<std::size_t>(n))));
      left -= static_cast<std::uint64_t>(n);
    }
    entry.crc = static_cast<std::uint32_t>(crc);
    Numbers sum;
    sum.add(entry.crc);
    if (::pwrite(out_, sum.bytes().data(), 4, static_cast<off_t>(entry.at + 14)) != 4)
      return archive_error("the archive");
    return {};
  }

  const int out_;
  std::uint64_t at_ = 0;
  std::vector<Entry> entries_;
};

}  // namespace

Result<std::uint64_t> write_archive(const std::string& folder, const std::string& top,
                                    const std::string& path, const std::function<bool()>& goes_on) {
  std::vector<std::string> names;
  std::error_code error;
  for (auto at = fs::recursive_directory_iterator(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error))
    if (at->is_regular_file())
      names.push_back(at->path().lexically_relative(folder).generic_string());
  if (error) return fail(evidence::EvidenceError::unreadable, folder + ": " + error.message());
  std::ranges::sort(names);
  const auto making = path + ".making";
  const Descriptor out(
      ::open(making.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (out.number < 0) return archive_error(making);
  Zip zip(out.number);
  const auto write_all = [&]() -> Result<std::uint64_t> {
    for (const auto& name : names)
      VL_CHECK(zip.add(folder + "/" + name, top + "/" + name, goes_on));
    VL_TRY(const auto bytes, zip.finish());
    if (::fsync(out.number) != 0) return archive_error(making);
    return bytes;
  };
  const auto bytes = write_all();
  if (!bytes) {
    fs::remove(making, error);
    return bytes;
  }
  fs::rename(making, path, error);
  if (error) return fail(evidence::EvidenceError::unreadable, path + ": " + error.message());
  const Descriptor parent(
      ::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.number < 0 || ::fsync(parent.number) != 0) return archive_error(path);
  return bytes;
}

Result<http::SharedBytes> map_file(const std::string& path) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (in.number < 0 || ::fstat(in.number, &status) != 0 || status.st_size == 0)
    return archive_error(path);
  const auto bytes = static_cast<std::size_t>(status.st_size);
  void* at = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, in.number, 0);
  if (at == MAP_FAILED) return archive_error(path);
  ::madvise(at, bytes, MADV_SEQUENTIAL);
  std::shared_ptr<const void> owner(at, [bytes](void* mapped) { ::munmap(mapped, bytes); });
  return http::SharedBytes(std::move(owner), ByteView(static_cast<const std::uint8_t*>(at), bytes));
}

}  // namespace vl::recorder
