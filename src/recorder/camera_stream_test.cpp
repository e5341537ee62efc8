// What the core hears of a camera, and when: time is made up, the spool is real.
#include "camera_stream.hpp"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>

namespace vl::recorder {
namespace {

using recording::GapCause;
using rtsp::StopCause;

struct Made final : recording::FragmentSink {
  std::vector<recording::NewFragment> fragments;
  std::vector<recording::Gap> gaps;
  void on_fragment(recording::NewFragment&& fragment) override {
    fragments.push_back(std::move(fragment));
  }
  void on_gap(const recording::StreamKey&, const recording::Gap& gap) override {
    gaps.push_back(gap);
  }
};

class Stream : public ::testing::Test {
 protected:
  Stream() {
    std::string pattern = (std::filesystem::temp_directory_path() / "vl-stream-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    spool_ = *node::Spool::open(folder_ + "/spool.db", clock_, ids_);
    reports_.emplace(*spool_, clock_, [] {});
    stream_.emplace(key_, &made_, &*reports_, clock_);
    stream_->begin(std::nullopt, std::nullopt);
  }
  ~Stream() override {
    stream_.reset();
    reports_.reset();
    spool_.reset();
    std::filesystem::remove_all(folder_);
  }

  void pass_us(std::int64_t us) {
    for (std::int64_t passed = 0; passed < us; passed += 100'000) {
      clock_.advance_us(100'000);
      stream_->on_tick(clock_.wall(), clock_.mono());
    }
  }
  void play(int pictures) {
    for (int i = 0; i < pictures; ++i) {
      clock_.advance_us(40'000);
      media::Sample sample;
      sample.is_key = picture_ % 25 == 0;
      sample.pts = picture_++ * 3600;
      sample.wall_us = clock_.wall().us;
      sample.bytes = Bytes(100, 1);
      sample.format = format_;
      stream_->on_sample(std::move(sample));
      stream_->on_tick(clock_.wall(), clock_.mono());
    }
  }
  void start() { stream_->on_playing({}); }

  /// "online", "offline stream_stalled", "gap ..." in order, once all have been spooled.
  std::vector<std::string> told() {
    // Ending the reports puts what waits.
    reports_.reset();
    std::vector<std::string> out;
    while (const auto batch = *spool_->next()) {
      for (const auto& item : batch->items) {
        std::string line = item.kind;
        if (const auto* cause = item.body.as_object().if_contains("cause"))
          line += " " + std::string(cause->as_string());
        out.push_back(line);
      }
      EXPECT_TRUE(spool_->acknowledged(batch->batch_id));
    }
    return out;
  }

  ManualClock clock_;
  SystemIdSource ids_{clock_};
  std::string folder_;
  std::unique_ptr<node::Spool> spool_;
  std::optional<CoreReports> reports_;
  Made made_;
  const recording::StreamKey key_{{}, recording::StreamKind::main};
  std::optional<CameraStream> stream_;
  std::shared_ptr<const media::TrackFormat> format_ = std::make_shared<const media::TrackFormat>(
      media::TrackFormat{.codec = media::Codec::h264,
                         .width = 640,
                         .height = 360,
                         .parameter_sets = {{0x67, 0x42, 0, 0x1e}, {0x68, 4}}});
  std::int64_t picture_ = 0;
};

using Told = std::vector<std::string>;

TEST_F(Stream, is_told_online_once_with_its_first_picture) {
  start();
  pass_us(1'000'000);
  play(100);
  EXPECT_EQ(told(), (Told{"camera.online"}));
}

TEST_F(Stream, a_short_break_is_a_gap_on_disk_and_no_event) {
  start();
  play(50);
  stream_->on_stopped(StopCause::reset, "");
  pass_us(1'000'000);
  start();
  play(50);
  EXPECT_EQ(told(), (Told{"camera.online"}));
  ASSERT_EQ(made_.gaps.size(), 2U);  // the first: until its first picture
  EXPECT_EQ(made_.gaps[1].cause, GapCause::connection_reset);
}

TEST_F(Stream, a_longer_break_is_told_with_its_cause_and_its_gap_once_it_ends) {
  start();
  play(50);
  stream_->on_stopped(StopCause::reset, "");
  pass_us(4'000'000);
  start();
  play(50);
  EXPECT_EQ(told(), (Told{"camera.online", "camera.offline connection_reset", "camera.online",
                          "gap connection_reset"}));
}

TEST_F(Stream, a_stall_is_told_at_once) {
  start();
  play(50);
  stream_->on_stopped(StopCause::stalled, "");
  pass_us(100'000);
  EXPECT_EQ(told(), (Told{"camera.online", "camera.offline stream_stalled"}));
}

TEST_F(Stream, a_camera_that_never_came_is_told_with_its_first_failure) {
  stream_->on_stopped(StopCause::unreachable, "");
  pass_us(100'000);
  stream_->on_stopped(StopCause::unreachable, "");
  pass_us(20'000'000);
  EXPECT_EQ(told(), (Told{"camera.offline camera_unreachable"}));
}

TEST_F(Stream, another_cause_goes_on_under_its_own_name) {
  start();
  play(50);
  stream_->on_stopped(StopCause::reset, "");
  pass_us(3'000'000);
  stream_->on_stopped(StopCause::authentication_refused, "");
  pass_us(3'000'000);
  start();
  play(25);
  EXPECT_EQ(told(), (Told{"camera.online", "camera.offline connection_reset",
                          "gap connection_reset", "camera.offline authentication_refused",
                          "camera.online", "gap authentication_refused"}));
}

TEST_F(Stream, a_core_that_was_away_hears_again_how_it_is) {
  start();
  play(50);
  stream_->tell_again();
  pass_us(200'000);
  EXPECT_EQ(told(), (Told{"camera.online", "camera.online"}));
}

TEST_F(Stream, lost_packets_are_a_gap_on_disk_with_that_cause) {
  start();
  play(50);
  clock_.advance_us(1'000'000);
  stream_->on_problem({rtsp::ProblemKind::packets_lost, 3, "3 packets"});
  play(50);
  EXPECT_EQ(told(), (Told{"camera.online"}));
  ASSERT_EQ(made_.gaps.size(), 2U);  // the first: until its first picture
  EXPECT_EQ(made_.gaps[1].cause, GapCause::packets_lost);
}

}  // namespace
}  // namespace vl::recorder
