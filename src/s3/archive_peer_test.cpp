// Footage in a bucket of OpenStack Swift, by the product's own store, thread and client.
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/recording/archive_disk.hpp>
#include <vonglau/s3/s3_store.hpp>

#include "s3_peer.hpp"
#include "test_footage.hpp"

namespace vl::s3 {
namespace {

namespace fs = std::filesystem;
using namespace recording;
using recording::testing::camera;
using recording::testing::fragment;
using recording::testing::ScratchFolder;
using recording::testing::start_us;

class ArchiveInSwift : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::Peer::is_installed()) GTEST_SKIP() << "needs Debian's python3-swift";
    peer_ = std::make_unique<testing::Peer>(folder_.path() + "/peer");
    ASSERT_NE(peer_->port, 0);
    options_.folder = folder_.path() + "/fast";
    options_.ballast_bytes = 0;
    options_.extent_bytes = 81'920;
    options_.group_bytes = 16'384;
    options_.disks = {{options_.folder, 0, 10 * options_.extent_bytes},
                      {folder_.path() + "/archive", 0, 0, Tier::archive}};
    objects_ = client();
    open();
  }
  void TearDown() override {
    store_.reset();
    archive_.reset();
  }
  std::unique_ptr<ObjectStore> client() {
    S3Options s3;
    s3.endpoint = peer_->endpoint();
    s3.bucket = testing::Peer::bucket;
    s3.region = "vn-north-1";
    s3.credentials = {"centre:archive", "secret"};
    s3.read_timeout_ms = s3.transfer_timeout_ms = 120'000;  // longer than the test takes
    auto made = s3_store(std::move(s3), clock_);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
  }
  void open() {
    store_.reset();
    archive_.reset();
    objects_ = client();  // one that was cancelled stays so
    archive_ =
        std::make_unique<ArchiveDisk>(ArchiveOptions{.folder = options_.disks[1].folder,
                                                     .prefix = "recorder-1/",
                                                     .name = "swift",
                                                     .staging_bytes = 12 * options_.extent_bytes,
                                                     .reserve_bytes = 0},
                                      *disk_, *objects_, clock_);
    auto opened = open_fragment_store(options_, *archive_, clock_, ids_, told_);
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
    archive_->start();
  }
  void move() {
    for (bool more = true; more;) {
      const auto moved = store_->move_down();
      ASSERT_TRUE(moved) << moved.error().message;
      more = *moved;
    }
  }
  void record(int fragments) {
    for (int i = 0; i < fragments; ++i) {
      ASSERT_TRUE(store_->append(fragment(camera(1), start_us + recorded_++ * 500'000LL)));
      ASSERT_TRUE(store_->sync());
      move();
      // As cameras do, no faster than it is sent, while it is.
      if (is_paced_) wait_until([&] { return now().staged_bytes <= 6 * options_.extent_bytes; });
    }
  }
  ArchiveNow now() const { return store_->disks().back().archive.value_or(ArchiveNow{}); }
  static void wait_until(const std::function<bool()>& is_so) {
    for (int i = 0; i < 6000; ++i) {
      if (is_so()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    FAIL() << "waited for in vain";
  }
  /// What is full has left; the last extent of the log stays here.
  void wait_until_sent() {
    wait_until(
        [&] { return now().staged_bytes <= options_.extent_bytes && objects() == now().objects; });
  }
  std::vector<FragmentRef> all() {
    return store_->find(camera(1), 0, start_us * 2, 10'000).value_or(std::vector<FragmentRef>{});
  }
  std::size_t objects() { return objects_->list("recorder-1/", {}, 1000)->objects.size(); }
  void expect_sound() {
    const auto refs = all();
    ASSERT_EQ(refs.size(), static_cast<std::size_t>(recorded_));
    for (std::size_t i = 0; i < refs.size(); ++i) {
      const auto one = store_->read(refs[i].id);
      ASSERT_TRUE(one) << one.error().message;
      EXPECT_EQ(
          one->samples[3].bytes,
          fragment(camera(1), start_us + static_cast<std::int64_t>(i) * 500'000).samples[3]->bytes);
    }
    const auto report = store_->check(true);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
  }

  ScratchFolder folder_;
  std::unique_ptr<testing::Peer> peer_;
  SystemClock clock_;
  SystemIdSource ids_{clock_};
  recording::testing::Told told_;
  std::unique_ptr<Disk> disk_ = posix_disk();
  std::unique_ptr<ObjectStore> objects_;
  StoreOptions options_;
  std::unique_ptr<ArchiveDisk> archive_;
  std::unique_ptr<FragmentStore> store_;
  std::int64_t recorded_ = 0;
  bool is_paced_ = true;
};

TEST_F(ArchiveInSwift, FootageGoesThereIsFoundAgainAndIsDeletedInTheEnd) {
  record(300);
  wait_until_sent();
  EXPECT_GT(now().objects, 3u);
  EXPECT_EQ(told_.reclaimed_bytes, 0u);
  expect_sound();
  store_.reset();
  for (const auto* name : {"/footage.db", "/footage.db-wal", "/footage.db-shm"})
    fs::remove(options_.folder + name);
  open();
  expect_sound();
  // What is altered or missing there is told of.
  const auto listed = objects_->list("recorder-1/", {}, 1000);
  const auto& first = listed->objects.at(0).key;
  auto content = *objects_->get_all(first);
  for (std::size_t i = 20'000; i < 30'000; ++i) content[i] ^= 1;
  ASSERT_TRUE(objects_->put(first, content));
  ASSERT_TRUE(objects_->remove(listed->objects.at(1).key));
  const auto report = store_->check(true);
  std::map<FindingKind, int> found;
  for (const auto& finding : report->findings) ++found[finding.kind];
  EXPECT_EQ(found[FindingKind::missing_file], 1);
  EXPECT_GE(found[FindingKind::altered] + found[FindingKind::bad_header], 1);
  // Its footage is years old by the system's clock.
  ASSERT_TRUE(store_->set_retention(camera(1), {.most_age_s = 60}));
  ASSERT_TRUE(store_->reclaim());
  ASSERT_TRUE(store_->sync());
  open();  // so that it is tended at once
  move();
  wait_until([&] { return now().to_delete == 0 && objects() <= 1; });
}

TEST_F(ArchiveInSwift, NobodyWhoRecordsWaitsForOneThatHangs) {
  record(200);
  wait_until_sent();
  const auto archived = all().front().id;
  peer_->be("hang");
  is_paced_ = false;
  std::atomic<bool> has_read = false;
  std::thread reader([&] {
    EXPECT_FALSE(store_->read(archived));
    has_read = true;
  });
  record(400);
  EXPECT_FALSE(has_read) << "it hung all the time";
  EXPECT_GT(told_.for_room_bytes, 0u) << "what had no room went, and that was told";
  EXPECT_LE(now().staged_bytes, 12 * options_.extent_bytes);
  EXPECT_EQ(all().back().id.sequence, static_cast<std::uint64_t>(recorded_));
  peer_->be("away");
  reader.join();
  wait_until([&] { return now().failing_since_us != 0; });
  EXPECT_EQ(now().problem_code, "s3.unreachable");
  peer_->be("back");
  wait_until_sent();
  EXPECT_EQ(now().failing_since_us, 0);
  EXPECT_TRUE(store_->read(archived));
  const auto report = store_->check(true);
  EXPECT_EQ(report->problems, 0u) << report->findings[0].detail;
}

}  // namespace
}  // namespace vl::s3
