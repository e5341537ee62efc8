#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <vonglau/store/backup.hpp>
#include <vonglau/store/testing/fresh_database.hpp>
#include <vonglau/store/testing/outcome.hpp>

namespace vl::store {
namespace {

using testing::code;

/// With what makes loading hard: rows of its own, keys between tables, a trigger that refuses.
std::vector<MigrationSet> sets(std::size_t versions = 2) {
  MigrationSet set{
      "calls",
      {{1, "calls",
        "CREATE TABLE answers (province_id {integer} NOT NULL, call {integer} NOT NULL, text "
        "{text}, PRIMARY KEY (province_id, call), FOREIGN KEY (province_id, call) REFERENCES "
        "calls (province_id, number)) {strict};",
        "CREATE TABLE calls (province_id INTEGER NOT NULL, number INTEGER NOT NULL, body BLOB, "
        "weight REAL, PRIMARY KEY (province_id, number)) STRICT;"
        "CREATE TRIGGER calls_begin_at_one BEFORE INSERT ON calls WHEN new.number < 1 BEGIN "
        "SELECT RAISE(ABORT, 'a call has a number'); END;"
        "INSERT INTO calls VALUES (10, 1, NULL, 0.5);",
        ""},
       {2, "notes",
        "CREATE TABLE notes (province_id {integer} NOT NULL, note {text}, PRIMARY KEY "
        "(province_id, note)) {strict};"}}};
  // PostgreSQL wants the table referred to first.
  set.migrations[0].postgresql =
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a "
      "call has a number'; END $$;"
      "CREATE TRIGGER calls_begin_at_one BEFORE INSERT ON calls FOR EACH ROW WHEN (new.number < "
      "1) EXECUTE FUNCTION refuse();"
      "INSERT INTO calls VALUES (10, 1, NULL, 0.5);";
  MigrationSet base{"base",
                    {{1, "base", "", "",
                      "CREATE TABLE calls (province_id BIGINT NOT "
                      "NULL, number BIGINT NOT NULL, body BYTEA, "
                      "weight DOUBLE PRECISION, PRIMARY KEY "
                      "(province_id, number))"}}};
  set.migrations.resize(versions);
  return {base, set};
}

constexpr const char* insert =
    "INSERT INTO calls (province_id, number, body, weight) VALUES ($1, $2, $3, $4)";

class Backup : public testing::EachEngine {
 protected:
  void SetUp() override {
    EachEngine::SetUp();
    if (IsSkipped()) return;
    session_ = session();
    ASSERT_EQ(migrate(*session_, sets(1), clock_), 2);
    file_ = folder() + "/centre.backup";
  }
  void fill(int rows) {
    ASSERT_TRUE(session_->begin_write());
    for (int i = 2; i <= rows; ++i) {
      ASSERT_TRUE(
          session_->post(insert, {10, i, Bytes(200, static_cast<std::uint8_t>(i)), i / 8.0}));
    }
    ASSERT_TRUE(session_->commit());
    ASSERT_TRUE(session_->execute("INSERT INTO answers VALUES ($1, $2, $3)", {10, 1, "Đã nghe"}));
    ASSERT_TRUE(session_->execute("INSERT INTO answers VALUES ($1, $2, $3)", {10, 2, {}}));
  }
  SystemClock clock_;
  std::unique_ptr<Session> session_;
  std::string file_;
};

TEST_P(Backup, gives_back_every_row_on_either_engine) {
  fill(2000);
  const auto before = table_digests(*session_);
  ASSERT_TRUE(before) << before.error().message;
  const auto made = back_up(database(), file_, clock_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->tables, *before);
  EXPECT_EQ(made->bytes, static_cast<std::int64_t>(std::filesystem::file_size(file_)));
  for (const Engine engine : {Engine::sqlite, Engine::postgresql}) {
    if (testing::missing(engine)) continue;
    SCOPED_TRACE(testing::name_of(engine));
    testing::FreshDatabase target(engine);
    const auto restored = restore(file_, target.database(), sets(1), clock_);
    ASSERT_TRUE(restored) << restored.error().message;
    auto there = std::move(*target.database().open_session());
    EXPECT_EQ(table_digests(*there), *before);
    EXPECT_EQ(applied_migrations(*there)->front().applied,
              applied_migrations(*session_)->front().applied);
    // What was put aside for loading is in force again.
    EXPECT_EQ(code(there->execute(insert, {10, 0, {}, {}})), code_of(StoreError::conflict));
    EXPECT_EQ(code(there->execute("INSERT INTO answers VALUES ($1, $2, $3)", {10, 99'999, "x"})),
              code_of(StoreError::conflict));
  }
}

TEST_P(Backup, is_upgraded_by_a_newer_program) {
  fill(10);
  ASSERT_TRUE(back_up(database(), file_, clock_));
  testing::FreshDatabase target(GetParam());
  const auto restored = restore(file_, target.database(), sets(2), clock_);
  ASSERT_TRUE(restored) << restored.error().message;
  auto there = std::move(*target.database().open_session());
  EXPECT_TRUE(check_schema(*there, sets(2)));
  EXPECT_EQ(there->query_integer("SELECT count(*) FROM calls"), 10);
}

TEST_P(Backup, of_a_newer_program_is_refused_and_the_target_left_empty) {
  ASSERT_EQ(migrate(*session_, sets(2), clock_), 1);
  ASSERT_TRUE(back_up(database(), file_, clock_));
  testing::FreshDatabase target(GetParam());
  EXPECT_EQ(code(restore(file_, target.database(), sets(1), clock_)), code_of(StoreError::schema));
  const auto again = restore(file_, target.database(), sets(2), clock_);
  EXPECT_TRUE(again) << again.error().message;
}

TEST_P(Backup, that_is_damaged_anywhere_is_refused_before_anything_is_touched) {
  fill(20);
  ASSERT_TRUE(back_up(database(), file_, clock_));
  std::ifstream in(file_, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  const auto check = [](std::string_view content) {
    std::size_t at = 0;
    return check_backup([&](std::span<std::uint8_t> into) -> Result<std::size_t> {
      const std::size_t count = std::min(into.size(), content.size() - at);
      std::copy_n(content.data() + at, count, into.begin());
      at += count;
      return count;
    });
  };
  ASSERT_TRUE(check(whole));
  for (std::size_t i = 0; i < whole.size(); i += 1 + i / 40) {
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ 4);
    ASSERT_FALSE(check(flipped)) << "byte " << i;
    ASSERT_FALSE(check(std::string_view(whole).substr(0, i))) << "cut at " << i;
  }
  EXPECT_FALSE(check(whole + "x"));
  std::ofstream(file_, std::ios::binary) << whole.substr(0, whole.size() - 1);
  testing::FreshDatabase target(GetParam());
  EXPECT_EQ(code(restore(file_, target.database(), sets(), clock_)), code_of(StoreError::invalid));
  auto there = std::move(*target.database().open_session());
  EXPECT_TRUE(table_digests(*there)->empty());
}

TEST_P(Backup, never_overwrites_a_backup_nor_a_database) {
  fill(3);
  ASSERT_TRUE(back_up(database(), file_, clock_));
  const auto twice = back_up(database(), file_, clock_);
  EXPECT_EQ(code(twice), code_of(StoreError::invalid));
  EXPECT_EQ(twice.error().field, "file");
  const auto over = restore(file_, database(), sets(), clock_);
  EXPECT_EQ(code(over), code_of(StoreError::conflict));
  EXPECT_EQ(session_->query_integer("SELECT count(*) FROM calls"), 3);
  EXPECT_EQ(code(restore(folder() + "/none", database(), sets(), clock_)),
            code_of(StoreError::unavailable));
}

TEST_P(Backup, that_fails_leaves_no_file) {
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(session_->script("DROP TABLE schema_migrations"));
  const std::string odd = GetParam() == Engine::sqlite ? "CREATE VIRTUAL TABLE odd USING fts5(a)"
                                                       : "CREATE TABLE odd (a TIMESTAMPTZ)";
  ASSERT_TRUE(session_->script(odd));
  ASSERT_TRUE(session_->commit());
  const auto made = back_up(database(), "/nonexistent/folder/x", clock_);
  EXPECT_EQ(code(made), code_of(StoreError::unavailable));
  if (GetParam() == Engine::postgresql) {
    const auto refused = back_up(database(), file_, clock_);
    EXPECT_EQ(code(refused), code_of(StoreError::invalid));
    EXPECT_NE(refused.error().message.find("odd"), std::string::npos) << refused.error().message;
    EXPECT_TRUE(std::filesystem::is_empty(folder()));
  }
}

/// One operator after another reports a call; what is acknowledged is counted.
class Writer {
 public:
  Writer(Database& database, int first) : session_(std::move(*database.open_session())) {
    thread_ = std::jthread([this, first](const std::stop_token& stop) { run(stop, first); });
  }
  void wait_for(int more) const {
    const int goal = acknowledged + more;
    for (int seen = acknowledged; seen < goal; seen = acknowledged) acknowledged.wait(seen);
  }
  void stop() {
    thread_.request_stop();
    thread_.join();
  }
  std::atomic<int> acknowledged{0};
  std::atomic<std::int64_t> slowest_us{0};

 private:
  void run(const std::stop_token& stop, int first) {
    const SystemClock clock;
    for (int i = first; !stop.stop_requested(); ++i) {
      const auto begun = clock.mono();
      ASSERT_TRUE(session_->begin_write());
      ASSERT_TRUE(session_->post(insert, {10, i, Bytes(300, 1), 1.0}));
      ASSERT_TRUE(session_->commit());
      slowest_us = std::max(slowest_us.load(), clock.mono().us - begun.us);
      ++acknowledged;
      acknowledged.notify_all();
    }
  }
  std::unique_ptr<Session> session_;
  std::jthread thread_;
};

TEST_P(Backup, drill_restores_everything_acknowledged_before_it_while_writers_go_on) {
  constexpr int stock = 30'000;
  fill(stock);
  Writer writer(database(), stock + 1);
  writer.wait_for(50);
  const int acknowledged_before = writer.acknowledged;
  const auto begun = clock_.mono();
  const auto made = back_up(database(), file_, clock_);
  const auto taken = clock_.mono();
  ASSERT_TRUE(made) << made.error().message;
  const int meanwhile = writer.acknowledged - acknowledged_before;
  writer.wait_for(50);
  writer.stop();
  const auto disaster = clock_.wall();
  const int acknowledged = writer.acknowledged;

  testing::FreshDatabase target(GetParam());
  const auto start = clock_.mono();
  const auto restored = restore(file_, target.database(), sets(), clock_);
  ASSERT_TRUE(restored) << restored.error().message;
  auto there = std::move(*target.database().open_session());
  const auto rows = there->query_integer("SELECT count(*) FROM calls");
  const auto up = clock_.mono();
  ASSERT_TRUE(rows && *rows);
  EXPECT_GE(**rows, stock + acknowledged_before) << "an acknowledged row is missing";
  EXPECT_EQ(there->query_integer("SELECT max(number) FROM calls"), **rows) << "no row is skipped";
  EXPECT_GT(meanwhile, 0) << "writers stood still";
  fmt::print(
      "drill on {}: {} rows, {} KiB; backup {} ms, {} commits meanwhile, the slowest {} ms; RPO: "
      "{} rows of the {} ms since the backup began, none older; RTO: {} ms\n",
      testing::name_of(GetParam()), made->rows, made->bytes / 1024, (taken.us - begun.us) / 1000,
      meanwhile, writer.slowest_us / 1000, stock + acknowledged - **rows,
      (disaster.us - made->taken.us) / 1000, (up.us - start.us) / 1000);
}

VL_ON_EACH_ENGINE(Backup);

}  // namespace
}  // namespace vl::store
