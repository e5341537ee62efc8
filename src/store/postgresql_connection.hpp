// One connection to PostgreSQL, always in libpq's pipeline mode: statements are queued, and one
// round trip brings the outcomes of all of them.
//
// It knows nothing of transactions (postgresql.cpp does). One thread at a time. Bounded: at most
// `queue_limit` statements wait for their outcome, and a server that says nothing for
// `patience_ms` is taken for lost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <libpq-fe.h>

#include <vonglau/store/session.hpp>

#include "statement_cache.hpp"

namespace vl::store {

class PostgresqlConnection {
 public:
  static constexpr int queue_limit = 256;
  static constexpr std::size_t queue_limit_bytes = 4 << 20;
  static constexpr int patience_ms = 60'000;
  static constexpr std::size_t statements_kept = 256;

  PostgresqlConnection() : cache_(statements_kept) {}

  Result<void> connect(const std::string& conninfo);
  void close();
  /// False once the line is known to be cut; looks for a server that has said goodbye.
  bool is_alive();

  /// Queues a statement. Its outcome comes with the next settle().
  Result<void> send(std::string_view sql, std::span<const Value> values);
  /// Waits for all that is queued. `on_row` sees the rows of the last statement. Gives the rows
  /// changed by the last one, or the first error of any.
  Result<std::int64_t> settle(const OnRow* on_row);
  bool has_queued() const { return queued_ > 0; }
  bool is_queue_full() const {
    return queued_ >= queue_limit || queued_bytes_ >= queue_limit_bytes;
  }
  /// The command tag of the last statement that settled: "COMMIT", "ROLLBACK", "INSERT 0 1".
  const std::string& tag() const { return tag_; }
  /// Several statements without parameters; waits as long as they take.
  Result<void> script(const std::string& sql);

 private:
  struct Prepared {
    std::string name;
    std::vector<Oid> types;
  };
  struct Finish {
    void operator()(PGconn* c) const { PQfinish(c); }
  };
  struct Clear {
    void operator()(PGresult* r) const { PQclear(r); }
  };
  using Outcome = std::unique_ptr<PGresult, Clear>;

  Result<const Prepared*> prepare(std::string_view sql);
  /// One statement's results up to their end; notes the first error.
  void take_results(const OnRow* on_row);
  void take_rows(const PGresult* result, const OnRow& on_row, bool& wanted);
  void take_tag(PGresult* result);
  Result<std::int64_t> settle_queue(const OnRow* on_row);
  void take_description(const PGresult* result);
  Outcome next_result();
  bool flush();
  bool wait(short events);
  Result<void> sync();
  std::unexpected<Error> lost();
  void note(Error error);
  void forget_queue();

  std::unique_ptr<PGconn, Finish> connection_;
  StatementCache<Prepared> cache_;
  std::uint64_t next_name_ = 0;
  int queued_ = 0;
  std::size_t queued_bytes_ = 0;
  std::optional<Error> first_error_;  // of this settle()
  std::vector<Oid> described_;
  std::optional<std::string> unreadable_;  // a column of a type that only PostgreSQL has
  std::int64_t changed_ = 0;
  std::string tag_;
};

}  // namespace vl::store
