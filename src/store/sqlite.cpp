#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <sqlite3.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/session.hpp>

#include "sqlite_row.hpp"
#include "statement_cache.hpp"
#include "values.hpp"

namespace vl::store {
namespace {

constexpr std::size_t statements_kept = 256;

struct CloseConnection {
  void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};
using Connection = std::unique_ptr<sqlite3, CloseConnection>;

struct Finalize {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
struct Statement {
  std::unique_ptr<sqlite3_stmt, Finalize> handle;
  /// SQLite's index of $1, $2..., 0 where the statement does not name it. Looked up once: it is
  /// a search by name.
  std::vector<int> parameters;

  explicit Statement(sqlite3_stmt* raw) : handle(raw) {
    const int count = raw != nullptr ? sqlite3_bind_parameter_count(raw) : 0;
    for (int i = 1; i <= count; ++i)
      parameters.push_back(sqlite3_bind_parameter_index(raw, fmt::format("${}", i).c_str()));
  }
};

/// Leaves the statement ready for its next use however its rows ended.
class Running {
 public:
  Running(sqlite3_stmt* statement, bool& busy) : statement_(statement), busy_(busy) {
    busy_ = true;
  }
  ~Running() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    busy_ = false;
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;

 private:
  sqlite3_stmt* statement_;
  bool& busy_;
};

bool is_damage(int code) {
  const int primary = code & 0xff;
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB;
}

bool is_disk_failure(int code) {
  return (code & 0xff) == SQLITE_IOERR || is_damage(code);
}

class SqliteSession final : public Session {
 public:
  using Session::execute;
  using Session::post;
  using Session::query;

  SqliteSession(SqliteOptions options, bool reader)
      : options_(std::move(options)), reader_(reader), cache_(statements_kept) {}
  ~SqliteSession() override {
    if (db_) rollback();
  }

  Result<void> open();

  Engine engine() const override { return Engine::sqlite; }
  Result<void> begin_write() override;
  Result<void> begin_read() override;
  Result<void> commit() override;
  void rollback() override;
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> values) override {
    return run(sql, values, nullptr);
  }
  Result<void> post(std::string_view sql, std::span<const Value> values) override {
    VL_CHECK(run(sql, values, nullptr));
    return {};
  }
  Result<void> query(std::string_view sql, std::span<const Value> values,
                     const OnRow& on_row) override {
    VL_CHECK(run(sql, values, &on_row));
    return {};
  }
  Result<void> script(std::string_view sql) override;

 private:
  enum class Phase { idle, reading, writing };

  Result<void> begin(const char* sql, Phase phase);
  /// Outside a transaction nothing is lost with a connection whose disk has failed. A damaged
  /// file is not read on.
  Result<void> reconnect();
  Result<void> ready() const;
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> values,
                           const OnRow* on_row);
  Result<std::int64_t> step_all(sqlite3_stmt* statement, const OnRow* on_row);
  /// Kept until the next call of this.
  Result<const Statement*> prepare(std::string_view sql);
  Result<void> bind_all(const Statement& statement, std::span<const Value> values);
  Result<void> pragma(const std::string& sql);
  /// What `code` means, noting what it leaves of the transaction and of the session.
  std::unexpected<Error> failed(int code, bool committing);
  std::unexpected<Error> spoil(std::unexpected<Error> error);

