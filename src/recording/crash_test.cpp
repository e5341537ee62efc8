// What is left after kill -9 and after a power cut.
#include <array>
#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/recording/disk_worker.hpp>
#include <vonglau/recording/stream_recorder.hpp>

#include "test_footage.hpp"
#include "test_objects.hpp"

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
  options.extent_bytes = 1'048'576;
  options.most_bytes = 256ULL << 20;
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

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// After a power cut, of what was written since the last sync any part may be there: blocks that
/// never came, blocks of rubbish. What was synced is all there.
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
    auto options = options_in(live);
    options.group_bytes = 4096;
    auto store = *open_fragment_store(options, *disk, clock, ids, told);
    const auto synced = 1 + random() % 12;
    const auto more = random() % 9;
    for (unsigned i = 0; i < synced; ++i)
      ASSERT_TRUE(store->append(fragment(camera(1), start_us + i * 500'000)));
    ASSERT_TRUE(store->sync());
    // The index as it is durable now; the footage as it may be later.
    const auto after = folder.path() + "/after";
    fs::copy(live, after, fs::copy_options::recursive);
    const auto extent = "/log-4/000000.vle";
    const auto before = content_of(live + extent);
    for (unsigned i = 0; i < more; ++i)
      ASSERT_TRUE(store->append(fragment(camera(1), start_us + (synced + i) * 500'000)));
    ASSERT_TRUE(store->sync());  // of several groups, none of which is durable before it ends
    auto torn = content_of(live + extent);
    std::vector<std::size_t> written;  // blocks
    for (std::size_t at = 0; at < torn.size(); at += 4096)
      if (torn.compare(at, 4096, before, at, 4096) != 0) written.push_back(at);
    if (!written.empty()) {
      const auto victim = written[random() % written.size()];
      switch (random() % 3) {
        case 0:  // any of the blocks never came
          for (const auto at : written)
            if (at == victim || random() % 2 == 0) torn.replace(at, 4096, before, at, 4096);
          break;
        case 1:  // nothing from here on
          torn.replace(victim, std::string::npos, before, victim, std::string::npos);
          break;
        default:
          for (auto at = victim + random() % 4096; at < victim + 4096; ++at)
            torn[at] = static_cast<char>(random());
      }
    }
    std::ofstream(after + extent, std::ios::binary) << torn;
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

/// A disk that is copied now and then before something is changed on it: what a kill leaves.
class CopiedDisk final : public Disk {
 public:
  CopiedDisk(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
  bool copying = false;
  int copies = 0;
  std::function<void()> on_copy = [] {};

  Result<std::unique_ptr<BlockFile>> open_blocks(const std::string& path,
                                                 std::uint64_t bytes) override {
    step();
    VL_TRY(auto file, under_->open_blocks(path, bytes));
    return std::make_unique<Blocks>(*this, std::move(file));
  }
  Result<std::unique_ptr<DiskFile>> open(const std::string& path) override {
    step();
    return under_->open(path);
  }
  Result<Bytes> read(const std::string& path, std::uint64_t offset, std::size_t bytes) override {
    return under_->read(path, offset, bytes);
  }
  Result<std::uint64_t> size(const std::string& path) override { return under_->size(path); }
  Result<void> remove(const std::string& path) override {
    step();
    return under_->remove(path);
  }
  Result<void> make_folders(const std::string& path) override { return under_->make_folders(path); }
  Result<void> sync_folder(const std::string& path) override { return under_->sync_folder(path); }
  Result<std::vector<std::string>> list(const std::string& path) override {
    return under_->list(path);
  }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    return under_->free_bytes(path);
  }
  Result<std::uint64_t> total_bytes(const std::string& path) override {
    return under_->total_bytes(path);
  }
  std::string copy(int number) const { return to_ + "/" + std::to_string(number); }
  void step() {
    if (!copying) return;
    fs::copy(from_, copy(copies++), fs::copy_options::recursive);
    on_copy();
  }

 private:
  class Blocks final : public BlockFile {
   public:
    Blocks(CopiedDisk& disk, std::unique_ptr<BlockFile> file)
        : disk_(disk), file_(std::move(file)) {}
    Result<void> write(std::uint64_t offset, std::span<const ByteView> pieces) override {
      disk_.step();
      return file_->write(offset, pieces);
    }
    Result<void> sync() override {
      disk_.step();
      return file_->sync();
    }

   private:
    CopiedDisk& disk_;
    std::unique_ptr<BlockFile> file_;
  };
  std::unique_ptr<Disk> under_ = posix_disk();
  std::string from_, to_;
};

TEST(Crash, AKillAtAnyStepOfGivingUpFootageLosesNothingThatIsLocked) {
  ScratchFolder folder;
  ManualClock clock(WallTime{start_us});
  SeededIdSource ids(clock, 1);
  Told told;
  auto options = options_in(folder.path() + "/live");
  options.extent_bytes = 81'920;
  options.group_bytes = 16'384;
  options.most_bytes = 8 * options.extent_bytes;
  CopiedDisk disk(options.folder, folder.path());
  auto store = *open_fragment_store(options, disk, clock, ids, told);
  std::size_t synced = 0;
  std::vector<std::size_t> synced_at;  // of each copy
  const auto record = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(store->append(
          fragment(camera(1), start_us + static_cast<std::int64_t>(synced) * 500'000)));
      ASSERT_TRUE(store->sync());
      ++synced;
      synced_at.resize(static_cast<std::size_t>(disk.copies), synced);
    }
  };
  record(20);
  ASSERT_TRUE(store->lock(camera(1), start_us + 3'000'000, start_us + 6'000'000, "case"));
  record(30);
  disk.copying = true;
  record(40);  // more than fits: the first extents go
  disk.copying = false;
  EXPECT_GT(told.for_room_bytes, 0u);
  EXPECT_FALSE(store->read({camera(1), 1}));
  store.reset();
  ASSERT_GT(disk.copies, 60);
  std::size_t moved = 0;
  for (int i = 0; i < disk.copies; ++i) {
    SCOPED_TRACE(i);
    for (const bool without_index : {false, true}) {
      options.folder = disk.copy(i);
      if (without_index)
        for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
          fs::remove(options.folder + name);
      const auto real = posix_disk();
      auto again = open_fragment_store(options, *real, clock, ids, told);
      ASSERT_TRUE(again) << again.error().message;
      const auto left = (*again)->find(camera(1), 0, start_us * 2, 1000);
      ASSERT_TRUE(left);
      // The locked ones, and all from the first that was not given up to the last that was synced.
      std::set<std::uint64_t> sequences;
      for (const auto& ref : *left) {
        sequences.insert(ref.id.sequence);
        EXPECT_TRUE((*again)->read(ref.id));
      }
      ASSERT_EQ(sequences.size(), left->size()) << "each once";
      for (std::uint64_t locked = 7; locked <= 12; ++locked)
        EXPECT_TRUE(sequences.contains(locked)) << locked;
      const auto last = synced_at[static_cast<std::size_t>(i)] - 1;
      EXPECT_GE(*sequences.rbegin(), last);
      std::uint64_t first = last;
      while (first > 1 && sequences.contains(first - 1)) --first;
      for (const auto sequence : sequences)
        EXPECT_TRUE(sequence >= first || (sequence >= 6 && sequence <= 12)) << sequence;
      if (first > 12) ++moved;
      const auto report = (*again)->check(true);
      EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
      ASSERT_TRUE((*again)->append(fragment(camera(1), start_us + 90'000'000)));
      ASSERT_TRUE((*again)->sync());
      EXPECT_GT((*again)->find(camera(1), 0, start_us * 2, 1000)->back().id.sequence,
                *sequences.rbegin());
    }
  }
  EXPECT_GT(moved, 10u);
}

TEST(Crash, AKillAtAnyStepOfMovingToASlowDiskLosesNothing) {
  ScratchFolder folder;
  ManualClock clock(WallTime{start_us});
  SeededIdSource ids(clock, 1);
  Told told;
  auto options = options_in(folder.path() + "/live/fast");
  options.extent_bytes = 81'920;
  options.group_bytes = 16'384;
  const auto on = [&](const std::string& parent) {
    options.folder = parent + "/fast";
    options.disks = {{options.folder, 0, 8 * options.extent_bytes},
                     {parent + "/slow", 0, 40 * options.extent_bytes, Tier::slow}};
  };
  on(folder.path() + "/live");
  CopiedDisk disk(folder.path() + "/live", folder.path());
  auto store = *open_fragment_store(options, disk, clock, ids, told);
  std::size_t synced = 0;
  std::vector<std::size_t> synced_at;  // of each copy
  const auto record = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(store->append(
          fragment(camera(1), start_us + static_cast<std::int64_t>(synced) * 500'000)));
      ASSERT_TRUE(store->sync());
      ++synced;
      for (bool more = true; more;) more = *store->move_down();
      synced_at.resize(static_cast<std::size_t>(disk.copies), synced);
    }
  };
  record(60);
  disk.copying = true;
  record(8);
  disk.copying = false;
  EXPECT_EQ(told.for_room_bytes, 0u);
  store.reset();
  ASSERT_GT(disk.copies, 25);
  for (int i = 0; i < disk.copies; ++i) {
    SCOPED_TRACE(i);
    for (const bool without_index : {false, true}) {
      on(disk.copy(i));
      if (without_index)
        for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
          fs::remove(options.folder + name);
      const auto real = posix_disk();
      auto again = open_fragment_store(options, *real, clock, ids, told);
      ASSERT_TRUE(again) << again.error().message;
      const auto left = (*again)->find(camera(1), 0, start_us * 2, 1000);
      ASSERT_TRUE(left);
      ASSERT_GE(left->size(), synced_at[static_cast<std::size_t>(i)] - 1);
      for (std::size_t n = 0; n < left->size(); ++n) {
        ASSERT_EQ((*left)[n].id.sequence, n + 1) << "each once, none missing";
        EXPECT_TRUE((*again)->read((*left)[n].id));
      }
      const auto report = (*again)->check(true);
      EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
      ASSERT_TRUE((*again)->append(fragment(camera(1), start_us + 90'000'000)));
      ASSERT_TRUE((*again)->sync());
      while (*(*again)->move_down()) {
      }
      EXPECT_EQ((*again)->find(camera(1), 0, start_us * 2, 1000)->size(), left->size() + 1);
    }
  }
}

TEST(Crash, AKillAtAnyStepOfArchivingLosesNothingAndForgetsNoObject) {
  ScratchFolder folder;
  ManualClock clock(WallTime{start_us});
  SeededIdSource ids(clock, 1);
  Told told;
  auto options = options_in(folder.path() + "/live/fast");
  options.extent_bytes = 81'920;
  options.group_bytes = 16'384;
  ArchiveOptions archive_options{
      .name = "made up", .staging_bytes = 8 * options.extent_bytes, .reserve_bytes = 0};
  const auto on = [&](const std::string& parent) {
    options.folder = parent + "/fast";
    archive_options.folder = parent + "/archive";
    options.disks = {{options.folder, 0, 5 * options.extent_bytes},
                     {archive_options.folder, 0, 6 * options.extent_bytes, Tier::archive}};
  };
  on(folder.path() + "/live");
  CopiedDisk disk(folder.path() + "/live", folder.path());
  MadeUpObjects objects;
  std::vector<std::map<std::string, Bytes>> kept;  // of each copy
  disk.on_copy = [&] { kept.push_back(objects.kept); };
  objects.before_change = [&] { disk.step(); };
  auto archive = std::make_unique<ArchiveDisk>(archive_options, disk, objects, clock);
  auto store = *open_fragment_store(options, *archive, clock, ids, told);
  std::size_t synced = 0;
  std::vector<std::size_t> synced_at;  // of each copy
  bool copying = false;
  const auto record = [&](int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(store->append(
          fragment(camera(1), start_us + static_cast<std::int64_t>(synced) * 500'000)));
      ASSERT_TRUE(store->sync());
      ++synced;
      disk.copying = copying;  // the steps before are those of any disk
      for (bool more = true; more;) {
        more = *store->move_down();
        while (archive->work()) {
        }
      }
      disk.copying = false;
      clock.advance_us(500'000);
      synced_at.resize(static_cast<std::size_t>(disk.copies), synced);
    }
  };
  record(40);
  ASSERT_TRUE(store->lock(camera(1), start_us + 3'000'000, start_us + 6'000'000, "case"));
  record(160);  // it is full: extents are given up as others come
  ASSERT_GT(objects.removes, 0);
  copying = true;
  record(26);
  objects.before_change = {};
  store.reset();
  archive.reset();
  ASSERT_GT(disk.copies, 15);
  for (int i = 0; i < disk.copies; ++i) {
    SCOPED_TRACE(i);
    MadeUpObjects again_objects;
    again_objects.kept = kept[static_cast<std::size_t>(i)];
    for (const bool without_index : {false, true}) {
      on(disk.copy(i));
      if (without_index)
        for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
          fs::remove(options.folder + name);
      const auto real = posix_disk();
      ArchiveDisk again_archive(archive_options, *real, again_objects, clock);
      auto again = open_fragment_store(options, again_archive, clock, ids, told);
      ASSERT_TRUE(again) << again.error().message;
      const auto expect_sound = [&] {
        const auto left = (*again)->find(camera(1), 0, start_us * 2, 1000);
        ASSERT_TRUE(left);
        std::set<std::uint64_t> sequences;
        for (const auto& ref : *left) {
          sequences.insert(ref.id.sequence);
          EXPECT_TRUE((*again)->read(ref.id));
        }
        ASSERT_EQ(sequences.size(), left->size()) << "each once";
        for (std::uint64_t locked = 7; locked <= 12; ++locked)
          EXPECT_TRUE(sequences.contains(locked)) << locked;
        const auto last = synced_at[static_cast<std::size_t>(i)] - 1;
        EXPECT_GE(*sequences.rbegin(), last);
        std::uint64_t first = last;
        while (first > 1 && sequences.contains(first - 1)) --first;
        EXPECT_GT(last - first, 40u) << "all the archive has room for";
        for (const auto sequence : sequences)
          EXPECT_TRUE(sequence >= first || (sequence >= 6 && sequence <= 13)) << sequence;
      };
      expect_sound();
      ASSERT_TRUE((*again)->append(fragment(camera(1), start_us + 290'000'000)));
      ASSERT_TRUE((*again)->sync());
      while (*(*again)->move_down()) {
      }
      while (again_archive.work()) {
      }
      expect_sound();
      const auto report = (*again)->check(true);
      EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
    }
  }
}

}  // namespace
}  // namespace vl::recording
