// What the core hears of a camera, and when: time is made up, the spool is real.
#include "camera_stream.hpp"

#include <filesystem>
#include <thread>

#include <gtest/gtest.h>

#include <vonglau/base/json.hpp>
#include <vonglau/recording/disk_worker.hpp>

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
  std::shared_ptr<const media::TrackFormat> format_ =
      std::make_shared<const media::TrackFormat>(media::TrackFormat{
          .codec = media::Codec::h264,
          .width = 640,
          .height = 360,
          .parameter_sets = {*from_hex("6764001eacd940a02ff97011000003000100000300320f162d96"),
                             *from_hex("68ebe3cb22c0")}});
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

/// The same stream over a real store.
class StoredStream : public Stream {
 protected:
  StoredStream() {
    store_ = *recording::open_fragment_store({.folder = folder_ + "/footage"}, *disk_, clock_, ids_,
                                             observer_);
    worker_.emplace(*store_, clock_);
    stream_.emplace(key_, &*worker_, &*reports_, clock_);
    stream_->show_stored(*store_);
    stream_->begin(std::nullopt, std::nullopt);
    start();
  }
  ~StoredStream() override {
    stream_.reset();
    worker_.reset();
    store_.reset();
  }
  /// What was cut is durable, and the stream has looked since; no time has passed.
  void store() {
    worker_->drain();
    for (int i = 0; i < 4; ++i) stream_->on_tick(clock_.wall(), clock_.mono());
  }
  /// Those of the fragment that is being cut, and those of which it is not sure.
  static constexpr std::size_t few = 600 / 40 + 4;
  std::size_t pictures_shown(const std::shared_ptr<Viewer>& viewer) {
    EXPECT_TRUE(stream_->join(viewer));
    return stream_->feed().pictures_at_hand();
  }

  std::unique_ptr<recording::Disk> disk_ = recording::posix_disk();
  recording::StoreObserver observer_;
  std::unique_ptr<recording::FragmentStore> store_;
  std::optional<recording::DiskWorker> worker_;
};

TEST_F(StoredStream, keeps_no_picture_in_memory_that_is_stored_and_that_nobody_watches) {
  for (int i = 0; i < 10; ++i) {
    play(90);
    store();
    EXPECT_LE(stream_->feed().pictures_at_hand(), few);
    EXPECT_GT(stream_->feed().pictures_at_hand(), 0U);
  }
}

TEST_F(StoredStream, who_comes_to_watch_is_shown_the_group_from_the_store_without_a_hole) {
  play(65);  // key pictures at 0, 25 and 50
  store();
  play(5);
  const auto viewer = std::make_shared<Viewer>();
  EXPECT_EQ(pictures_shown(viewer), 20U);
  EXPECT_TRUE(viewer->begun);
  play(5);
  EXPECT_EQ(stream_->feed().pictures_at_hand(), 25U);
  stream_->feed().leave(viewer);
  play(30);
  store();
  EXPECT_LE(stream_->feed().pictures_at_hand(), few);
}

TEST_F(StoredStream, a_second_viewer_is_shown_what_the_first_one_sees) {
  play(60);
  store();
  const auto first = std::make_shared<Viewer>();
  const auto second = std::make_shared<Viewer>();
  EXPECT_EQ(pictures_shown(first), 10U);
  EXPECT_EQ(pictures_shown(second), 10U);
  EXPECT_TRUE(second->begun);
}

TEST_F(StoredStream, where_footage_is_missing_the_picture_begins_at_the_next_key_picture) {
  play(60);
  pass_us(1'000'000);
  store();
  clock_.advance_us(1'000'000);  // pictures 60 and on belong to the group of 50
  play(5);
  const auto viewer = std::make_shared<Viewer>();
  EXPECT_EQ(pictures_shown(viewer), 0U);
  EXPECT_FALSE(viewer->begun);
  play(11);
  EXPECT_TRUE(viewer->begun);
}

TEST_F(StoredStream, an_interrupted_stream_shows_no_old_picture) {
  play(60);
  store();
  stream_->on_stopped(StopCause::reset, "");
  const auto viewer = std::make_shared<Viewer>();
  EXPECT_EQ(pictures_shown(viewer), 0U);
}

}  // namespace
}  // namespace vl::recorder
