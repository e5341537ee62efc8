// The product's ONVIF client against the simulated cameras, over real sockets: what is asked,
// set, moved and found.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/onvif/discovery.hpp>
#include <vonglau/onvif/enrolment.hpp>
#include <vonglau/onvif/events.hpp>
#include <vonglau/sim/cameras.hpp>

namespace vl::sim {
namespace {

using onvif::Device;

CameraSpec camera(std::string code, std::string user, std::string password) {
  CameraSpec out;
  out.code = std::move(code);
  out.user = std::move(user);
  out.password = std::move(password);
  return out;
}

class OnvifCameras : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string folder = (std::filesystem::temp_directory_path() / "vl-onvif-XXXXXX").string();
    folder_ = ::mkdtemp(folder.data());
    start();
  }
  void TearDown() override {
    simulator_.reset();
    std::filesystem::remove_all(folder_);
  }
  void start() {
    CamerasConfig config;
    config.clip_folder = folder_;
    config.scenes = {{Layout::straight_road, Light::day, 5, 4}};
    config.onvif_port = 0;
    config.cameras = {camera("PTZ-1", "admin", "s3cret & <pass>"),
                      camera("NEW-1", "admin", "admin"), camera("FIX-1", "admin", "12345"),
                      camera("WEB-1", "viewer", "web-pass")};
    config.cameras[0].live = config.cameras[0].ptz = true;
    config.cameras[1].clock_offset_s = -95;
    config.cameras[2].fixed_password = true;
    config.cameras[3].http_digest = true;
    config.cameras[2].storage_s = 60;
    simulator_ = std::make_unique<CameraSimulator>(std::move(config), clock_);
    const auto started = simulator_->start();
    ASSERT_TRUE(started) << started.error().message;
  }
  std::unique_ptr<Device> device(const std::string& code, std::string user, std::string password) {
    return std::make_unique<Device>(*onvif::parse_address(simulator_->onvif_address(code)),
                                    onvif::Login{std::move(user), std::move(password)}, clock_);
  }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 900; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  SystemClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<CameraSimulator> simulator_;
};

TEST_F(OnvifCameras, WithBothKindsOfDigestTheRightPasswordOpensAndAnotherDoesNot) {
  EXPECT_TRUE(device("PTZ-1", "admin", "s3cret & <pass>")->information());
  EXPECT_TRUE(device("WEB-1", "viewer", "web-pass")->information());
  for (const auto* code : {"PTZ-1", "WEB-1"}) {
    const auto refused = device(code, "viewer", "wrong")->information();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code.name, "onvif.wrong_password") << code;
  }
}

TEST_F(OnvifCameras, EnrolmentFindsStreamsSetsTheClockAndReplacesThePassword) {
  auto camera = device("NEW-1", "admin", "admin");
  const auto done = enrol(*camera, {{"admin", "admin"}, "q7Xv-new-password"});
  ASSERT_TRUE(done.outcome) << done.outcome.error().message;
  EXPECT_TRUE(done.rotated);
  EXPECT_EQ(done.outcome->main_url, simulator_->main_url("NEW-1"));
  EXPECT_EQ(done.outcome->sub_url, simulator_->sub_url("NEW-1"));
  EXPECT_EQ(done.outcome->information.model, "Sim 720");
  EXPECT_EQ(done.outcome->profiles.size(), 2U);
  EXPECT_FALSE(done.outcome->ptz);
  EXPECT_NEAR(static_cast<double>(done.outcome->clock_offset_ms), -95'000, 1'500);
  EXPECT_TRUE(done.outcome->clock_set);
  const auto left_us = camera->clock_offset_us();
  ASSERT_TRUE(left_us);
  EXPECT_LT(std::abs(*left_us), 1'500'000);
  EXPECT_FALSE(device("NEW-1", "admin", "admin")->information());
  EXPECT_TRUE(device("NEW-1", "admin", "q7Xv-new-password")->information());
}

