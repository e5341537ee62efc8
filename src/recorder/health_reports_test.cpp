#include "health_reports.hpp"

#include <gtest/gtest.h>

namespace vl::recorder {
namespace {

class Reports : public ::testing::Test {
 protected:
  Reports() {
    for (int i = 0; i < 1065; ++i) {
      CameraNow camera;
      camera.id.bytes[0] = static_cast<std::uint8_t>(i / 256);
      camera.id.bytes[1] = static_cast<std::uint8_t>(i);
      camera.online = camera.main.playing = true;
      cameras_.push_back(camera);
    }
  }
  void run(int seconds) {
    for (int i = 0; i < seconds * 5; ++i) {
      clock_.advance_us(200'000);
      for (auto& camera : cameras_) {
        if (!camera.main.playing) continue;
        auto& video = camera.main.video;
        video.samples += 5;
        video.key_samples = video.samples / 50;
        video.packets += 50;
        video.bytes += 50'000;
      }
      if (reports_.due()) reports_.look(cameras_);
    }
  }

  ManualClock clock_;
  std::vector<CameraNow> cameras_;
  std::vector<node::CameraHealthItem> told_;
  HealthReports reports_{clock_, [this](const Uuid&) { return clock_.wall().us - 400'000; },
                         [this](const auto& item) { told_.push_back(item); }};
};

TEST_F(Reports, tell_all_once_a_minute_and_in_between_only_what_changed) {
  run(130);  // the windows are full: nothing changes any more
  told_.clear();
  run(60);
  std::size_t all = 0, changed = 0, largest = 0;
  for (const auto& item : told_) {
    (item.all ? all : changed) += item.cameras.size();
    largest = std::max(largest, item.cameras.size());
  }
  EXPECT_EQ(all, 1065U);
  EXPECT_EQ(changed, 0U);
  EXPECT_LE(largest, HealthReports::cameras_an_item);
  EXPECT_NEAR(told_.front().cameras.front().frame_rate_mhz, 25'000, 500);
  EXPECT_EQ(told_.front().cameras.front().stored_behind_ms, 400);
  run(8);
  told_.clear();
  cameras_[7].main.playing = false;
  run(10);
  ASSERT_EQ(told_.size(), 1U);
  ASSERT_EQ(told_[0].cameras.size(), 1U);
  EXPECT_EQ(told_[0].cameras[0].camera_id, cameras_[7].id);
  EXPECT_FALSE(told_[0].cameras[0].streams);
}

TEST_F(Reports, forget_cameras_that_are_taken_away) {
  run(20);
  cameras_.resize(1);
  told_.clear();
  run(60);
  for (const auto& item : told_) EXPECT_EQ(item.cameras.size(), 1U);
}

}  // namespace
}  // namespace vl::recorder
