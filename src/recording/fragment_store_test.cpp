#include <algorithm>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include <vonglau/recording/fragment_format.hpp>
#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/store/testing/statement_lint.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_.path() + "/footage";
    options_.reserve_bytes = 0;
    options_.ballast_bytes = 0;
    options_.extent_bytes = 81'920;  // three groups of eight fragments
    options_.group_bytes = 16'384;
    open();
  }
  void open() {
    store_.reset();
    auto opened = open_fragment_store(options_, disk_, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  /// Half seconds one after another.
  void record(const StreamKey& stream, int fragments, std::int64_t from_us) {
    for (int i = 0; i < fragments; ++i) {
      const auto stored = store_->append(fragment(stream, from_us + i * 500'000));
      ASSERT_TRUE(stored) << stored.error().message;
    }
    ASSERT_TRUE(store_->sync());
  }
  std::vector<FragmentRef> all(const StreamKey& stream) {
    return store_->find(stream, 0, start_us * 2, 10'000).value_or(std::vector<FragmentRef>{});
  }
  /// Every fragment readable, in an unbroken chain, with the content it was given.
  void expect_sound(const StreamKey& stream, std::size_t fragments) {
    const auto refs = all(stream);
    ASSERT_EQ(refs.size(), fragments);
    std::map<std::uint64_t, Digest> chains;
    for (const auto& ref : refs) {
      const auto one = store_->read(ref.id);
      ASSERT_TRUE(one) << one.error().message;
      chains[ref.id.sequence] = one->chain;
      if (chains.contains(ref.id.sequence - 1))
        EXPECT_EQ(one->previous_chain, chains[ref.id.sequence - 1]);
      const auto wanted = fragment(stream, one->start_us);
      ASSERT_EQ(one->samples.size(), wanted.samples.size());
      EXPECT_EQ(one->samples[3].bytes, wanted.samples[3]->bytes);
      EXPECT_LE(ref.start_us, one->start_us);
      EXPECT_GE(ref.end_us, one->end_us);
    }
    const auto report = store_->check(true);
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
  }
  /// The extents of what is not kept for a lock.
  std::vector<std::string> files() { return *disk_.list(options_.folder + "/log-4"); }
  void lose_index() {
    store_.reset();
    for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
      fs::remove(options_.folder + name);
  }

  ScratchFolder folder_;
  ManualClock clock_{WallTime{start_us}};
  SeededIdSource ids_{clock_, 1};
  Told told_;
  FaultyDisk disk_;
  StoreOptions options_;
  std::unique_ptr<FragmentStore> store_;
};

TEST_F(Store, GivesBackWhatWasStoredAndFindsItByTime) {
  record(camera(1), 300, start_us);
  record(camera(2), 10, start_us);
  expect_sound(camera(1), 300);
  expect_sound(camera(2), 10);
  const auto found = store_->find(camera(1), start_us + 60'000'000, start_us + 61'000'000, 100);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].id.sequence, 121u);
  EXPECT_EQ(store_->end_us(camera(1)), start_us + 150'000'000);
  EXPECT_GT(files().size(), 10u);
  EXPECT_EQ(store_->streams(), (std::vector{camera(1), camera(2)}));
}

TEST_F(Store, ReadsWhatIsWrittenAndNotYetSynced) {
  for (int i = 0; i < 10; ++i)  // more than a group
    ASSERT_TRUE(store_->append(fragment(camera(1), start_us + i * 500'000)));
  const auto refs = all(camera(1));
  ASSERT_GT(refs.size(), 1u);
  EXPECT_TRUE(store_->read(refs[1].id));
}

TEST_F(Store, GoesOnAfterAnOrderlyRestart) {
  record(camera(1), 25, start_us);
  open();
  expect_sound(camera(1), 25);
  record(camera(1), 25, start_us + 20'000'000);
  expect_sound(camera(1), 50);
  EXPECT_EQ(all(camera(1)).back().id.sequence, 50u);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_TRUE(gaps);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0],
            (Gap{start_us + 12'500'000, start_us + 20'000'000, GapCause::recorder_down, ""}));
}

TEST_F(Store, ASecondProcessIsTurnedAway) {
  const auto second = open_fragment_store(options_, disk_, clock_, ids_, told_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code.name, "recording.in_use");
}

TEST_F(Store, TheIndexIsBuiltAgainFromTheFootageAlone) {
  record(camera(1), 60, start_us);
  record(camera(2, StreamKind::main), 7, start_us);
  const auto before = all(camera(1));
  lose_index();
  open();
  expect_sound(camera(1), 60);
  expect_sound(camera(2), 7);
  EXPECT_EQ(all(camera(1)).back().id, before.back().id);
  record(camera(1), 3, start_us + 40'000'000);
  EXPECT_EQ(all(camera(1)).back().id.sequence, 63u);
}

TEST_F(Store, SeekFindsTheKeyBeforeAndNextGoesOn) {
  record(camera(1), 20, start_us);
  record(camera(1), 20, start_us + 100'000'000);
  const auto at = store_->seek(camera(1), start_us + 3'300'000);
  ASSERT_TRUE(at);
  EXPECT_EQ(at->id.sequence, 7u);
  EXPECT_EQ(store_->next(at->id)->id.sequence, 8u);
  EXPECT_EQ(store_->next({camera(1), 20})->start_us, start_us + 100'000'000) << "over a gap";
  EXPECT_FALSE(store_->next({camera(1), 40}));
  EXPECT_EQ(store_->seek(camera(1), start_us - 10'000'000)->id.sequence, 1u);
  EXPECT_EQ(store_->seek(camera(1), start_us + 30'000'000)->id.sequence, 21u) << "in the gap";
  EXPECT_FALSE(store_->seek(camera(1), start_us + 300'000'000));
  EXPECT_FALSE(store_->seek(camera(9), start_us));
}

TEST_F(Store, ListsSpansAndGapsWithTheirCauses) {
  record(camera(1), 200, start_us);
  const auto end_us = start_us + 100'000'000;
  ASSERT_TRUE(store_->gap(camera(1), {end_us, std::nullopt, GapCause::connection_reset, "x"}));
  ASSERT_TRUE(store_->gap(camera(1),
                          {end_us + 5'000'000, std::nullopt, GapCause::camera_unreachable, "y"}));
  ASSERT_TRUE(store_->gap(camera(1),
                          {end_us + 9'000'000, std::nullopt, GapCause::camera_unreachable, "z"}));
  record(camera(1), 10, end_us + 60'000'000);
  ASSERT_TRUE(store_->gap(
      camera(1), {end_us + 62'000'000, end_us + 62'040'000, GapCause::packets_lost, "2 packets"}));
  const auto spans = store_->spans(camera(1), 0, start_us * 2);
  ASSERT_TRUE(spans);
  ASSERT_EQ(spans->size(), 2u);
  EXPECT_EQ((*spans)[0].start_us, start_us);
  EXPECT_EQ((*spans)[0].end_us, end_us);
  EXPECT_EQ((*spans)[1].start_us, end_us + 60'000'000);
  for (int round = 0; round < 2; ++round) {  // in memory, then in the index
    const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
    ASSERT_TRUE(gaps);
    EXPECT_EQ(
        *gaps,
        (std::vector{
            Gap{end_us, end_us + 5'000'000, GapCause::connection_reset, "x"},
            Gap{end_us + 5'000'000, end_us + 60'000'000, GapCause::camera_unreachable, "y"},
            Gap{end_us + 62'000'000, end_us + 62'040'000, GapCause::packets_lost, "2 packets"}}));
    ASSERT_TRUE(store_->sync());
  }
  EXPECT_EQ(store_->gaps(camera(1), end_us + 5'000'000, end_us + 6'000'000)->size(), 1u);
}

TEST_F(Store, SaysHowMuchWasSentInEachPartOfATime) {
  record(camera(1), 200, start_us);  // half a second each
  record(camera(1), 20, start_us + 160'000'000);
  for (int round = 0; round < 2; ++round) {  // in memory, then in the index
    const auto fine = store_->rates(camera(1), start_us, start_us + 200'000'000, 200);
    const auto coarse = store_->rates(camera(1), start_us - 1, start_us + 200'000'000, 2);
    ASSERT_TRUE(fine && coarse);
    std::uint64_t all = 0;
    for (std::size_t i = 0; i < 200; ++i) {
      const bool recorded = i < 100 || (i >= 160 && i < 170);
      EXPECT_EQ((*fine)[i] > 0, recorded) << i;
      if (recorded) EXPECT_NEAR((*fine)[i], (*fine)[0], (*fine)[0] / 4.0) << i;
      all += (*fine)[i];
    }
    const auto spans = *store_->spans(camera(1), 0, start_us * 2);
    EXPECT_NEAR(static_cast<double>(all), static_cast<double>(spans[0].bytes + spans[1].bytes),
                static_cast<double>(all) / 1000);
    // Of a part that was recorded for a tenth, the rate of that tenth.
    EXPECT_NEAR((*coarse)[1], (*coarse)[0], (*coarse)[0] / 4.0);
    ASSERT_TRUE(store_->sync());
  }
  EXPECT_FALSE(store_->rates(camera(1), start_us, start_us, 10));
  EXPECT_FALSE(store_->rates(camera(1), start_us, start_us + 1, 0));
  EXPECT_FALSE(store_->rates(camera(1), start_us, start_us + 1, 1001));
  EXPECT_EQ((*store_->rates(camera(1), start_us + 120'000'000, start_us + 130'000'000, 3)),
            std::vector<std::uint32_t>(3));
}

TEST_F(Store, GapsAndLocksAreFoundAgainWithoutTheIndex) {
  record(camera(1), 10, start_us);
  const Gap gap{start_us + 5'000'000, start_us + 9'000'000, GapCause::camera_unreachable, "y"};
  ASSERT_TRUE(store_->gap(camera(1), gap));
  const auto lock = store_->lock(camera(1), start_us, start_us + 1'000'000, "case-7");
  const auto other = store_->lock(camera(1), start_us, start_us + 2'000'000, "case-8");
  ASSERT_TRUE(lock && other);
  ASSERT_TRUE(store_->unlock(other->id));
  record(camera(1), 10, start_us + 9'000'000);
  lose_index();
  open();
  EXPECT_EQ(store_->gaps(camera(1), 0, start_us + 10'000'000)->at(0), gap);
  ASSERT_EQ(store_->locks()->size(), 1u);
  EXPECT_EQ(store_->locks()->front().reason, "case-7");
  EXPECT_GT(store_->usage().locked_bytes, 0u);
}

TEST_F(Store, AChangedByteIsFoundByReadAndByCheck) {
  record(camera(1), 30, start_us);
  const auto path = options_.folder + "/log-4/" + files()[1];
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(4096 + 4096 + 1000);  // into the first body
  file.put('!');
  file.close();
  const auto report = store_->check(true);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->fragments, 30u);
  ASSERT_EQ(report->problems, 1u);
  EXPECT_EQ(report->findings[0].kind, FindingKind::altered);
  EXPECT_FALSE(store_->read(report->findings[0].fragment));
  EXPECT_EQ(store_->check(false)->problems, 0u) << "the headers are sound";
}

TEST_F(Store, CheckNamesMissingShortAndStrangeFiles) {
  record(camera(1), 60, start_us);
  const auto names = files();
  ASSERT_GE(names.size(), 3u);
  const auto base = options_.folder + "/log-4/";
  fs::remove(base + names[0]);
  fs::resize_file(base + names[1], 9000);
  std::ofstream(base + "notes.txt") << "mine";
  const auto report = store_->check(false);
  ASSERT_TRUE(report);
  const auto has = [&](FindingKind kind) {
    return std::ranges::any_of(report->findings, [&](const Finding& f) { return f.kind == kind; });
  };
  EXPECT_TRUE(has(FindingKind::missing_file));
  EXPECT_TRUE(has(FindingKind::short_file));
  EXPECT_TRUE(has(FindingKind::bad_header)) << "what lay in the part that is gone";
  EXPECT_TRUE(has(FindingKind::unindexed));
  EXPECT_FALSE(store_->read({camera(1), 1}));
}

TEST_F(Store, WhatCannotBeReadIsGivenUpAndBecomesAGap) {
  record(camera(1), 60, start_us);
  open();  // and now all of it is in the index
  fs::resize_file(options_.folder + "/log-4/" + files()[1], 9000);
  open();
  const auto report = store_->check(false);
  ASSERT_TRUE(report);
  ASSERT_GT(report->unreadable.size(), 5u);
  ASSERT_TRUE(store_->give_up(report->unreadable));
  const auto left = all(camera(1));
  EXPECT_EQ(left.size() + report->unreadable.size(), 60u);
  for (const auto& ref : left) EXPECT_TRUE(store_->read(ref.id));
  const auto gaps = store_->gaps(camera(1), start_us, start_us + 29'000'000);
  ASSERT_TRUE(gaps);
  EXPECT_EQ(gaps->size(), report->unreadable.size());
  for (const auto& gap : *gaps) EXPECT_EQ(gap.cause, GapCause::disk_failed);
  const auto again = store_->check(true);
  EXPECT_EQ(again->unreadable.size(), 0u);
  EXPECT_EQ(again->problems, 1u) << "the file is still too short";
}

TEST_F(Store, ReclaimsTheOldestByAgeAndBySize) {
  record(camera(1), 600, start_us);  // five minutes
  record(camera(2), 600, start_us);
  const auto files_before = files().size();
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 120}));
  ASSERT_TRUE(store_->set_retention(camera(2), {.most_bytes = 500'000}));
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  const auto first = all(camera(1));
  EXPECT_GE(first.front().end_us, start_us + 120'000'000);
  EXPECT_LE(first.front().start_us, start_us + 180'000'000);
  const auto second = all(camera(2));
  std::uint64_t bytes = 0;
  for (const auto& ref : second) bytes += ref.bytes;
  EXPECT_LE(bytes, 500'000u);
  EXPECT_GT(bytes, 200'000u);
  EXPECT_EQ(second.back().id.sequence, 600u);
  EXPECT_EQ(told_.for_room_bytes, 0u);
  EXPECT_GT(told_.reclaimed_bytes, 500'000u);
  expect_sound(camera(1), first.size());
  open();
  EXPECT_EQ(all(camera(1)).size(), first.size()) << "what is reclaimed stays so";
  clock_.advance_us(400'000'000);
  ASSERT_TRUE(store_->reclaim());
  EXPECT_TRUE(all(camera(1)).empty()) << "retention outlives a restart";
  // Room is used again: what comes now needs no more files.
  record(camera(2), 100, start_us + 700'000'000);
  EXPECT_LE(files().size(), files_before + 1);
}

TEST_F(Store, WhatIsKeptAboutAsLongLiesTogether) {
  record(camera(1), 20, start_us);
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 86'400}));
  record(camera(1), 20, start_us + 10'000'000);
  record(camera(2), 20, start_us + 10'000'000);
  EXPECT_EQ(disk_.list(options_.folder + "/log-0")->size(), 1u);
  expect_sound(camera(1), 40);  // in one chain over both logs
  open();
  expect_sound(camera(1), 40);
  record(camera(1), 5, start_us + 20'000'000);
  expect_sound(camera(1), 45);
  lose_index();
  open();
  expect_sound(camera(1), 45);
  EXPECT_EQ(all(camera(1)).back().id.sequence, 45u);
}

TEST_F(Store, ADiskThatFailsIsLeftForAnother) {
  options_.disks = {{.folder = folder_.path() + "/a", .reserve_bytes = 0},
                    {.folder = folder_.path() + "/b", .reserve_bytes = 0}};
  open();
  record(camera(1), 5, start_us);
  record(camera(2), 5, start_us);
  EXPECT_EQ(disk_.list(folder_.path() + "/a/log-4")->size(), 1u);
  EXPECT_EQ(disk_.list(folder_.path() + "/b/log-4")->size(), 1u) << "cameras are spread";
  disk_.failing_folder = folder_.path() + "/a";
  ASSERT_TRUE(store_->append(fragment(camera(1), start_us + 2'500'000)));
  ASSERT_TRUE(store_->append(fragment(camera(2), start_us + 2'500'000)));
  const auto outcome = store_->sync();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->lost, (std::vector{FragmentId{camera(1), 6}}));
  EXPECT_EQ(told_.disk_failed, 1);
  record(camera(1), 5, start_us + 3'000'000);
  record(camera(2), 4, start_us + 3'000'000);
  expect_sound(camera(1), 10);
  expect_sound(camera(2), 10);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0], (Gap{start_us + 2'500'000, start_us + 3'000'000, GapCause::disk_failed,
                             (*gaps)[0].detail}));
  disk_.failing_folder.clear();
  open();
  expect_sound(camera(1), 10);
}

TEST_F(Store, LocksKeepExactlyTheFragmentsOfTheirTime) {
  record(camera(1), 130, start_us);
  const auto lock = store_->lock(camera(1), start_us + 10'200'000, start_us + 12'100'000, "case-7");
  ASSERT_TRUE(lock) << lock.error().message;
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 1}));
  record(camera(1), 30, start_us + 400'000'000);  // so that all the rest is closed
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  auto left = all(camera(1));
  std::erase_if(left, [](const FragmentRef& ref) { return ref.id.sequence > 130; });
  ASSERT_EQ(left.size(), 5u);
  EXPECT_EQ(left.front().id.sequence, 21u);
  EXPECT_EQ(left.back().id.sequence, 25u);
  EXPECT_GT(store_->usage().locked_bytes, 0u);
  for (const auto& ref : left) EXPECT_TRUE(store_->read(ref.id));
  EXPECT_EQ(store_->next(left.back().id)->id.sequence, 131u) << "over what was given up";
  open();
  expect_sound(camera(1), 35);
  lose_index();
  open();
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 1}));
  ASSERT_TRUE(store_->reclaim());
  expect_sound(camera(1), 35);
  ASSERT_EQ(store_->locks()->size(), 1u);
  EXPECT_EQ((*store_->locks())[0].reason, "case-7");
  ASSERT_TRUE(store_->unlock(lock->id));
  EXPECT_FALSE(store_->unlock(lock->id));
  EXPECT_EQ(store_->usage().locked_bytes, 0u);
  ASSERT_TRUE(store_->reclaim());
  for (const auto& ref : all(camera(1))) EXPECT_GT(ref.id.sequence, 130u);
  open();
  for (const auto& ref : all(camera(1))) EXPECT_GT(ref.id.sequence, 130u);
}

