// A recorder with simulated cameras: those of a suite are drawn once.
#pragma once

#include <vonglau/recording/footage_view.hpp>
#include <vonglau/sim/cameras.hpp>

#include "recorder_fixture.hpp"

namespace vl::recorder {

inline constexpr std::int64_t second_us = 1'000'000;

class SimulatedCameras : public RecorderFixture {
 protected:
  static void start_cameras(std::size_t count, std::int64_t storage_s) {
    std::string pattern = (fs::temp_directory_path() / "vl-cameras-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    auto config = sim::demonstration_cameras(count, 0, 7, "viewer", "s3cret pass");
    config.scenes = {{sim::Layout::straight_road, sim::Light::day, 5, 4}};
    for (auto& camera : config.cameras) {
      camera.clip = 0;
      camera.storage_s = storage_s;
    }
    config.clip_folder = folder_ + "/clips";
    cameras_ = std::make_unique<sim::CameraSimulator>(config, clock_);
    const auto started = cameras_->start();
    ASSERT_TRUE(started) << started.error().message;
    for (int i = 0; i < 2400 && cameras_->whole_clips() < 1; ++i) std::this_thread::sleep_for(50ms);
    ASSERT_EQ(cameras_->whole_clips(), 1U);
  }
  static void TearDownTestSuite() {
    cameras_.reset();
    fs::remove_all(folder_);
  }
  void TearDown() override {
    RecorderFixture::TearDown();
    ASSERT_TRUE(cameras_->clear_fault("all"));
  }

  static std::string code_of(std::size_t camera) { return cameras_->config().cameras[camera].code; }
  static void inject(std::size_t camera, sim::FaultKind kind, double amount = 0) {
    const auto done = cameras_->set_fault(code_of(camera), {kind, amount, 0});
    ASSERT_TRUE(done) << done.error().message;
  }
  static void clear(std::size_t camera) { ASSERT_TRUE(cameras_->clear_fault(code_of(camera))); }
  static node::CameraAssignment assigned(std::size_t camera) {
    node::CameraAssignment out;
    out.id = id_of(camera);
    out.main_url = cameras_->main_url(code_of(camera));
    out.login = "viewer";
    out.password = "s3cret pass";
    out.retention_days = 7;
    out.replay_url = cameras_->replay_url(code_of(camera));
    return out;
  }
  void assign(std::size_t count) {
    node::Assignment assignment;
    assignment.revision = 1;
    for (std::size_t i = 0; i < count; ++i) assignment.cameras.push_back(assigned(i));
    recorder_->assign(assignment);
  }
  std::vector<recording::Gap> missing(std::size_t camera) {
    const recording::FootageView view(recorder_->store());
    return view.gaps(main_of(camera), 0, clock_.wall().us + 1)
        .value_or(std::vector<recording::Gap>{});
  }
  std::vector<recording::Gap> recorded_gaps(std::size_t camera) {
    return recorder_->store()
        .gaps(main_of(camera), 0, clock_.wall().us + 1)
        .value_or(std::vector<recording::Gap>{});
  }
  CameraNow now(std::size_t camera) {
    for (auto& one : recorder_->cameras())
      if (one.id == id_of(camera)) return one;
    return {};
  }
  bool streams(std::size_t camera) { return now(camera).online && now(camera).main.playing; }

  static inline std::string folder_;
  static inline std::unique_ptr<sim::CameraSimulator> cameras_;
};

}  // namespace vl::recorder
