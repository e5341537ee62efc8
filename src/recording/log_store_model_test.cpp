// The store beside a model of what it promises, through thousands of random steps: footage, gaps,
// disks that fail and fill, locks, retention, restarts, kills, lost indexes, and footage fetched
// later into its gaps.
#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/recording/footage_view.hpp>
#include <vonglau/recording/fragment_store.hpp>

#include "test_footage.hpp"
#include "test_objects.hpp"

namespace vl::recording {
namespace {

using namespace testing;
namespace fs = std::filesystem;

constexpr int model_cameras = 3;

class Model {
 public:
  explicit Model(unsigned seed) : random_(seed), ids_(clock_, seed) {
    options_.folder = folder_.path() + "/0";
    options_.reserve_bytes = 0;
    options_.ballast_bytes = 0;
    options_.extent_bytes = 65'536;
    options_.group_bytes = 8192 << random_() % 2;
    options_.most_bytes = options_.extent_bytes * (6 + random_() % 6);
    if (seed % 3 == 0) {
      options_.disks = {{options_.folder, 0, options_.most_bytes},
                        {folder_.path() + "/second", 0, options_.most_bytes}};
      moved_ = true;  // when one of them fails
    } else if (seed % 3 == 1) {
      options_.disks = {{options_.folder, 0, options_.most_bytes},
                        {folder_.path() + "/slow", 0, 2 * options_.most_bytes, Tier::slow}};
      moved_ = true;  // what could not wait goes before what is older and was moved
    }
    if (seed % 3 == 2) {
      options_.disks = {{options_.folder, 0, options_.most_bytes}};
      if (seed % 2 == 0)
        options_.disks.push_back({folder_.path() + "/slow", 0, options_.most_bytes, Tier::slow});
      options_.disks.push_back(
          {folder_.path() + "/archive", 0, 3 * options_.most_bytes, Tier::archive});
      moved_ = true;
    }
    for (int c = 0; c < model_cameras; ++c) at_us_[c] = start_us;
    open();
  }

  void step() {
    const auto c = static_cast<int>(random_() % model_cameras);
    switch (random_() % 27) {
      case 0:
        return begin_gap(c);
      case 1:
        return take_lock(c);
      case 2:
        return take_off_lock();
      case 3:
        return expire(c);
      case 4:
        return fail_a_sync();
      case 5:
        return fail_writes(c);
      case 6:
        return restart(false);
      case 7:
        return restart(random_() % 3 == 0);
      case 8:
        return kill();
      case 9:
        clock_.advance_us(61'000'000);
        return sync();
      case 10:
        ASSERT_TRUE(store_->reclaim());
        return;
      case 11:
        return move();
      case 12:
      case 13:
        return fetch(c);
      default:
        record(c, 1 + static_cast<int>(random_() % 12));
        if (random_() % 2 == 0) sync();
    }
  }

  void check() {
    objects_.is_away = false;
    objects_.fails_one_in = 0;
    if (archive_) clock_.advance_us(61'000'000);  // it is asked again
    const auto report = store_->check(true);
    ASSERT_TRUE(report) << report.error().message;
    ASSERT_EQ(report->problems, 0u) << report->findings[0].detail;
    std::uint64_t locked_bytes = 0;
    for (int c = 0; c < model_cameras; ++c) {
      check_stream(c);
      if (::testing::Test::HasFatalFailure()) return;
      check_fetched(c);
      if (::testing::Test::HasFatalFailure()) return;
      auto all = found(c);
      for (const auto& ref : fetched(c)) all.push_back(ref);
      for (const auto& ref : all)
        if (is_locked(c, ref.start_us, ref.end_us)) locked_bytes += ref.bytes;
    }
    ASSERT_TRUE(store_->reclaim());  // which counts what came under a lock since
    if (locks_.empty()) EXPECT_EQ(store_->usage().locked_bytes, 0u);
    EXPECT_EQ(store_->locks()->size(), locks_.size());
    if (locked_bytes > 0) EXPECT_GT(store_->usage().locked_bytes, 0u);
  }

 private:
  struct Lock {
    LockId id;
    int camera;
    std::int64_t from_us, to_us;
  };

