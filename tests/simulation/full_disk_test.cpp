// A real disk that others fill: the journal goes on in the room that was reserved for it, piece by
// piece, then refuses and says why, and goes on by itself when there is room. The disk is a small
// one in memory that only this process sees.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <vonglau/store/reserve.hpp>

#include "tally_province.hpp"

namespace vl::simulation {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMib = 1 << 20;
constexpr std::int64_t kDisk = 32 * kMib;
constexpr std::int64_t kReserve = 8 * kMib;

/// "" where this process can have a disk of its own. Called before there are threads.
std::string become_able_to_mount() {
  if (::unshare(CLONE_NEWNS) != 0 ||
      ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
    return "a disk of its own needs the right to mount (root)";
  return "";
}
std::string cannot_mount;

class FullDisk : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!cannot_mount.empty()) GTEST_SKIP() << cannot_mount;
    std::string name = (fs::temp_directory_path() / "vl-disk-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    const std::string size = fmt::format("size={}", kDisk);
    ASSERT_EQ(::mount("tmpfs", name.c_str(), "tmpfs", 0, size.c_str()), 0);
  }
  void TearDown() override {
    if (folder_.empty()) return;
    ::umount2(folder_.c_str(), MNT_DETACH);
    std::error_code ignored;
    fs::remove(folder_, ignored);
  }
  std::unique_ptr<store::DiskReserve> reserve() {
    auto opened = store::DiskReserve::open(folder_ / "journal.reserve", kReserve);
    EXPECT_TRUE(opened) << opened.error().message;
    return std::move(*opened);
  }
  /// Somebody else takes all there is but `but`.
  void fill(std::int64_t but = 0) {
    const int file = ::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    const std::string block(4096, 'x');
    while (fs::space(folder_).available > static_cast<std::uintmax_t>(but) &&
           ::write(file, block.data(), block.size()) > 0) {
    }
    ::close(file);
  }
  void clear() { fs::remove(folder_ / "filler"); }

  fs::path folder_;
};

TEST_F(FullDisk, leaves_the_journal_its_reserve_and_says_when_that_is_used_up) {
  const SystemClock clock;
  SystemIdSource ids(clock);
  TallyProvince province(clock);
  const auto database = *store::open_database("sqlite:" + (folder_ / "province.db").string());
  ASSERT_TRUE(province.migrate(*database));
  const auto kept = reserve();
  ASSERT_EQ(kept->held_bytes(), kReserve);
  journal::JournalOptions options;
  options.ask_again_us = 5'000;
  options.writer.make_room = [&] { return kept->give_up(); };
  auto opened = province.open_journal(*database, options);
  ASSERT_TRUE(opened) << opened.error().message;
  const auto journal = std::move(*opened);
  const Uuid tally = ids.next();
  std::int64_t acknowledged = 0;
  const auto execute = [&] {
    auto answer = journal->execute(journal::testing::add(tally, 1, ids.next()));
    if (answer) ++acknowledged;
    return answer;
  };
  ASSERT_TRUE(execute());
  fill();
  const auto before = acknowledged;
  while (kept->held_bytes() > 0) {
    const auto answer = execute();
    ASSERT_TRUE(answer) << answer.error().message << " with " << kept->held_bytes()
                        << " in reserve";
    if (acknowledged % 50 == 0) fill();  // whoever fills the disk does not stop
  }
  EXPECT_GT(acknowledged - before, 100);
  EXPECT_TRUE(journal->healthy());
  Result<journal::Receipt> answer;
  while (answer = execute(), answer) fill();
  EXPECT_EQ(answer.error().code.name, "store.full");
  EXPECT_FALSE(journal->healthy());
  EXPECT_FALSE(kept->keep()) << "nothing left to give, nothing free to take";

  clear();
  while (!journal->healthy()) std::this_thread::yield();
  ASSERT_TRUE(execute());
  EXPECT_TRUE(kept->keep());
  EXPECT_EQ(kept->held_bytes(), kReserve) << "whole again";
  const auto holdings = read_holdings(*database);
  ASSERT_TRUE(holdings) << holdings.error().message;
  EXPECT_EQ(holdings->unsound, "");
  EXPECT_EQ(std::ssize(holdings->events), acknowledged);
  fmt::print("  {} commands recorded on a full disk in {} MiB of reserve, 0 lost\n",
             acknowledged - before, kReserve / kMib);
}

TEST_F(FullDisk, is_given_a_piece_of_the_reserve_before_it_is_quite_full) {
  const auto kept = reserve();
  EXPECT_FALSE(kept->keep()) << "there is room";
  fill(kReserve / store::DiskReserve::pieces / 2);
  EXPECT_TRUE(kept->keep());
  EXPECT_EQ(kept->held_bytes(), kReserve - kReserve / store::DiskReserve::pieces);
  EXPECT_FALSE(kept->keep()) << "a piece is free now";
  clear();
  EXPECT_TRUE(kept->keep());
  EXPECT_EQ(kept->held_bytes(), kReserve);
  EXPECT_FALSE(kept->keep());
}

TEST_F(FullDisk, that_is_full_at_the_start_keeps_what_is_left_of_the_reserve) {
  {
    const auto kept = reserve();
    kept->give_up();
  }
  fill();
  const auto kept = reserve();
  EXPECT_EQ(kept->held_bytes(), kReserve - kReserve / store::DiskReserve::pieces);
  EXPECT_TRUE(kept->give_up());
  EXPECT_GT(kept->free_bytes(), 0);
}

}  // namespace
}  // namespace vl::simulation

int main(int argc, char** argv) {
  vl::simulation::cannot_mount = vl::simulation::become_able_to_mount();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
