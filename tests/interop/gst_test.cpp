// The client against gst-rtsp-server.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vonglau/rtsp/connections.hpp>

#include "connections_test_camera.hpp"
#include "decoding.hpp"
#include "peer_process.hpp"

namespace vl::interop {
namespace {

namespace fs = std::filesystem;
using rtsp::Connections;
using rtsp::Credentials;
using rtsp::Hearing;
using rtsp::StopCause;

// As gst_camera.cpp asks for. The server gives 49 of them, to ffprobe as a client too: what a
// live pipeline makes before it plays is dropped. Hence a few less are right, gaps are not.
constexpr std::size_t made = 50;
constexpr std::size_t pictures = 45;

void expect_all(const std::vector<media::Sample>& samples) {
  EXPECT_GE(samples.size(), pictures);
  EXPECT_LE(samples.size(), made);
  for (std::size_t i = 1; i < samples.size(); ++i)
    EXPECT_EQ(samples[i].pts - samples[i - 1].pts, 3600);
}

class GstCamera {
 public:
  explicit GstCamera(const std::string& mode, int wanted_port = 0, const std::string& clip = {})
      : process_(words(mode, wanted_port, clip)) {
    const auto told = process_.line();
    if (told.starts_with("port ")) port = std::atoi(told.c_str() + 5);
  }
  std::string url(std::string_view path) const {
    return fmt::format("rtsp://127.0.0.1:{}/{}", port, path);
  }
  void kill() { process_.kill(); }
  int port = 0;

 private:
  static std::vector<std::string> words(const std::string& mode, int port,
                                        const std::string& clip) {
    std::vector<std::string> out{GST_CAMERA, mode, std::to_string(port)};
    if (!clip.empty()) out.push_back(clip);
    return out;
  }
  PeerProcess process_;
};

std::vector<media::Sample> of_track(const Hearing::Heard& heard, int track) {
  std::vector<media::Sample> out;
  std::ranges::copy_if(heard.samples, std::back_inserter(out),
                       [&](const media::Sample& s) { return s.track == track; });
  return out;
}

void expect_in_order(const std::vector<media::Sample>& samples) {
  ASSERT_FALSE(samples.empty());
  EXPECT_TRUE(samples[0].is_key);
  for (std::size_t i = 1; i < samples.size(); ++i) {
    EXPECT_GT(samples[i].pts, samples[i - 1].pts);
    EXPECT_GE(samples[i].wall_us, samples[i - 1].wall_us);
  }
}

class Gst : public testing::Test {
 protected:
  static void SetUpTestSuite() { camera_ = std::make_unique<GstCamera>("open"); }
  static void TearDownTestSuite() { camera_.reset(); }
  void SetUp() override { ASSERT_NE(camera_->port, 0) << "gst_camera does not start"; }

