// Footage on its way from the disks that are recorded to, to a slow one.
#include <filesystem>
#include <fstream>
#include <map>

#include <gtest/gtest.h>

#include <vonglau/recording/fragment_store.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class Moving : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_.path() + "/fast";
    options_.ballast_bytes = 0;
    options_.extent_bytes = 81'920;  // three groups of eight fragments
    options_.group_bytes = 16'384;
    options_.disks = {
        {.folder = options_.folder, .reserve_bytes = 0, .most_bytes = 10 * options_.extent_bytes},
        {.folder = slow_folder(),
         .reserve_bytes = 0,
         .most_bytes = 60 * options_.extent_bytes,
         .tier = Tier::slow}};
    open();
  }
  std::string slow_folder() const { return folder_.path() + "/slow"; }
  void open() {
    store_.reset();
    auto opened = open_fragment_store(options_, disk_, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  /// Half seconds of two cameras, moved down as the recorder does it.
  void record(int fragments) {
    for (int i = 0; i < fragments; ++i) {
      for (const int c : {1, 2}) {
        const auto stored = store_->append(fragment(camera(c), at(recorded_)));
        ASSERT_TRUE(stored) << stored.error().message;
      }
      ++recorded_;
      clock_.advance_us(500'000);
      ASSERT_TRUE(store_->sync());
      for (bool more = moves_; more;) {
        const auto moved = store_->move_down();
        ASSERT_TRUE(moved) << moved.error().message;
        more = *moved;
      }
    }
  }
  static std::int64_t at(int number) { return start_us + number * 500'000LL; }
  std::vector<FragmentRef> all(int c) {
    return store_->find(camera(c), 0, start_us * 2, 10'000).value_or(std::vector<FragmentRef>{});
  }
  /// From this one on every fragment of both cameras, each once, as it was given.
  void expect_sound(std::size_t first) {
    for (const int c : {1, 2}) {
      const auto refs = all(c);
      ASSERT_EQ(refs.size(), static_cast<std::size_t>(recorded_) - first) << c;
      std::optional<Digest> chain;
      for (std::size_t i = 0; i < refs.size(); ++i) {
        ASSERT_EQ(refs[i].id.sequence, first + i + 1) << c;
        const auto one = store_->read(refs[i].id);
        ASSERT_TRUE(one) << one.error().message;
        EXPECT_EQ(one->samples[3].bytes,
                  fragment(camera(c), at(static_cast<int>(first + i))).samples[3]->bytes);
        if (chain) EXPECT_EQ(one->previous_chain, *chain);
        chain = one->chain;
        if (i + 1 < refs.size()) EXPECT_EQ(store_->next(refs[i].id)->id, refs[i + 1].id);
      }
      const auto spans = store_->spans(camera(c), 0, start_us * 2);
      ASSERT_EQ(spans->size(), 1u) << "in one piece";
    }
    const auto report = store_->check(true);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
    EXPECT_GE(report->fragments, 2 * (static_cast<std::size_t>(recorded_) - first));
  }
  /// The header that lies before the body of a fragment on the fast disk.
  void spoil(const StreamKey& stream, std::uint64_t sequence) {
    const auto stored = store_->read_stored({stream, sequence});
    ASSERT_TRUE(stored) << stored.error().message;
    const std::string wanted(stored->begin(), stored->end());
    for (const auto& entry : fs::recursive_directory_iterator(options_.folder)) {
      if (entry.path().extension() != ".vle") continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const std::string all(std::istreambuf_iterator<char>(file), {});
      const auto at = all.find(wanted);
      if (at == std::string::npos) continue;
      file.clear();
      file.seekp(static_cast<std::streamoff>(at + 60));
      file.put(static_cast<char>(all[at + 60] ^ 1));
      return;
    }
    FAIL() << "fragment " << sequence << " is in no file";
  }
  std::size_t slow_files() const {
    std::error_code none;
    std::size_t out = 0;
    for (const auto& entry : fs::recursive_directory_iterator(slow_folder(), none))
      out += entry.path().extension() == ".vle" ? 1 : 0;
    return out;
  }
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
  int recorded_ = 0;
  bool moves_ = true;
};

TEST_F(Moving, TheOldestGoesToTheSlowDiskBeforeItsRoomIsNeeded) {
  record(400);  // some 34 extents
  EXPECT_GT(slow_files(), 15u);
  EXPECT_EQ(told_.reclaimed_bytes, 0u) << "nothing is given up";
  expect_sound(0);
  open();
  expect_sound(0);
  record(40);
  expect_sound(0);
}

TEST_F(Moving, WhatIsDamagedAndCannotBeMovedIsAGap) {
  moves_ = false;
  record(40);
  const auto refs = all(1);
  ASSERT_EQ(refs.size(), 40u);
  // Of the second camera's 4th, and of the first's 6th and 7th, the headers are spoilt.
  spoil(camera(2), 4);
  spoil(camera(1), 6);
  spoil(camera(1), 7);
  ASSERT_EQ(store_->check(true)->problems, 3u);
  const auto lost = [&](int c) {
    auto gaps = store_->gaps(camera(c), 0, start_us * 2).value_or(std::vector<Gap>{});
    std::erase_if(gaps, [](const Gap& gap) { return gap.cause != GapCause::disk_failed; });
    return gaps;
  };
  moves_ = true;
  for (int i = 0; i < 100 && (lost(1).empty() || lost(2).empty()); ++i) record(1);
  record(2);
  const auto expect_told = [&] {
    EXPECT_EQ(all(1).size(), static_cast<std::size_t>(recorded_) - 2) << "the others are there";
    EXPECT_EQ(all(2).size(), static_cast<std::size_t>(recorded_) - 1);
    ASSERT_EQ(lost(1).size(), 1u) << "one for both";
    EXPECT_EQ(lost(1)[0].start_us, refs[5].start_us);
    EXPECT_EQ(lost(1)[0].end_us, refs[6].end_us);
    EXPECT_EQ(lost(2).size(), 1u);
    EXPECT_EQ(store_->spans(camera(1), 0, start_us * 2)->size(), 2u);
    EXPECT_EQ(store_->check(true)->problems, 0u);
  };
  expect_told();
  open();
  expect_told();
  lose_index();  // what was told lies in the log, too, as long as the fast disk has it
  open();
  expect_told();
  record(200);
  expect_told();
}

TEST_F(Moving, AFullSlowDiskGivesUpTheOldestOfAll) {
  options_.disks[1].most_bytes = 20 * options_.extent_bytes;
  open();
  record(600);
  EXPECT_GT(told_.for_room_bytes, 0u);
  const auto left = all(1);
  ASSERT_FALSE(left.empty());
  EXPECT_GT(left.size(), 180u) << "both disks are used";
  const auto first = left.front().id.sequence - 1;
  EXPECT_GT(first, 100u);
  EXPECT_EQ(all(1).size(), static_cast<std::size_t>(recorded_) - first) << "without holes";
  open();
  EXPECT_EQ(all(1).size(), static_cast<std::size_t>(recorded_) - first);
}

TEST_F(Moving, IsFoundAgainWithoutTheIndex) {
  record(300);
  lose_index();
  open();
  expect_sound(0);
  record(100);
  expect_sound(0);
}

TEST_F(Moving, LocksHoldWhatWasMovedAndWhatIsMovedUnderThem) {
  record(150);
  ASSERT_TRUE(store_->lock(camera(1), at(10), at(14), "case"));
  ASSERT_TRUE(store_->lock(camera(1), at(140), at(144), "case"));
  options_.disks[1].most_bytes = 12 * options_.extent_bytes;
  open();
  record(700);
  std::map<std::uint64_t, FragmentRef> left;
  for (const auto& ref : all(1)) ASSERT_TRUE(left.emplace(ref.id.sequence, ref).second);
  for (const std::uint64_t sequence : {11, 12, 13, 14, 141, 142, 143, 144}) {
    ASSERT_TRUE(left.contains(sequence)) << sequence;
    EXPECT_TRUE(store_->read({camera(1), sequence}));
  }
  EXPECT_FALSE(left.contains(50));
  const auto report = store_->check(true);
  EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
}

TEST_F(Moving, RetentionHoldsOnTheSlowDiskToo) {
  record(300);
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 20}));
  ASSERT_TRUE(store_->set_retention(camera(2), {.most_age_s = 20}));
  record(200);
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  ASSERT_TRUE(store_->sync());
  ASSERT_TRUE(store_->move_down());
  EXPECT_EQ(told_.for_room_bytes, 0u);
  EXPECT_GT(told_.reclaimed_bytes, 0u);
  EXPECT_LT(all(1).size(), 100u);
  EXPECT_LT(store_->usage().stored_bytes, 15 * options_.extent_bytes) << "its files are free";
}

TEST_F(Moving, ASlowDiskThatFailsTakesNothingWithIt) {
  record(150);
  disk_.failing_folder = slow_folder();
  record(200);
  EXPECT_GT(told_.for_room_bytes, 0u) << "the oldest is given up, as without a slow disk";
  const auto gaps = store_->gaps(camera(1), at(1), start_us * 2);
  EXPECT_TRUE(gaps->empty()) << "nothing new is lost";
  EXPECT_EQ(all(1).back().id.sequence, static_cast<std::uint64_t>(recorded_));
  disk_.failing_folder.clear();
  clock_.advance_us(61'000'000);
  const auto before = told_.for_room_bytes;
  const auto first_new = recorded_;
  record(200);
  EXPECT_EQ(told_.for_room_bytes, before) << "it is used again";
  const auto report = store_->check(true);
  EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
  for (const auto& ref : all(1))
    if (ref.start_us >= at(first_new)) EXPECT_TRUE(store_->read(ref.id));
}

TEST_F(Moving, AFastDiskThatCannotWaitGivesUpItsOldestItself) {
  moves_ = false;
  record(400);
  EXPECT_GT(told_.for_room_bytes, 0u);
  moves_ = true;
  record(20);
  const auto first = all(1).front().id.sequence - 1;
  EXPECT_GT(first, 200u);
  expect_sound(first);
}

TEST_F(Moving, ADiskThatBecomesSlowIsNoLongerRecordedTo) {
  options_.disks[1].tier = Tier::recorded;
  open();
  record(60);
  const auto files = slow_files();
  EXPECT_GT(files, 1u) << "cameras were spread over both";
  options_.disks[1].tier = Tier::slow;
  open();
  record(60);
  expect_sound(0);
  options_.disks = {options_.disks[1]};
  const auto opened = open_fragment_store(options_, disk_, clock_, ids_, told_);
  EXPECT_FALSE(opened);
}

}  // namespace
}  // namespace vl::recording
