// What is left after kill -9 and after a power cut.
#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/recording/disk_worker.hpp>
#include <vonglau/recording/stream_recorder.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr int cameras = 4;
constexpr int rounds = 50;
constexpr std::int64_t most_lost_us = 1'000'000;

/// Shared with the child: when it was handed each camera's first and last picture.
struct Handed {
  std::array<std::atomic<std::int64_t>, cameras> first_us;
  std::array<std::atomic<std::int64_t>, cameras> last_us;
};

StoreOptions options_in(const std::string& folder) {
  StoreOptions options;
  options.folder = folder;
  options.reserve_bytes = 0;
  options.ballast_bytes = 0;
  options.segment_bytes = 400'000;
  return options;
}

/// The child: records four cameras at 25 pictures a second, in real time, until it is killed.
[[noreturn]] void record_for_ever(const std::string& folder, Handed& handed) {
  SystemClock clock;
  SystemIdSource ids(clock);
  Told told;
  const auto disk = posix_disk();
  auto store = open_fragment_store(options_in(folder), *disk, clock, ids, told);
  if (!store) ::_exit(1);
  DiskWorker worker(**store, clock);
  std::vector<std::unique_ptr<StreamRecorder>> recorders;
  for (int c = 0; c < cameras; ++c) {
    recorders.push_back(std::make_unique<StreamRecorder>(camera(c), worker));
    recorders.back()->begin(clock.wall().us, (*store)->end_us(camera(c)));
  }
  for (std::int64_t picture = 0;; ++picture) {
    for (int c = 0; c < cameras; ++c) {
      const auto now_us = clock.wall().us;
      recorders[static_cast<std::size_t>(c)]->add(
          sample(camera(c), now_us, 8000, picture % 50 == 0));
      if (picture == 0) handed.first_us[static_cast<std::size_t>(c)] = now_us;
      handed.last_us[static_cast<std::size_t>(c)] = now_us;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(40));
  }
}

TEST(Crash, KillingTheRecorderLosesAtMostASecondOfEachCamera) {
  ScratchFolder folder;
  auto* handed = new (::mmap(nullptr, sizeof(Handed), PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Handed{};
  std::mt19937 random(7);
  std::int64_t most_lost = 0;
  std::uint64_t fragments = 0;
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    for (auto& last : handed->last_us) last = 0;
    const auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) record_for_ever(folder.path(), *handed);
    // Killed at any moment of its cycle, once every camera has something to lose.
    while (handed->last_us[cameras - 1] == 0 && ::waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(100 + random() % 900));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    SystemClock clock;
    SystemIdSource ids(clock);
    Told told;
    const auto disk = posix_disk();
    const auto store = open_fragment_store(options_in(folder.path()), *disk, clock, ids, told);
    ASSERT_TRUE(store) << store.error().message;
    for (std::size_t c = 0; c < cameras; ++c) {
      // Footage of an earlier round is no footage of this one.
      const auto stored_us = std::max((*store)->end_us(camera(static_cast<int>(c))).value_or(0),
                                      handed->first_us[c].load());
      most_lost = std::max(most_lost, handed->last_us[c] - stored_us);
    }
    const auto report = (*store)->check(true);
    ASSERT_TRUE(report);
    ASSERT_EQ(report->problems, 0u) << report->findings[0].detail;
    EXPECT_GE(report->fragments, fragments) << "what was durable stays";
    fragments = report->fragments;
  }
  EXPECT_LT(most_lost, most_lost_us);
  EXPECT_GT(fragments, static_cast<std::uint64_t>(rounds));
  RecordProperty("most_lost_ms", static_cast<int>(most_lost / 1000));
  ::munmap(handed, sizeof(Handed));
}

/// After a power cut, of what was written since the last sync any part may be there: a file cut
/// anywhere, pages of zeros, pages of rubbish. What was synced is all there.
TEST(Crash, ATornTailIsCutOffAndNothingSyncedIsLost) {
  for (unsigned seed = 0; seed < 80; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    ScratchFolder folder;
    ManualClock clock(WallTime{start_us});
    SeededIdSource ids(clock, seed);
    Told told;
    const auto disk = posix_disk();
    const auto live = folder.path() + "/live";
    auto store = *open_fragment_store(options_in(live), *disk, clock, ids, told);
    const auto synced = 1 + random() % 12;
    const auto more = random() % 4;
    for (unsigned i = 0; i < synced; ++i)
      ASSERT_TRUE(store->append(fragment(camera(1), start_us + i * 500'000)));
    ASSERT_TRUE(store->sync());
    const auto path = live + "/" + camera(1).camera.text() + "/main/000000000001-0.vlf";
    const auto synced_bytes = fs::file_size(path);
    // The index as it is durable now; the footage as it may be later.
    const auto after = folder.path() + "/after";
    fs::copy(live, after, fs::copy_options::recursive);
    for (unsigned i = 0; i < more; ++i)
      ASSERT_TRUE(store->append(fragment(camera(1), start_us + (synced + i) * 500'000)));
    const auto torn = after + "/" + camera(1).camera.text() + "/main/000000000001-0.vlf";
    fs::copy_file(path, torn, fs::copy_options::overwrite_existing);
    const auto written = fs::file_size(torn);
    const auto cut =
        synced_bytes + (written == synced_bytes ? 0 : random() % (written - synced_bytes + 1));
    switch (random() % 3) {
      case 0:
        fs::resize_file(torn, cut);
        break;
      case 1:  // the length came first, the pages never
        fs::resize_file(torn, cut);
        fs::resize_file(torn, written);
        break;
      default: {
        std::fstream file(torn, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(cut));
        for (auto at = cut; at < std::min<std::uintmax_t>(written, cut + 512); ++at)
          file.put(static_cast<char>(random()));
      }
    }
    store.reset();
    Told told_after;
    auto again = open_fragment_store(options_in(after), *disk, clock, ids, told_after);
    ASSERT_TRUE(again) << again.error().message;
    const auto left = (*again)->find(camera(1), 0, start_us * 2, 1000);
    ASSERT_TRUE(left);
    ASSERT_GE(left->size(), synced);
    ASSERT_LE(left->size(), synced + more);
    EXPECT_EQ((*again)->check(true)->problems, 0u);
    EXPECT_EQ(*(*again)->end_us(camera(1)),
              start_us + static_cast<std::int64_t>(left->size()) * 500'000);
    const auto gaps = (*again)->gaps(camera(1), 0, start_us * 2);
    ASSERT_EQ(gaps->size(), 1u);
    EXPECT_EQ((*gaps)[0].cause, GapCause::recorder_down);
    // And it goes on from there.
    ASSERT_TRUE((*again)->append(fragment(camera(1), start_us + 60'000'000)));
    ASSERT_TRUE((*again)->sync());
    EXPECT_EQ((*again)->find(camera(1), 0, start_us * 2, 1000)->back().id.sequence,
              left->size() + 1);
    EXPECT_EQ((*again)->check(true)->problems, 0u);
  }
}

}  // namespace
}  // namespace vl::recording