  SqliteOptions options_;
  bool reader_;
  Connection db_;
  StatementCache<Statement> cache_;  // after db_: statements go before their connection
  Phase phase_ = Phase::idle;
  std::optional<Error> spent_;   // the first error of this transaction
  std::optional<Error> broken_;  // the disk failed; only a new connection may try again
  bool damaged_ = false;
  bool in_rows_ = false;
};

Result<void> SqliteSession::open() {
  cache_.clear();
  db_.reset();
  phase_ = Phase::idle;
  spent_.reset();
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (reader_ ? 0 : SQLITE_OPEN_CREATE);
  const int code = sqlite3_open_v2(options_.path.c_str(), &db, flags,
                                   options_.vfs.empty() ? nullptr : options_.vfs.c_str());
  db_.reset(db);
  if (code != SQLITE_OK) {
    const std::string why = db ? sqlite3_errmsg(db) : "out of memory";
    db_.reset();
    broken_ = Error(code_of(StoreError::unavailable),
                    fmt::format("{} cannot be opened ({}); check that its folder exists and may "
                                "be written",
                                options_.path, why));
    return fail(*broken_);
  }
  broken_.reset();
  damaged_ = false;
  // As strict as PostgreSQL: "x" is never a string, LIKE minds case.
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_busy_timeout(db, static_cast<int>(options_.busy_timeout_ms));
  if (!reader_) {
    VL_CHECK(pragma("PRAGMA journal_mode = WAL"));
    std::string mode;
    VL_CHECK(query("PRAGMA journal_mode", {}, [&](const Row& row) {
      mode = row.text(0);
      return false;
    }));
    if (mode != "wal") {
      broken_ = Error(code_of(StoreError::unavailable),
                      fmt::format("{} lies on a file system that cannot hold a write-ahead log; "
                                  "move it to a local disk",
                                  options_.path));
      return fail(*broken_);
    }
  }
  VL_CHECK(pragma("PRAGMA synchronous = FULL"));
  VL_CHECK(pragma("PRAGMA foreign_keys = ON"));
  VL_CHECK(pragma("PRAGMA case_sensitive_like = ON"));
  VL_CHECK(pragma("PRAGMA temp_store = MEMORY"));
  VL_CHECK(pragma("PRAGMA journal_size_limit = 67108864"));
  VL_CHECK(pragma(fmt::format("PRAGMA cache_size = -{}", options_.cache_kib)));
  if (reader_) return pragma("PRAGMA query_only = ON");
  // After a failed sync, the log's tail may be in the system's cache and not on the disk, yet
  // look whole. Copying the log into the database and emptying it means that no later commit
  // stands on such a tail. Busy means that somebody else holds the log open: then it was not
  // read back from the cache, and its index still ends before the tail.
  sqlite3_busy_timeout(db, 0);
  const int emptied =
      sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(db, static_cast<int>(options_.busy_timeout_ms));
  if (emptied != SQLITE_OK && (emptied & 0xff) != SQLITE_BUSY && (emptied & 0xff) != SQLITE_FULL) {
    return failed(emptied, false);
  }
  return {};
}

Result<void> SqliteSession::pragma(const std::string& sql) {
  const int code = sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    auto error = failed(code, false);
    broken_ = error.error();  // a session without its settings keeps no promise
    return error;
  }
  return {};
}

std::unexpected<Error> SqliteSession::spoil(std::unexpected<Error> error) {
  if (phase_ != Phase::idle && !spent_) spent_ = error.error();
  return error;
}

std::unexpected<Error> SqliteSession::failed(int code, bool committing) {
  const std::string why = sqlite3_errmsg(db_.get());
  StoreError kind = StoreError::invalid;
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      kind = code == SQLITE_CONSTRAINT_DATATYPE ? StoreError::invalid : StoreError::conflict;
      break;
    case SQLITE_FULL:
      kind = StoreError::full;
      break;
    case SQLITE_READONLY:
      kind = reader_ ? StoreError::invalid : StoreError::unavailable;
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      kind = StoreError::unavailable;
      break;
    default:
      break;
  }
  damaged_ |= is_damage(code);
  const bool disk = is_disk_failure(code);
  if (disk && committing) kind = StoreError::uncertain;
  auto error = fail(kind, fmt::format("{}: {} (SQLite {})", options_.path, why, code));
  if (disk) broken_ = Error(code_of(StoreError::unavailable), error.error().message);
  return spoil(std::move(error));
}

Result<void> SqliteSession::reconnect() {
  if (!broken_ || damaged_ || phase_ != Phase::idle || in_rows_) return {};
  return open();
}

Result<void> SqliteSession::ready() const {
  if (in_rows_) {
    return fail(StoreError::invalid, "a session cannot be used while it shows a row");
  }
  if (broken_) return fail(*broken_);
  if (spent_) return fail(*spent_);
  return {};
}

Result<void> SqliteSession::begin(const char* sql, Phase phase) {
  if (in_rows_ || phase_ != Phase::idle) {
    return fail(StoreError::invalid, "a transaction is already open on this session");
  }
  if (broken_) VL_CHECK(open());
  VL_CHECK(run(sql, {}, nullptr));
  phase_ = phase;
  return {};
}

Result<void> SqliteSession::begin_write() {
  if (reader_) return fail(StoreError::invalid, "a reader cannot begin to write");
  return begin("BEGIN IMMEDIATE", Phase::writing);
}

Result<void> SqliteSession::begin_read() {
  return begin("BEGIN DEFERRED", Phase::reading);
}

Result<void> SqliteSession::commit() {
  if (in_rows_ || phase_ == Phase::idle) {
    return fail(StoreError::invalid, "no transaction is open on this session");
  }
  Result<void> outcome{};
  if (auto usable = ready(); !usable) {
    outcome = fail(usable.error());
  } else if (auto statement = prepare("COMMIT"); !statement) {
    outcome = fail(statement.error());
  } else {
    sqlite3_stmt* const handle = (*statement)->handle.get();
    const Running running(handle, in_rows_);
    const int code = sqlite3_step(handle);
    if (code != SQLITE_DONE) outcome = failed(code, phase_ == Phase::writing);
  }
  if (!outcome) rollback();
  phase_ = Phase::idle;
  return outcome;
}