  static rtsp::ConnectionOptions options() {
    rtsp::ConnectionOptions out;
    out.connect_timeout_ms = out.answer_timeout_ms = out.stall_ms = 20'000;  // sanitizers are slow
    out.first_wait_ms = 100;
    out.longest_wait_ms = 500;
    return out;
  }
  /// Plays until so many pictures have come.
  Hearing::Heard play(const std::string& url, std::optional<Credentials> credentials = {},
                      std::size_t wanted = pictures, std::size_t wanted_sounds = 0) {
    Hearing hearing;
    Connections connections(clock_, options());
    const auto id = connections.open({url, std::move(credentials)}, hearing);
    EXPECT_TRUE(hearing.wait([&](const Hearing::Heard& h) {
      const auto is_picture = [](const media::Sample& s) { return s.track == 0; };
      const auto n = std::size_t(std::ranges::count_if(h.samples, is_picture));
      return (n >= wanted && h.samples.size() - n >= wanted_sounds) || !h.stops.empty();
    }));
    connections.close(*id);
    return hearing.heard();
  }
  SystemClock clock_;
  static std::unique_ptr<GstCamera> camera_;
};
std::unique_ptr<GstCamera> Gst::camera_;

TEST_F(Gst, h264_comes_whole_and_decodes) {
  const auto heard = play(camera_->url("h264"), {}, 1000);  // until it ends
  const auto samples = of_track(heard, 0);
  expect_all(samples);
  expect_in_order(samples);
  EXPECT_TRUE(heard.problems.empty());
  EXPECT_EQ(samples.at(0).format->width, 320U);
  const auto decoded = decode(samples);
  EXPECT_EQ(decoded.frames, int(samples.size()));
  EXPECT_EQ(decoded.codec, "h264");
  EXPECT_EQ(decoded.complaints, "");
}

TEST_F(Gst, h265_comes_whole_and_decodes) {
  const auto heard = play(camera_->url("h265"), {}, 1000);
  const auto samples = of_track(heard, 0);
  expect_all(samples);
  expect_in_order(samples);
  EXPECT_TRUE(heard.problems.empty());
  const auto decoded = decode(samples);
  EXPECT_EQ(decoded.frames, int(samples.size()));
  EXPECT_EQ(decoded.codec, "hevc");
  EXPECT_EQ(decoded.complaints, "");
}

TEST_F(Gst, sound_comes_beside_the_picture) {
  const auto heard = play(camera_->url("sound"), {}, pictures, 25);
  ASSERT_EQ(heard.descriptions.at(0).media.size(), 2U);
  expect_in_order(of_track(heard, 0));
  const auto sounds = of_track(heard, 1);
  expect_in_order(sounds);
  EXPECT_EQ(sounds.at(0).format->codec, media::Codec::aac);
  const auto decoded = decode(sounds);
  EXPECT_EQ(decoded.frames, int(sounds.size()));
  EXPECT_EQ(decoded.codec, "aac");
  EXPECT_EQ(decoded.complaints, "");
  EXPECT_EQ(decode(of_track(heard, 0)).complaints, "");
}

TEST_F(Gst, a_filmed_street_comes_as_it_lies_in_its_file) {
  fs::path clip;
  for (auto at = fs::current_path(); at != at.root_path(); at = at.parent_path())
    if (const auto file = at.parent_path() / "shared/data/video/strudl_vid0.mp4"; fs::exists(file))
      clip = file;
  if (clip.empty()) GTEST_SKIP() << "../shared/data/video is not here";
  GstCamera camera("open", 0, clip.string());
  const auto heard = play(camera.url("clip"), {}, 60);
  const auto samples = of_track(heard, 0);
  ASSERT_GE(samples.size(), 60U);
  EXPECT_TRUE(samples[0].is_key);
  EXPECT_EQ(samples[0].format->width, 640U);
  // It has B pictures, the last of which may refer to one that has not come yet.
  const auto decoded = decode(samples);
  EXPECT_EQ(decoded.frames, int(samples.size()));
  EXPECT_EQ(decoded.complaints, "");
}

TEST_F(Gst, an_unknown_path_is_a_bad_stream) {
  const auto heard = play(camera_->url("nowhere"));
  ASSERT_FALSE(heard.stops.empty());
  EXPECT_EQ(heard.stops[0].cause, StopCause::bad_stream);
  EXPECT_NE(heard.stops[0].detail.find("404"), std::string::npos) << heard.stops[0].detail;
}

TEST_F(Gst, passwords_are_taken_or_refused) {
  for (const auto* mode : {"digest", "basic"}) {
    GstCamera camera(mode);
    const auto right = play(camera.url("h264"), Credentials{"viewer", "geheim"}, 10);
    EXPECT_GE(right.samples.size(), 10U) << mode;
    EXPECT_TRUE(right.stops.empty()) << mode;
    const auto wrong = play(camera.url("h264"), Credentials{"viewer", "falsch"}, 10);
    ASSERT_FALSE(wrong.stops.empty()) << mode;
    EXPECT_EQ(wrong.stops[0].cause, StopCause::authentication_refused) << mode;
    const auto none = play(camera.url("h264"), {}, 10);
    ASSERT_FALSE(none.stops.empty()) << mode;
    EXPECT_EQ(none.stops[0].cause, StopCause::authentication_refused) << mode;
  }
}

TEST_F(Gst, a_camera_that_is_switched_off_and_on_plays_again) {
  auto camera = std::make_unique<GstCamera>("open");
  const int port = camera->port;
  Hearing hearing;
  Connections connections(clock_, options());
  const auto id = connections.open({camera->url("endless"), {}}, hearing);
  ASSERT_TRUE(hearing.wait_for_samples(10));
  camera->kill();
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::unreachable));
  camera = std::make_unique<GstCamera>("open", port);
  ASSERT_EQ(camera->port, port);
  ASSERT_TRUE(hearing.wait([](const Hearing::Heard& h) {
    return h.descriptions.size() == 2 && h.order.back() == "sample";
  }));
  connections.close(*id);
  const auto heard = hearing.heard();
  EXPECT_EQ(heard.stops[0].cause, StopCause::reset);
  EXPECT_EQ(heard.order, (std::vector<std::string>{"playing", "sample", "stopped", "stopped",
                                                   "playing", "sample"}));
}

TEST_F(Gst, the_end_of_what_it_sends_is_told_and_it_is_played_anew) {
  Hearing hearing;
  Connections connections(clock_, options());
  const auto id = connections.open({camera_->url("h264"), {}}, hearing);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::reset));
  expect_all(hearing.heard().samples);
  EXPECT_TRUE(hearing.wait_for_samples(made + 10));
  connections.close(*id);
}

}  // namespace
}  // namespace vl::interop
