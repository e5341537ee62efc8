// The log on a real disk: what was synced is there again, however the rest ended.
#include <fstream>

#include <gtest/gtest.h>

#include <vonglau/recording/footage_log.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;

class FootageLogTest : public ::testing::Test {
 protected:
  LogOptions options() const {
    return {.folder = folder_.path(), .extent_bytes = 256 * 1024, .group_bytes = 16 * 1024};
  }
  std::unique_ptr<FootageLog> open(std::uint64_t from_group = 1) {
    found_.clear();
    recovered_ = {};
    auto log = FootageLog::open(
        options(), disk_, clock_, ids_, from_group,
        [&](LoggedGroup&& group) -> Result<void> {
          for (auto& one : group.fragments) found_.push_back(std::move(one));
          for (auto& gap : group.notes.gaps) gaps_.push_back(std::move(gap));
          return {};
        },
        &recovered_);
    EXPECT_TRUE(log) << log.error().message;
    return log ? std::move(*log) : nullptr;
  }
  /// One fragment of each of so many cameras, written as a group.
  std::vector<LoggedFragment> write(FootageLog& log, int count, std::int64_t at_us) {
    for (int c = 0; c < count; ++c) {
      const auto full = log.add(fragment(camera(c), at_us));
      EXPECT_TRUE(full) << full.error().message;
    }
    auto group = log.write();
    EXPECT_TRUE(group) << group.error().message;
    return group ? std::move(group->fragments) : std::vector<LoggedFragment>{};
  }
  static void expect_same(const std::vector<LoggedFragment>& a,
                          const std::vector<LoggedFragment>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].header.id, b[i].header.id);
      EXPECT_EQ(a[i].header.chain, b[i].header.chain);
      EXPECT_EQ(a[i].place, b[i].place);
    }
  }
  std::string file(int slot) const {
    return folder_.path() + "/00000" + std::to_string(slot) + ".vle";
  }
  void damage(int slot, std::uint64_t at) {
    std::fstream stream(file(slot), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(stream.get() ^ 0x40);
    stream.seekp(static_cast<std::streamoff>(at));
    stream.put(byte);
  }

  ScratchFolder folder_;
  FaultyDisk disk_;
  ManualClock clock_;
  SeededIdSource ids_{clock_, 3};
  std::vector<LoggedFragment> found_;
  std::vector<LogNotes::GapNote> gaps_;
  FootageLog::Recovered recovered_;
};