  void open() {
    objects_.is_away = false;
    objects_.fails_one_in = 0;
    if (!options_.disks.empty() && options_.disks.back().tier == Tier::archive)
      archive_ =
          std::make_unique<ArchiveDisk>(ArchiveOptions{.folder = options_.disks.back().folder,
                                                       .prefix = "a/",
                                                       .name = "made up",
                                                       .staging_bytes = 8 * options_.extent_bytes,
                                                       .reserve_bytes = 0,
                                                       .cache_bytes = 300'000},
                                        disk_, objects_, clock_);
    Disk& disk = archive_ ? static_cast<Disk&>(*archive_) : disk_;
    auto opened = open_fragment_store(options_, disk, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }
  bool is_locked(int c, std::int64_t from_us, std::int64_t to_us) const {
    return std::ranges::any_of(locks_, [&](const Lock& lock) {
      return lock.camera == c && lock.from_us <= to_us && lock.to_us > from_us;
    });
  }
  std::vector<FragmentRef> found(int c) const {
    return store_->find(camera(c), 0, start_us * 2, 10'000).value_or(std::vector<FragmentRef>{});
  }

  static StreamKey fetched_key(int c) { return camera(c, StreamKind::fetched); }
  std::vector<FragmentRef> fetched(int c) const {
    return store_->find(fetched_key(c), 0, start_us * 2, 10'000)
        .value_or(std::vector<FragmentRef>{});
  }

  /// Part of what is missing comes from the camera's own storage, sometimes in several pieces.
  void fetch(int c) {
    const auto gaps = FootageView(*store_).gaps(camera(c), 0, start_us * 2);
    if (!gaps || gaps->empty()) return;
    const auto& gap = (*gaps)[random_() % gaps->size()];
    if (!gap.end_us) return;
    constexpr std::int64_t step_us = 500'000;
    const auto up = [](std::int64_t us) {
      return (us - start_us + 1000 + step_us - 1001) / step_us;
    };
    const auto first = up(gap.start_us);
    const auto last = (*gap.end_us - start_us) / step_us;
    if (last <= first) return;
    const auto pieces = std::min<std::int64_t>(last - first, 1 + random_() % 12);
    const auto from = first + static_cast<std::int64_t>(random_()) % (last - first - pieces + 1);
    for (auto i = from; i < from + pieces; ++i) {
      const auto at_us = start_us + i * step_us;
      if (!fetched_once_[c].insert(at_us).second) continue;
      const auto stored = store_->append(fragment(fetched_key(c), at_us, 100 + random_() % 900));
      if (stored) unsynced_fetched_[c].push_back(at_us);
    }
    if (random_() % 2 == 0) sync();
  }

  void record(int c, int count) {
    for (int i = 0; i < count; ++i) {
      const auto at_us = at_us_[c];
      at_us_[c] += 500'000;
      const auto stored = store_->append(fragment(camera(c), at_us, 100 + random_() % 900));
      if (stored) unsynced_[c].push_back(at_us);
      // Otherwise the whole group is lost: the next sync tells of the others.
    }
  }
  void sync() {
    const auto outcome = store_->sync();
    ASSERT_TRUE(outcome) << outcome.error().message;
    settle(outcome->lost);
  }
  /// What was appended and not lost is acknowledged.
  void settle(const std::vector<FragmentId>& lost) {
    for (int c = 0; c < model_cameras; ++c) {
      const bool any_lost =
          std::ranges::any_of(lost, [&](const FragmentId& id) { return id.stream == camera(c); });
      // Which of them is seen by looking; that all others are there is what is checked.
      if (any_lost || appends_failed_) {
        std::set<std::int64_t> there;
        for (const auto& ref : found(c)) there.insert(ref.start_us);
        std::erase_if(unsynced_[c], [&](std::int64_t at) { return !there.contains(at); });
      }
      for (const auto at_us : unsynced_[c]) acknowledged_[c].insert(at_us);
      unsynced_[c].clear();
      const bool fetched_lost = std::ranges::any_of(
          lost, [&](const FragmentId& id) { return id.stream == fetched_key(c); });
      if (fetched_lost || appends_failed_) {
        std::set<std::int64_t> there;
        for (const auto& ref : fetched(c)) there.insert(ref.start_us);
        std::erase_if(unsynced_fetched_[c], [&](std::int64_t at) {
          if (there.contains(at)) return false;
          fetched_once_[c].erase(at);
          return true;
        });
      }
      auto& kept = acknowledged_fetched_[c];
      kept.insert(kept.end(), unsynced_fetched_[c].begin(), unsynced_fetched_[c].end());
      unsynced_fetched_[c].clear();
    }
  }

  void begin_gap(int c) {
    ASSERT_TRUE(store_->gap(camera(c), {at_us_[c], std::nullopt, GapCause::stream_stalled, ""}));
    at_us_[c] += 3'000'000 + static_cast<std::int64_t>(random_() % 100) * 1'000'000;
  }
  void take_lock(int c) {
    const auto to_us = at_us_[c] + 2'000'000 - static_cast<std::int64_t>(random_() % 40) * 500'000;
    const auto from_us = to_us - 500'000 * (1 + static_cast<std::int64_t>(random_() % 8));
    forget_unheld(c);  // a lock does not bring back what is gone
    const auto lock = store_->lock(camera(c), from_us, to_us, "case");
    ASSERT_TRUE(lock) << lock.error().message;
    locks_.push_back({lock->id, c, from_us, to_us});
  }
  void take_off_lock() {
    if (locks_.empty()) return;
    const auto at = static_cast<std::ptrdiff_t>(random_() % locks_.size());
    ASSERT_TRUE(store_->unlock(locks_[static_cast<std::size_t>(at)].id));
    const auto lock = locks_[static_cast<std::size_t>(at)];
    locks_.erase(locks_.begin() + at);
    // What only this lock kept may go now; what went without it never was held.
    forget_unheld(lock.camera);
  }
  void expire(int c) {
    const Retention kept{.most_age_s = 86'400 * (1 + static_cast<std::int64_t>(random_() % 10)),
                         .most_bytes = 60'000 + random_() % 200'000};
    ASSERT_TRUE(store_->set_retention(camera(c), kept));
    moved_ = true;
    ASSERT_TRUE(store_->reclaim());
  }
  void fail_a_sync() {
    record(0, 3);
    disk_.good_syncs = static_cast<int>(random_() % 2);
    const auto outcome = store_->sync();
    disk_.good_syncs = -1;
    if (outcome) settle(outcome->lost);
    // The index is where it was if its own sync failed; it is written with the next.
    sync();
  }
  void fail_writes(int c) {
    disk_.write_fails = true;
    appends_failed_ = true;
    record(c, 2);
    const auto outcome = store_->sync();
    disk_.write_fails = false;
    if (outcome) settle(outcome->lost);
    appends_failed_ = false;
  }
  void restart(bool without_index) {
    sync();
    store_.reset();
    if (without_index) {
      for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
        fs::remove(options_.folder + name);
      // Each camera's retention is known to the centre, which is not here.
    }
    open();
    unlocked_come_back_ |= without_index;
  }
  /// The files as they are at any moment: what is not synced may be there or not.
  void kill() {
    const auto copy = folder_.path() + "/" + std::to_string(++kills_);
    fs::copy(options_.folder, copy, fs::copy_options::recursive);
    store_.reset();
    options_.folder = copy;
    if (!options_.disks.empty()) options_.disks[0].folder = copy;
    open();
    for (int c = 0; c < model_cameras; ++c) {
      unsynced_[c].clear();
      unsynced_fetched_[c].clear();
      // What was on its way may be there or not: it is fetched again only where it is not.
      fetched_once_[c].clear();
      for (const auto& ref : fetched(c)) fetched_once_[c].insert(ref.start_us);
    }
  }

  void move() {
    // The network as it comes: away, failing now and then, or well.
    objects_.is_away = random_() % 6 == 0;
    objects_.fails_one_in = random_() % 2 == 0 ? 5 : 0;
    for (int i = 0; i < 20; ++i) {
      const auto moved = store_->move_down();
      ASSERT_TRUE(moved) << moved.error().message;
      for (auto sent = random_() % 5; archive_ && sent > 0; --sent) (void)archive_->work();
      if (!*moved) return;
      if (archive_ && random_() % 4 == 0) clock_.advance_us(2'000'000);
    }
  }

  void forget_unheld(int c) {
    std::set<std::int64_t> there;
    for (const auto& ref : found(c)) there.insert(ref.start_us);
    std::erase_if(acknowledged_[c], [&](std::int64_t at) {
      return !there.contains(at) && !is_locked(c, at, at + 500'000);
    });
    std::set<std::int64_t> there_fetched;
    for (const auto& ref : fetched(c)) there_fetched.insert(ref.start_us);
    std::erase_if(acknowledged_fetched_[c], [&](std::int64_t at) {
      return !there_fetched.contains(at) && !is_locked(c, at, at + 500'000);
    });
    // What is gone may be fetched again.
    std::erase_if(fetched_once_[c], [&](std::int64_t at) {
      return !there_fetched.contains(at) &&
             std::ranges::find(unsynced_fetched_[c], at) == unsynced_fetched_[c].end();
    });
  }

  void check_fetched(int c) {
    std::set<std::int64_t> there;
    std::set<std::uint64_t> sequences;
    const auto main = found(c);
    for (const auto& ref : fetched(c)) {
      ASSERT_TRUE(there.insert(ref.start_us).second) << "each once";
      ASSERT_TRUE(sequences.insert(ref.id.sequence).second) << "each once";
      const auto one = store_->read(ref.id);
      ASSERT_TRUE(one) << one.error().message;
      ASSERT_EQ(one->samples[3].bytes[5],
                fragment(fetched_key(c), one->start_us).samples[3]->bytes[5]);
      for (const auto& other : main)
        ASSERT_TRUE(other.end_us <= ref.start_us || other.start_us >= ref.end_us)
            << "camera " << c << ": fetched over what was there";
    }
    // In the order in which it was stored: what is gone is what was stored first.
    bool gone = true;
    for (const auto at_us : acknowledged_fetched_[c]) {
      const bool is_there = there.contains(at_us);
      const bool locked = is_locked(c, at_us, at_us + 500'000);
      if (locked) ASSERT_TRUE(is_there) << "locked: " << at_us - start_us;
      if (is_there && !locked) gone = false;
      if (!gone && !unlocked_come_back_ && !was_locked_ && !moved_)
        ASSERT_TRUE(is_there) << "camera " << c << ", fetched " << at_us - start_us;
    }
    const auto gaps = store_->gaps(fetched_key(c), 0, start_us * 2);
    ASSERT_TRUE(!gaps || gaps->empty());
    const auto missing = FootageView(*store_).gaps(camera(c), 0, start_us * 2);
    if (missing)
      for (const auto& gap : *missing)
        for (const auto at_us : there)
          ASSERT_TRUE(at_us + 500'000 <= gap.start_us + 1000 ||
                      (gap.end_us && at_us + 1000 >= *gap.end_us))
              << "camera " << c << ": missing and there";
    // Watched from its first fragment on, everything comes once and in order.
    if (main.empty() || there.empty()) return;
    const FootageView view(*store_);
    std::size_t seen = 1;
    for (auto ref = main.front();; ++seen) {
      const auto next = view.next(ref);
      if (!next) break;
      ASSERT_GE(next->start_us, ref.start_us);
      ref = *next;
    }
    const auto before = static_cast<std::size_t>(std::ranges::count_if(
        there, [&](std::int64_t at_us) { return at_us < main.front().start_us; }));
    const auto behind = static_cast<std::size_t>(std::ranges::count_if(
        there, [&](std::int64_t at_us) { return at_us > main.back().start_us; }));
    ASSERT_EQ(seen, main.size() + there.size() - before - behind);
  }

  void check_stream(int c) {
    const auto refs = found(c);
    std::map<std::int64_t, FragmentRef> there;
    std::set<std::uint64_t> sequences;
    for (const auto& ref : refs) {
      ASSERT_TRUE(there.emplace(ref.start_us, ref).second) << "each once";
      ASSERT_TRUE(sequences.insert(ref.id.sequence).second) << "each once";
      const auto one = store_->read(ref.id);
      ASSERT_TRUE(one) << one.error().message;
      ASSERT_EQ(one->samples[3].bytes[5], fragment(camera(c), one->start_us).samples[3]->bytes[5]);
    }
    // What was acknowledged is there: from the first that was not given up on, and what is locked.
    bool gone = true;
    for (const auto at_us : acknowledged_[c]) {
      const bool is_there = there.contains(at_us);
      const bool locked = is_locked(c, at_us, at_us + 500'000);
      if (locked) ASSERT_TRUE(is_there) << "locked: " << at_us - start_us;
      if (is_there && !locked) gone = false;
      // Nothing newer goes before something older that nobody locked. (Footage that was kept for
      // a lock long gone may come back with a lost index, until its time is over; and of a camera
      // whose footage lies in two logs, each goes in its own order.)
      if (!gone && !unlocked_come_back_ && !was_locked_ && !moved_)
        ASSERT_TRUE(is_there) << "camera " << c << ", " << at_us - start_us;
    }
    forget_unheld(c);
    was_locked_ |= !locks_.empty();
    // Holes are explained.
    const auto gaps = store_->gaps(camera(c), 0, start_us * 2);
    if (!gaps) return;
    for (std::size_t i = 1; i < gaps->size(); ++i)
      ASSERT_TRUE((*gaps)[i - 1].end_us && *(*gaps)[i - 1].end_us <= (*gaps)[i].start_us)
          << text_of(*gaps);
    std::int64_t end_us = 0;
    std::uint64_t last = 0;
    for (const auto& [at_us, ref] : there) {
      if (end_us != 0 && at_us - end_us > 500'000 && ref.id.sequence == last + 1) {
        std::int64_t covered_us = end_us;
        for (const auto& gap : *gaps)
          if (gap.start_us <= covered_us + 1000 && gap.end_us)
            covered_us = std::max(covered_us, *gap.end_us);
        ASSERT_GE(covered_us + 1000, at_us)
            << text_of(*gaps) << "camera " << c << ": nothing explains " << end_us - start_us
            << " to " << at_us - start_us;
      }
      end_us = ref.end_us;
      last = ref.id.sequence;
    }
  }

  static std::string text_of(const std::vector<Gap>& gaps) {
    std::string out;
    for (const auto& gap : gaps)
      out += std::to_string((gap.start_us - start_us) / 1000) + " to " +
             (gap.end_us ? std::to_string((*gap.end_us - start_us) / 1000) : "?") + " " +
             std::to_string(static_cast<int>(gap.cause)) + "\n";
    return out;
  }

  ScratchFolder folder_;
  std::mt19937 random_;
  ManualClock clock_{WallTime{start_us}};
  SeededIdSource ids_;
  Told told_;
  FaultyDisk disk_;
  MadeUpObjects objects_;
  StoreOptions options_;
  std::unique_ptr<ArchiveDisk> archive_;
  std::unique_ptr<FragmentStore> store_;
  std::map<int, std::int64_t> at_us_;
  std::map<int, std::vector<std::int64_t>> unsynced_;
  std::map<int, std::set<std::int64_t>> acknowledged_;
  std::map<int, std::vector<std::int64_t>> unsynced_fetched_;
  std::map<int, std::vector<std::int64_t>> acknowledged_fetched_;  // as they were stored
  std::map<int, std::set<std::int64_t>> fetched_once_;             // so that none comes twice
  std::vector<Lock> locks_;
  bool appends_failed_ = false;
  bool unlocked_come_back_ = false;
  bool was_locked_ = false;
  bool moved_ = false;
  int kills_ = 0;
};

TEST(LogStoreModel, KeepsItsPromisesThroughAnything) {
  const auto* more = std::getenv("VONGLAU_MODEL_SEEDS");
  const auto seeds = more == nullptr ? 12U : static_cast<unsigned>(std::atoi(more));
  const auto* first = std::getenv("VONGLAU_MODEL_FIRST");
  for (unsigned seed = first == nullptr ? 1U : static_cast<unsigned>(std::atoi(first));
       seed <= seeds; ++seed) {
    SCOPED_TRACE(seed);
    Model model(seed);
    for (int i = 0; i < 60; ++i) {
      SCOPED_TRACE(i);
      model.step();
      if (!::testing::Test::HasFatalFailure() && i % 4 == 3) model.check();
      if (::testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace vl::recording
