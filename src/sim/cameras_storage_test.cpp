// What a simulated camera stores itself, fetched over real sockets by the product's own client.
#include "cameras_storage.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vonglau/rtsp/replay.hpp>
#include <vonglau/sim/cameras.hpp>

#include "cameras_test_client.hpp"

namespace vl::sim {
namespace {

constexpr std::int64_t second_us = 1'000'000;

struct Kept final : rtsp::ReplaySink {
  std::vector<media::Sample> samples;
  std::size_t most = ~std::size_t{0};
  std::atomic<bool> wanted = true;
  bool on_sample(media::Sample&& sample) override {
    samples.push_back(std::move(sample));
    return samples.size() < most;
  }
  bool goes_on() override { return wanted; }
};

class StoredByCameras : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string folder = (std::filesystem::temp_directory_path() / "vl-storage-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    CamerasConfig c;
    c.scenes = {{Layout::straight_road, Light::day, 5, 4}};
    c.clip_folder = folder_;
    for (const char* code : {"CAM-001", "CAM-002", "CAM-003"}) {
      CameraSpec camera;
      camera.code = code;
      camera.user = "viewer";
      camera.password = "s3cret pass";
      camera.storage_s = camera.code == "CAM-003" ? 0 : 600;
      c.cameras.push_back(camera);
    }
    simulator_ = std::make_unique<CameraSimulator>(c, clock_);
    ASSERT_TRUE(simulator_->start());
    for (int i = 0; i < 1200 && simulator_->whole_clips() < 1; ++i) pause_ms(100);
    ASSERT_EQ(simulator_->whole_clips(), 1U);
  }
  static void TearDownTestSuite() {
    simulator_.reset();
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { ASSERT_TRUE(simulator_->clear_fault("all")); }
  static void pause_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

  static rtsp::ReplayRequest asked(const std::string& code, std::int64_t from_us,
                                   std::int64_t to_us) {
    auto url = simulator_->replay_url(code).value_or(
        simulator_->main_url("CAM-003").substr(0, 0) +
        "rtsp://127.0.0.1:" + std::to_string(simulator_->port()) + "/" + code + "/replay");
    return {{std::move(url), rtsp::Credentials{"viewer", "s3cret pass"}}, from_us, to_us};
  }
  static Result<rtsp::ReplayOutcome> fetch(const rtsp::ReplayRequest& request, Kept& kept,
                                           rtsp::ReplayLimits limits = {}) {
    return rtsp::replay(request, limits, clock_, kept);
  }
  /// Every picture of the time, once, 1/15 s apart, from the key picture before it.
  static void expect_whole(const Kept& kept, std::int64_t from_us, std::int64_t to_us) {
    ASSERT_FALSE(kept.samples.empty());
    EXPECT_TRUE(kept.samples.front().is_key);
    EXPECT_LE(kept.samples.front().wall_us, from_us);
    EXPECT_GE(kept.samples.front().wall_us, from_us - second_us - second_us / 10);
    EXPECT_GE(kept.samples.back().wall_us, to_us - second_us / 10);
    EXPECT_LT(kept.samples.back().wall_us, to_us);
    for (std::size_t i = 1; i < kept.samples.size(); ++i)
      EXPECT_NEAR(static_cast<double>(kept.samples[i].wall_us - kept.samples[i - 1].wall_us),
                  second_us / 15.0, 3);
  }

  static inline SystemClock clock_;
  static inline std::string folder_;
  static inline std::unique_ptr<CameraSimulator> simulator_;
};

TEST_F(StoredByCameras, AStretchComesWholeFromItsKeyPictureWithItsOwnTimes) {
  pause_ms(3000);
  const auto now_us = clock_.wall().us;
  Kept kept;
  const auto outcome =
      fetch(asked("CAM-001", now_us - 2 * second_us, now_us - second_us / 2), kept);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_TRUE(outcome->reached_end);
  EXPECT_EQ(outcome->lost_packets, 0u);
  expect_whole(kept, now_us - 2 * second_us, now_us - second_us / 2);
}

TEST_F(StoredByCameras, WhileTheLineIsDownItGoesOnAndWithoutPowerItDoesNot) {
  const auto down_us = clock_.wall().us;
  ASSERT_TRUE(simulator_->set_fault("CAM-001", {FaultKind::refuse}));
  ASSERT_TRUE(simulator_->set_fault("CAM-002", {FaultKind::power}));
  Kept nothing;
  const auto refused = fetch(asked("CAM-001", down_us - second_us, down_us), nothing);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, code_of(rtsp::ReplayError::unreachable));
  pause_ms(3000);
  const auto up_us = clock_.wall().us;
  ASSERT_TRUE(simulator_->clear_fault("all"));
  pause_ms(1200);
  Kept with_line;
  ASSERT_TRUE(fetch(asked("CAM-001", down_us, up_us), with_line));
  expect_whole(with_line, down_us, up_us);
  Kept with_power;
  const auto power = fetch(asked("CAM-002", down_us, up_us + second_us), with_power);
  ASSERT_TRUE(power) << power.error().message;
  std::int64_t hole_us = 0;
  for (std::size_t i = 1; i < with_power.samples.size(); ++i)
    hole_us = std::max(hole_us, with_power.samples[i].wall_us - with_power.samples[i - 1].wall_us);
  EXPECT_GT(hole_us, up_us - down_us - second_us / 2) << "a hole, and both its ends true";
}

TEST_F(StoredByCameras, WhoHasNothingOfThatTimeOrNoCardSaysSo) {
  const auto now_us = clock_.wall().us;
  Kept kept;
  const auto old =
      fetch(asked("CAM-001", now_us - 7200 * second_us, now_us - 7100 * second_us), kept);
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().code, code_of(rtsp::ReplayError::no_footage));
  const auto without = fetch(asked("CAM-003", now_us - second_us, now_us), kept);
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().code, code_of(rtsp::ReplayError::no_footage));
  EXPECT_FALSE(simulator_->replay_url("CAM-003"));
  ASSERT_TRUE(simulator_->set_fault("CAM-001", {FaultKind::no_storage}));
  EXPECT_FALSE(fetch(asked("CAM-001", now_us - second_us, now_us), kept));
  auto live = asked("CAM-001", now_us - second_us, now_us);
  live.source.url = simulator_->main_url("CAM-002");
  const auto offered = fetch(live, kept);
  ASSERT_FALSE(offered);
  EXPECT_EQ(offered.error().code, code_of(rtsp::ReplayError::not_offered))
      << offered.error().message;
  auto stranger = asked("CAM-002", now_us - second_us, now_us);
  stranger.source.credentials->password = "guess";
  const auto refused = fetch(stranger, kept);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, code_of(rtsp::ReplayError::refused));
  EXPECT_TRUE(kept.samples.empty());
}