TEST_F(FootageLogTest, what_was_synced_is_found_again_with_its_chain_and_its_place) {
  std::vector<LoggedFragment> all;
  {
    auto log = open();
    for (int i = 0; i < 30; ++i) {  // over several extents
      for (auto& one : write(*log, 7, start_us + i * 500'000)) all.push_back(std::move(one));
      ASSERT_TRUE(log->sync());
    }
    EXPECT_GT(log->extents().size(), 1U);
  }
  auto log = open();
  expect_same(found_, all);
  EXPECT_EQ(recovered_.groups, 30U);
  EXPECT_EQ(recovered_.torn_bytes, 0U);
  EXPECT_EQ(recovered_.holes, 0U);
  EXPECT_EQ(log->next_sequence(camera(3)), 31U);
  // It goes on where it ended: the chain holds over the restart.
  const auto next = write(*log, 7, start_us + 30 * 500'000);
  EXPECT_EQ(next[3].header.previous_chain, all[all.size() - 4].header.chain);
  for (const auto& one : {all.front(), all.back(), next.back()}) {
    const auto header = log->read_header(one.place);
    const auto body = log->read_body(one.place, one.header.body_bytes);
    ASSERT_TRUE(header && body);
    Bytes stored = *header;
    stored.insert(stored.end(), body->begin(), body->end());
    const auto read = decode_fragment(stored);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, one.header.id);
    EXPECT_EQ(read->samples.size(), 5U);
  }
}

TEST_F(FootageLogTest, only_what_the_index_does_not_know_is_told) {
  {
    auto log = open();
    for (int i = 0; i < 20; ++i) write(*log, 3, start_us + i * 500'000);
    ASSERT_TRUE(log->sync());
  }
  (void)open(18);
  ASSERT_EQ(found_.size(), 9U);
  EXPECT_EQ(found_.front().header.id.sequence, 18U);
}

TEST_F(FootageLogTest, a_torn_group_gives_up_what_is_torn_and_nothing_before_it) {
  std::vector<LoggedFragment> last;
  {
    auto log = open();
    write(*log, 5, start_us);
    ASSERT_TRUE(log->sync());
    last = write(*log, 5, start_us + 500'000);  // never synced
    write(*log, 5, start_us + 1'000'000);
  }
  damage(0, last[3].place.body_at + 100);
  auto log = open();
  ASSERT_EQ(found_.size(), 8U);  // five synced, three whole ones
  EXPECT_EQ(found_.back().header.id, last[2].header.id);
  EXPECT_GT(recovered_.torn_bytes, 0U);
  EXPECT_EQ(log->next_sequence(camera(2)), 3U);
  EXPECT_EQ(log->next_sequence(camera(3)), 2U);
  const auto next = write(*log, 5, start_us + 2'000'000);
  EXPECT_EQ(next[2].header.previous_chain, last[2].header.chain);
  ASSERT_TRUE(log->sync());
  log.reset();
  log = open();
  EXPECT_EQ(found_.size(), 13U);
  EXPECT_EQ(recovered_.torn_bytes, 0U);
}

TEST_F(FootageLogTest, a_torn_head_ends_the_log_and_what_lies_behind_it_never_comes_back) {
  std::vector<LoggedFragment> second;
  {
    auto log = open();
    write(*log, 2, start_us);
    ASSERT_TRUE(log->sync());
    second = write(*log, 2, start_us + 500'000);
    write(*log, 2, start_us + 1'000'000);  // whole, behind a torn one
  }
  damage(0, second[0].place.header_at + 50);
  auto log = open();
  EXPECT_EQ(found_.size(), 2U);
  // A group of the same length in its place: the one behind it would be the next, but for the
  // chain.
  const auto again = write(*log, 2, start_us + 7'000'000);
  EXPECT_EQ(again[0].place.header_at, second[0].place.header_at);
  ASSERT_TRUE(log->sync());
  log.reset();
  log = open();
  EXPECT_EQ(found_.size(), 4U);
  EXPECT_EQ(found_.back().header.start_us, start_us + 7'000'000);
}

TEST_F(FootageLogTest, a_released_extent_is_written_again_and_its_footage_stays_gone) {
  auto log = open();
  log->set_most_extents(3);
  std::int64_t at_us = start_us;
  std::vector<LoggedFragment> all;
  Result<LoggedGroup> refused = LoggedGroup{};
  while (refused) {
    ASSERT_TRUE(log->add(fragment(camera(1), at_us += 500'000, 4000)));
    refused = log->write();
    if (refused) all.push_back(refused->fragments.front());
  }
  EXPECT_EQ(refused.error().code, code_of(RecordingError::disk_full));
  ASSERT_EQ(log->extents().size(), 3U);
  ASSERT_TRUE(log->release_oldest());
  const auto written = log->write();  // the group that was refused
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(written->fragments.front().header.previous_chain, all.back().header.chain);
  EXPECT_EQ(log->read_body(all.front().place, 10).error().code, code_of(RecordingError::not_found));
  log.reset();
  log = open();
  EXPECT_GT(found_.front().header.id.sequence, 1U);
  EXPECT_EQ(found_.back().header.id.sequence, all.size() + 1);
  EXPECT_EQ(recovered_.holes, 0U);
}

TEST_F(FootageLogTest, after_a_failed_sync_it_goes_on_from_what_is_durable) {
  auto log = open();
  write(*log, 3, start_us);
  ASSERT_TRUE(log->sync());
  write(*log, 3, start_us + 500'000);
  disk_.good_syncs = 0;
  EXPECT_FALSE(log->sync());
  EXPECT_EQ(log->next_sequence(camera(0)), 2U);
  const auto next = write(*log, 3, start_us + 1'000'000);
  EXPECT_EQ(next[0].header.id.sequence, 2U);
  ASSERT_TRUE(log->sync());
  log.reset();
  log = open();
  ASSERT_EQ(found_.size(), 6U);
  EXPECT_EQ(found_.back().header.start_us, start_us + 1'000'000);
}

TEST_F(FootageLogTest, after_a_failed_write_it_goes_on_in_another_extent) {
  auto log = open();
  write(*log, 3, start_us);
  disk_.write_fails = true;
  ASSERT_TRUE(log->add(fragment(camera(0), start_us + 500'000)));
  EXPECT_FALSE(log->write());
  EXPECT_EQ(log->next_sequence(camera(0)), 2U);
  disk_.write_fails = false;
  write(*log, 3, start_us + 1'000'000);
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(log->extents().size(), 2U);
  log.reset();
  log = open();
  EXPECT_EQ(found_.size(), 6U);
}

TEST_F(FootageLogTest, notes_come_back_and_other_files_in_the_folder_are_left_alone) {
  {
    auto log = open();
    log->note(
        LogNotes::GapNote{camera(1), {start_us, start_us + 9, GapCause::camera_unreachable, "x"}});
    ASSERT_TRUE(log->write());
    ASSERT_TRUE(log->sync());
  }
  std::ofstream(folder_.path() + "/readme.txt") << "mine";
  (void)open();
  ASSERT_EQ(gaps_.size(), 1U);
  EXPECT_EQ(gaps_[0].gap.cause, GapCause::camera_unreachable);
  std::string text;
  std::ifstream(folder_.path() + "/readme.txt") >> text;
  EXPECT_EQ(text, "mine");
}

}  // namespace
}  // namespace vl::recording
