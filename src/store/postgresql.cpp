#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/store/session.hpp>

#include "postgresql_connection.hpp"
#include "values.hpp"

namespace vl::store {
namespace {

bool is_schema_name(std::string_view name) {
  if (name.empty() || name.size() > 63) return false;
  for (const char c : name) {
    if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_') return false;
  }
  return true;
}

/// Collations that sort text by its bytes, as SQLite does.
bool is_bytewise(std::string_view collation) {
  return collation == "C" || collation == "POSIX" || collation.starts_with("C.");
}

class PostgresqlSession final : public Session {
 public:
  using Session::execute;
  using Session::post;
  using Session::query;

  PostgresqlSession(std::string conninfo, std::string schema, bool reader)
      : conninfo_(std::move(conninfo)), schema_(std::move(schema)), reader_(reader) {}

  Result<void> connect();
  /// Outside a transaction nothing is lost with the connection: made anew where it is cut.
  Result<void> reconnect();

  Engine engine() const override { return Engine::postgresql; }
  Result<void> begin_write() override;
  Result<void> begin_read() override;
  Result<void> commit() override;
  void rollback() override;
  Result<std::int64_t> execute(std::string_view sql, std::span<const Value> values) override {
    return run(sql, values, nullptr);
  }
  Result<void> post(std::string_view sql, std::span<const Value> values) override;
  Result<void> query(std::string_view sql, std::span<const Value> values,
                     const OnRow& on_row) override {
    VL_CHECK(run(sql, values, &on_row));
    return {};
  }
  Result<void> script(std::string_view sql) override;

 private:
  enum class Phase { idle, reading, writing };

  Result<void> begin(const char* sql, Phase phase);
  Result<void> ready();
  Result<std::int64_t> run(std::string_view sql, std::span<const Value> values,
                           const OnRow* on_row);
  Result<void> prepare_schema();
  Result<void> check_server();
  std::unexpected<Error> spoil(Error error);

