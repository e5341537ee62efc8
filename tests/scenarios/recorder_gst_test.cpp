// The recorder with cameras that we did not write (gst-rtsp-server): what simulated cameras of ours
// never send.
#include "../interop/peer_process.hpp"
#include "players.hpp"
#include "recorder_fixture.hpp"

namespace vl::recorder {
namespace {

class RecorderWithGst : public RecorderFixture {
 protected:
  void SetUp() override {
    const auto told = camera_.line();
    ASSERT_TRUE(told.starts_with("port ")) << "gst_camera does not start";
    port_ = told.substr(5);
    RecorderFixture::SetUp();
  }
  void take(const std::string& path) {
    node::Assignment assignment;
    assignment.cameras.push_back(
        {id_of(0), "rtsp://127.0.0.1:" + port_ + "/" + path, {}, {}, {}, 7});
    recorder_->assign(assignment);
    ASSERT_TRUE(eventually([&] { return !recorder_->cameras().empty(); }));
  }
  /// Moments at which pictures are shown, in the order in which a decoder gives them.
  std::vector<double> shown(const Screen& screen) {
    static_cast<void>(decoded(screen));  // writes the file
    const auto out =
        run("ffprobe -v error -select_streams v -show_entries frame=pts_time "
            "-of csv=p=0 " +
            here_ + "/screen.mp4");
    std::vector<double> times;
    for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1)
      times.push_back(std::atof(out.c_str() + at));
    return times;
  }

  /// All that was recorded, as ffmpeg plays it over HLS.
  Seen over_hls() {
    recorder_->drain();
    const auto spans = *recorder_->store().spans(main_of(0), 0, clock_.wall().us);
    return seen_by_ffmpeg(player_address(base(), *key_, province, id_of(0),
                                         node::MediaPurpose::player_footage, clock_.wall(),
                                         spans.front().start_us, spans.back().end_us, {}));
  }

  interop::PeerProcess camera_{{GST_CAMERA, "open", "0"}};
  std::string port_;
};

TEST_F(RecorderWithGst, pictures_sent_in_another_order_than_shown_are_live_in_the_right_one) {
  take("reordered");
  // That a stream has such pictures is known after the first of them.
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 2'500'000; }));
  auto viewer = live(0);
  ASSERT_TRUE(eventually([&] { return viewer.screen->messages() > 40; }));
  viewer.socket->close();
  const auto times = shown(*viewer.screen);
  EXPECT_GT(times.size(), 75U) << "several pictures in a message";
  EXPECT_TRUE(std::ranges::is_sorted(times));
  for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LT(times[i] - times[i - 1], 0.2);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 3'000'000; }));
  auto again = play(0, recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us);
  ASSERT_TRUE(eventually([&] { return again.screen->positions().size() > 4; }));
  again.socket->close();
  EXPECT_GT(decoded(*again.screen), 40);
  again.socket->close();
  const auto seen = over_hls();
  EXPECT_EQ(seen.complaints, "");
  ASSERT_GT(seen.pictures(), 75U);
  EXPECT_TRUE(std::ranges::is_sorted(seen.times));
  for (std::size_t i = 1; i < seen.times.size(); ++i)
    EXPECT_LT(seen.times[i] - seen.times[i - 1], 0.2) << i;
}

TEST_F(RecorderWithGst, sound_is_recorded_and_other_players_hear_it) {
  take("sound");
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 2'000'000; }));
  const auto seen = over_hls();
  EXPECT_GT(seen.pictures(), 20U);
  EXPECT_GT(seen.sounds, 10U);
}

TEST_F(RecorderWithGst, h265_is_recorded_and_named_to_the_viewer_as_what_it_is) {
  take("endless_h265");
  auto viewer = live(0);
  ASSERT_TRUE(eventually([&] { return viewer.screen->messages() > 20; }));
  EXPECT_TRUE(viewer.screen->said("hvc1."));
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 2'000'000; }));
  recorder_->drain();
  const auto found = recorder_->store().find(main_of(0), 0, clock_.wall().us, 1);
  ASSERT_TRUE(found && !found->empty());
  const auto fragment = recorder_->store().read(found->front().id);
  ASSERT_TRUE(fragment);
  EXPECT_EQ(fragment->samples.front().format->codec, media::Codec::h265);
  EXPECT_GT(decoded(*viewer.screen), 15);
  const auto seen = over_hls();
  EXPECT_EQ(seen.complaints, "");
  EXPECT_GT(seen.pictures(), 40U);
}

}  // namespace
}  // namespace vl::recorder
