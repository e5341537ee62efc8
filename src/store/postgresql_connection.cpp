#include "postgresql_connection.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>

#include <fmt/core.h>
#include <poll.h>

#include <vonglau/base/assert.hpp>

#include "postgresql_types.hpp"

namespace vl::store {
namespace {

/// What an SQLSTATE means to us (PostgreSQL 15, appendix A).
StoreError kind_of(std::string_view state) {
  const std::string_view group = state.substr(0, 2);
  if (group == "23" || state == "P0001") return StoreError::conflict;
  if (state == "53100") return StoreError::full;
  if (group == "08" || group == "40" || group == "53" || group == "57" || group == "58" ||
      state == "55P03" || state == "XX001" || state == "XX002") {
    return StoreError::unavailable;
  }
  return StoreError::invalid;
}

/// Never the detail line: it may quote the row's values.
Error error_of(const PGresult* result) {
  const auto field = [&](int code) {
    const char* text = PQresultErrorField(result, code);
    return std::string(text ? text : "");
  };
  const std::string state = field(PG_DIAG_SQLSTATE);
  // Without a state the line was cut.
  const StoreError kind = state.empty() ? StoreError::unavailable : kind_of(state);
  return {code_of(kind), fmt::format("PostgreSQL: {} ({})", field(PG_DIAG_MESSAGE_PRIMARY),
                                     state.empty() ? "connection lost" : state)};
}

bool has_state(const PGresult* result, std::string_view state) {
  const char* text = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return text && state == text;
}

bool is_failure(ExecStatusType status) {
  return status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
}

}  // namespace

Result<void> PostgresqlConnection::connect(const std::string& conninfo) {
  close();
  // Before the address, so that what it says itself goes before.
  const char* keys[] = {"connect_timeout",           "keepalives_idle",  "keepalives_interval",
                        "keepalives_count",          "tcp_user_timeout", "client_encoding",
                        "fallback_application_name", "dbname",           nullptr};
  const char* values[] = {"5",    "10", "5", "3", "15000", "UTF8", "vonglau", conninfo.c_str(),
                          nullptr};
  connection_.reset(PQconnectdbParams(keys, values, 1));
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
    std::string why = connection_ ? PQerrorMessage(connection_.get()) : "out of memory";
    while (!why.empty() && why.back() == '\n') why.pop_back();
    connection_.reset();
    return fail(StoreError::unavailable,
                fmt::format("PostgreSQL cannot be reached: {}; check that it runs and that the "
                            "store's address is right",
                            why));
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  VL_ASSERT(PQsetnonblocking(connection_.get(), 1) == 0);
  if (PQenterPipelineMode(connection_.get()) != 1) return lost();
  return {};
}

void PostgresqlConnection::close() {
  cache_.clear();
  connection_.reset();
  forget_queue();
}

void PostgresqlConnection::forget_queue() {
  queued_ = 0;
  queued_bytes_ = 0;
}

bool PostgresqlConnection::is_alive() {
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) return false;
  if (queued_ > 0) return true;
  // A server that was stopped has closed its end: reading without waiting shows it.
  pollfd look{PQsocket(connection_.get()), POLLIN, 0};
  if (::poll(&look, 1, 0) <= 0) return true;
  return PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK &&
         (look.revents & (POLLHUP | POLLERR)) == 0;
}

std::unexpected<Error> PostgresqlConnection::lost() {
  std::string why = connection_ ? PQerrorMessage(connection_.get()) : "not connected";
  while (!why.empty() && why.back() == '\n') why.pop_back();
  close();
  return fail(StoreError::unavailable,
              fmt::format("the connection to PostgreSQL is lost: {}", why));
}

void PostgresqlConnection::note(Error error) {
  if (!first_error_) first_error_ = std::move(error);
}

