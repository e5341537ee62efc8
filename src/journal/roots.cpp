#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/journal/roots.hpp>

namespace vl::journal {
namespace {

struct SignedPart {
  std::int64_t province = 0;
  std::int64_t sequence = 0;
  Digest hash{};
  WallTime at_us;
  Digest previous{};
};
BOOST_DESCRIBE_STRUCT(SignedPart, (), (province, sequence, hash, at_us, previous))
struct Line {
  SignedPart root;
  Bytes signature;
};
BOOST_DESCRIBE_STRUCT(Line, (), (root, signature))

/// Writes all of it and syncs file and folder, or says why not.
Result<void> write_synced(const std::filesystem::path& file, std::string_view text, int flags,
                          mode_t mode) {
  const int fd = ::open(file.c_str(), flags, mode);
  if (fd < 0)
    return fail(RootError::io, "cannot open " + file.string() + ": " + std::strerror(errno));
  const bool ok = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                  ::fdatasync(fd) == 0;
  const int why = errno;
  ::close(fd);
  if (!ok) return fail(RootError::io, "cannot write " + file.string() + ": " + std::strerror(why));
  return {};
}

std::string file_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

Result<RootLog> RootLog::open(const std::filesystem::path& directory, ProvinceId province) {
  std::error_code ec;
  std::filesystem::create_directories(directory, ec);
  if (ec) return fail(RootError::io, "cannot make " + directory.string() + ": " + ec.message());
  RootLog log;
  log.file_ = directory / "roots.jsonl";
  log.province_ = province;
  const std::string text = file_text(log.file_);
  std::size_t at = 0;
  for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string_view line(text.data() + at, end - at);
    log.last_line_ = sha256(as_bytes(line));
    if (auto read = json::read_text<Line>(line)) log.last_sequence_ = read->root.sequence;
  }
  if (at != text.size()) {  // a torn last line: it was never relied upon
    std::filesystem::resize_file(log.file_, at, ec);
    if (ec) return fail(RootError::io, "cannot mend " + log.file_.string() + ": " + ec.message());
  }
  return log;
}

Result<Root> RootLog::append(const Head& head, WallTime at, const SigningKey& key) {
  Line line{{province_.value, head.sequence, head.hash, at, last_line_}, {}};
  line.signature = key.sign(as_bytes(json::write(line.root)));
  const std::string text = json::write(line);
  VL_CHECK(write_synced(file_, text + "\n", O_WRONLY | O_CREAT | O_APPEND, 0644));
  last_line_ = sha256(as_bytes(text));
  last_sequence_ = head.sequence;
  return Root{line.root.province, head.sequence, head.hash, at, line.root.previous, line.signature};
}

Result<std::vector<Root>> read_roots(const std::filesystem::path& directory, ByteView public_key) {
  const auto file = directory / "roots.jsonl";
  const std::string text = file_text(file);
  std::vector<Root> roots;
  Digest previous{};
  std::size_t at = 0;
  for (std::size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
    const std::string_view line(text.data() + at, end - at);
    const std::string where = file.string() + " line " + std::to_string(roots.size() + 1);
    auto read = json::read_text<Line>(line);
    if (!read) return fail(RootError::malformed, where + ": " + read.error().message);
    if (!signature_is_valid(as_bytes(json::write(read->root)), read->signature, public_key))
      return fail(RootError::forged, where + ": the signature is not ours");
    if (read->root.previous != previous)
      return fail(RootError::forged, where + ": a root before it was taken out or changed");
    previous = sha256(as_bytes(line));
    roots.push_back({read->root.province, read->root.sequence, read->root.hash, read->root.at_us,
                     read->root.previous, read->signature});
  }
  return roots;
}

}  // namespace vl::journal
