// The client against our own camera simulator: every fault that it knows, and many at once.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/rtsp/connections.hpp>
#include <vonglau/sim/cameras.hpp>

#include "connections_test_camera.hpp"
#include "decoding.hpp"

namespace vl::interop {
namespace {

using rtsp::Connections;
using rtsp::Credentials;
using rtsp::Hearing;
using rtsp::StopCause;
using sim::FaultKind;

constexpr std::size_t cameras = 50;

class Simulated : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::string folder = (std::filesystem::path(testing::TempDir()) / "vl-clips-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    sim::CamerasConfig config = sim::demonstration_cameras(cameras, 0, 1, "viewer", "s3cret pass");
    config.scenes = {{sim::Layout::straight_road, sim::Light::day, 5, 2}};
    for (auto& camera : config.cameras) camera.clip = 0;
    config.clip_folder = folder_;
    simulator_ = std::make_unique<sim::CameraSimulator>(std::move(config), clock_);
    const auto started = simulator_->start();
    ASSERT_TRUE(started) << started.error().message;
    // Drawing takes a while under sanitizers.
    for (int i = 0; i < 1200 && simulator_->whole_clips() < 1; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ASSERT_EQ(simulator_->whole_clips(), 1U);
  }
  static void TearDownTestSuite() {
    simulator_.reset();
    std::filesystem::remove_all(folder_);
  }
  void SetUp() override {
    rtsp::ConnectionOptions options;
    options.stall_ms = options.answer_timeout_ms = 3000;
    options.first_wait_ms = 100;
    options.longest_wait_ms = 500;
    options.refused_wait_ms = 500;
    connections_ = std::make_unique<Connections>(clock_, options);
  }
  void TearDown() override {
    connections_.reset();
    ASSERT_TRUE(simulator_->clear_fault(code));
  }

  static Credentials viewer() { return {"viewer", "s3cret pass"}; }
  void play() {
    const auto id = connections_->open({simulator_->sub_url(code), viewer()}, hearing);
    ASSERT_TRUE(id);
    id_ = *id;
    ASSERT_TRUE(hearing.wait_for_samples(5));
  }
  static void inject(FaultKind kind, double amount = 0, double duration_s = 0) {
    ASSERT_TRUE(simulator_->set_fault(code, {kind, amount, duration_s}));
  }
  void expect_playing_again() {
    EXPECT_TRUE(hearing.wait([](const Hearing::Heard& h) {
      return h.descriptions.size() >= 2 && h.order.back() == "sample";
    }));
  }
  bool wait_for_problem(rtsp::ProblemKind kind) {
    return hearing.wait([&](const Hearing::Heard& h) {
      return std::ranges::any_of(h.problems, [&](const auto& p) { return p.kind == kind; });
    });
  }

  static constexpr const char* code = "CAM-001";
  static SystemClock clock_;
  static std::string folder_;
  static std::unique_ptr<sim::CameraSimulator> simulator_;
  Hearing hearing;
  std::unique_ptr<Connections> connections_;
  Connections::Id id_ = 0;
};
SystemClock Simulated::clock_;
std::string Simulated::folder_;
std::unique_ptr<sim::CameraSimulator> Simulated::simulator_;

TEST_F(Simulated, what_comes_decodes) {
  play();
  ASSERT_TRUE(hearing.wait_for_samples(30));
  connections_->close(id_);
  const auto heard = hearing.heard();
  EXPECT_TRUE(heard.samples[0].is_key);
  EXPECT_TRUE(heard.problems.empty());
  const auto decoded = decode(heard.samples);
  EXPECT_EQ(decoded.frames, int(heard.samples.size()));
  EXPECT_EQ(decoded.complaints, "");
}

TEST_F(Simulated, a_stall_is_told_and_plays_again_when_it_is_over) {
  play();
  inject(FaultKind::stall);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::stalled));
  ASSERT_TRUE(simulator_->clear_fault(code));
  expect_playing_again();
}

TEST_F(Simulated, a_reset_is_told_and_plays_again_by_itself) {
  play();
  inject(FaultKind::reset);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::reset));
  expect_playing_again();
}

TEST_F(Simulated, a_camera_that_refuses_everybody_is_told_and_plays_again) {
  play();
  inject(FaultKind::refuse);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::reset));
  const auto attempts = connections_->state(id_)->attempts;
  ASSERT_TRUE(hearing.wait(
      [&](const auto&) { return connections_->state(id_)->attempts >= attempts + 2; }));
  EXPECT_EQ(hearing.heard().descriptions.size(), 1U);
  ASSERT_TRUE(simulator_->clear_fault(code));
  expect_playing_again();
}

TEST_F(Simulated, a_password_that_was_changed_is_told) {
  play();
  inject(FaultKind::wrong_password);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::authentication_refused));
  ASSERT_TRUE(simulator_->clear_fault(code));
  expect_playing_again();
}

TEST_F(Simulated, rubbish_between_packets_is_told_and_plays_again) {
  play();
  inject(FaultKind::garbage, 5000);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::bad_stream));
  expect_playing_again();
}

TEST_F(Simulated, lost_packets_are_told_and_the_connection_stays) {
  play();
  inject(FaultKind::skip, 0.2);
  EXPECT_TRUE(wait_for_problem(rtsp::ProblemKind::packets_lost));
  ASSERT_TRUE(simulator_->clear_fault(code));
  ASSERT_TRUE(hearing.wait_for_samples(hearing.heard().samples.size() + 5));
  ASSERT_TRUE(hearing.wait_for_ticks(2));
  EXPECT_GT(connections_->state(id_)->video.lost, 0U);
  EXPECT_TRUE(hearing.heard().stops.empty());
}

TEST_F(Simulated, a_jump_of_its_time_stamps_is_told_and_the_connection_stays) {
  play();
  inject(FaultKind::rtp_jump, 500);
  EXPECT_TRUE(wait_for_problem(rtsp::ProblemKind::timestamp_jump));
  ASSERT_TRUE(hearing.wait_for_samples(hearing.heard().samples.size() + 5));
  const auto heard = hearing.heard();
  EXPECT_TRUE(heard.stops.empty());
  for (std::size_t i = 1; i < heard.samples.size(); ++i)
    EXPECT_LT(heard.samples[i].pts - heard.samples[i - 1].pts, 10 * 90'000);
}

TEST_F(Simulated, a_jump_of_its_clock_shows_in_the_offset) {
  play();
  const auto offset = [&] { return connections_->state(id_)->camera_clock_offset_us; };
  ASSERT_TRUE(hearing.wait([&](const auto&) { return offset().has_value(); }));
  EXPECT_LT(std::abs(*offset()), 5'000'000);
  inject(FaultKind::clock_jump, 3600);
  EXPECT_TRUE(hearing.wait([&](const auto&) { return *offset() > 3'000'000'000; }));
  inject(FaultKind::clock_jump, -3600);
}

TEST_F(Simulated, fifty_at_once_play_while_one_of_them_floods) {
  std::vector<std::unique_ptr<Hearing>> hearings;
  inject(FaultKind::high_bit_rate, 20);
  for (const auto& camera : simulator_->config().cameras)
    ASSERT_TRUE(connections_->open({simulator_->sub_url(camera.code), viewer()},
                                   *hearings.emplace_back(std::make_unique<Hearing>()), 500));
  for (const auto& one : hearings) EXPECT_TRUE(one->wait_for_samples(25));
  connections_.reset();
  for (const auto& one : hearings) EXPECT_TRUE(one->heard().stops.empty());
}

}  // namespace
}  // namespace vl::interop
