// GStreamer's two HLS demultiplexers take what the recorder serves, over TLS with the authority
// that a site makes for itself.
#include <vonglau/http/certificates.hpp>

#include "../interop/peer_process.hpp"
#include "players.hpp"
#include "recorder_fixture.hpp"

namespace vl::recorder {
namespace {

struct Decoded {
  std::vector<double> times;  // of its pictures, in seconds
  std::string complaints;
  bool ended = false;
};

class GstPlayer : public RecorderFixture {
 protected:
  static constexpr std::array demultiplexers = {"hlsdemux", "hlsdemux2"};

  void SetUp() override {
    const auto told = camera_.line();
    ASSERT_TRUE(told.starts_with("port ")) << "gst_camera does not start";
    port_ = told.substr(5);
    RecorderFixture::SetUp();
    const auto authority = http::ensure_authority(here_, "A site's authority", clock_);
    ASSERT_TRUE(authority) << authority.error().message;
    const auto files =
        http::ensure_server_certificate(*authority, here_, "server", {"127.0.0.1"}, clock_);
    ASSERT_TRUE(files) << files.error().message;
    trusted_ = authority->certificate_file;
    http::Router router;
    recorder_->add_routes(router);
    http::ServerOptions options;
    options.tls = *files;
    over_tls_ = *http::Server::start(options, std::move(router), clock_);
  }
  void TearDown() override {
    over_tls_->stop(500);
    over_tls_.reset();
    RecorderFixture::TearDown();
  }
  void take(const std::vector<std::string>& paths) {
    node::Assignment assignment;
    for (std::size_t i = 0; i < paths.size(); ++i)
      assignment.cameras.push_back(
          {id_of(i), "rtsp://127.0.0.1:" + port_ + "/" + paths[i], {}, {}, {}, 7});
    recorder_->assign(assignment);
  }
  std::string address(std::size_t camera, node::MediaPurpose purpose, std::int64_t from_us,
                      std::optional<std::int64_t> to_us = {}) {
    auto out = player_address(fmt::format("127.0.0.1:{}", over_tls_->port()), *key_, province,
                              id_of(camera), purpose, clock_.wall(), from_us, to_us, {});
    return "https" + out.substr(4);
  }
  std::string live_address(std::size_t camera) {
    return address(camera, node::MediaPurpose::player_live, clock_.wall().us);
  }
  std::unique_ptr<interop::PeerProcess> player(const char* demultiplexer, const std::string& url,
                                               const std::string& trusted) {
    return std::make_unique<interop::PeerProcess>(
        std::vector<std::string>{GST_PLAYER, demultiplexer, url, trusted});
  }
  std::unique_ptr<interop::PeerProcess> player(const char* demultiplexer, const std::string& url) {
    return player(demultiplexer, url, trusted_);
  }
  /// So many pictures, or all until it ends.
  static Decoded seen_by(interop::PeerProcess& player, std::size_t most = 1'000'000) {
    Decoded out;
    while (out.times.size() < most) {
      const auto line = player.line();
      if (line.empty()) break;
      if (line.starts_with("picture ")) out.times.push_back(std::atof(line.c_str() + 8));
      if (line.starts_with("complaint ")) out.complaints += line.substr(10) + "\n";
      if (line == "end") {
        out.ended = true;
        break;
      }
    }
    return out;
  }
  /// As they are recorded, of the span that a player gets for these moments.
  std::size_t pictures(std::size_t camera, std::int64_t from_us, std::int64_t to_us) {
    const auto first = *recorder_->store().seek(main_of(camera), from_us);
    std::size_t count = 0;
    for (const auto& ref :
         *recorder_->store().find(main_of(camera), first.start_us, to_us, 10'000)) {
      if (ref.id < first.id) continue;
      count += recorder_->store().read(ref.id)->samples.size();
    }
    return count;
  }

  interop::PeerProcess camera_{{GST_CAMERA, "open", "0"}};
  std::string port_, trusted_;
  std::unique_ptr<http::Server> over_tls_;
};

TEST_F(GstPlayer, each_demultiplexer_plays_h264_and_h265_and_only_from_a_site_that_it_trusts) {
  take({"endless", "endless_h265"});
  for (std::size_t camera : {0U, 1U})
    ASSERT_TRUE(eventually([&] { return recorded_us(camera) > 10'000'000; })) << camera;
  const auto other = here_ + "/other";
  fs::create_directory(other);
  const auto stranger = http::ensure_authority(other, "Another authority", clock_);
  for (const auto* demultiplexer : demultiplexers) {
    const auto refused = player(demultiplexer, live_address(0), stranger->certificate_file);
    const auto seen = seen_by(*refused);
    EXPECT_TRUE(seen.times.empty()) << demultiplexer;
    EXPECT_NE(seen.complaints, "") << demultiplexer;
  }
  struct Playing {
    std::string what;
    std::size_t camera;
    std::unique_ptr<interop::PeerProcess> live, footage;
    std::int64_t from_us, to_us;
  };
  std::vector<Playing> all;
  recorder_->drain();
  for (std::size_t camera : {0U, 1U})
    for (const auto* demultiplexer : demultiplexers) {
      const auto spans = *recorder_->store().spans(main_of(camera), 0, clock_.wall().us);
      Playing one{fmt::format("{} camera {}", demultiplexer, camera), camera, {}, {}, 0, 0};
      one.from_us = spans.front().start_us + 1'500'000;
      one.to_us = one.from_us + 6'000'000;
      one.live = player(demultiplexer, live_address(camera));
      one.footage = player(demultiplexer, address(camera, node::MediaPurpose::player_footage,
                                                  one.from_us, one.to_us));
      all.push_back(std::move(one));
    }
  for (auto& one : all) {
    const auto footage = seen_by(*one.footage);
    EXPECT_EQ(footage.complaints, "") << one.what;
    EXPECT_TRUE(footage.ended) << one.what;
    EXPECT_EQ(footage.times.size(), pictures(one.camera, one.from_us, one.to_us)) << one.what;
    EXPECT_TRUE(std::ranges::is_sorted(footage.times)) << one.what;
    // More than what was listed when it came.
    const auto live = seen_by(*one.live, 10 * 25);
    EXPECT_EQ(live.complaints, "") << one.what;
    ASSERT_EQ(live.times.size(), 10U * 25U) << one.what;
    for (std::size_t i = 1; i < live.times.size(); ++i) {
      const auto apart = live.times[i] - live.times[i - 1];
      EXPECT_TRUE(apart > 0 && apart < 0.5) << one.what << " " << i << ": " << apart;
    }
  }
}

}  // namespace
}  // namespace vl::recorder
