// A disk that is full, or that refuses reads, writes and syncs, under the journal: nothing is
// acknowledged that is not kept, the error says what is wrong, and the journal goes on when it can.
#include <atomic>
#include <thread>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <vonglau/store/testing/crash_disk.hpp>

#include "workload.hpp"

namespace vl::simulation {
namespace {

using journal::testing::add;
using store::testing::CrashDisk;
using Operation = CrashDisk::Operation;

/// A running journal on a disk that can fail.
class FailingDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(province_.migrate(*database_));
    journal::JournalOptions options;
    options.ask_again_us = 1'000;
    options.writer.make_room = [this] {
      if (pieces_left_ == 0) return false;
      --pieces_left_;
      disk_.set_capacity(disk_.used_bytes() + 60'000);
      return true;
    };
    auto opened = province_.open_journal(*database_, options);
    ASSERT_TRUE(opened) << opened.error().message;
    journal_ = std::move(*opened);
  }
  void TearDown() override {
    journal_.reset();
    if (!disk_.is_off()) disk_.cut_power();
  }
  Result<journal::Receipt> execute(std::optional<Uuid> key = {}) {
    auto answer = journal_->execute(add(tally_, 1, key));
    if (answer && !answer->repeated) ++acknowledged_;
    return answer;
  }
  /// What the disk holds after a power cut, the strictest look there is.
  void expect_all_kept_after_a_power_cut() {
    const auto tail = journal_->tail().read(1, 1'000'000);
    ASSERT_TRUE(tail);
    for (std::size_t i = 0; i < tail->size(); ++i)
      ASSERT_EQ((*tail)[i]->sequence, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(std::ssize(*tail), acknowledged_);
    disk_.cut_power();
    journal_.reset();
    disk_.restart();
    const auto holdings = read_holdings(*database_);
    ASSERT_TRUE(holdings) << holdings.error().message;
    EXPECT_EQ(holdings->unsound, "");
    EXPECT_EQ(std::ssize(holdings->events), acknowledged_);
  }

  CrashDisk disk_{{.seed = 9}};
  ManualClock clock_;
  SeededIdSource ids_{clock_, 9};
  TallyProvince province_{clock_};
  std::unique_ptr<store::Database> database_ =
      store::sqlite_database(disk_.database("province.db"));
  std::unique_ptr<journal::Journal> journal_;
  Uuid tally_ = ids_.next();
  std::int64_t acknowledged_ = 0;
  std::atomic<int> pieces_left_{0};  // of a reserve
};

TEST_F(FailingDisk, that_is_full_stops_the_answers_and_room_brings_them_back) {
  ASSERT_TRUE(execute());
  for (int times = 0; times < 3; ++times) {
    disk_.set_capacity(disk_.used_bytes() + 200'000);
    Result<journal::Receipt> answer;
    while (answer = execute(), answer) {
    }
    EXPECT_EQ(answer.error().code.name, "store.full");
    EXPECT_FALSE(answer.error().message.empty());
    EXPECT_EQ(execute().error().code.name, "store.full") << "goes on refusing";
    EXPECT_FALSE(journal_->healthy());
    auto reader = database_->open_reader();
    ASSERT_TRUE(reader) << "what is there can be read: " << reader.error().message;
    const auto count = (*reader)->query_integer(
        "SELECT count(*) FROM journal_events WHERE province_id = $1", {kProvince});
    ASSERT_TRUE(count);
    EXPECT_EQ(*count, acknowledged_);
    EXPECT_EQ(journal_->head().sequence, acknowledged_);

    disk_.set_capacity(std::int64_t{1} << 30);
    while (!journal_->healthy()) std::this_thread::yield();
    ASSERT_TRUE(execute());
  }
  EXPECT_GT(acknowledged_, 10);
  expect_all_kept_after_a_power_cut();
}

TEST_F(FailingDisk, that_is_full_refuses_nobody_while_room_can_be_made) {
  ASSERT_TRUE(execute());
  disk_.set_capacity(disk_.used_bytes() + 60'000);
  pieces_left_ = 3;
  while (pieces_left_ > 0) ASSERT_TRUE(execute());
  EXPECT_TRUE(journal_->healthy());
  Result<journal::Receipt> answer;
  while (answer = execute(), answer) {
  }
  EXPECT_EQ(answer.error().code.name, "store.full");
  disk_.set_capacity(std::int64_t{1} << 30);
  expect_all_kept_after_a_power_cut();
}

TEST_F(FailingDisk, whose_sync_fails_gives_no_answer_and_a_retry_is_done_once) {
  ASSERT_TRUE(execute());
  for (int times = 0; times < 5; ++times) {
    const Uuid key = ids_.next();
    disk_.fail(Operation::sync, 1);
    const auto refused = execute(key);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.category, Category::unavailable);
    const auto again = execute(key);
    ASSERT_TRUE(again) << again.error().message;
    if (again->repeated) ++acknowledged_;  // it had become durable after all
    EXPECT_EQ(again->reply, std::to_string(acknowledged_));
    EXPECT_TRUE(execute(key)->repeated);
  }
  expect_all_kept_after_a_power_cut();
}

TEST_F(FailingDisk, that_refuses_writes_for_a_while_is_used_again_after_it) {
  ASSERT_TRUE(execute());
  disk_.fail(Operation::write, 1, 40);
  int refusals = 0;
  Result<journal::Receipt> answer;
  while (answer = execute(), !answer) {
    EXPECT_EQ(answer.error().code.category, Category::unavailable) << answer.error().message;
    ASSERT_LT(++refusals, 1000);
  }
  EXPECT_GT(refusals, 0);
  ASSERT_TRUE(execute());
  expect_all_kept_after_a_power_cut();
}

/// Faults at random operations under random commands, and a power cut at the end.
std::string random_faults(std::uint64_t seed, std::int64_t& acknowledged, int& faults) {
  Random random(seed);
  CrashDisk disk({.seed = seed});
  ManualClock clock;
  SeededIdSource ids(clock, seed);
  TallyProvince province(clock);
  // A batch that the writer takes apart could be recorded in part: not the question here.
  Workload workload(seed, ids,
                    {.rows_that_the_store_refuses = false, .frequent_checkpoints = seed % 2 == 0});
  const auto database = store::sqlite_database(disk.database("province.db"));
  // Every so often the disk does not even let somebody look; then somebody looks again.
  const auto look = [&]() -> std::string {
    for (int tries = 0; tries < 100; ++tries)
      if (const auto holdings = read_holdings(*database)) {
        workload.compare(*holdings);
        return workload.wrong();
      }
    return "cannot be read";
  };
  if (!province.migrate(*database)) return "no tables";
  auto writer = province.open_writer(*database);
  if (!writer) return writer.error().message;
  for (int steps = 0; steps < 30; ++steps) {
    clock.advance_us(100'000);
    if (random.one_in(4)) {
      const Operation operations[] = {Operation::read, Operation::write, Operation::sync};
      const auto operation = operations[random.below(3)];
      disk.fail(operation, 1 + static_cast<std::int64_t>(random.below(10)),
                1 + static_cast<std::int64_t>(random.below(3)));
    }
    if (random.one_in(10)) disk.set_capacity(disk.used_bytes() + 20'000);
    if (workload.step(**writer)) continue;
    ++faults;
    disk.set_capacity(std::int64_t{1} << 30);
    if (auto wrong = look(); !wrong.empty()) return wrong;
  }
  writer->reset();
  acknowledged += workload.acknowledged();
  disk.cut_power();
  disk.restart();
  if (auto wrong = look(); !wrong.empty()) return wrong;
  return workload.lost() == 0 ? "" : fmt::format("{} lost", workload.lost());
}

TEST(FailingDisks, at_random_moments_lose_nothing_that_was_acknowledged) {
  const auto seeds = number_from("VL_FAULT_SEEDS", 300);
  std::int64_t acknowledged = 0;
  int faults = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    ASSERT_EQ(random_faults(seed, acknowledged, faults), "") << "seed " << seed;
  EXPECT_GT(faults, static_cast<int>(seeds)) << "too few faults were felt";
  fmt::print("  {} seeds: {} batches hit by a fault, {} commands acknowledged, 0 lost\n", seeds,
             faults, acknowledged);
}

}  // namespace
}  // namespace vl::simulation