  std::string conninfo_;
  std::string schema_;
  bool reader_;
  PostgresqlConnection connection_;
  Phase phase_ = Phase::idle;
  std::optional<Error> spent_;  // the first error of this transaction
  bool in_rows_ = false;
  bool connecting_ = false;
};

Result<void> PostgresqlSession::reconnect() {
  if (phase_ != Phase::idle || in_rows_ || connecting_ || connection_.is_alive()) return {};
  return connect();
}

Result<void> PostgresqlSession::connect() {
  connecting_ = true;
  phase_ = Phase::idle;
  spent_.reset();
  std::string settings =
      "SET synchronous_commit = on; SET lock_timeout = '5s'; SET TimeZone = 'UTC'; "
      "SET client_min_messages = 'warning';";
  if (!schema_.empty()) settings += fmt::format("SET search_path = \"{}\";", schema_);
  if (reader_) settings += "SET default_transaction_read_only = on;";
  Result<void> outcome = connection_.connect(conninfo_);
  if (outcome) outcome = connection_.script(settings);
  if (outcome) outcome = check_server();
  if (outcome && !reader_ && !schema_.empty()) outcome = prepare_schema();
  if (!outcome) connection_.close();
  connecting_ = false;
  return outcome;
}

/// A server that would break our promises is refused by name of the setting.
Result<void> PostgresqlSession::check_server() {
  std::string wrong;
  // one engine: its own settings
  VL_CHECK(
      query("SELECT current_setting('fsync'), current_setting('full_page_writes'), "
            "CAST(datcollate AS text), current_setting('server_encoding'), "
            "CAST(datlocprovider AS text) "
            "FROM pg_database WHERE datname = current_database()",
            {}, [&](const Row& row) {
              if (row.text(0) != "on" || row.text(1) != "on") {
                wrong =
                    "runs with fsync or full_page_writes off and would lose acknowledged "
                    "commands; switch both on";
              } else if (!is_bytewise(row.text(2)) || row.text(3) != "UTF8" || row.text(4) != "c") {
                wrong =
                    "sorts text otherwise than the embedded store; make the database "
                    "with createdb -T template0 -E UTF8 --locale=C.UTF-8";
              }
              return false;
            }));
  if (!wrong.empty()) {
    return fail(StoreError::unavailable, "the PostgreSQL server " + wrong, "store");
  }
  return {};
}

Result<void> PostgresqlSession::prepare_schema() {
  // one engine: its own catalogue
  const auto find = [&] {
    return query_integer("SELECT count(*) FROM pg_namespace WHERE nspname = $1", {schema_});
  };
  VL_TRY(const auto found, find());
  if (found.value_or(0) > 0) return {};
  const auto made = connection_.script(fmt::format("CREATE SCHEMA \"{}\"", schema_));
  if (made) return {};
  VL_TRY(const auto made_by_another, find());
  return made_by_another.value_or(0) > 0 ? Result<void>{} : made;
}

std::unexpected<Error> PostgresqlSession::spoil(Error error) {
  if (phase_ != Phase::idle && !spent_) spent_ = error;
  return fail(std::move(error));
}

Result<void> PostgresqlSession::ready() {
  if (in_rows_) {
    return fail(StoreError::invalid, "a session cannot be used while it shows a row");
  }
  if (spent_) return fail(*spent_);
  return {};
}

Result<void> PostgresqlSession::begin(const char* sql, Phase phase) {
  if (in_rows_ || phase_ != Phase::idle) {
    return fail(StoreError::invalid, "a transaction is already open on this session");
  }
  VL_CHECK(reconnect());
  // Queued: it travels with the first statement.
  VL_CHECK(connection_.send(sql, {}));
  phase_ = phase;
  return {};
}

Result<void> PostgresqlSession::begin_write() {
  if (reader_) return fail(StoreError::invalid, "a reader cannot begin to write");
  return begin("BEGIN READ WRITE", Phase::writing);
}

Result<void> PostgresqlSession::begin_read() {
  return begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", Phase::reading);
}

Result<void> PostgresqlSession::commit() {
  if (in_rows_ || phase_ == Phase::idle) {
    return fail(StoreError::invalid, "no transaction is open on this session");
  }
  Result<void> outcome{};
  if (spent_) {
    outcome = fail(*spent_);
  } else if (auto sent = connection_.send("COMMIT", {}); !sent) {
    outcome = fail(sent.error());
  } else if (auto settled = connection_.settle(nullptr); !settled) {
    // Once COMMIT was sent, a cut line leaves its outcome open.
    const bool cut = !connection_.is_alive();
    if (cut && phase_ == Phase::writing) {
      outcome = fail(StoreError::uncertain, settled.error().message);
    } else {
      outcome = fail(settled.error());
    }
  } else if (connection_.tag() != "COMMIT") {
    outcome = fail(StoreError::unavailable, "PostgreSQL rolled the transaction back");
  }
  if (!outcome) rollback();
  phase_ = Phase::idle;
  spent_.reset();
  return outcome;
}

void PostgresqlSession::rollback() {
  VL_ASSERT(!in_rows_);
  if (phase_ != Phase::idle && connection_.is_alive()) {
    // What is queued may fail; that is what is being thrown away.
    if (connection_.has_queued()) std::ignore = connection_.settle(nullptr);
    const auto undone = connection_.script("ROLLBACK");
    if (!undone) connection_.close();  // then the server rolls back
  }
  phase_ = Phase::idle;
  spent_.reset();
}

Result<std::int64_t> PostgresqlSession::run(std::string_view sql, std::span<const Value> values,
                                            const OnRow* on_row) {
  VL_CHECK(reconnect());
  VL_CHECK(ready());
  if (auto fits = check_values(values); !fits) return spoil(fits.error());
  if (auto sent = connection_.send(sql, values); !sent) return spoil(sent.error());
  struct Showing {
    bool& flag;
    explicit Showing(bool& f) : flag(f) { flag = true; }
    ~Showing() { flag = false; }
  };
  const Showing showing(in_rows_);
  const bool own_commit = phase_ == Phase::idle && !reader_;
  auto settled = connection_.settle(on_row);
  if (settled) return settled;
  if (own_commit && !connection_.is_alive()) {
    return fail(StoreError::uncertain, settled.error().message);
  }
  return spoil(settled.error());
}

Result<void> PostgresqlSession::post(std::string_view sql, std::span<const Value> values) {
  if (phase_ == Phase::idle) {  // outside a transaction there is nothing to wait for
    VL_CHECK(run(sql, values, nullptr));
    return {};
  }
  VL_CHECK(ready());
  if (auto fits = check_values(values); !fits) return spoil(fits.error());
  if (auto sent = connection_.send(sql, values); !sent) return spoil(sent.error());
  if (!connection_.is_queue_full()) return {};
  if (auto settled = connection_.settle(nullptr); !settled) return spoil(settled.error());
  return {};
}

Result<void> PostgresqlSession::script(std::string_view sql) {
  VL_CHECK(reconnect());
  VL_CHECK(ready());
  if (auto ran = connection_.script(std::string(sql)); !ran) {
    if (phase_ == Phase::idle && !reader_ && !connection_.is_alive()) {
      return fail(StoreError::uncertain, ran.error().message);
    }
    return spoil(ran.error());
  }
  return {};
}

class PostgresqlDatabase final : public Database {
 public:
  PostgresqlDatabase(std::string conninfo, std::string schema)
      : conninfo_(std::move(conninfo)), schema_(std::move(schema)) {}
  Engine engine() const override { return Engine::postgresql; }
  Result<std::unique_ptr<Session>> open_session() override { return open(false); }
  Result<std::unique_ptr<Session>> open_reader() override { return open(true); }

 private:
  Result<std::unique_ptr<Session>> open(bool reader) const {
    if (!schema_.empty() && !is_schema_name(schema_)) {
      return fail(StoreError::invalid, "the store's schema must be of small letters, digits and _",
                  "store");
    }
    auto session = std::make_unique<PostgresqlSession>(conninfo_, schema_, reader);
    VL_CHECK(session->connect());
    return session;
  }
  std::string conninfo_;
  std::string schema_;
};

}  // namespace

std::unique_ptr<Database> postgresql_database(std::string conninfo, std::string schema) {
  return std::make_unique<PostgresqlDatabase>(std::move(conninfo), std::move(schema));
}

}  // namespace vl::store