TEST_F(Store, ALockHoldsForFootageThatComesLater) {
  ASSERT_TRUE(store_->lock(camera(1), start_us, start_us + 5'000'000, "case"));
  record(camera(1), 40, start_us);
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 1}));
  record(camera(1), 30, start_us + 400'000'000);
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  EXPECT_EQ(all(camera(1)).size(), 10u + 30u);
}

TEST_F(Store, RefusesLocksThatMakeNoSense) {
  EXPECT_FALSE(store_->lock(camera(1), 5, 5, "x"));
  EXPECT_FALSE(store_->lock(camera(1), 5, 6, ""));
  EXPECT_FALSE(store_->lock(camera(1), 5, 6, std::string(300, 'x')));
}

TEST_F(Store, AFullDiskFreesTheOldestOfAllAndGoesOn) {
  options_.most_bytes = 0;
  disk_.capacity_bytes = 700'000;
  open();
  record(camera(1), 60, start_us);
  record(camera(2), 300, start_us + 30'000'000);
  EXPECT_GT(told_.for_room_bytes, 0u);
  EXPECT_TRUE(all(camera(1)).empty()) << "the oldest went first";
  EXPECT_EQ(all(camera(2)).back().id.sequence, 300u);
  expect_sound(camera(2), all(camera(2)).size());
  EXPECT_TRUE(store_->gaps(camera(2), 0, start_us * 2)->empty()) << "nothing new was refused";
}

