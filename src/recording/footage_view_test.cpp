// Footage fetched later from a camera's own storage: beside the main stream in the store, one with
// it for who watches.
#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>

#include <vonglau/recording/footage_view.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;
constexpr std::int64_t s = 1'000'000;

class FetchedFootage : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_.path() + "/footage";
    options_.reserve_bytes = 0;
    options_.ballast_bytes = 0;
    options_.extent_bytes = 81'920;
    options_.group_bytes = 16'384;
    open();
  }
  void open() {
    store_.reset();
    auto opened = open_fragment_store(options_, disk_, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void lose_index() {
    store_.reset();
    for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
      std::filesystem::remove(options_.folder + name);
  }
  void record(const StreamKey& stream, std::int64_t from_us, std::int64_t to_us) {
    for (auto at = from_us; at < to_us; at += s / 2)
      ASSERT_TRUE(store_->append(fragment(stream, at)));
    ASSERT_TRUE(store_->sync());
  }
  /// Ten seconds, a gap of ten, ten seconds.
  void record_with_gap() {
    record(main_, start_us, start_us + 10 * s);
    ASSERT_TRUE(
        store_->gap(main_, {start_us + 10 * s, std::nullopt, GapCause::stream_stalled, ""}));
    record(main_, start_us + 20 * s, start_us + 30 * s);
  }
  std::vector<FragmentRef> all(const StreamKey& stream) {
    return store_->find(stream, 0, start_us * 2, 10'000).value_or(std::vector<FragmentRef>{});
  }
  std::vector<Gap> missing() { return *FootageView(*store_).gaps(main_, 0, start_us * 2); }

  ScratchFolder folder_;
  ManualClock clock_{WallTime{start_us}};
  SeededIdSource ids_{clock_, 1};
  Told told_;
  FaultyDisk disk_;
  StoreOptions options_;
  std::unique_ptr<FragmentStore> store_;
  const StreamKey main_ = camera(1);
  const StreamKey fetched_ = camera(1, StreamKind::fetched);
};

TEST_F(FetchedFootage, ClosesTheGapForWhoWatchesAndLeavesTheMainStreamAsItWas) {
  record_with_gap();
  record(fetched_, start_us + 10 * s, start_us + 20 * s);
  EXPECT_TRUE(missing().empty());
  const auto kept = *store_->gaps(main_, 0, start_us * 2);
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0], (Gap{start_us + 10 * s, start_us + 20 * s, GapCause::stream_stalled, ""}));
  EXPECT_EQ(all(main_).size(), 40u);
  EXPECT_EQ(all(fetched_).size(), 20u);
  EXPECT_EQ(all(fetched_)[0].id.stream.kind, StreamKind::fetched);
  const auto spans = *FootageView(*store_).spans(main_, 0, start_us * 2);
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[1].start_us, start_us + 10 * s);
  EXPECT_EQ(spans[1].end_us, start_us + 20 * s);
  EXPECT_TRUE(spans[1].is_fetched);
  EXPECT_FALSE(spans[2].is_fetched);
  EXPECT_EQ(store_->check(true)->problems, 0u);
}

TEST_F(FetchedFootage, WhatCouldNotBeHadStaysAGapWithItsCauseAndBothEnds) {
  record_with_gap();
  record(fetched_, start_us + 12 * s, start_us + 15 * s);
  record(fetched_, start_us + 16 * s, start_us + 20 * s);
  const auto gaps = missing();
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0], (Gap{start_us + 10 * s, start_us + 12 * s, GapCause::stream_stalled, ""}));
  EXPECT_EQ(gaps[1], (Gap{start_us + 15 * s, start_us + 16 * s, GapCause::stream_stalled, ""}));
}

TEST_F(FetchedFootage, IsWatchedInItsPlaceWhateverItWasFetchedAfter) {
  record_with_gap();
  record(fetched_, start_us + 15 * s, start_us + 20 * s);
  record(fetched_, start_us + 10 * s, start_us + 15 * s);  // later, and before
  const FootageView view(*store_);
  auto ref = *view.seek(main_, start_us + s / 4);
  std::vector<std::int64_t> seen{ref.start_us};
  while (const auto next = view.next(ref)) {
    ref = *next;
    seen.push_back(ref.start_us);
  }
  ASSERT_EQ(seen.size(), 60u);
  for (std::size_t i = 0; i < seen.size(); ++i)
    EXPECT_EQ(seen[i], start_us + static_cast<std::int64_t>(i) * s / 2);
  EXPECT_EQ(view.seek(main_, start_us + 12 * s + s / 4)->start_us, start_us + 12 * s);
  EXPECT_EQ(view.seek(main_, start_us + 12 * s)->id.stream, fetched_);
  EXPECT_EQ(view.seek(main_, start_us + 25 * s)->id.stream, main_);
}

class FetchedFootageLater : public FetchedFootage, public ::testing::WithParamInterface<bool> {};

