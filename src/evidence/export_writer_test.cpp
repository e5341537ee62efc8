#include <gtest/gtest.h>

#include <vonglau/evidence/verify.hpp>

#include "evidence_fixture.hpp"

namespace vl::evidence {
namespace {

using namespace testing;

struct Making : ::testing::Test {
  ManualClock clock;
  ScratchFolder scratch;
  Shelf shelf;
  std::string folder = scratch.path() + "/export";

  Verdict verdict() const {
    const auto text = content_of(folder + "/manifest.json");
    EXPECT_TRUE(write_signature(folder, sign_export(sha256(text), {start_us}, centre_key())));
    const auto report = verify_export(folder, {});
    EXPECT_TRUE(report) << report.error().message;
    if (!report) return Verdict::altered;
    EXPECT_EQ(report->verdict, Verdict::valid) << text_of(*report, Language::english);
    return report->verdict;
  }
};

TEST_F(Making, BeginsWithTheKeyPictureBeforeTheTimeAskedFor) {
  shelf.put_seconds(camera(1), start_us, 10);
  auto wanted = order(10);
  wanted.request.from_us = start_us + 4'700'000;
  wanted.request.to_us = start_us + 6 * second_us;
  const auto made = write_export(wanted, shelf, clock, {.folder = folder});
  ASSERT_TRUE(made) << made.error().message;
  const auto& stream = made->manifest.streams[0];
  EXPECT_EQ(stream.chain.first_sequence, 10u);
  EXPECT_EQ(stream.spans[0], (ExportSpan{start_us + 4'500'000, start_us + 6 * second_us}));
  EXPECT_NE(stream.chain.previous, std::string(64, '0'));
  EXPECT_EQ(verdict(), Verdict::valid);
}

TEST_F(Making, ACameraWithoutFootageIsInItWithItsGap) {
  shelf.put_seconds(camera(1), start_us, 2);
  const auto made = write_export(order(2), shelf, clock, {.folder = folder});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(made->manifest.streams[1].footage.empty());
  ASSERT_EQ(made->manifest.streams[1].gaps.size(), 1u);
  EXPECT_EQ(made->manifest.streams[1].gaps[0].cause, "unexplained");
  EXPECT_EQ(verdict(), Verdict::valid);
}

TEST_F(Making, WithoutAnyFootageThereIsNoExport) {
  const auto made = write_export(order(2), shelf, clock, {.folder = folder});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, code_of(EvidenceError::nothing));
  EXPECT_FALSE(fs::exists(folder));
}

TEST_F(Making, ADamagedFragmentIsAGapAndNotPartOfTheEvidence) {
  shelf.put_seconds(camera(1), start_us, 3);
  shelf.stored(camera(1), 2)[700] ^= 1;
  const auto made = write_export(order(3), shelf, clock, {.folder = folder});
  ASSERT_TRUE(made) << made.error().message;
  const auto& stream = made->manifest.streams[0];
  EXPECT_EQ(stream.gaps[0].cause, "disk_failed");
  EXPECT_EQ(made->manifest.tree.leaves, 5u);
  EXPECT_EQ(verdict(), Verdict::valid);
  const auto report = verify_export(folder, {});
  ASSERT_EQ(report->findings.size(), 1u);
  EXPECT_EQ(report->findings[0].kind, FindingKind::not_exported);
}

TEST_F(Making, ReclaimedFragmentsLeaveAHoleThatIsTold) {
  shelf.put_seconds(camera(1), start_us, 4);
  for (int i = 0; i < 3; ++i) shelf.forget(camera(1), 3);
  const auto made = write_export(order(4), shelf, clock, {.folder = folder});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->manifest.streams[0].spans.size(), 2u);
  EXPECT_EQ(made->manifest.streams[0].gaps[0].cause, "unexplained");
  EXPECT_EQ(verdict(), Verdict::valid);
}

TEST_F(Making, CanBeStoppedAndLeavesNothing) {
  shelf.put_seconds(camera(1), start_us, 5);
  int turns = 0;
  std::uint64_t last = 0;
  ExportOptions options{.folder = folder};
  options.on_progress = [&](const ExportProgress& progress) {
    EXPECT_GT(progress.done_bytes, last);
    last = progress.done_bytes;
    return ++turns < 4;
  };
  const auto made = write_export(order(5), shelf, clock, options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, code_of(EvidenceError::stopped));
  EXPECT_TRUE(fs::is_empty(scratch.path()));
}

TEST_F(Making, TakesThePlaceOfWhatACrashLeft) {
  shelf.put_seconds(camera(1), start_us, 2);
  fs::create_directories(folder + ".making/footage");
  write_content(folder + ".making/footage/half", {1});
  fs::create_directories(folder + "/old");
  ASSERT_TRUE(write_export(order(2), shelf, clock, {.folder = folder}));
  EXPECT_FALSE(fs::exists(folder + "/old"));
  EXPECT_FALSE(fs::exists(folder + ".making"));
  EXPECT_EQ(verdict(), Verdict::valid);
}

TEST_F(Making, IsRefusedWhereTheDiskHasNoRoomToSpare) {
  shelf.put_seconds(camera(1), start_us, 2);
  const auto made = write_export(order(2), shelf, clock,
                                 {.folder = folder, .reserve_bytes = std::uint64_t{1} << 60});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, code_of(EvidenceError::too_much));
}

TEST_F(Making, IsReadableByItsOwnerAlone) {
  shelf.put_seconds(camera(1), start_us, 1);
  ASSERT_TRUE(write_export(order(1), shelf, clock, {.folder = folder}));
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(folder + "/manifest.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(Making, ThePageCannotBeBrokenByWhatPeopleWrote) {
  shelf.put_seconds(camera(1), start_us, 1);
  ASSERT_TRUE(write_export(order(1), shelf, clock, {.folder = folder}));
  const auto bytes = content_of(folder + "/index.html");
  const std::string page(bytes.begin(), bytes.end());
  EXPECT_EQ(page.find("</script><b>"), std::string::npos);
  EXPECT_NE(page.find("\\u003c/script>"), std::string::npos);
}

TEST(RealStore, FootageOfTheRecordersOwnStoreIsExported) {
  ManualClock clock;
  ScratchFolder scratch;
  SeededIdSource ids(clock, 1);
  recording::StoreObserver quiet;
  const auto disk = recording::posix_disk();
  recording::StoreOptions options;
  options.folder = scratch.path() + "/footage";
  options.reserve_bytes = 0;
  options.extent_bytes = 8 << 20;
  auto store = recording::open_fragment_store(options, *disk, clock, ids, quiet);
  ASSERT_TRUE(store) << store.error().message;
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE((*store)->append(half_second(camera(1), start_us + i * 500'000)));
  ASSERT_TRUE((*store)->sync());
  auto wanted = order(10);
  wanted.cameras.resize(1);
  const auto folder = scratch.path() + "/export";
  const auto made = write_export(wanted, **store, clock, {.folder = folder});
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->manifest.tree.leaves, 20u);
  EXPECT_EQ(verify_export(folder, {})->verdict, Verdict::not_signed);
}

}  // namespace
}  // namespace vl::evidence
