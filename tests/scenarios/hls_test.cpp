// Players that we did not write take what the recorder serves them over HLS: ffmpeg, and VLC.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../interop/peer_process.hpp"
#include "players.hpp"
#include "simulated_cameras.hpp"

namespace vl::recorder {
namespace {

class HlsPlayers : public SimulatedCameras {
 protected:
  static void SetUpTestSuite() { start_cameras(1, 0); }

  std::string address(node::MediaPurpose purpose, std::int64_t from_us,
                      std::optional<std::int64_t> to_us = {}, Uuid nonce = {}) {
    return player_address(base(), *key_, province, id_of(0), purpose, clock_.wall(), from_us, to_us,
                          nonce);
  }
  std::string live_address(Uuid nonce = {}) {
    return address(node::MediaPurpose::player_live, clock_.wall().us, {}, nonce);
  }
  http::Response get(const std::string& url) {
    http::HttpsClient client({.base_url = "http://" + base()});
    auto answer = client.get(url.substr(url.find("/media/")));
    EXPECT_TRUE(answer) << answer.error().message;
    http::Response out;
    if (!answer) return out;
    out.status = answer->status;
    out.body = std::string(answer->body_text());
    return out;
  }
  /// Pictures of the main stream that are recorded from the key picture before `from_us` on.
  std::size_t pictures(std::int64_t from_us, std::int64_t to_us) {
    const auto first = *recorder_->store().seek(main_of(0), from_us);
    std::size_t count = 0;
    for (const auto& ref : *recorder_->store().find(main_of(0), first.start_us, to_us, 10'000)) {
      if (ref.id < first.id) continue;
      const auto fragment = recorder_->store().read(ref.id);
      for (const auto& sample : fragment->samples) count += sample.track == 0 ? 1 : 0;
    }
    return count;
  }
};

TEST_F(HlsPlayers, ffmpeg_decodes_every_picture_of_a_span_over_a_gap_with_its_times) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 8 * second_us; }));
  inject(0, sim::FaultKind::reset);
  ASSERT_TRUE(eventually([&] { return missing(0).size() > 0; }));
  const auto before_us = recorded_us(0);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > before_us + 8 * second_us; }));
  recorder_->drain();
  const auto spans = *recorder_->store().spans(main_of(0), 0, clock_.wall().us);
  const auto from_us = spans.front().start_us + 3'100'000;
  const auto to_us = spans.back().end_us - 2'000'000;
  const auto url = address(node::MediaPurpose::player_footage, from_us, to_us);
  const auto seen = seen_by_ffmpeg(url);
  EXPECT_EQ(seen.complaints, "");
  EXPECT_EQ(seen.pictures(), pictures(from_us, to_us));
  EXPECT_TRUE(std::ranges::is_sorted(seen.times));
  double sum_s = 0;
  for (const auto& span : spans)
    sum_s +=
        static_cast<double>(std::min(span.end_us, to_us) - std::max(span.start_us, from_us)) / 1e6;
  // The beginning is the key picture before, and the end that of a fragment.
  EXPECT_GT(seen.listed_s, sum_s - 0.01);
  EXPECT_LT(seen.listed_s, sum_s + 4.6);
}

TEST_F(HlsPlayers, ffmpeg_follows_the_live_picture_without_a_hole) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 12 * second_us; }));
  const auto seen = seen_by_ffmpeg(live_address(), 8);
  EXPECT_EQ(seen.complaints, "");
  EXPECT_GT(seen.pictures(), 7U * 5U) << "five pictures a second and more";
  ASSERT_TRUE(std::ranges::is_sorted(seen.times));
  for (std::size_t i = 1; i < seen.times.size(); ++i)
    EXPECT_LT(seen.times[i] - seen.times[i - 1], 0.5) << i;
}

TEST_F(HlsPlayers, an_address_is_for_one_camera_and_one_span_until_it_expires_or_is_ended) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 8 * second_us; }));
  const auto begin_us = recorder_->store().spans(main_of(0), 0, clock_.wall().us)->front().start_us;
  const auto live = live_address();
  EXPECT_EQ(get(live).status, 200);
  const auto folder = live.substr(0, live.rfind('/') + 1);
  EXPECT_EQ(get(folder + "other.m3u8").status, 404);
  EXPECT_EQ(get(folder + "m-999999-1.m4s").status, 404);
  // Of a browser's ticket no address can be made, and of an address no browser's ticket.
  const auto playing = ticket(0, node::MediaPurpose::playback);
  EXPECT_EQ(get("/media/hls/" + playing + "/index.m3u8").status, 403);
  const auto ticket_of_live = folder.substr(folder.find("/hls/") + 5);
  EXPECT_EQ(get("/media/spans?from_us=0&to_us=9&ticket=" +
                ticket_of_live.substr(0, ticket_of_live.size() - 1))
                .status,
            403);
  auto forged = live;
  forged[forged.find("/hls/") + 20] ^= 1;
  EXPECT_EQ(get(forged).status, 403);
  const auto expired =
      player_address(base(), *key_, province, id_of(0), node::MediaPurpose::player_live,
                     clock_.wall().plus_us(-7200 * second_us), begin_us, {}, {});
  EXPECT_EQ(get(expired).status, 403);
  const auto elsewhere =
      player_address(base(), *key_, province, id_of(5), node::MediaPurpose::player_live,
                     clock_.wall(), begin_us, {}, {});
  EXPECT_EQ(get(elsewhere).status, 404) << "a camera that is not recorded here";

  // Ended: at once, and after a restart.
  const auto nonce = ids_.next();
  const auto ended = live_address(nonce);
  EXPECT_EQ(get(ended).status, 200);
  node::Assignment assignment;
  assignment.revision = 2;
  assignment.cameras.push_back(assigned(0));
  assignment.ended_addresses = {nonce};
  recorder_->assign(assignment);
  EXPECT_EQ(get(ended).status, 403);
  EXPECT_EQ(get(live_address(ids_.next())).status, 200) << "others go on";
  stop();
  start();
  ASSERT_TRUE(eventually([&] { return !recorder_->cameras().empty(); }));
  auto again = ended;
  again.replace(0, again.find("/media/"), "http://" + base());
  EXPECT_EQ(get(again).status, 403);
}