TEST_F(Store, TheReserveIsKeptFreeBeforeTheDiskIsFull) {
  options_.reserve_bytes = 100'000;
  disk_.capacity_bytes = 700'000;
  open();
  for (int i = 0; i < 50; ++i) {
    record(camera(1), 10, start_us + i * 5'000'000);
    ASSERT_TRUE(store_->reclaim());
    ASSERT_GE(store_->usage().free_bytes, 100'000u);
  }
  EXPECT_GT(told_.for_room_bytes, 0u);
  EXPECT_EQ(told_.disk_full, 0);
}

TEST_F(Store, WhenAllIsLockedOperatorsHearOfItBeforeAndNewFootageIsAGap) {
  options_.most_bytes = 819'200;  // ten extents
  options_.most_locked_percent = 40;
  open();
  ASSERT_TRUE(store_->lock(camera(1), 0, start_us * 2, "everything"));
  record(camera(1), 150, start_us);
  ASSERT_TRUE(store_->reclaim());
  EXPECT_EQ(told_.mostly_locked, 1);
  EXPECT_EQ(told_.disk_full, 0);
  std::size_t lost = 0;
  for (int i = 0; i < 60; ++i) {
    if (!store_->append(fragment(camera(1), start_us + 75'000'000 + i * 500'000))) ++lost;
    const auto outcome = store_->sync();
    ASSERT_TRUE(outcome) << outcome.error().message;
    lost += outcome->lost.size();
  }
  EXPECT_GT(lost, 0u);
  EXPECT_LT(lost, 60u);
  EXPECT_EQ(told_.disk_full, 1);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0].cause, GapCause::disk_full);
  expect_sound(camera(1), 210 - lost);
  open();
  expect_sound(camera(1), 210 - lost);
  // Off the lock, and there is room again.
  ASSERT_TRUE(store_->unlock(store_->locks()->front().id));
  ASSERT_TRUE(store_->reclaim());
  record(camera(1), 5, start_us + 200'000'000);
  EXPECT_EQ(all(camera(1)).back().start_us, start_us + 202'000'000);
}

TEST_F(Store, LockedFootageIsMovedOutBeforeItsExtentIsGivenUp) {
  options_.most_bytes = 819'200;
  open();
  record(camera(1), 20, start_us);
  ASSERT_TRUE(store_->lock(camera(1), start_us + 1'000'000, start_us + 3'000'000, "case"));
  record(camera(2), 400, start_us + 10'000'000);
  const auto left = all(camera(1));
  ASSERT_EQ(left.size(), 5u);
  EXPECT_EQ(disk_.list(options_.folder + "/kept")->size(), 1u);
  for (const auto& ref : left) EXPECT_TRUE(store_->read(ref.id));
  EXPECT_EQ(store_->check(true)->problems, 0u);
  open();
  EXPECT_EQ(all(camera(1)).size(), 5u);
  lose_index();
  open();
  EXPECT_EQ(all(camera(1)).size(), 5u);
  expect_sound(camera(2), all(camera(2)).size());
  EXPECT_EQ(all(camera(2)).back().id.sequence, 400u);
}

TEST_F(Store, AWriteThatFailsIsAGapAndTheChainGoesOn) {
  record(camera(1), 5, start_us);
  disk_.write_fails = true;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(store_->append(fragment(camera(1), start_us + 2'500'000 + i * 500'000)));
    const auto outcome = store_->sync();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->lost, (std::vector{FragmentId{camera(1), 6}}));
  }
  EXPECT_EQ(told_.disk_failed, 1);
  disk_.write_fails = false;
  record(camera(1), 5, start_us + 3'500'000);
  expect_sound(camera(1), 10);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0].cause, GapCause::disk_failed);
  EXPECT_EQ((*gaps)[0].start_us, start_us + 2'500'000);
  EXPECT_EQ((*gaps)[0].end_us, start_us + 3'500'000);
  open();
  expect_sound(camera(1), 10);
}

TEST_F(Store, ASyncThatFailsIsNeverTakenForSuccess) {
  record(camera(1), 5, start_us);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(store_->append(fragment(camera(1), start_us + 2'500'000 + i * 500'000)));
  disk_.good_syncs = 0;
  const auto outcome = store_->sync();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fragments, 0u);
  ASSERT_EQ(outcome->lost.size(), 3u);
  EXPECT_EQ(outcome->lost[0].sequence, 6u);
  EXPECT_EQ(told_.disk_failed, 1);
  EXPECT_EQ(all(camera(1)).size(), 5u);
  record(camera(1), 5, start_us + 4'500'000);
  expect_sound(camera(1), 10);
  open();
  expect_sound(camera(1), 10);
  const auto gaps = store_->gaps(camera(1), 0, start_us + 5'000'000);
  ASSERT_EQ(gaps->size(), 1u);
  EXPECT_EQ((*gaps)[0], (Gap{start_us + 2'500'000, start_us + 4'500'000, GapCause::disk_failed,
                             (*gaps)[0].detail}));
}

TEST_F(Store, AClockSetBackDisturbsNothing) {
  record(camera(1), 10, start_us);
  record(camera(1), 10, start_us - 3'600'000'000);
  record(camera(1), 10, start_us + 60'000'000);
  expect_sound(camera(1), 30);
  EXPECT_EQ(
      store_->find(camera(1), start_us - 3'600'000'000, start_us - 3'000'000'000, 100)->size(),
      10u);
}

TEST(RecordingStatements, AreForOneEngineOrForBoth) {
  EXPECT_EQ(store::testing::statement_problems("src/recording"), "");
}

}  // namespace
}  // namespace vl::recording
