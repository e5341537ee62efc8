// The format of a backup: a name, then sections of a kind, a length and a body.
//
//   "VLBACKUP1\n"
//   header   {"taken":..., "migrations":[...]}
//   table    {"name":..., "columns":[...]}         then its rows:
//   rows     rows one after the other, each of as many values as the table has columns
//   end      {"tables":[{"table","rows","digest"}...]} and SHA-256 of everything before it
//
// A value is a byte for its kind (0 null, 1 integer, 2 real, 3 text, 4 bytes) and its content:
// 8 bytes, or a length of 4 and that many; all numbers in network order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/store/backup.hpp>
#include <vonglau/store/session.hpp>

namespace vl::store {

enum class SectionKind : std::uint8_t { header = 'H', table = 'T', rows = 'R', end = 'E' };
constexpr std::size_t section_limit_bytes = 256U << 20;

struct BackupHeader {
  WallTime taken;
  std::vector<AppliedMigration> migrations;
};
struct BackupTable {
  std::string name;
  std::vector<std::string> columns;
};
struct BackupEnd {
  std::vector<TableDigest> tables;
};

void encode(const Value& value, Bytes& out);
/// Takes one value off the front of `rest`.
Result<Value> decode(ByteView& rest);

/// The digests of rows added up, so that their order does not matter.
class RowsDigest {
 public:
  void add(ByteView row);
  std::int64_t rows() const { return rows_; }
  Digest value() const;

 private:
  std::array<std::uint64_t, 4> sum_{};
  std::int64_t rows_ = 0;
};

class BackupWriter {
 public:
  static Result<BackupWriter> create(const std::string& file);
  BackupWriter(BackupWriter&&) noexcept = default;
  BackupWriter& operator=(BackupWriter&&) = delete;
  ~BackupWriter();  // without finish() nothing stays

  Result<void> header(const BackupHeader& header);
  Result<void> table(const BackupTable& table);
  Result<void> rows(ByteView rows);
  /// Syncs, and gives the file its name. The size in bytes.
  Result<std::int64_t> finish(const BackupEnd& end);

 private:
  struct CloseFile {
    void operator()(std::FILE* f) const { std::fclose(f); }
  };
  explicit BackupWriter(std::string file) : file_(std::move(file)) {}
  std::string part() const { return file_ + ".part"; }
  Result<void> section(SectionKind kind, ByteView body);
  Result<void> write(ByteView bytes);

  std::string file_;
  std::unique_ptr<std::FILE, CloseFile> out_;
  std::unique_ptr<Sha256> hash_ = std::make_unique<Sha256>();
  std::int64_t size_ = 0;
};

using BackupSource = std::function<Result<std::size_t>(std::span<std::uint8_t>)>;
Result<BackupSource> backup_source(const std::string& file);

/// What somebody wants to do with a backup's parts, in their order.
struct BackupVisitor {
  std::function<Result<void>(const BackupHeader&)> header;
  std::function<Result<void>(const BackupTable&)> table;
  std::function<Result<void>(const std::vector<Value>&)> row;
};
/// Reads to the end, checks lengths, digests and the order of sections. Bounded memory.
Result<BackupSummary> read_backup(const BackupSource& source, const BackupVisitor& visitor);

}  // namespace vl::store
