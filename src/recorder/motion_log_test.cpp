#include "motion_log.hpp"

#include <gtest/gtest.h>

namespace vl::recorder {
namespace {

namespace fs = std::filesystem;
constexpr std::int64_t second = 1'000'000, day = 86'400 * second;
constexpr std::int64_t begin = 20'000 * day + 3'600 * second;

class Motion : public ::testing::Test {
 protected:
  Motion() {
    std::string pattern = (fs::temp_directory_path() / "vl-motion-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    camera_.bytes[15] = 7;
    log_.emplace(folder_);
  }
  ~Motion() override { fs::remove_all(folder_); }
  std::vector<int> of(std::int64_t from_s, std::int64_t to_s, std::size_t parts) const {
    return log_->percentages(camera_, begin + from_s * second, begin + to_s * second, parts);
  }

  fs::path folder_;
  Uuid camera_;
  std::optional<MotionLog> log_;
};

using Parts = std::vector<int>;

TEST_F(Motion, EachSecondIsKnownToBeStillOrMovingOrIsNotKnown) {
  log_->mark(camera_, begin, begin + 10 * second, false);
  log_->mark(camera_, begin + 10 * second, begin + 15 * second, true);
  EXPECT_EQ(of(0, 20, 4), (Parts{0, 0, 100, -1}));
  EXPECT_EQ(of(0, 20, 2), (Parts{0, 100})) << "of what is known";
  EXPECT_EQ(of(5, 15, 1), (Parts{50}));
  EXPECT_TRUE(of(20, 40, 4).empty()) << "nothing is known at all";
  EXPECT_EQ(of(9, 11, 8), (Parts{0, 0, 0, 0, 100, 100, 100, 100})) << "finer than a second";
}

TEST_F(Motion, AMomentIsItsSecondAndStaysWhateverIsSaidOfTheRest) {
  log_->mark(camera_, begin + 500'000, begin + 500'001, true);
  log_->mark(camera_, begin, begin + 100 * second, false);
  EXPECT_EQ(of(0, 1, 1), (Parts{100}));
  EXPECT_EQ(of(0, 100, 1), (Parts{1}));
  EXPECT_EQ(of(0, 86'400, 1), (Parts{1})) << "one of a hundred known seconds";
}

TEST_F(Motion, DaysFollowEachOtherAndAreForgottenWhole) {
  const auto midnight = 20'001 * day;
  log_->mark(camera_, midnight - 3 * second, midnight + 3 * second, true);
  EXPECT_EQ(log_->percentages(camera_, midnight - 4 * second, midnight + 4 * second, 8),
            (Parts{-1, 100, 100, 100, 100, 100, 100, -1}));
  ASSERT_EQ(log_->cameras(), std::vector<Uuid>{camera_});
  log_->forget(camera_, midnight + second);
  EXPECT_EQ(log_->percentages(camera_, midnight - 4 * second, midnight + 4 * second, 8),
            (Parts{-1, -1, -1, -1, 100, 100, 100, -1}));
  log_->forget(camera_, midnight + day);
  EXPECT_TRUE(log_->cameras().empty());
}

TEST_F(Motion, ADayTakesTheSameRoomHoweverMuchIsTold) {
  for (int i = 0; i < 5'000; ++i)
    log_->mark(camera_, begin + i * second / 10, begin + i * second / 10 + 1, true);
  log_->mark(camera_, 20'000 * day, 20'001 * day, false);
  EXPECT_EQ(fs::file_size(folder_ / camera_.text() / "20000"), 21'600U);
  EXPECT_EQ(of(0, 500, 1), (Parts{100}));
  EXPECT_EQ(of(500, 600, 1), (Parts{0}));
}

TEST_F(Motion, WhatHasNoLengthOrAnotherCameraSaysNothing) {
  log_->mark(camera_, begin, begin, true);
  log_->mark(camera_, begin, begin - second, true);
  log_->mark(camera_, -5, 5, true);
  EXPECT_TRUE(of(0, 10, 5).empty());
  log_->mark(camera_, begin, begin + second, true);
  EXPECT_TRUE(log_->percentages(Uuid{}, begin, begin + second, 1).empty());
  EXPECT_TRUE(of(5, 5, 1).empty());
  EXPECT_TRUE(log_->percentages(camera_, -2 * second, begin + second, 4).empty());
}

}  // namespace
}  // namespace vl::recorder
