#include "backup_file.hpp"

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>

#include "values.hpp"

namespace vl::store {

BOOST_DESCRIBE_STRUCT(AppliedMigration, (), (room, number, name, applied))
BOOST_DESCRIBE_STRUCT(TableDigest, (), (table, rows, digest))
BOOST_DESCRIBE_STRUCT(BackupHeader, (), (taken, migrations))
BOOST_DESCRIBE_STRUCT(BackupTable, (), (name, columns))
BOOST_DESCRIBE_STRUCT(BackupEnd, (), (tables))

namespace {

constexpr std::string_view magic = "VLBACKUP1\n";
constexpr std::size_t section_head = 5;

enum class ValueKind : std::uint8_t { null, integer, real, text, bytes };

void put(std::uint64_t number, int width, Bytes& out) {
  for (int i = width - 1; i >= 0; --i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint64_t number_of(ByteView bytes) {
  std::uint64_t number = 0;
  for (const auto byte : bytes) number = number << 8 | byte;
  return number;
}

std::unexpected<Error> damaged(std::string_view what) {
  return fail(StoreError::invalid, fmt::format("the backup is damaged or no backup: {}", what));
}

std::unexpected<Error> system_error(std::string_view what, const std::string& file) {
  const int code = errno;
  return fail(code == ENOSPC || code == EDQUOT ? StoreError::full : StoreError::unavailable,
              fmt::format("{} {}: {}", what, file, std::strerror(code)));
}

void put_sized(ValueKind kind, ByteView content, Bytes& out) {
  out.push_back(static_cast<std::uint8_t>(kind));
  put(content.size(), 4, out);
  out.insert(out.end(), content.begin(), content.end());
}

Result<ByteView> take(ByteView& rest, std::size_t count) {
  if (rest.size() < count) return damaged("a row ends early");
  const ByteView taken = rest.first(count);
  rest = rest.subspan(count);
  return taken;
}

}  // namespace

void encode(const Value& value, Bytes& out) {
  struct Encode {
    Bytes& out;
    void operator()(std::monostate) const {
      out.push_back(static_cast<std::uint8_t>(ValueKind::null));
    }
    void operator()(std::int64_t v) const {
      out.push_back(static_cast<std::uint8_t>(ValueKind::integer));
      put(static_cast<std::uint64_t>(v), 8, out);
    }
    void operator()(double v) const {
      out.push_back(static_cast<std::uint8_t>(ValueKind::real));
      put(std::bit_cast<std::uint64_t>(v), 8, out);
    }
    void operator()(const std::string& v) const { put_sized(ValueKind::text, as_bytes(v), out); }
    void operator()(const Bytes& v) const { put_sized(ValueKind::bytes, v, out); }
  };
  std::visit(Encode{out}, value.variant());
}

Result<Value> decode(ByteView& rest) {
  VL_TRY(const ByteView kind, take(rest, 1));
  switch (static_cast<ValueKind>(kind[0])) {
    case ValueKind::null:
      return Value();
    case ValueKind::integer: {
      VL_TRY(const ByteView number, take(rest, 8));
      return Value(static_cast<std::int64_t>(number_of(number)));
    }
    case ValueKind::real: {
      VL_TRY(const ByteView number, take(rest, 8));
      return Value(std::bit_cast<double>(number_of(number)));
    }
    case ValueKind::text:
    case ValueKind::bytes: {
      VL_TRY(const ByteView length, take(rest, 4));
      VL_TRY(const ByteView content, take(rest, number_of(length)));
      if (static_cast<ValueKind>(kind[0]) == ValueKind::text) return Value(as_text(content));
      return Value(Bytes(content.begin(), content.end()));
    }
  }
  return damaged("a value of no known kind");
}

void RowsDigest::add(ByteView row) {
  const Digest digest = sha256(row);
  for (std::size_t i = 0; i < sum_.size(); ++i) {
    sum_[i] += number_of(ByteView(digest).subspan(i * 8, 8));
  }
  ++rows_;
}

Digest RowsDigest::value() const {
  Bytes bytes;
  for (const auto lane : sum_) put(lane, 8, bytes);
  Digest digest{};
  std::copy(bytes.begin(), bytes.end(), digest.begin());
  return digest;
}

Result<BackupWriter> BackupWriter::create(const std::string& file) {
  if (std::filesystem::exists(file)) {
    return fail(StoreError::invalid,
                fmt::format("{} exists; a backup never overwrites one, give another name", file),
                "file");
  }
  BackupWriter writer(file);
  const int descriptor =
      ::open(writer.part().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return system_error("cannot write", writer.part());
  writer.out_.reset(::fdopen(descriptor, "wb"));
  std::setvbuf(writer.out_.get(), nullptr, _IOFBF, 1 << 20);
  VL_CHECK(writer.write(as_bytes(magic)));
  return writer;
}

BackupWriter::~BackupWriter() {
  if (out_) ::unlink(part().c_str());
}

Result<void> BackupWriter::write(ByteView bytes) {
  hash_->add(bytes);
  size_ += static_cast<std::int64_t>(bytes.size());
  if (std::fwrite(bytes.data(), 1, bytes.size(), out_.get()) != bytes.size()) {
    return system_error("cannot write", part());
  }
  return {};
}

Result<void> BackupWriter::section(SectionKind kind, ByteView body) {
  if (body.size() > section_limit_bytes) {
    return fail(StoreError::invalid, "a row is too large for a backup");
  }
  Bytes head{static_cast<std::uint8_t>(kind)};
  put(body.size(), 4, head);
  VL_CHECK(write(head));
  return write(body);
}

Result<void> BackupWriter::header(const BackupHeader& header) {
  return section(SectionKind::header, as_bytes(json::write(header)));
}
Result<void> BackupWriter::table(const BackupTable& table) {
  return section(SectionKind::table, as_bytes(json::write(table)));
}
Result<void> BackupWriter::rows(ByteView rows) {
  return section(SectionKind::rows, rows);
}

Result<std::int64_t> BackupWriter::finish(const BackupEnd& end) {
  VL_CHECK(section(SectionKind::end, as_bytes(json::write(end))));
  const Digest digest = hash_->finish();
  if (std::fwrite(digest.data(), 1, digest.size(), out_.get()) != digest.size() ||
      std::fflush(out_.get()) != 0 || ::fsync(::fileno(out_.get())) != 0 ||
      ::rename(part().c_str(), file_.c_str()) != 0) {
    return system_error("cannot write", part());
  }
  out_.reset();
  std::string folder = std::filesystem::path(file_).parent_path();
  if (folder.empty()) folder = ".";
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!synced) return system_error("cannot sync", folder);
  return size_ + static_cast<std::int64_t>(digest.size());
}

Result<BackupSource> backup_source(const std::string& file) {
  std::shared_ptr<std::FILE> in(std::fopen(file.c_str(), "rbe"),
                                [](std::FILE* f) { f ? std::fclose(f) : 0; });
  if (!in) return system_error("cannot read", file);
  return [in, file](std::span<std::uint8_t> into) -> Result<std::size_t> {
    const std::size_t count = std::fread(into.data(), 1, into.size(), in.get());
    if (count == 0 && std::ferror(in.get()) != 0) return system_error("cannot read", file);
    return count;
  };
}

namespace {

/// Reads sections and checks them against each other.
class BackupReader {
 public:
  BackupReader(const BackupSource& source, const BackupVisitor& visitor)
      : source_(source), visitor_(visitor) {}

  Result<BackupSummary> all() {
    Bytes name;
    VL_CHECK(read(magic.size(), name));
    if (as_text(name) != magic) return damaged("it does not begin as one");
    for (bool first = true;; first = false) {
      VL_TRY(const SectionKind kind, next());
      if (first != (kind == SectionKind::header)) return damaged("its header is out of place");
      if (kind == SectionKind::end) break;
      VL_CHECK(take_section(kind));
    }
    VL_CHECK(take_end());
    return std::move(summary_);
  }

 private:
  /// Grows with what is there, not with what a damaged length promises.
  Result<void> read(std::size_t count, Bytes& into) {
    into.clear();
    while (into.size() < count) {
      const std::size_t had = into.size();
      into.resize(std::min(count, had + (std::size_t{1} << 20)));
      VL_TRY(const std::size_t got, source_(std::span(into).subspan(had)));
      if (got == 0) return damaged("it ends early");
      into.resize(had + got);
    }
    if (!ended_) hash_.add(into);
    summary_.bytes += static_cast<std::int64_t>(into.size());
    return {};
  }

  Result<SectionKind> next() {
    Bytes head;
    VL_CHECK(read(section_head, head));
    const std::size_t length = number_of(ByteView(head).subspan(1));
    if (length > section_limit_bytes) return damaged("a section is too long");
    VL_CHECK(read(length, body_));
    return static_cast<SectionKind>(head[0]);
  }

  Result<void> take_section(SectionKind kind) {
    switch (kind) {
      case SectionKind::header: {
        VL_TRY(const auto header, json::read_text<BackupHeader>(as_text(body_)));
        summary_.taken = header.taken;
        summary_.migrations = header.migrations;
        return visitor_.header ? visitor_.header(header) : Result<void>{};
      }
      case SectionKind::table: {
        close_table();
        VL_TRY(table_, json::read_text<BackupTable>(as_text(body_)));
        if (table_.columns.empty()) return damaged("a table without columns");
        digest_ = {};
        in_table_ = true;
        return visitor_.table ? visitor_.table(table_) : Result<void>{};
      }
      case SectionKind::rows:
        return take_rows();
      case SectionKind::end:
        break;
    }
    return damaged("a section of no known kind");
  }

  Result<void> take_rows() {
    if (!in_table_) return damaged("rows without a table");
    ByteView rest = body_;
    std::vector<Value> row;
    while (!rest.empty()) {
      const ByteView begin = rest;
      row.clear();
      for (std::size_t i = 0; i < table_.columns.size(); ++i) {
        VL_TRY(auto value, decode(rest));
        row.push_back(std::move(value));
      }
      VL_CHECK(check_values(row));
      digest_.add(begin.first(begin.size() - rest.size()));
      if (visitor_.row) VL_CHECK(visitor_.row(row));
    }
    return {};
  }

  void close_table() {
    if (!in_table_) return;
    summary_.tables.push_back({table_.name, digest_.rows(), digest_.value()});
    summary_.rows += digest_.rows();
  }

  Result<void> take_end() {
    close_table();
    VL_TRY(const auto end, json::read_text<BackupEnd>(as_text(body_)));
    if (end.tables != summary_.tables) return damaged("its tables are not those it counts");
    const Digest wanted = hash_.finish();
    ended_ = true;
    Bytes digest;
    VL_CHECK(read(wanted.size(), digest));
    if (!std::equal(wanted.begin(), wanted.end(), digest.begin())) {
      return damaged("its digest is another");
    }
    std::uint8_t more = 0;
    VL_TRY(const std::size_t left, source_(std::span(&more, 1)));
    if (left != 0) return damaged("it goes on after its end");
    return {};
  }

  const BackupSource& source_;
  const BackupVisitor& visitor_;
  Sha256 hash_;
  Bytes body_;
  BackupTable table_;
  RowsDigest digest_;
  bool in_table_ = false;
  bool ended_ = false;
  BackupSummary summary_;
};

}  // namespace

Result<BackupSummary> read_backup(const BackupSource& source, const BackupVisitor& visitor) {
  return BackupReader(source, visitor).all();
}

}  // namespace vl::store