TEST_P(FetchedFootageLater, IsThereAfterARestart) {
  record_with_gap();
  record(fetched_, start_us + 10 * s, start_us + 14 * s);
  if (GetParam()) lose_index();
  open();
  ASSERT_EQ(all(fetched_).size(), 8u);
  EXPECT_TRUE(store_->gaps(fetched_, 0, start_us * 2)->empty()) << "no gap behind its end";
  const auto gaps = missing();
  ASSERT_EQ(gaps.size(), 2u);
  EXPECT_EQ(gaps[0].start_us, start_us + 14 * s);
  EXPECT_EQ(gaps[0].end_us, start_us + 20 * s);
  EXPECT_EQ(gaps[1].cause, GapCause::recorder_down);
  record(fetched_, start_us + 14 * s, start_us + 20 * s);
  EXPECT_EQ(all(fetched_).back().id.sequence, 20u);
  ASSERT_EQ(missing().size(), 1u);
  EXPECT_EQ(store_->check(true)->problems, 0u);
}

INSTANTIATE_TEST_SUITE_P(Index, FetchedFootageLater, ::testing::Values(false, true),
                         [](const auto& with) { return with.param ? "Lost" : "Kept"; });

TEST_F(FetchedFootage, GoesByItsOwnTimeAndNotByWhenItWasFetched) {
  ASSERT_TRUE(store_->set_retention(main_, {.most_age_s = 86'400}));
  record_with_gap();
  // Twenty hours later the camera is back, and what it stored is fetched into a fresh extent.
  clock_.advance_us(20LL * 3600 * s);
  const auto later = start_us + 20LL * 3600 * s;
  record(main_, later, later + 10 * s);
  record(fetched_, start_us + 10 * s, start_us + 20 * s);
  clock_.advance_us(121 * s);
  ASSERT_TRUE(store_->sync());  // its minutes are over
  ASSERT_TRUE(store_->reclaim());
  EXPECT_EQ(all(fetched_).size(), 20u);
  clock_.advance_us(4LL * 3600 * s);  // a day after it happened
  ASSERT_TRUE(store_->reclaim());
  EXPECT_TRUE(all(fetched_).empty());
  EXPECT_EQ(all(main_).size(), 20u) << "what is younger stays, though it was stored before";
  EXPECT_EQ(store_->check(true)->problems, 0u);
}

TEST_F(FetchedFootage, CountsToTheCamerasBytesAndTheOldestOfBothGoesFirst) {
  record_with_gap();
  record(fetched_, start_us + 10 * s, start_us + 20 * s);
  clock_.advance_us(121 * s);
  ASSERT_TRUE(store_->sync());
  const auto bytes = all(main_)[0].bytes;
  ASSERT_TRUE(store_->set_retention(main_, {.most_bytes = bytes * 45ULL}));
  ASSERT_TRUE(store_->reclaim());
  ASSERT_TRUE(store_->reclaim());
  EXPECT_EQ(all(fetched_).size(), 20u);
  EXPECT_EQ(all(main_).size(), 20u) << "the minute before the gap went";
  ASSERT_TRUE(store_->set_retention(main_, {.most_bytes = bytes * 25ULL}));
  ASSERT_TRUE(store_->reclaim());
  ASSERT_TRUE(store_->reclaim());
  EXPECT_TRUE(all(fetched_).empty());
  EXPECT_EQ(all(main_).size(), 20u);
}

TEST_F(FetchedFootage, IsHeldByTheMainStreamsLocks) {
  record_with_gap();
  const auto lock = store_->lock(main_, start_us + 11 * s, start_us + 13 * s, "case");
  ASSERT_TRUE(lock);
  record(fetched_, start_us + 10 * s, start_us + 20 * s);  // after the lock was taken
  ASSERT_TRUE(store_->reclaim());
  const auto held = store_->usage().locked_bytes;
  EXPECT_GT(held, 0u);
  options_.most_bytes = options_.extent_bytes * 6;
  open();
  for (int round = 0; round < 40; ++round)
    record(camera(2), start_us + round * 20 * s, start_us + (round * 20 + 20) * s);
  ASSERT_TRUE(store_->reclaim());
  const auto left = all(fetched_);
  ASSERT_FALSE(left.empty());
  EXPECT_LE(left.front().start_us, start_us + 11 * s);
  EXPECT_GE(left.back().end_us, start_us + 13 * s);
  EXPECT_LT(left.size(), 20u);
  for (const auto& ref : left) EXPECT_TRUE(store_->read(ref.id));
  ASSERT_TRUE(store_->unlock(lock->id));
  EXPECT_TRUE(all(fetched_).empty());
  EXPECT_EQ(store_->usage().locked_bytes, 0u);
}

TEST(GapsWithoutSpans, AreCutAndARestTooShortToTellIsNotLeft) {
  const std::vector<Gap> gaps{{0, 10 * s, GapCause::stream_stalled, "x"},
                              {20 * s, std::nullopt, GapCause::camera_unreachable, ""}};
  const auto rest =
      without(gaps, {{s / 10, 3 * s, 0}, {5 * s, 10 * s - s / 10, 0}, {22 * s, 25 * s, 0}});
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0], (Gap{3 * s, 5 * s, GapCause::stream_stalled, "x"}));
  EXPECT_EQ(rest[1], (Gap{20 * s, 22 * s, GapCause::camera_unreachable, ""}));
  EXPECT_EQ(rest[2], (Gap{25 * s, std::nullopt, GapCause::camera_unreachable, ""}));
  EXPECT_EQ(without(gaps, {}), gaps);
}

}  // namespace
}  // namespace vl::recording