/// VLC refuses to run as root.
class Vlc : public HlsPlayers {
 protected:
  void SetUp() override {
    if (std::system("command -v cvlc >/dev/null 2>&1") != 0)
      GTEST_SKIP() << "VLC (vlc-bin, vlc-plugin-base) is not installed";
    ::chmod(here_.c_str(), 0755);
    vlc_ = here_ + "/vlc";
    fs::create_directory(vlc_);
    if (::geteuid() == 0) ASSERT_EQ(::chown(vlc_.c_str(), 65'534, 65'534), 0);
    HlsPlayers::SetUp();
  }
  std::vector<std::string> words(const std::vector<std::string>& more) const {
    std::vector<std::string> out;
    if (::geteuid() == 0) out = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"};
    for (const char* word :
         {"env", "HOME=", "XDG_RUNTIME_DIR=", "cvlc", "--no-plugins-cache", "--no-color", "-q",
          "--no-interact", "--no-media-library", "--no-video-title-show"})
      out.emplace_back(word);
    for (auto& word : out)
      if (word.ends_with('=')) word += vlc_;
    out.insert(out.end(), more.begin(), more.end());
    return out;
  }
  static int free_port() {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(socket);
    return ntohs(address.sin_port);
  }
  /// Pictures that ffprobe decodes of what VLC wrote.
  std::size_t written(const std::string& file) const {
    const auto out =
        run("ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames "
            "-of csv=p=0 " +
            file + " 2>/dev/null | head -n 1");
    return static_cast<std::size_t>(std::max(0, std::atoi(out.c_str())));
  }
  std::string vlc_;
};

TEST_F(Vlc, plays_a_span_to_its_end) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 12 * second_us; }));
  recorder_->drain();
  const auto spans = *recorder_->store().spans(main_of(0), 0, clock_.wall().us);
  const auto from_us = spans.front().start_us;
  const auto to_us = from_us + 8 * second_us;
  const auto url = address(node::MediaPurpose::player_footage, from_us, to_us);
  const auto file = vlc_ + "/span.ts";
  interop::PeerProcess player{
      words({url, "--sout", "#std{access=file,mux=ts,dst=" + file + "}", "vlc://quit"})};
  EXPECT_TRUE(eventually([&] { return player.has_ended(); }));
  const auto all = pictures(from_us, to_us);
  // It leaves when it has read the last segment, whether or not it has written all of it.
  EXPECT_GE(written(file), all - all / 5);
  EXPECT_LE(written(file), all);
}

TEST_F(Vlc, follows_the_live_picture) {
  assign(1);
  ASSERT_TRUE(eventually([&] { return recorded_us(0) > 12 * second_us; }));
  const auto file = vlc_ + "/live.ts";
  interop::PeerProcess player{
      words({live_address(), "--sout", "#std{access=file,mux=ts,dst=" + file + "}"})};
  // More than what the playlist had when it came.
  EXPECT_TRUE(eventually([&] { return fs::exists(file) && written(file) > 100; }));
}

/// Its RTSP server sends over UDP alone, and refuses what recorders ask for: one connection for
/// all.
TEST_F(Vlc, as_a_camera_that_sends_by_udp_alone_is_refused_with_its_cause_and_asked_again) {
  const auto clip = vlc_ + "/clip.mp4";
  run("ffmpeg -v error -f lavfi -i testsrc=size=320x240:rate=25 -t 5 -c:v libx264 -preset "
      "ultrafast "
      "-pix_fmt yuv420p " +
      clip + " 2>&1; chmod a+r " + clip);
  const auto port = free_port();
  const auto url = fmt::format("rtsp://127.0.0.1:{}/camera", port);
  interop::PeerProcess camera{words({clip, "--loop", "--sout", "#rtp{sdp=" + url + "}"})};
  node::Assignment assignment;
  assignment.cameras.push_back({id_of(0), url, {}, {}, {}, 7});
  recorder_->assign(assignment);
  ASSERT_TRUE(eventually([&] { return now(0).main.cause == rtsp::StopCause::bad_stream; }))
      << "before it listens it is unreachable";
  EXPECT_TRUE(eventually([&] { return told("camera.offline", "bad_stream"); }));
  const auto attempts = now(0).main.attempts;
  EXPECT_TRUE(eventually([&] { return now(0).main.attempts > attempts; }));
}

}  // namespace
}  // namespace vl::recorder
