#include <atomic>

#include <fmt/format.h>
#include <sqlite3.h>

#include <vonglau/base/assert.hpp>

#include "batcher.hpp"
#include "figures.hpp"

namespace vl::bench {
namespace {

class BareSqlite final : public Contender, Batcher {
 public:
  explicit BareSqlite(const std::string& path) {
    VL_ASSERT(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                              nullptr) == SQLITE_OK);
    // The product's own settings.
    for (const char* pragma :
         {"PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA foreign_keys = ON",
          "PRAGMA temp_store = MEMORY", "PRAGMA journal_size_limit = 67108864",
          "PRAGMA cache_size = -16384"})
      run(pragma);
    begin_ = prepare("BEGIN IMMEDIATE");
    commit_ = prepare("COMMIT");
    event_ = prepare(kInsertEvent);
    report_ = prepare(kInsertReport);
    receipt_ = prepare(kInsertReceipt);
    start();
  }
  ~BareSqlite() override {
    stop();
    for (auto* statement : {begin_, commit_, event_, report_, receipt_})
      sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  void execute(int) override { order_and_wait(); }
  double cpu_s() const override { return own_cpu_s(); }

 private:
  void run(const char* sql) {
    VL_ASSERT(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    VL_ASSERT(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) ==
              SQLITE_OK);
    return statement;
  }
  static void step(sqlite3_stmt* statement) {
    VL_ASSERT(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_reset(statement);
  }
  static void text(sqlite3_stmt* s, int at, std::string_view v) {
    sqlite3_bind_text(s, at, v.data(), static_cast<int>(v.size()), SQLITE_STATIC);
  }
  static void blob(sqlite3_stmt* s, int at, const auto& bytes) {
    sqlite3_bind_blob(s, at, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
  }

  void write(std::vector<Order*>& orders) override {
    step(begin_);
    for (const Order* order : orders) {
      const ReportRows& rows = order->rows;
      ++sequence_;
      sqlite3_bind_int64(event_, 1, kProvince);
      sqlite3_bind_int64(event_, 2, sequence_);
      sqlite3_bind_int64(event_, 3, rows.at_us);
      sqlite3_bind_int64(event_, 4, rows.at_us);
      sqlite3_bind_int64(event_, 5, 1);
      blob(event_, 6, rows.actor.bytes);
      text(event_, 7, "report");
      blob(event_, 8, rows.id.bytes);
      sqlite3_bind_int64(event_, 9, 1);
      text(event_, 10, "report.received");
      sqlite3_bind_int64(event_, 11, 1);
      text(event_, 12, rows.body());
      blob(event_, 13, rows.hash);
      blob(event_, 14, rows.hash);
      step(event_);
      sqlite3_bind_int64(report_, 1, kProvince);
      blob(report_, 2, rows.id.bytes);
      sqlite3_bind_int64(report_, 3, sequence_);
      sqlite3_bind_int64(report_, 4, rows.at_us);
      text(report_, 5, "phone");
      text(report_, 6, "fire");
      text(report_, 7, "fire");
      text(report_, 8, "critical");
      sqlite3_bind_double(report_, 9, 21.2734);
      sqlite3_bind_double(report_, 10, 106.1946);
      text(report_, 11, "07210");
      sqlite3_bind_int64(report_, 16, 1);
      step(report_);
      sqlite3_bind_int64(receipt_, 1, kProvince);
      blob(receipt_, 2, rows.key.bytes);
      text(receipt_, 3, "reports.receive");
      sqlite3_bind_int64(receipt_, 4, sequence_);
      text(receipt_, 5, rows.reply);
      sqlite3_bind_int64(receipt_, 6, rows.at_us);
      step(receipt_);
    }
    step(commit_);
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  sqlite3_stmt* event_ = nullptr;
  sqlite3_stmt* report_ = nullptr;
  sqlite3_stmt* receipt_ = nullptr;
  std::int64_t sequence_ = 0;
};

}  // namespace

std::unique_ptr<Contender> bare_sqlite(const std::string& path) {
  return std::make_unique<BareSqlite>(path);
}

}  // namespace vl::bench