TEST_F(StoredByCameras, IsReadNoFasterThanAskedAndEndsWhenNobodyWantsItAnyMore) {
  pause_ms(3500);
  const auto now_us = clock_.wall().us;
  Kept slow;
  const auto begun_us = clock_.mono().us;
  const auto paced = fetch(asked("CAM-001", now_us - 2 * second_us, now_us - second_us / 2), slow,
                           {.bytes_a_second = 200'000});
  ASSERT_TRUE(paced) << paced.error().message;
  const auto took_us = clock_.mono().us - begun_us;
  EXPECT_GT(took_us * 200'000 / second_us,
            static_cast<std::int64_t>(paced->bytes) * 8 / 10 - 65'536);
  Kept three;
  three.most = 3;
  const auto enough = fetch(asked("CAM-001", now_us - 2 * second_us, now_us), three);
  ASSERT_TRUE(enough);
  EXPECT_FALSE(enough->reached_end);
  EXPECT_EQ(three.samples.size(), 3u);
  Kept unwanted;
  unwanted.wanted = false;
  const auto stopped = fetch(asked("CAM-001", now_us - 2 * second_us, now_us), unwanted);
  EXPECT_TRUE(!stopped || !stopped->reached_end);
}

TEST_F(StoredByCameras, AClockThatJumpsIsTheClockItIsAskedBy) {
  ASSERT_TRUE(simulator_->set_fault("CAM-002", {FaultKind::clock_jump, 3600}));
  pause_ms(2500);
  const auto camera_us = clock_.wall().us + 3600 * second_us;
  Kept kept;
  ASSERT_TRUE(
      fetch(asked("CAM-002", camera_us - 3 * second_us / 2, camera_us - second_us / 2), kept));
  ASSERT_FALSE(kept.samples.empty());
  EXPECT_GE(kept.samples.front().camera_us, camera_us - 3 * second_us);
  ASSERT_TRUE(simulator_->set_fault("CAM-002", {FaultKind::clock_jump, -3600}));
}

TEST_F(StoredByCameras, PlainPlayOfAReplayAddressIsRefused) {
  TestClient client(simulator_->port(), *simulator_->replay_url("CAM-001"), "viewer",
                    "s3cret pass");
  EXPECT_FALSE(client.play());
}

TEST_F(StoredByCameras, AllCamerasFailAtOnceOnOneCommand) {
  EXPECT_EQ(run_control_line(*simulator_, "fault all refuse"), "ok\n");
  for (const auto& camera : simulator_->status()) EXPECT_EQ(camera.fault, FaultKind::refuse);
  EXPECT_EQ(run_control_line(*simulator_, "clear all"), "ok\n");
  for (const auto& camera : simulator_->status()) EXPECT_EQ(camera.fault, FaultKind::none);
}

}  // namespace
}  // namespace vl::sim
