#include <algorithm>

#include <gtest/gtest.h>

#include <vonglau/recording/stream_recorder.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;

struct Made final : FragmentSink {
  std::vector<NewFragment> fragments;
  std::vector<Gap> gaps;
  void on_fragment(NewFragment&& fragment) override { fragments.push_back(std::move(fragment)); }
  void on_gap(const StreamKey&, const Gap& gap) override { gaps.push_back(gap); }
};

class Recording : public ::testing::Test {
 protected:
  /// 25 pictures a second, a key every `group`.
  void play(int pictures, int group = 50) {
    for (int i = 0; i < pictures; ++i, ++count_, at_us_ += 40'000)
      recorder_.add(sample(camera(1), at_us_, 400, count_ % group == 0));
  }
  Made made_;
  StreamRecorder recorder_{camera(1), made_};
  std::int64_t at_us_ = start_us;
  int count_ = 0;
};

TEST_F(Recording, CutsFragmentsThatMeetAndLoseNoSample) {
  recorder_.begin(start_us, std::nullopt);
  play(250);
  recorder_.flush();
  std::size_t samples = 0;
  for (std::size_t i = 0; i < made_.fragments.size(); ++i) {
    const auto& one = made_.fragments[i];
    EXPECT_LE(one.end_us - one.start_us, most_fragment_us);
    EXPECT_EQ(one.start_us, i == 0 ? start_us : made_.fragments[i - 1].end_us);
    samples += one.samples.size();
  }
  EXPECT_EQ(samples, 250u);
  EXPECT_EQ(made_.fragments.back().end_us, start_us + 10'000'000);
  EXPECT_TRUE(made_.gaps.empty());
}

TEST_F(Recording, BeginsAFragmentAtEveryKeyPicture) {
  play(250);
  recorder_.flush();
  std::size_t keys_inside = 0;
  std::size_t keys_first = 0;
  for (const auto& one : made_.fragments)
    for (std::size_t i = 0; i < one.samples.size(); ++i)
      if (one.samples[i]->is_key) ++(i == 0 ? keys_first : keys_inside);
  EXPECT_EQ(keys_first, 5u);
  EXPECT_EQ(keys_inside, 0u);
}

TEST_F(Recording, CutsLargePicturesBySize) {
  for (int i = 0; i < 25; ++i, at_us_ += 40'000)
    recorder_.add(sample(camera(1), at_us_, 2'000'000, i == 0));
  recorder_.flush();
  for (const auto& one : made_.fragments) EXPECT_LE(one.samples.size(), 3u);
}

TEST_F(Recording, AStalledFragmentIsClosedByTheClock) {
  play(3);
  recorder_.tick(start_us + 500'000);
  EXPECT_TRUE(made_.fragments.empty());
  recorder_.tick(start_us + 600'000);
  ASSERT_EQ(made_.fragments.size(), 1u);
  EXPECT_EQ(made_.fragments[0].end_us, start_us + 120'000);
}

TEST_F(Recording, APacketLossIsAGapFromTheLastGoodPictureToTheNext) {
  play(30);
  const auto end_us = at_us_;
  recorder_.missing(GapCause::packets_lost, "7 packets");
  at_us_ += 240'000;
  play(30);
  recorder_.flush();
  EXPECT_EQ(made_.gaps,
            (std::vector{Gap{end_us, end_us + 240'000, GapCause::packets_lost, "7 packets"}}));
}

TEST_F(Recording, ALostConnectionIsAGapUntilTheNextFragment) {
  play(30);
  const auto end_us = at_us_;
  recorder_.interrupted(GapCause::connection_reset, "reset", at_us_ + 3'000'000);
  recorder_.interrupted(GapCause::camera_unreachable, "no route", at_us_ + 5'000'000);
  ASSERT_EQ(made_.gaps.size(), 2u);
  EXPECT_EQ(made_.gaps[0].start_us, end_us);
  EXPECT_FALSE(made_.gaps[0].end_us);
  EXPECT_EQ(made_.gaps[1].start_us, end_us + 5'000'000);
  recorder_.connected(2);
  at_us_ += 9'000'000;
  play(30);
  recorder_.flush();
  EXPECT_EQ(made_.gaps.size(), 2u) << "the store ends it where the next fragment begins";
  EXPECT_EQ(made_.fragments.back().session, 2u);
}

TEST_F(Recording, AHoleThatNobodyExplainedIsCalledThat) {
  play(30);
  const auto end_us = at_us_;
  at_us_ += 2'000'000;
  play(30);
  recorder_.flush();
  ASSERT_EQ(made_.gaps.size(), 1u);
  EXPECT_EQ(made_.gaps[0].start_us, end_us);
  EXPECT_EQ(made_.gaps[0].end_us, end_us + 2'000'000);
  EXPECT_EQ(made_.gaps[0].cause, GapCause::unexplained);
}

TEST_F(Recording, ASlowCameraHasNoGaps) {
  recorder_.begin(start_us, std::nullopt);
  for (int i = 0; i < 20; ++i, at_us_ += 900'000) {
    recorder_.add(sample(camera(1), at_us_, 400, true));
    recorder_.tick(at_us_ + 700'000);
  }
  recorder_.flush();
  EXPECT_EQ(made_.fragments.size(), 20u);
  EXPECT_LE(std::ranges::count(made_.gaps, GapCause::unexplained, &Gap::cause), 1);
}

TEST_F(Recording, AClockSetBackBeginsANewFragment) {
  play(10);
  at_us_ -= 3'600'000'000;
  play(10);
  recorder_.flush();
  ASSERT_EQ(made_.fragments.size(), 2u);
  EXPECT_LT(made_.fragments[1].start_us, made_.fragments[0].start_us);
  EXPECT_TRUE(made_.gaps.empty());
}

}  // namespace
}  // namespace vl::recording