TEST_F(OnvifCameras, EnrolmentFindsWhereItsOwnStorageIsPlayedFrom) {
  auto with = device("FIX-1", "admin", "12345");
  const auto done = enrol(*with, {{"admin", "12345"}, std::nullopt});
  ASSERT_TRUE(done.outcome) << done.outcome.error().message;
  ASSERT_TRUE(done.outcome->replay_url);
  EXPECT_EQ(*done.outcome->replay_url, simulator_->replay_url("FIX-1"));
  auto without = device("WEB-1", "viewer", "web-pass");
  const auto other = enrol(*without, {{"viewer", "web-pass"}, std::nullopt});
  ASSERT_TRUE(other.outcome) << other.outcome.error().message;
  EXPECT_FALSE(other.outcome->replay_url);
  // A card that was taken out is none.
  ASSERT_TRUE(simulator_->set_fault("FIX-1", {FaultKind::no_storage}));
  const auto uri = with->replay_uri();
  ASSERT_TRUE(uri) << uri.error().message;
  EXPECT_FALSE(*uri);
}

TEST_F(OnvifCameras, AnEnrolmentThatWasCutOffIsDoneAgainWithThePasswordItHadSet) {
  auto before = device("NEW-1", "admin", "admin");
  ASSERT_TRUE(before->set_password({"admin", "Administrator"}, "set-by-the-first"));
  auto camera = device("NEW-1", "admin", "admin");
  const auto done = enrol(*camera, {{"admin", "admin"}, "set-by-the-first"});
  ASSERT_TRUE(done.outcome) << done.outcome.error().message;
  EXPECT_TRUE(done.rotated);
  auto wrong = device("NEW-1", "admin", "x");
  const auto refused = enrol(*wrong, {{"admin", "x"}, "y"});
  EXPECT_EQ(refused.outcome.error().code.name, "onvif.wrong_password");
  EXPECT_FALSE(refused.rotated);
}

TEST_F(OnvifCameras, ACameraThatKeepsItsPasswordIsSaidAndNothingElseChanges) {
  auto camera = device("FIX-1", "admin", "12345");
  const auto done = enrol(*camera, {{"admin", "12345"}, "another-password"});
  ASSERT_FALSE(done.outcome);
  EXPECT_EQ(done.outcome.error().code.name, "onvif.not_rotated");
  EXPECT_FALSE(done.rotated);
  EXPECT_TRUE(device("FIX-1", "admin", "12345")->information());
}

TEST_F(OnvifCameras, ANewPasswordOutlivesARestartOfTheCamera) {
  ASSERT_TRUE(
      device("NEW-1", "admin", "admin")->set_password({"admin", "Administrator"}, "after-restart"));
  simulator_.reset();
  start();
  EXPECT_TRUE(device("NEW-1", "admin", "after-restart")->information());
  EXPECT_FALSE(device("NEW-1", "admin", "admin")->information());
}

