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
constexpr std::uint64_t most_directory_bytes = 64 << 20;
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

/// Where an archive's directory lies.
struct Directory {
  std::uint64_t at = 0;
  std::uint64_t bytes = 0;
  std::uint64_t count = 0;  // of its files
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
  /// Of an archive whose files were copied already: what is added comes after them.
  Result<void> go_on_after(const Directory& directory, Bytes central) {
    at_ = directory.at;
    known_ = directory.count;
    known_central_ = std::move(central);
    return ::lseek(out_, static_cast<off_t>(at_), SEEK_SET) < 0
               ? Result<void>(archive_error("seek"))
               : Result<void>{};
  }
  Result<void> add_content(const std::string& name, ByteView content) {
    Entry entry{
        name, at_, content.size(),
        static_cast<std::uint32_t>(::crc32(0, content.data(), static_cast<uInt>(content.size())))};
    VL_CHECK(write(local_header(entry)));
    VL_CHECK(write(content));
    entries_.push_back(std::move(entry));
    return {};
  }
  Result<std::uint64_t> finish() {
    const auto directory_at = at_;
    VL_CHECK(write(known_central_));
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
    const auto count = known_ + static_cast<std::uint64_t>(entries_.size());
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
  std::uint64_t known_ = 0;  // files that were there before
  Bytes known_central_;
  std::vector<Entry> entries_;
};

std::uint64_t number_at(ByteView bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{bytes[at + i]} << (8 * i);
  return value;
}

/// Read from the end records that Zip wrote: no comment, and the 64-bit ones right before.
Result<Directory> read_directory(int file, std::uint64_t size) {
  constexpr std::size_t end_bytes = 22;
  constexpr std::size_t large_bytes = 56 + 20;
  const auto most =
      static_cast<std::size_t>(std::min<std::uint64_t>(size, end_bytes + large_bytes));
  Bytes tail(most);
  if (most < end_bytes || ::pread(file, tail.data(), most, static_cast<off_t>(size - most)) !=
                              static_cast<ssize_t>(most))
    return archive_error("the archive");
  const auto end = most - end_bytes;
  const auto wrong = [] {
    return fail(evidence::EvidenceError::malformed, "this is no archive of ours");
  };
  if (number_at(tail, end, 4) != 0x06054b50) return wrong();
  Directory out{number_at(tail, end + 16, 4), number_at(tail, end + 12, 4),
                number_at(tail, end + 10, 2)};
  if (out.count == 0xffff || out.at == most_32 || out.bytes == most_32) {
    if (most < end_bytes + large_bytes || number_at(tail, 0, 4) != 0x06064b50) return wrong();
    out = {number_at(tail, 48, 8), number_at(tail, 40, 8), number_at(tail, 32, 8)};
  }
  if (out.at > size || out.bytes > size - out.at || out.bytes > most_directory_bytes)
    return wrong();
  return out;
}

Result<void> copy_start(int from, int to, std::uint64_t bytes) {
  off_t at = 0;
  while (static_cast<std::uint64_t>(at) < bytes) {
    const auto n = ::copy_file_range(
        from, &at, to, nullptr, static_cast<std::size_t>(bytes) - static_cast<std::size_t>(at), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return archive_error("copying the archive");
  }
  return {};
}

Result<void> take_name(const std::string& making, const std::string& path) {
  std::error_code error;
  fs::rename(making, path, error);
  if (error) return fail(evidence::EvidenceError::unreadable, path + ": " + error.message());
  const Descriptor parent(
      ::open(fs::path(path).parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.number < 0 || ::fsync(parent.number) != 0) return archive_error(path);
  return {};
}

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
  VL_CHECK(take_name(making, path));
  return bytes;
}

Result<std::uint64_t> add_to_archive(const std::string& path, const std::string& name,
                                     ByteView content) {
  const Descriptor in(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (in.number < 0 || ::fstat(in.number, &status) != 0) return archive_error(path);
  VL_TRY(const auto directory,
         read_directory(in.number, static_cast<std::uint64_t>(status.st_size)));
  Bytes central(directory.bytes);
  if (::pread(in.number, central.data(), central.size(), static_cast<off_t>(directory.at)) !=
      static_cast<ssize_t>(central.size()))
    return archive_error(path);
  const auto making = path + ".making";
  const Descriptor out(
      ::open(making.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (out.number < 0) return archive_error(making);
  const auto write_all = [&]() -> Result<std::uint64_t> {
    VL_CHECK(copy_start(in.number, out.number, directory.at));
    Zip zip(out.number);
    VL_CHECK(zip.go_on_after(directory, std::move(central)));
    VL_CHECK(zip.add_content(name, content));
    VL_TRY(const auto bytes, zip.finish());
    if (::fsync(out.number) != 0) return archive_error(making);
    return bytes;
  };
  const auto bytes = write_all();
  if (!bytes) {
    std::error_code ignored;
    fs::remove(making, ignored);
    return bytes;
  }
  VL_CHECK(take_name(making, path));
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
