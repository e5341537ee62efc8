#include <atomic>
#include <bit>
#include <deque>

#include <libpq-fe.h>
#include <poll.h>

#include <vonglau/base/assert.hpp>

#include "batcher.hpp"
#include "figures.hpp"

namespace vl::bench {
namespace {

/// Binary parameters of one statement.
class Parameters {
 public:
  void integer(std::int64_t v) { eight(static_cast<std::uint64_t>(v)); }
  void real(double v) { eight(std::bit_cast<std::uint64_t>(v)); }
  void text(std::string_view v) { add(v.data(), v.size()); }
  void bytes(const auto& v) { add(reinterpret_cast<const char*>(v.data()), v.size()); }
  void null() {
    data_.push_back(nullptr);
    lengths_.push_back(0);
  }
  void send(PGconn* connection, const char* name) {
    static const std::vector<int> binary(32, 1);
    VL_ASSERT(PQsendQueryPrepared(connection, name, static_cast<int>(data_.size()), data_.data(),
                                  lengths_.data(), binary.data(), 1) == 1);
    data_.clear();
    lengths_.clear();
    numbers_.clear();
  }

 private:
  void add(const char* data, std::size_t length) {
    data_.push_back(data);
    lengths_.push_back(static_cast<int>(length));
  }
  void eight(std::uint64_t bits) {
    auto& to = numbers_.emplace_back();
    for (int i = 0; i < 8; ++i)
      to[static_cast<std::size_t>(i)] = static_cast<char>(bits >> (56 - 8 * i));
    add(to.data(), to.size());
  }
  std::vector<const char*> data_;
  std::vector<int> lengths_;
  std::deque<std::array<char, 8>> numbers_;  // stays where it is while data_ points to it
};

class Connection {
 public:
  explicit Connection(const std::string& conninfo) : pg_(PQconnectdb(conninfo.c_str())) {
    VL_ASSERT(PQstatus(pg_) == CONNECTION_OK);
    prepare("event", kInsertEvent);
    prepare("report", kInsertReport);
    prepare("receipt", kInsertReceipt);
    prepare("begin", "BEGIN");
    prepare("commit", "COMMIT");
    VL_ASSERT(PQsetnonblocking(pg_, 1) == 0 && PQenterPipelineMode(pg_) == 1);
  }
  ~Connection() { PQfinish(pg_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void begin() { Parameters().send(pg_, "begin"); }
  void add(const ReportRows& rows, std::int64_t sequence) {
    Parameters p;
    p.integer(kProvince), p.integer(sequence), p.integer(rows.at_us), p.integer(rows.at_us);
    p.integer(1), p.bytes(rows.actor.bytes), p.text("report"), p.bytes(rows.id.bytes);
    p.integer(1), p.text("report.received"), p.integer(1), p.text(rows.body());
    p.bytes(rows.hash), p.bytes(rows.hash);
    p.send(pg_, "event");
    p.integer(kProvince), p.bytes(rows.id.bytes), p.integer(sequence), p.integer(rows.at_us);
    p.text("phone"), p.text("fire"), p.text("fire"), p.text("critical");
    p.real(21.2734), p.real(106.1946), p.text("07210");
    p.null(), p.null(), p.null(), p.null(), p.integer(1);
    p.send(pg_, "report");
    p.integer(kProvince), p.bytes(rows.key.bytes), p.text("reports.receive"), p.integer(sequence);
    p.text(rows.reply), p.integer(rows.at_us);
    p.send(pg_, "receipt");
  }
  void commit() {
    Parameters().send(pg_, "commit");
    VL_ASSERT(PQpipelineSync(pg_) == 1);
    flush();
    for (;;) {
      PGresult* result = next();
      if (result == nullptr) continue;  // the end of one statement's results
      const auto status = PQresultStatus(result);
      VL_ASSERT(status == PGRES_COMMAND_OK || status == PGRES_PIPELINE_SYNC);
      PQclear(result);
      if (status == PGRES_PIPELINE_SYNC) return;
    }
  }

 private:
  void prepare(const char* name, const char* sql) {
    PGresult* result = PQprepare(pg_, name, sql, 0, nullptr);
    VL_ASSERT(PQresultStatus(result) == PGRES_COMMAND_OK);
    PQclear(result);
  }
  void wait(short events) {
    pollfd look{PQsocket(pg_), events, 0};
    VL_ASSERT(::poll(&look, 1, 60'000) > 0);
  }
  void flush() {
    int left = 0;
    while ((left = PQflush(pg_)) == 1) {
      wait(POLLIN | POLLOUT);
      VL_ASSERT(PQconsumeInput(pg_) == 1);
    }
    VL_ASSERT(left == 0);
  }
  PGresult* next() {
    while (PQisBusy(pg_) == 1) {
      wait(POLLIN);
      VL_ASSERT(PQconsumeInput(pg_) == 1);
    }
    return PQgetResult(pg_);
  }
  PGconn* pg_;
};

class BarePostgres final : public Contender {
 public:
  BarePostgres(const std::string& conninfo, int connections, int server_pid)
      : server_pid_(server_pid) {
    for (int i = 0; i < connections; ++i) {
      all_.push_back(std::make_unique<Connection>(conninfo));
      free_.push_back(all_.back().get());
    }
  }
  void execute(int) override {
    const ReportRows rows = next_rows();
    Connection* mine = nullptr;
    {
      std::unique_lock lock(mutex_);
      given_back_.wait(lock, [&] { return !free_.empty(); });
      mine = free_.back();
      free_.pop_back();
    }
    mine->begin();
    mine->add(rows, ++sequence_);
    mine->commit();
    {
      const std::scoped_lock lock(mutex_);
      free_.push_back(mine);
    }
    given_back_.notify_one();
  }
  double cpu_s() const override { return own_cpu_s() + family_cpu_s(server_pid_); }

 private:
  const int server_pid_;
  std::vector<std::unique_ptr<Connection>> all_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::vector<Connection*> free_;
  std::atomic<std::int64_t> sequence_{0};
};

class BarePipelined final : public Contender, Batcher {
 public:
  BarePipelined(const std::string& conninfo, int server_pid)
      : server_pid_(server_pid), connection_(conninfo) {
    start();
  }
  ~BarePipelined() override { stop(); }
  void execute(int) override { order_and_wait(); }
  double cpu_s() const override { return own_cpu_s() + family_cpu_s(server_pid_); }

 private:
  void write(std::vector<Order*>& orders) override {
    connection_.begin();
    for (const Order* order : orders) connection_.add(order->rows, ++sequence_);
    connection_.commit();
  }
  const int server_pid_;
  Connection connection_;
  std::int64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<Contender> bare_postgres(const std::string& conninfo, int connections,
                                         int server_pid) {
  return std::make_unique<BarePostgres>(conninfo, connections, server_pid);
}
std::unique_ptr<Contender> bare_postgres_pipelined(const std::string& conninfo, int server_pid) {
  return std::make_unique<BarePipelined>(conninfo, server_pid);
}

}  // namespace vl::bench
