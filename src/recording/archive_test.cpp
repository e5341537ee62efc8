// Footage on its way to the archive, there, and back.
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "test_footage.hpp"
#include "test_objects.hpp"

namespace vl::recording {
namespace {

using namespace testing;
namespace fs = std::filesystem;

class Archive : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.folder = folder_.path() + "/fast";
    options_.ballast_bytes = 0;
    options_.extent_bytes = 81'920;  // three groups of eight fragments
    options_.group_bytes = 16'384;
    options_.disks = {{options_.folder, 0, 10 * options_.extent_bytes},
                      {staging(), 0, 0, Tier::archive}};
    archive_options_ = {.folder = staging(),
                        .prefix = "recorder-1/",
                        .name = "made up",
                        .staging_bytes = 12 * options_.extent_bytes,
                        .reserve_bytes = 0,
                        .cache_bytes = 1'000'000};
    open();
  }
  std::string staging() const { return folder_.path() + "/archive"; }
  void close() {
    store_.reset();
    archive_.reset();
  }
  void open() {
    close();
    archive_ = std::make_unique<ArchiveDisk>(archive_options_, disk_, objects_, clock_);
    auto opened = open_fragment_store(options_, *archive_, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  void move() {
    for (bool more = true; more;) {
      const auto moved = store_->move_down();
      ASSERT_TRUE(moved) << moved.error().message;
      while (works_ && archive_->work()) {
      }
      more = *moved;
    }
  }
  /// Half seconds of two cameras, moved down and sent on as the recorder does it.
  void record(int fragments) {
    for (int i = 0; i < fragments; ++i) {
      for (const int c : {1, 2}) {
        const auto stored = store_->append(fragment(camera(c), at(recorded_)));
        ASSERT_TRUE(stored) << stored.error().message;
      }
      ++recorded_;
      clock_.advance_us(500'000);
      ASSERT_TRUE(store_->sync());
      move();
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
      }
    }
    expect_no_problems();
  }
  void expect_no_problems() {
    for (const bool content : {false, true}) {
      const auto report = store_->check(content);
      ASSERT_TRUE(report);
      EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
    }
  }
  CheckReport checked(bool content) { return store_->check(content).value_or(CheckReport{}); }
  DiskNow now() { return store_->disks().back(); }
  void lose_index() {
    close();
    for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
      fs::remove(options_.folder + name);
  }

  ScratchFolder folder_;
  ManualClock clock_{WallTime{start_us}};
  SeededIdSource ids_{clock_, 1};
  Told told_;
  FaultyDisk disk_;
  MadeUpObjects objects_;
  StoreOptions options_;
  ArchiveOptions archive_options_;
  std::unique_ptr<ArchiveDisk> archive_;
  std::unique_ptr<FragmentStore> store_;
  int recorded_ = 0;
  bool works_ = true;
};

TEST_F(Archive, TakesTheOldestFromTheFastDiskAndGivesItBack) {
  record(400);  // some 34 extents
  EXPECT_GT(objects_.kept.size(), 15u);
  EXPECT_EQ(told_.reclaimed_bytes, 0u) << "nothing is given up";
  const auto archive = now().archive;
  ASSERT_TRUE(archive);
  EXPECT_EQ(archive->objects, objects_.kept.size());
  EXPECT_LT(archive->staged_bytes, 4 * options_.extent_bytes) << "what is there is not here";
  EXPECT_EQ(archive->failing_since_us, 0);
  expect_sound(0);
  open();
  expect_sound(0);
  record(40);
  expect_sound(0);
}

TEST_F(Archive, WhatIsReadAgainComesFromMemory) {
  record(300);
  const auto first = all(1).front().id;
  ASSERT_TRUE(store_->read(first));
  const auto gets = objects_.gets;
  ASSERT_TRUE(store_->read(first));
  EXPECT_EQ(objects_.gets, gets);
}

TEST_F(Archive, ComesBehindTheSlowDisk) {
  options_.disks = {options_.disks[0],
                    {folder_.path() + "/slow", 0, 12 * options_.extent_bytes, Tier::slow},
                    options_.disks[1]};
  fs::remove_all(options_.folder);
  fs::remove_all(staging());
  open();
  record(500);
  const auto disks = store_->disks();
  ASSERT_EQ(disks.size(), 3u);
  EXPECT_GT(disks[1].stored_bytes, 5 * options_.extent_bytes);
  EXPECT_GT(objects_.kept.size(), 10u);
  EXPECT_LT(disks[2].oldest_us, disks[1].oldest_us) << "the oldest lies deepest";
  EXPECT_LT(disks[1].oldest_us, disks[0].oldest_us);
  EXPECT_EQ(told_.reclaimed_bytes, 0u);
  expect_sound(0);
  lose_index();
  open();
  expect_sound(0);
}

TEST_F(Archive, AwayItTakesWhatHasRoomAndThenTheOldestGoes) {
  record(200);
  objects_.is_away = true;
  record(80);
  EXPECT_EQ(told_.for_room_bytes, 0u) << "there is room in its folder";
  const auto first_fast = recorded_;
  record(300);
  EXPECT_GT(told_.for_room_bytes, 0u) << "the oldest is given up, as without an archive";
  const auto away = now();
  EXPECT_TRUE(away.is_failing);
  EXPECT_GT(away.archive->failing_since_us, start_us);
  EXPECT_EQ(away.archive->problem, "the archive does not answer");
  EXPECT_LE(away.archive->staged_bytes, archive_options_.staging_bytes);
  EXPECT_EQ(all(1).back().id.sequence, static_cast<std::uint64_t>(recorded_)) << "nothing new";
  const auto gone = store_->read(all(1).front().id);
  EXPECT_FALSE(gone) << "it lies there";
  open();  // nor does a start wait for it
  record(20);
  objects_.is_away = false;
  clock_.advance_us(61'000'000);
  const auto before = told_.for_room_bytes;
  record(200);
  EXPECT_EQ(told_.for_room_bytes, before) << "it is used again";
  EXPECT_EQ(now().archive->failing_since_us, 0);
  expect_no_problems();
  std::size_t read = 0;
  for (const auto& ref : all(1)) read += store_->read(ref.id) ? 1 : 0;
  EXPECT_EQ(read, all(1).size());
  EXPECT_LT(all(1).front().start_us, at(first_fast)) << "what was archived before is there";
}

TEST_F(Archive, ALookThatFailedIsNotRepeatedForEveryReader) {
  record(300);
  objects_.is_away = true;
  const auto first = store_->read(all(1)[0].id);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().message, "the archive does not answer");
  objects_.is_away = false;
  EXPECT_FALSE(store_->read(all(1)[0].id)) << "for a moment";
  clock_.advance_us(4'000'000);
  EXPECT_TRUE(store_->read(all(1)[0].id));
}

TEST_F(Archive, ExpiryDeletesObjects) {
  record(300);
  const auto before = objects_.kept.size();
  ASSERT_GT(before, 5u);
  for (const int c : {1, 2}) ASSERT_TRUE(store_->set_retention(camera(c), {.most_age_s = 40}));
  objects_.is_away = true;  // also when it is not there to be told
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  ASSERT_TRUE(store_->sync());
  move();
  EXPECT_GT(now().archive->to_delete, 5u);
  open();
  EXPECT_GT(now().archive->to_delete, 5u) << "nor is it forgotten over a restart";
  objects_.is_away = false;
  clock_.advance_us(61'000'000);
  move();
  EXPECT_EQ(now().archive->to_delete, 0u);
  EXPECT_LE(objects_.kept.size(), 1u);
  EXPECT_GE(objects_.removes, 5);
  expect_no_problems();
}

TEST_F(Archive, AFullArchiveGivesUpTheOldestButWhatIsLocked) {
  record(150);
  ASSERT_TRUE(store_->lock(camera(1), at(10), at(14), "case"));
  options_.disks[1].most_bytes = 12 * options_.extent_bytes;
  open();
  record(700);
  std::map<std::uint64_t, FragmentRef> left;
  for (const auto& ref : all(1)) ASSERT_TRUE(left.emplace(ref.id.sequence, ref).second);
  for (const std::uint64_t sequence : {11, 12, 13, 14}) {
    ASSERT_TRUE(left.contains(sequence)) << sequence;
    EXPECT_TRUE(store_->read({camera(1), sequence}));
  }
  EXPECT_FALSE(left.contains(50));
  EXPECT_GT(told_.for_room_bytes, 0u);
  EXPECT_LT(objects_.kept.size(), 13u);
  expect_no_problems();
}

TEST_F(Archive, WhatIsLockedAndFarWaitsForItWithoutHoldingUpASync) {
  record(300);
  ASSERT_TRUE(store_->lock(camera(1), at(10), at(14), "case"));
  for (const int c : {1, 2}) ASSERT_TRUE(store_->set_retention(camera(c), {.most_age_s = 40}));
  clock_.advance_us(300'000'000);
  ASSERT_TRUE(store_->reclaim());
  objects_.is_away = true;
  const auto gets = objects_.gets;
  ASSERT_TRUE(store_->sync());
  move();
  EXPECT_EQ(objects_.gets, gets);
  EXPECT_FALSE(objects_.kept.empty()) << "what holds it waits";
  objects_.is_away = false;
  clock_.advance_us(61'000'000);
  for (int i = 0; i < 5; ++i) {
    move();
    clock_.advance_us(6'000'000);
  }
  EXPECT_LE(objects_.kept.size(), 1u) << "moved out of its extent";
  for (const std::uint64_t sequence : {11, 12, 13, 14})
    EXPECT_TRUE(store_->read({camera(1), sequence})) << sequence;
  expect_no_problems();
}

TEST_F(Archive, WhatIsMissingCutShortOrAlteredThereIsTold) {
  record(300);
  ASSERT_GT(objects_.kept.size(), 4u);
  auto object = objects_.kept.begin();
  (object++)->second[20'000] ^= 1;
  object->second.resize(30'000);
  ++object;
  objects_.kept.erase(object);
  objects_.kept["recorder-1/moved-4/note"] = {1, 2, 3};
  const auto kinds = [&](bool content) {
    std::map<FindingKind, int> out;
    for (const auto& finding : checked(content).findings) ++out[finding.kind];
    return out;
  };
  auto found = kinds(false);
  EXPECT_EQ(found[FindingKind::missing_file], 1);
  EXPECT_GE(found[FindingKind::short_file], 1);
  EXPECT_EQ(found[FindingKind::unindexed], 1);
  EXPECT_EQ(found[FindingKind::altered], 0) << "not looked into";
  found = kinds(true);
  EXPECT_EQ(found[FindingKind::altered], 1);
  EXPECT_EQ(found[FindingKind::missing_file], 1);
  std::map<std::string, int> said;
  for (const auto& ref : all(1))
    if (const auto one = store_->read(ref.id); !one) ++said[std::string(one.error().code.name)];
  EXPECT_GT(said["recording.disk_failed"], 3) << "the object is missing";
  objects_.is_away = true;
  clock_.advance_us(10'000'000);
  EXPECT_EQ(checked(false).findings.at(0).kind, FindingKind::unreachable);
}

TEST_F(Archive, IsFoundAgainWithoutTheIndexAndWithoutItsFolder) {
  record(300);
  // All that is full has left; what is being filled would be lost with the folder.
  const auto objects = objects_.kept;
  ASSERT_TRUE(store_->lock(camera(1), at(2), at(4), "case"));
  lose_index();
  open();
  expect_sound(0);
  EXPECT_EQ(objects_.kept, objects) << "nothing is sent twice or deleted";
  lose_index();
  fs::remove_all(staging());
  open();
  const auto refs = all(1);
  ASSERT_GT(refs.size(), 250u);
  EXPECT_EQ(refs.front().id.sequence, 1u);
  for (const auto& ref : refs) EXPECT_TRUE(store_->read(ref.id)) << ref.id.sequence;
  EXPECT_EQ(store_->locks()->size(), 1u);
  expect_no_problems();
  record(100);
  EXPECT_GT(objects_.kept.size(), objects.size());
  expect_no_problems();
}

TEST_F(Archive, ThatCannotBeReadAtTheStartKeepsNobodyFromRecording) {
  record(300);
  lose_index();
  objects_.is_away = true;
  open();
  record(30);
  EXPECT_EQ(all(1).back().id.sequence, static_cast<std::uint64_t>(recorded_));
  ASSERT_TRUE(now().archive);
  EXPECT_NE(now().archive->problem.find("started again"), std::string::npos);
  EXPECT_EQ(now().archive->problem_code, "recording.left_out");
  EXPECT_TRUE(now().is_failing);
  objects_.is_away = false;
  clock_.advance_us(61'000'000);
  open();
  const auto refs = all(1);
  EXPECT_EQ(refs.front().id.sequence, 1u);
  for (const auto& ref : refs) EXPECT_TRUE(store_->read(ref.id)) << ref.id.sequence;
  expect_no_problems();
}

TEST_F(Archive, AFolderOfAnotherArchiveIsRefused) {
  record(100);
  close();
  archive_options_.name = "another";
  open();
  EXPECT_NE(now().archive->problem.find("name another folder"), std::string::npos);
  options_.disks = {options_.disks[1], options_.disks[0]};
  const auto opened = open_fragment_store(options_, *archive_, clock_, ids_, told_);
  EXPECT_FALSE(opened) << "it comes last";
}

TEST_F(Archive, ANameSaysWhichExtentItIs) {
  const ArchivedExtent extent{1'000'017, 5, ids_.next(), 123};
  EXPECT_EQ(ArchivedExtent::parse(extent.text()), extent);
  for (const auto* bad : {"", "1.2.3", "000001.2.nonsense.4", "a.b.c.d", "000001.2..4", "...."})
    EXPECT_FALSE(ArchivedExtent::parse(bad)) << bad;
  EXPECT_FALSE(ArchivedExtent::parse(extent.text() + ".put"));
}

}  // namespace
}  // namespace vl::recording
