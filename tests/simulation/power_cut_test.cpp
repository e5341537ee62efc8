// The journal's first promise: what was acknowledged survives a power cut. Each seed is a short
// life of a province on a disk that tears, drops and reorders what was not synced.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <vonglau/store/testing/crash_disk.hpp>

#include "workload.hpp"

namespace vl::simulation {
namespace {

using store::testing::CrashDisk;

struct Outcome {
  std::int64_t acknowledged = 0;
  std::int64_t repeated = 0;
  std::int64_t lost = 0;
  int cuts = 0;
  std::string wrong;
  bool operator==(const Outcome&) const = default;
};

class Life {
 public:
  Life(std::uint64_t seed, bool lying)
      : random_(seed),
        disk_({.seed = seed, .lying = lying}),
        ids_(clock_, seed),
        province_(clock_),
        workload_(seed, ids_, {.frequent_checkpoints = seed % 2 == 0}),
        database_(store::sqlite_database(disk_.database("province.db"))) {}

  Outcome live() {
    const int lives = random_.one_in(3) ? 2 : 1;
    for (int life = 0; life < lives && sound(); ++life) {
      if (random_.one_in(3)) plan_cut(60);  // the power may go while the centre starts
      auto writer = start();
      if (!disk_.is_off()) plan_cut(160);
      while (writer && sound() && workload_.step(*writer)) clock_.advance_us(250'000);
      writer.reset();
      if (!disk_.is_off()) break;  // gave no answer with the power on
      disk_.restart();
      ++outcome_.cuts;
    }
    if (sound())
      if (auto writer = start()) workload_.retry_everything(*writer);
    if (!disk_.is_off()) disk_.cut_power();
    outcome_.acknowledged = workload_.acknowledged();
    outcome_.repeated = workload_.repeated();
    outcome_.lost = workload_.lost();
    if (outcome_.wrong.empty()) outcome_.wrong = workload_.wrong();
    return outcome_;
  }

 private:
  bool sound() const {
    return outcome_.wrong.empty() && workload_.wrong().empty() && workload_.lost() == 0;
  }
  void plan_cut(std::uint64_t within) {
    disk_.cut_power_after(1 + static_cast<std::int64_t>(random_.below(within)));
  }

  /// As a centre starts: tables, then the writer. What it finds is compared at once.
  std::unique_ptr<journal::Writer> start() {
    Result<std::unique_ptr<journal::Writer>> writer;
    if (auto migrated = province_.migrate(*database_); !migrated)
      writer = fail(std::move(migrated).error());
    else
      writer = province_.open_writer(*database_);
    auto holdings = writer ? read_holdings(*database_) : fail(writer.error());
    if (holdings) {
      workload_.compare(*holdings);
      return std::move(*writer);
    }
    if (!disk_.is_off()) outcome_.wrong = "does not start: " + holdings.error().message;
    return nullptr;
  }

  Random random_;
  CrashDisk disk_;
  ManualClock clock_;
  SeededIdSource ids_;
  TallyProvince province_;
  Workload workload_;
  std::unique_ptr<store::Database> database_;
  Outcome outcome_;
};

TEST(PowerCuts, lose_nothing_that_was_acknowledged) {
  const auto seeds = number_from("VL_CRASH_SEEDS", 2000);
  Outcome sum;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Outcome run = Life(seed, false).live();
    ASSERT_EQ(run.lost, 0) << "seed " << seed << " of " << run.acknowledged;
    ASSERT_EQ(run.wrong, "") << "seed " << seed;
    sum.acknowledged += run.acknowledged;
    sum.repeated += run.repeated;
    sum.cuts += run.cuts;
  }
  EXPECT_GT(sum.acknowledged, static_cast<std::int64_t>(seeds) * 10) << "the power went too early";
  EXPECT_GT(sum.repeated, static_cast<std::int64_t>(seeds) * 3) << "too few commands were retried";
  fmt::print("  {} seeds: {} power cuts, {} commands acknowledged ({} of them retried), 0 lost\n",
             seeds, sum.cuts, sum.acknowledged, sum.repeated);
}

TEST(PowerCuts, on_a_disk_that_lies_about_syncs_are_found_to_lose_commands) {
  constexpr int runs = 200;
  int lost = 0;
  int found = 0;
  for (std::uint64_t seed = 1; seed <= runs; ++seed) {
    const Outcome run = Life(seed, true).live();
    lost += run.lost > 0 ? 1 : 0;
    found += run.lost > 0 || !run.wrong.empty() ? 1 : 0;
  }
  EXPECT_GT(lost, runs / 4);
  EXPECT_GT(found, runs / 2);
  fmt::print("  control: {} of {} runs lost acknowledged commands, {} were found out\n", lost, runs,
             found);
}

TEST(PowerCuts, run_the_same_for_the_same_seed) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed)
    EXPECT_EQ(Life(seed, true).live(), Life(seed, true).live()) << "seed " << seed;
}

}  // namespace
}  // namespace vl::simulation