bool PostgresqlConnection::wait(short events) {
  pollfd poll{PQsocket(connection_.get()), events, 0};
  int ready = 0;
  do {
    ready = ::poll(&poll, 1, patience_ms);
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

bool PostgresqlConnection::flush() {
  // The server may stop reading until we have read what it has to say.
  int left = 0;
  while ((left = PQflush(connection_.get())) == 1) {
    if (!wait(POLLIN | POLLOUT) || PQconsumeInput(connection_.get()) == 0) return false;
  }
  return left == 0;
}

PostgresqlConnection::Outcome PostgresqlConnection::next_result() {
  while (PQisBusy(connection_.get()) == 1) {
    if (!wait(POLLIN)) {
      note({code_of(StoreError::unavailable), "PostgreSQL has not answered for a minute"});
      return nullptr;
    }
    if (PQconsumeInput(connection_.get()) == 0) break;  // PQgetResult then gives the error
  }
  return Outcome(PQgetResult(connection_.get()));
}

void PostgresqlConnection::take_rows(const PGresult* result, const OnRow& on_row, bool& wanted) {
  for (int i = 0; wanted && i < PQntuples(result); ++i) wanted = on_row(PostgresqlRow(result, i));
}

void PostgresqlConnection::take_description(const PGresult* result) {
  described_.clear();
  unreadable_.reset();
  for (int i = 0; i < PQnparams(result); ++i) described_.push_back(PQparamtype(result, i));
  for (int i = 0; i < PQnfields(result); ++i) {
    if (!is_readable(PQftype(result, i))) unreadable_ = PQfname(result, i);
  }
}

void PostgresqlConnection::take_tag(PGresult* result) {
  described_.clear();
  unreadable_.reset();
  changed_ = 0;
  tag_ = PQcmdStatus(result);
  if (tag_.starts_with("SELECT")) return;  // rows read, not changed
  const char* count = PQcmdTuples(result);
  std::from_chars(count, count + std::strlen(count), changed_);
}

void PostgresqlConnection::take_results(const OnRow* on_row) {
  if (on_row) PQsetSingleRowMode(connection_.get());
  bool wanted = true;
  while (const Outcome result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (is_failure(status)) {
      // A plan made before somebody changed its table; the next use plans anew.
      if (has_state(result.get(), "0A000")) cache_.clear();
      note(error_of(result.get()));
    } else if (status == PGRES_SINGLE_TUPLE) {
      take_rows(result.get(), *on_row, wanted);
    } else if (status == PGRES_COMMAND_OK &&
               PQnparams(result.get()) + PQnfields(result.get()) > 0) {
      take_description(result.get());
    } else if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      if (on_row) take_rows(result.get(), *on_row, wanted);
      take_tag(result.get());
    }
    if (PQstatus(connection_.get()) != CONNECTION_OK) return;
  }
}

Result<void> PostgresqlConnection::sync() {
  if (PQpipelineSync(connection_.get()) != 1 || !flush()) return lost();
  ++queued_;  // the mark itself
  return {};
}

Result<std::int64_t> PostgresqlConnection::settle(const OnRow* on_row) {
  if (!connection_) return lost();
  // An exception out of on_row would leave half an answer on the line.
  struct Unless {
    PostgresqlConnection& self;
    bool settled = false;
    ~Unless() {
      if (!settled) self.close();
    }
  } unless{*this};
  const auto outcome = settle_queue(on_row);
  unless.settled = true;
  return outcome;
}

Result<std::int64_t> PostgresqlConnection::settle_queue(const OnRow* on_row) {
  first_error_.reset();
  changed_ = 0;
  VL_CHECK(sync());
  for (; queued_ > 1 && PQstatus(connection_.get()) == CONNECTION_OK; --queued_) {
    take_results(queued_ == 2 ? on_row : nullptr);
  }
  if (PQstatus(connection_.get()) == CONNECTION_OK) {
    const Outcome mark = next_result();
    if (mark && PQresultStatus(mark.get()) != PGRES_PIPELINE_SYNC) note(error_of(mark.get()));
    if (!mark) note({code_of(StoreError::unavailable), "PostgreSQL's answer has no end"});
    forget_queue();
    if (mark && PQstatus(connection_.get()) == CONNECTION_OK) {
      if (first_error_) return fail(*first_error_);
      return changed_;
    }
  }
  const auto cut = lost();
  return first_error_ ? fail(*first_error_) : cut;
}

Result<const PostgresqlConnection::Prepared*> PostgresqlConnection::prepare(std::string_view sql) {
  if (const Prepared* kept = cache_.find(sql)) return kept;
  Prepared fresh{fmt::format("s{}", ++next_name_), {}};
  const std::string text(sql);
  if (PQsendPrepare(connection_.get(), fresh.name.c_str(), text.c_str(), 0, nullptr) != 1 ||
      PQsendDescribePrepared(connection_.get(), fresh.name.c_str()) != 1) {
    return lost();
  }
  queued_ += 2;
  described_.clear();
  unreadable_.reset();
  if (const auto settled = settle(nullptr); !settled) return fail(settled.error());
  if (unreadable_) {
    return fail(StoreError::invalid,
                fmt::format("column {} is of a type that only PostgreSQL has", *unreadable_));
  }
  fresh.types = described_;
  if (const auto given_up = cache_.insert(sql, std::move(fresh))) {
    const std::string forget = "DEALLOCATE " + given_up->name;
    if (PQsendQueryParams(connection_.get(), forget.c_str(), 0, nullptr, nullptr, nullptr, nullptr,
                          0) != 1) {
      return lost();
    }
    ++queued_;
  }
  return cache_.find(sql);
}

Result<void> PostgresqlConnection::send(std::string_view sql, std::span<const Value> values) {
  if (!connection_) return lost();
  VL_TRY(const Prepared* prepared, prepare(sql));
  EncodedValues encoded;
  VL_CHECK(encoded.encode(prepared->types, values));
  if (PQsendQueryPrepared(connection_.get(), prepared->name.c_str(), encoded.count(),
                          encoded.data(), encoded.lengths(), encoded.formats(), 1) != 1) {
    return lost();
  }
  ++queued_;
  queued_bytes_ += encoded.size_bytes();
  return {};
}

Result<void> PostgresqlConnection::script(const std::string& sql) {
  if (!connection_) return lost();
  if (queued_ > 0) VL_CHECK(settle(nullptr));
  // Several statements in one text need the simple protocol, which a pipeline does not speak.
  // Refused when the server has said meanwhile that it goes away.
  if (PQexitPipelineMode(connection_.get()) != 1) return lost();
  const Outcome result(PQexec(connection_.get(), sql.c_str()));
  if (PQstatus(connection_.get()) != CONNECTION_OK) return lost();
  Result<void> outcome{};
  if (is_failure(PQresultStatus(result.get()))) outcome = fail(error_of(result.get()));
  if (PQenterPipelineMode(connection_.get()) != 1) return lost();
  return outcome;
}

}  // namespace vl::store
