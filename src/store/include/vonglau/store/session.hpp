// One thin session layer over SQLite and PostgreSQL: the same statements on both.
//
// Statements of the journal and of read tables keep to the common part of both engines:
// $1, $2... parameters; INTEGER (64 bit), REAL, TEXT and BLOB/BYTEA values; INSERT ... ON
// CONFLICT; RETURNING; no engine's own functions. store/lint.hpp refuses the rest, in a test
// over every registered statement. DDL may differ per engine (see migrations.hpp).
//
// A Session belongs to one thread at a time. A Database may be shared by all threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/base/result.hpp>

namespace vl::store {

enum class StoreError {
  unavailable,  // the engine is away or the disk refuses; nothing was committed
  conflict,     // a unique key or check constraint refused the row
  invalid,      // the statement or a value does not fit: our mistake
  full,         // no room: the journal's reserve has been reached
  uncertain,    // the disk or the line failed during a commit: it may have become durable or
                // not. Begin again and read what is there before doing anything anew.
  schema,       // the database's tables are not those of this program
};
constexpr ErrorCode code_of(StoreError e) {
  switch (e) {
    case StoreError::unavailable:
      return {Category::unavailable, "store.unavailable"};
    case StoreError::conflict:
      return {Category::conflict, "store.conflict"};
    case StoreError::full:
      return {Category::unavailable, "store.full"};
    case StoreError::uncertain:
      return {Category::unavailable, "store.uncertain"};
    case StoreError::schema:
      return {Category::unavailable, "store.schema"};
    case StoreError::invalid:
      break;
  }
  return {Category::internal, "store.invalid"};
}

enum class Engine { sqlite, postgresql };

/// A parameter or a column: null, integer, real, text or bytes. Ids travel as 16 bytes.
class Value {
 public:
  Value() = default;
  Value(std::nullopt_t) {}
  Value(std::int64_t v) : v_(v) {}
  Value(int v) : v_(std::int64_t{v}) {}
  Value(std::uint32_t v) : v_(std::int64_t{v}) {}
  Value(bool v) : v_(std::int64_t{v}) {}
  Value(double v) : v_(v) {}
  Value(std::string v) : v_(std::move(v)) {}
  Value(std::string_view v) : v_(std::string(v)) {}
  Value(const char* v) : v_(std::string(v)) {}
  Value(Bytes v) : v_(std::move(v)) {}
  Value(const Digest& v) : v_(Bytes(v.begin(), v.end())) {}
  Value(const Uuid& v) : v_(Bytes(v.bytes.begin(), v.bytes.end())) {}
  template <class Tag>
  Value(const TypedId<Tag>& v) : Value(v.value) {}
  Value(ProvinceId v) : v_(v.value) {}
  Value(WallTime v) : v_(v.us) {}
  template <class T>
  Value(const std::optional<T>& v) {
    if (v) *this = Value(*v);
  }
  const auto& variant() const { return v_; }
  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, std::int64_t, double, std::string, Bytes> v_;
};
using Values = std::initializer_list<Value>;

/// The current row of a query; valid only inside the call that shows it. Columns from 0.
/// Asking for a type the column does not hold is a broken invariant (ASSERT).
class Row {
 public:
  virtual ~Row() = default;
  virtual bool is_null(int column) const = 0;
  virtual std::int64_t integer(int column) const = 0;
  virtual double real(int column) const = 0;
  virtual std::string_view text(int column) const = 0;
  virtual ByteView bytes(int column) const = 0;
  /// Type-preserving copy, for comparing whole tables.
  virtual Value value(int column) const = 0;
  virtual int columns() const = 0;

  Uuid uuid(int column) const;
  template <class Id>
  Id id(int column) const {
    return Id{uuid(column)};
  }
  std::optional<std::string> optional_text(int column) const;
  std::optional<std::int64_t> optional_integer(int column) const;
  std::optional<double> optional_real(int column) const;
  std::optional<Uuid> optional_uuid(int column) const;
};

/// Return false to stop reading rows.
using OnRow = std::function<bool(const Row&)>;

/// After an error inside a transaction the transaction is spent, on both engines: what follows
/// gives that error again, and so does commit(), which rolls back. After `unavailable` the next
/// begin_*(), or the next statement outside a transaction, connects anew. A session may not be used
/// from inside OnRow.
class Session {
 public:
  virtual ~Session() = default;
  virtual Engine engine() const = 0;

  /// Write transactions exclude each other on SQLite (BEGIN IMMEDIATE). No nesting.
  virtual Result<void> begin_write() = 0;
  /// A stable view for several reads, as of the first of them. Writes are refused.
  virtual Result<void> begin_read() = 0;
  /// Durable when it returns (SQLite: synchronous=FULL; PostgreSQL: synchronous_commit=on).
  /// Whatever it returns, the transaction is over.
  virtual Result<void> commit() = 0;
  /// Never fails; after it the session may be used again, or says `unavailable`.
  virtual void rollback() = 0;

  /// Runs one statement; gives the number of rows changed.
  virtual Result<std::int64_t> execute(std::string_view sql, std::span<const Value> values) = 0;
  /// Like execute, but its outcome may be told only by the next other call on this session
  /// (PostgreSQL pipelines it). For the many small writes of a group commit.
  virtual Result<void> post(std::string_view sql, std::span<const Value> values) = 0;
  virtual Result<void> query(std::string_view sql, std::span<const Value> values,
                             const OnRow& on_row) = 0;
  /// Several statements without parameters, for DDL.
  virtual Result<void> script(std::string_view sql) = 0;

  Result<std::int64_t> execute(std::string_view sql, Values values = {}) {
    return execute(sql, std::span(values.begin(), values.size()));
  }
  Result<void> post(std::string_view sql, Values values = {}) {
    return post(sql, std::span(values.begin(), values.size()));
  }
  Result<void> query(std::string_view sql, Values values, const OnRow& on_row) {
    return query(sql, std::span(values.begin(), values.size()), on_row);
  }
  /// The single integer of the first row, or nothing.
  Result<std::optional<std::int64_t>> query_integer(std::string_view sql, Values values = {});
};

/// Where sessions come from: one database file or one PostgreSQL database (and schema).
class Database {
 public:
  virtual ~Database() = default;
  virtual Engine engine() const = 0;
  virtual Result<std::unique_ptr<Session>> open_session() = 0;
  /// Read only: refuses writes; on SQLite readers never wait for the writer (WAL).
  virtual Result<std::unique_ptr<Session>> open_reader() = 0;
};

/// "sqlite:/var/lib/vonglau/province.db" or "postgresql://user@host/db?schema=name".
Result<std::unique_ptr<Database>> open_database(const std::string& address);

struct SqliteOptions {
  std::string path;
  std::string vfs;  // "" is the system's; tests name their crash-injecting one
  std::int64_t busy_timeout_ms = 5000;
  std::int64_t cache_kib = 16384;
};
std::unique_ptr<Database> sqlite_database(SqliteOptions options);
std::unique_ptr<Database> postgresql_database(std::string conninfo, std::string schema);

}  // namespace vl::store