TEST_F(OnvifCameras, ItMovesWhileToldToAndStopsByItself) {
  auto camera = device("PTZ-1", "admin", "s3cret & <pass>");
  ASSERT_TRUE(camera->move({0.5, 0, 0}, 400));
  EXPECT_TRUE(camera->ptz_status()->moving);
  ASSERT_TRUE(eventually([&] { return !camera->ptz_status()->moving; }));
  const auto at = camera->ptz_status()->at;
  EXPECT_NEAR(at.pan, 0.5 * 0.6 * 0.4, 0.01);
  EXPECT_EQ(at.tilt, 0);
  ASSERT_TRUE(camera->move({0, 0, 1}, 60'000));
  ASSERT_TRUE(camera->stop());
  EXPECT_FALSE(camera->ptz_status()->moving);
}

TEST_F(OnvifCameras, PresetsAreSavedGoneToAndRemovedAndHomeIsWhereItWasSet) {
  auto camera = device("PTZ-1", "admin", "s3cret & <pass>");
  ASSERT_TRUE(camera->move({1, 0, 0}, 300));
  ASSERT_TRUE(eventually([&] { return !camera->ptz_status()->moving; }));
  const auto saved_at = camera->ptz_status()->at;
  const auto token = camera->save_preset("Cổng chính <1>");
  ASSERT_TRUE(token) << token.error().message;
  ASSERT_EQ(camera->presets()->size(), 1U);
  EXPECT_EQ(camera->presets()->front().name, "Cổng chính <1>");
  ASSERT_TRUE(camera->go_home());
  ASSERT_TRUE(eventually([&] { return camera->ptz_status()->at.pan == 0; }));
  ASSERT_TRUE(camera->go_to(*token));
  ASSERT_TRUE(eventually([&] { return !camera->ptz_status()->moving; }));
  EXPECT_NEAR(camera->ptz_status()->at.pan, saved_at.pan, 0.001);
  ASSERT_TRUE(camera->set_home());
  ASSERT_TRUE(camera->remove_preset(*token));
  EXPECT_EQ(camera->go_to(*token).error().code.name, "onvif.refused");
  EXPECT_TRUE(camera->presets()->empty());
}

TEST_F(OnvifCameras, ACameraWithoutMotorsSaysSo) {
  const auto moved = device("NEW-1", "admin", "admin")->move({1, 0, 0}, 100);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().code.name, "onvif.not_supported");
}

TEST_F(OnvifCameras, TheyTellWhenSomethingBeginsAndEndsToMove) {
  ASSERT_TRUE(eventually([&] { return simulator_->whole_clips() == 1; }));
  auto camera = device("NEW-1", "admin", "admin");
  const auto point = subscribe_motion(*camera, 60);
  ASSERT_TRUE(point) << point.error().message;
  std::size_t total = 0;
  std::vector<onvif::MotionEvent> all;
  // The clip begins anew every few seconds.
  ASSERT_TRUE(eventually([&] {
    const auto pulled = pull_motion(*camera, *point, total);
    if (!pulled) return false;
    all.insert(all.end(), pulled->begin(), pulled->end());
    return all.size() >= 3;
  }));
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_NE(all[i].moving, all[i - 1].moving) << i;
    EXPECT_GT(all[i].at.us, all[i - 1].at.us) << i;
    EXPECT_LT(all[i].at.us - all[i - 1].at.us, 6'000'000) << i;
  }
  // Its clock is 95 s behind, and it tells by that.
  EXPECT_LT(all.back().at.us, clock_.wall().us - 80'000'000);
  ASSERT_TRUE(renew(*camera, *point, 60));
  ASSERT_TRUE(simulator_->set_fault("NEW-1", {FaultKind::black}));
  ASSERT_TRUE(eventually([&] {
    const auto pulled = pull_motion(*camera, *point, total);
    if (pulled) all.insert(all.end(), pulled->begin(), pulled->end());
    return !all.back().moving;
  })) << "in a black picture nothing moves";
  ASSERT_TRUE(unsubscribe(*camera, *point));
  EXPECT_EQ(pull_motion(*camera, *point, total).error().code.name, "onvif.refused");
}

TEST_F(OnvifCameras, AProbeOnTheLocalNetworkFindsThem) {
  // A port of its own: the well-known one may have other cameras on it.
  simulator_.reset();
  std::uint16_t port = 0;
  for (std::uint16_t at = 34'017; at < 34'117 && port == 0; ++at) {
    CamerasConfig config;
    config.clip_folder = folder_;
    config.scenes = {{Layout::straight_road, Light::day, 5, 4}};
    config.onvif_port = 0;
    config.discovery_port = at;
    config.cameras = {camera("PTZ-1", "admin", "x"), camera("NEW-1", "admin", "x")};
    simulator_ = std::make_unique<CameraSimulator>(std::move(config), clock_);
    if (simulator_->start()) port = at;
  }
  ASSERT_NE(port, 0);
  const auto found = onvif::discover({.port = port, .wait_ms = 1'500});
  ASSERT_TRUE(found) << found.error().message;
  std::vector<std::string> addresses;
  for (const auto& one : *found) addresses.push_back(one.address);
  for (const auto* code : {"PTZ-1", "NEW-1"})
    EXPECT_NE(std::ranges::find(addresses, simulator_->onvif_address(code)), addresses.end())
        << code;
  for (const auto& one : *found) EXPECT_EQ(one.hardware, "Sim 720");
}

}  // namespace
}  // namespace vl::sim
