#include <atomic>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/recording/disk_worker.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;

class Worker : public ::testing::Test {
 protected:
  void SetUp() override {
    StoreOptions options;
    options.folder = folder_.path();
    options.reserve_bytes = 0;
    options.ballast_bytes = 0;
    options.extent_bytes = 1'048'576;
    store_ = *open_fragment_store(options, disk_, clock_, ids_, told_);
  }
  ScratchFolder folder_;
  SystemClock clock_;
  SystemIdSource ids_{clock_};
  Told told_;
  FaultyDisk disk_;
  std::unique_ptr<FragmentStore> store_;
};

TEST_F(Worker, WritesWhatItIsGivenAndDrainsIt) {
  DiskWorker worker(*store_, clock_);
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < 20; ++i) worker.on_fragment(fragment(camera(c), start_us + i * 500'000));
  worker.on_gap(camera(1), {start_us + 10'000'000, std::nullopt, GapCause::stream_stalled, ""});
  worker.drain();
  EXPECT_EQ(worker.counters().fragments, 60u);
  for (int c = 0; c < 3; ++c)
    EXPECT_EQ(store_->find(camera(c), 0, start_us * 2, 1000)->size(), 20u);
  EXPECT_EQ(store_->gaps(camera(1), 0, start_us * 2)->size(), 1u);
}

TEST_F(Worker, WhatDoesNotFitTheQueueIsAGapNotSilence) {
  // Nothing fits: every fragment is larger than the queue.
  DiskWorker worker(*store_, clock_, {.queue_bytes = 1000});
  for (int i = 0; i < 4; ++i) worker.on_fragment(fragment(camera(1), start_us + i * 500'000));
  worker.drain();
  EXPECT_EQ(worker.counters().dropped, 4u);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_EQ(gaps->size(), 4u);
  for (const auto& gap : *gaps) EXPECT_EQ(gap.cause, GapCause::recorder_overloaded);
  EXPECT_EQ((*gaps)[3].end_us, start_us + 2'000'000);
}

TEST_F(Worker, AStreamThatSendsVeryMuchLosesItsOwnFragmentsAndNoOthers) {
  DiskWorker worker(*store_, clock_, {.stream_bytes = 3000});
  for (int i = 0; i < 4; ++i) {
    worker.on_fragment(fragment(camera(1), start_us + i * 500'000, 1000));
    worker.on_fragment(fragment(camera(2), start_us + i * 500'000, 100));
  }
  worker.drain();
  EXPECT_EQ(worker.counters().dropped, 4u);
  EXPECT_EQ(store_->find(camera(2), 0, start_us * 2, 100)->size(), 4u);
  const auto gaps = store_->gaps(camera(1), 0, start_us * 2);
  ASSERT_EQ(gaps->size(), 4u);
  for (const auto& gap : *gaps) EXPECT_EQ(gap.cause, GapCause::recorder_overloaded);
}

TEST_F(Worker, MovesFootageDownWhileItIsWrittenAndRead) {
  ScratchFolder folder;
  StoreOptions options;
  options.folder = folder.path() + "/fast";
  options.ballast_bytes = 0;
  options.extent_bytes = 262'144;
  options.disks = {{options.folder, 0, 10 * options.extent_bytes},
                   {folder.path() + "/slow", 0, 200 * options.extent_bytes, Tier::slow}};
  Told told;
  auto store = *open_fragment_store(options, disk_, clock_, ids_, told);
  const auto has_moved = [&] {
    std::error_code none;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder.path() + "/slow", none))
      if (entry.path().extension() == ".vle") return true;
    return false;
  };
  int fragments = 0;
  {
    DiskWorker worker(*store, clock_, {.sync_interval_ms = 10, .move_interval_ms = 1});
    std::atomic<bool> done = false;
    std::thread reader([&] {
      for (std::int64_t at_us = start_us; !done; at_us += 250'000) {
        const auto found = store->find(camera(1), start_us, at_us, 50);
        if (!found) continue;
        for (const auto& ref : *found)
          if (const auto one = store->read(ref.id); one) EXPECT_EQ(one->id, ref.id);
      }
    });
    for (; fragments < 400 || (fragments < 5000 && !has_moved()); ++fragments) {
      for (const int c : {1, 2})
        worker.on_fragment(fragment(camera(c), start_us + fragments * 500'000LL, 2000));
      if (fragments % 5 == 0) worker.drain();
    }
    worker.drain();
    done = true;
    reader.join();
    EXPECT_EQ(worker.counters().dropped + worker.counters().refused, 0u);
  }
  for (const int c : {1, 2}) {
    const auto left = store->find(camera(c), 0, start_us * 2, 10'000);
    ASSERT_TRUE(left);
    ASSERT_FALSE(left->empty());
    EXPECT_EQ(left->back().id.sequence, static_cast<std::uint64_t>(fragments));
    for (const auto& ref : *left) EXPECT_TRUE(store->read(ref.id));
  }
  EXPECT_TRUE(has_moved());
  EXPECT_EQ(store->check(true)->problems, 0u);
}

TEST_F(Worker, CountsWhatTheDiskRefused) {
  disk_.write_fails = true;
  DiskWorker worker(*store_, clock_);
  worker.on_fragment(fragment(camera(1), start_us));
  worker.drain();
  EXPECT_EQ(worker.counters().refused, 1u);
  EXPECT_EQ(told_.disk_failed, 1);
}

TEST_F(Worker, EndingItWritesWhatIsQueued) {
  {
    DiskWorker worker(*store_, clock_);
    for (int i = 0; i < 50; ++i) worker.on_fragment(fragment(camera(1), start_us + i * 500'000));
  }
  EXPECT_EQ(store_->find(camera(1), 0, start_us * 2, 1000)->size(), 50u);
}

TEST_F(Worker, ReadersAndKeepersSeeWholeFragmentsWhileItWrites) {
  constexpr int fragments = 400;
  store_.reset();
  StoreOptions options;
  options.folder = folder_.path() + "/busy";
  options.reserve_bytes = 0;
  options.ballast_bytes = 0;
  options.extent_bytes = 65'536;
  store_ = *open_fragment_store(options, disk_, clock_, ids_, told_);
  ASSERT_TRUE(store_->set_retention(camera(0), {.most_bytes = 200'000}));
  std::atomic<bool> done = false;
  std::atomic<int> broken = 0;
  std::atomic<int> seen = 0;
  const auto reader = [&](int c) {
    while (!done) {
      const auto refs = store_->find(camera(c), 0, start_us * 2, 10'000);
      if (!refs) continue;  // the stream is not there yet
      for (std::size_t i = 0; i < refs->size(); i += 17) {
        const auto one = store_->read((*refs)[i].id);
        if (one) ++seen;
        // Reclaimed in between is the only excuse.
        if (!one && one.error().code != code_of(RecordingError::not_found)) {
          ADD_FAILURE() << one.error().message;
          ++broken;
        }
      }
      const auto report = store_->check(false);
      if (!report || report->problems != 0) {
        ADD_FAILURE() << (report ? report->findings[0].detail : report.error().message);
        ++broken;
      }
      (void)store_->spans(camera(c), 0, start_us * 2);
      (void)store_->gaps(camera(c), 0, start_us * 2);
      (void)store_->usage();
      const auto lock = store_->lock(camera(c), start_us, start_us + 1'000'000, "case");
      if (!lock || !store_->unlock(lock->id)) ++broken;
    }
  };
  {
    DiskWorker worker(*store_, clock_, {.sync_interval_ms = 5, .reclaim_interval_ms = 20});
    std::thread first(reader, 0);
    std::thread second(reader, 1);
    for (int i = 0; i < fragments; ++i) {
      for (int c = 0; c < 2; ++c) worker.on_fragment(fragment(camera(c), start_us + i * 500'000));
      if (i % 50 == 0) {
        worker.on_gap(camera(1), {start_us + i * 500'000 + 500'000, std::nullopt,
                                  GapCause::stream_stalled, ""});
        worker.drain();
      }
    }
    worker.drain();
    done = true;
    first.join();
    second.join();
  }
  EXPECT_EQ(broken, 0);
  EXPECT_GT(seen, 0);
  EXPECT_GT(told_.reclaimed_bytes, 0u);
  EXPECT_EQ(store_->find(camera(1), 0, start_us * 2, 10'000)->size(),
            static_cast<std::size_t>(fragments));
}

}  // namespace
}  // namespace vl::recording