void SqliteSession::rollback() {
  VL_ASSERT(!in_rows_);
  // SQLite rolls back by itself after some errors; then there is nothing left to undo.
  if (db_ && sqlite3_get_autocommit(db_.get()) == 0) {
    const int code = sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    if (code != SQLITE_OK && !broken_) {
      broken_ = Error(code_of(StoreError::unavailable), sqlite3_errmsg(db_.get()));
    }
  }
  phase_ = Phase::idle;
  spent_.reset();
}

Result<const Statement*> SqliteSession::prepare(std::string_view sql) {
  if (const auto* kept = cache_.find(sql)) return kept;
  sqlite3_stmt* raw = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(db_.get(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &raw, &rest);
  Statement statement(raw);
  if (code != SQLITE_OK) return failed(code, false);
  const std::string_view tail(rest, static_cast<std::size_t>(sql.data() + sql.size() - rest));
  if (!raw || tail.find_first_not_of(" \t\r\n;") != std::string_view::npos) {
    return spoil(
        fail(StoreError::invalid, "exactly one statement at a time; use script() for DDL"));
  }
  cache_.insert(sql, std::move(statement));
  return cache_.find(sql);
}

Result<void> SqliteSession::bind_all(const Statement& statement, std::span<const Value> values) {
  if (auto fits = check_values(values); !fits) return spoil(fail(fits.error()));
  sqlite3_stmt* const handle = statement.handle.get();
  if (statement.parameters.size() != values.size()) {
    return spoil(fail(StoreError::invalid, fmt::format("the statement has {} parameters, {} values "
                                                       "were given: {}",
                                                       statement.parameters.size(), values.size(),
                                                       sqlite3_sql(handle))));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int index = statement.parameters[i];
    if (index == 0) {
      return spoil(fail(StoreError::invalid, fmt::format("the statement does not name ${}: {}",
                                                         i + 1, sqlite3_sql(handle))));
    }
    if (const int code = bind(handle, index, values[i]); code != SQLITE_OK) {
      return failed(code, false);
    }
  }
  return {};
}

Result<std::int64_t> SqliteSession::run(std::string_view sql, std::span<const Value> values,
                                        const OnRow* on_row) {
  VL_CHECK(reconnect());
  VL_CHECK(ready());
  VL_TRY(const Statement* statement, prepare(sql));
  sqlite3_stmt* const handle = statement->handle.get();
  const Running running(handle, in_rows_);
  if (phase_ == Phase::reading && sqlite3_stmt_readonly(handle) == 0) {
    return spoil(fail(StoreError::invalid, "this transaction began as a read and cannot write"));
  }
  VL_CHECK(bind_all(*statement, values));
  return step_all(handle, on_row);
}

Result<std::int64_t> SqliteSession::step_all(sqlite3_stmt* statement, const OnRow* on_row) {
  const std::int64_t before = sqlite3_total_changes64(db_.get());
  const SqliteRow row(statement);
  bool wanted = true;
  int code = SQLITE_ROW;
  while (wanted && (code = sqlite3_step(statement)) == SQLITE_ROW) {
    if (on_row) wanted = (*on_row)(row);
  }
  if (code != SQLITE_DONE && code != SQLITE_ROW) {
    const bool own_commit = phase_ == Phase::idle && sqlite3_stmt_readonly(statement) == 0;
    return failed(code, own_commit);
  }
  if (sqlite3_total_changes64(db_.get()) == before) return std::int64_t{0};
  return std::int64_t{sqlite3_changes64(db_.get())};
}

Result<void> SqliteSession::script(std::string_view sql) {
  VL_CHECK(reconnect());
  VL_CHECK(ready());
  if (phase_ == Phase::reading) {
    return spoil(fail(StoreError::invalid, "this transaction began as a read and cannot write"));
  }
  const int code = sqlite3_exec(db_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return failed(code, phase_ == Phase::idle);
  return {};
}

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(SqliteOptions options) : options_(std::move(options)) {}
  Engine engine() const override { return Engine::sqlite; }
  Result<std::unique_ptr<Session>> open_session() override { return open(false); }
  Result<std::unique_ptr<Session>> open_reader() override { return open(true); }

 private:
  Result<std::unique_ptr<Session>> open(bool reader) const {
    auto session = std::make_unique<SqliteSession>(options_, reader);
    VL_CHECK(session->open());
    return session;
  }
  SqliteOptions options_;
};

}  // namespace

std::unique_ptr<Database> sqlite_database(SqliteOptions options) {
  return std::make_unique<SqliteDatabase>(std::move(options));
}

}  // namespace vl::store
