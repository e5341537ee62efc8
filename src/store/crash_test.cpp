#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include <vonglau/store/testing/crash_disk.hpp>
#include <vonglau/store/testing/outcome.hpp>

namespace vl::store {
namespace {

using testing::CrashDisk;
using Operation = testing::CrashDisk::Operation;

constexpr const char* insert_row = "INSERT INTO rows (number, body) VALUES ($1, $2)";

using testing::code;

std::unique_ptr<Session> open(const CrashDisk& disk) {
  auto opened = sqlite_database(disk.database("x.db"))->open_session();
  return opened ? std::move(*opened) : nullptr;
}

std::string integrity(Session& session) {
  std::string said;
  const auto read = session.query("PRAGMA integrity_check", {}, [&](const Row& row) {
    said += row.text(0);
    return true;
  });
  return read ? said : read.error().message;
}

std::int64_t count(Session& session) {
  const auto found = session.query_integer("SELECT count(*) FROM rows");
  return found ? found->value_or(0) : -1;
}

struct Outcome {
  std::int64_t acknowledged = 0;
  std::int64_t lost = 0;
  std::string broken;  // why the database is not clean afterwards, if it is not
};

/// Row after row, each a transaction of its own, until the power goes; then what is there.
enum class Syncs { real, lies, fewer };

Outcome power_cut(std::uint64_t seed, Syncs syncs) {
  CrashDisk disk({.seed = seed, .lying = syncs == Syncs::lies});
  std::uint64_t state = seed * 2654435761;
  const auto random = [&](std::uint64_t below) {
    state = state * 6364136223846793005 + 1442695040888963407;
    return (state >> 33) % below;
  };
  Outcome run;
  {
    auto session = open(disk);
    EXPECT_TRUE(session->script(
        "CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"));
    // On half of the runs the log is copied into the database often, and cut in between.
    if (seed % 2 == 0) {
      EXPECT_TRUE(session->query_integer("PRAGMA wal_autocheckpoint = 6"));
    }
    if (syncs == Syncs::fewer) {
      EXPECT_TRUE(session->script("PRAGMA synchronous = NORMAL"));
    }
    disk.cut_power_after(1 + static_cast<std::int64_t>(random(220)));
    for (std::int64_t n = 1;; ++n) {
      if (!session->begin_write()) break;
      if (!session->post(insert_row, {n, Bytes(1 + random(9000), static_cast<std::uint8_t>(n))}))
        break;
      if (!session->commit()) break;
      run.acknowledged = n;
    }
  }
  disk.restart();
  if (seed % 3 == 0) {  // the power goes again while the log is being read back
    disk.cut_power_after(1 + static_cast<std::int64_t>(random(6)));
    open(disk).reset();
    disk.cut_power();
    disk.restart();
  }
  auto session = open(disk);
  if (!session) return {run.acknowledged, run.acknowledged, "does not open"};
  if (const std::string said = integrity(*session); said != "ok") run.broken = said;
  std::set<std::int64_t> there;
  const auto read = session->query("SELECT number, body FROM rows", {}, [&](const Row& row) {
    const std::string whole(row.bytes(1).size(), static_cast<char>(row.integer(0)));
    if (as_text(row.bytes(1)) != whole) return true;
    there.insert(row.integer(0));
    return true;
  });
  if (!read) run.broken = read.error().message;
  for (std::int64_t n = 1; n <= run.acknowledged; ++n) run.lost += there.contains(n) ? 0 : 1;
  if (std::ssize(there) > run.acknowledged + 1) run.broken = "rows that nobody wrote";
  return run;
}

TEST(CrashDisk, loses_no_acknowledged_row_in_two_thousand_power_cuts) {
  const char* asked = std::getenv("VL_CRASH_SEEDS");
  const std::uint64_t seeds = asked ? std::strtoull(asked, nullptr, 10) : 2000;
  std::int64_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Outcome run = power_cut(seed, Syncs::real);
    ASSERT_EQ(run.lost, 0) << "seed " << seed << " of " << run.acknowledged;
    ASSERT_EQ(run.broken, "") << "seed " << seed;
    acknowledged += run.acknowledged;
  }
  EXPECT_GT(acknowledged, static_cast<std::int64_t>(seeds) * 10) << "the power went too early";
  RecordProperty("acknowledged", static_cast<int>(acknowledged));
}

int runs_with_losses(int runs, Syncs syncs) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(runs); ++seed) {
    const Outcome run = power_cut(seed, syncs);
    if (run.lost > 0 || !run.broken.empty()) ++found;
  }
  return found;
}

TEST(CrashDisk, that_lies_about_syncs_is_found_out) {
  EXPECT_GT(runs_with_losses(200, Syncs::lies), 100);
}

TEST(CrashDisk, finds_what_a_session_that_syncs_less_would_lose) {
  EXPECT_GT(runs_with_losses(200, Syncs::fewer), 50);
}

TEST(CrashDisk, gives_the_same_run_for_the_same_seed) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const Outcome one = power_cut(seed, Syncs::lies);
    const Outcome two = power_cut(seed, Syncs::lies);
    EXPECT_EQ(one.acknowledged, two.acknowledged);
    EXPECT_EQ(one.lost, two.lost);
    EXPECT_EQ(one.broken, two.broken);
  }
}

class FailingDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    session_ = open(disk_);
    ASSERT_TRUE(session_->script(
        "CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"));
    ASSERT_TRUE(add(1));
  }
  Result<void> add(std::int64_t n, std::size_t size = 100) {
    VL_CHECK(session_->begin_write());
    VL_CHECK(session_->post(insert_row, {n, Bytes(size, 1)}));
    return session_->commit();
  }
  CrashDisk disk_{{.seed = 5}};
  std::unique_ptr<Session> session_;
};

TEST_F(FailingDisk, makes_a_commit_uncertain_when_its_sync_fails) {
  disk_.fail(Operation::sync, 1);
  EXPECT_EQ(code(add(2)), code_of(StoreError::uncertain));
  ASSERT_TRUE(session_->begin_write()) << "connects anew";
  EXPECT_EQ(count(*session_), 1);
  ASSERT_TRUE(session_->commit());
  ASSERT_TRUE(add(2));
  ASSERT_TRUE(add(3));
  disk_.cut_power();
  session_.reset();
  disk_.restart();
  session_ = open(disk_);
  ASSERT_TRUE(session_);
  EXPECT_EQ(count(*session_), 3);
}

TEST_F(FailingDisk, does_not_build_on_a_log_that_only_the_cache_holds) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CrashDisk disk({.seed = seed});
    {
      auto session = open(disk);
      ASSERT_TRUE(session->script(
          "CREATE TABLE rows (number INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT"));
      ASSERT_TRUE(session->execute(insert_row, {1, Bytes(100, 1)}));
      disk.fail(Operation::sync, 1);
      EXPECT_EQ(code(session->execute(insert_row, {2, Bytes(100, 1)})),
                code_of(StoreError::uncertain));
      disk.kill_process();
    }
    disk.restart();
    std::int64_t acknowledged = 0;
    {
      auto session = open(disk);
      ASSERT_TRUE(session);
      EXPECT_EQ(count(*session), 2) << "the log's tail looks whole";
      ASSERT_TRUE(session->execute(insert_row, {3, Bytes(100, 1)}));
      acknowledged = 3;
      disk.cut_power();
    }
    disk.restart();
    auto session = open(disk);
    ASSERT_TRUE(session);
    ASSERT_EQ(integrity(*session), "ok");
    ASSERT_EQ(count(*session), acknowledged) << "seed " << seed;
  }
}

TEST_F(FailingDisk, is_unavailable_when_it_cannot_be_read_or_written) {
  disk_.fail(Operation::write, 1);
  EXPECT_EQ(code(add(2)), code_of(StoreError::uncertain));
  ASSERT_TRUE(add(2));
  session_.reset();
  disk_.fail(Operation::read, 1, 1000);
  EXPECT_FALSE(open(disk_));
  disk_.fail(Operation::read, 1'000'000);
  session_ = open(disk_);
  ASSERT_TRUE(session_);
  EXPECT_EQ(count(*session_), 2);
}

TEST_F(FailingDisk, is_read_again_without_a_transaction_once_it_can_be) {
  auto reader = std::move(*sqlite_database(disk_.database("x.db"))->open_reader());
  disk_.fail(Operation::read, 1, 1'000'000);
  for (int times = 0; times < 3; ++times)
    EXPECT_EQ(code(reader->query_integer("SELECT count(*) FROM rows")),
              code_of(StoreError::unavailable));
  disk_.fail(Operation::read, 1'000'000);
  const auto back = reader->query_integer("SELECT count(*) FROM rows");
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back, 1) << "connects anew by itself";
}

TEST_F(FailingDisk, says_full_keeps_what_it_has_and_goes_on_when_there_is_room) {
  disk_.set_capacity(disk_.used_bytes() + 100'000);
  std::int64_t last = 1;
  Result<void> outcome{};
  while (outcome = add(last + 1, 9000), outcome) ++last;
  EXPECT_EQ(code(outcome), code_of(StoreError::full));
  EXPECT_GT(last, 3);
  EXPECT_EQ(count(*session_), last) << "reading goes on";
  EXPECT_EQ(code(add(last + 1, 9000)), code_of(StoreError::full));
  disk_.set_capacity(1 << 30);
  ASSERT_TRUE(add(last + 1, 9000));
  disk_.cut_power();
  session_.reset();
  disk_.restart();
  session_ = open(disk_);
  ASSERT_TRUE(session_);
  EXPECT_EQ(integrity(*session_), "ok");
  EXPECT_EQ(count(*session_), last + 1);
}

TEST_F(FailingDisk, keeps_writers_and_readers_apart_as_a_real_one_does) {
  auto options = disk_.database("x.db");
  options.busy_timeout_ms = 0;
  auto database = sqlite_database(options);
  auto other = std::move(*database->open_session());
  auto reader = std::move(*database->open_reader());
  ASSERT_TRUE(session_->begin_write());
  ASSERT_TRUE(session_->post(insert_row, {2, Bytes{}}));
  EXPECT_EQ(code(other->begin_write()), code_of(StoreError::unavailable));
  ASSERT_TRUE(reader->begin_read());
  EXPECT_EQ(count(*reader), 1);
  ASSERT_TRUE(session_->commit());
  EXPECT_EQ(count(*reader), 1);
  ASSERT_TRUE(reader->commit());
  EXPECT_EQ(count(*reader), 2);
}

}  // namespace
}  // namespace vl::store
