// The log on a real disk: what was synced is there again, however the rest ended.
#include <algorithm>
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
  std::unique_ptr<FootageLog> open(const KnownLog& known = {}) {
    found_.clear();
    recovered_ = {};
    auto log = FootageLog::open(
        options(), disk_, clock_, ids_, known,
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
  Bytes stored(const FootageLog& log, const LoggedFragment& one) {
    const auto extent = std::ranges::find(log.extents(), one.place.extent, &LogExtent::sequence);
    if (extent == log.extents().end()) return {};
    const auto bytes = disk_.read(log.path_of(extent->slot), one.place.at,
                                  fragment_header_bytes + one.header.body_bytes);
    EXPECT_TRUE(bytes) << bytes.error().message;
    return bytes.value_or(Bytes{});
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
    const auto read = decode_fragment(stored(*log, one));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->id, one.header.id);
    EXPECT_EQ(read->samples.size(), 5U);
  }
}

TEST_F(FootageLogTest, only_the_extents_that_the_index_does_not_know_whole_are_read) {
  KnownLog known;
  std::vector<LoggedFragment> all;
  {
    auto log = open();
    for (int i = 0; i < 60; ++i) {
      for (auto& one : write(*log, 7, start_us + i * 500'000)) all.push_back(std::move(one));
      ASSERT_TRUE(log->sync());
    }
    ASSERT_GT(log->extents().size(), 4U);
    known.extents = log->settled(0);
    EXPECT_EQ(known.extents.size(), log->extents().size() - 1);
    known.last_extent = known.extents.back().sequence;
    known.from_group = known.extents[2].first_group + 1;  // in the third
    known.extent_bytes = log->extent_bytes();
    known.log = log->id();
  }
  damage(0, 8000);  // what is known is not looked at again
  auto log = open(known);
  const auto first = (known.extents[2].first_group - 1) * 7;
  expect_same(found_, {all.begin() + static_cast<std::ptrdiff_t>(first), all.end()});
  EXPECT_EQ(log->extents().size(), known.extents.size() + 1);
  EXPECT_EQ(write(*log, 7, start_us + 60 * 500'000)[2].header.id.sequence, 61U);
  // An extent that the index gave up, and whose head was not yet zeros, is free.
  const auto before = log->extents().size();
  log.reset();
  known.extents.erase(known.extents.begin());
  log = open(known);
  EXPECT_EQ(log->extents().size(), before - 1);
  EXPECT_EQ(log->free_files(), 1U);
}

TEST_F(FootageLogTest, a_stream_goes_on_where_another_log_or_the_index_ended) {
  auto log = open();
  const Digest chain{7};
  log->continue_stream(camera(4), {100, chain});
  const auto first = write(*log, 5, start_us)[4];
  EXPECT_EQ(first.header.id.sequence, 100U);
  EXPECT_EQ(first.header.previous_chain, chain);
  log->continue_stream(camera(4), {50, {}});  // what is older says nothing
  EXPECT_EQ(log->next_sequence(camera(4)), 101U);
}

TEST_F(FootageLogTest, a_stored_fragment_is_taken_over_as_it_is) {
  auto log = open();
  const auto one = write(*log, 3, start_us)[2];
  const auto bytes = stored(*log, one);
  ASSERT_TRUE(log->add_stored(one.header, ByteView(bytes).subspan(fragment_header_bytes)));
  const auto copy = log->write();
  ASSERT_TRUE(copy) << copy.error().message;
  EXPECT_NE(copy->fragments[0].place, one.place);
  EXPECT_EQ(stored(*log, copy->fragments[0]), bytes);
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
  damage(0, last[3].place.at + fragment_header_bytes + 100);
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
  damage(0, second[0].place.at - log_block_bytes + group_headers_at + 50);
  auto log = open();
  EXPECT_EQ(found_.size(), 2U);
  // A group of the same length in its place: the one behind it would be the next, but for the
  // chain.
  const auto again = write(*log, 2, start_us + 7'000'000);
  EXPECT_EQ(again[0].place, second[0].place);
  ASSERT_TRUE(log->sync());
  log.reset();
  log = open();
  EXPECT_EQ(found_.size(), 4U);
  EXPECT_EQ(found_.back().header.start_us, start_us + 7'000'000);
}

TEST_F(FootageLogTest, a_released_extent_is_written_again_and_its_footage_stays_gone) {
  auto log = open();
  log->set_may_make(3);
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
  ASSERT_TRUE(log->release(log->extents().front().sequence));
  const auto written = log->write();  // the group that was refused
  ASSERT_TRUE(written) << written.error().message;
  ASSERT_TRUE(log->sync());
  EXPECT_EQ(written->fragments.front().header.previous_chain, all.back().header.chain);
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
  const auto dropped = log->drop();
  ASSERT_EQ(dropped.size(), 1U);
  EXPECT_EQ(dropped[0].start_us, start_us + 500'000);
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
