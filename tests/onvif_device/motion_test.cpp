// The recorder asks a device on gSOAP for the motion that it detects, and tells it with the spans.
#include <boost/json.hpp>

#include <vonglau/http/metrics.hpp>

#include "../interop/peer_process.hpp"
#include "../scenarios/recorder_fixture.hpp"

namespace vl::recorder {
namespace {

class MotionOfCameras : public RecorderFixture {
 protected:
  void adjust(RecorderOptions& options) override {
    options.motion.folder = here_ + "/motion";
    options.motion.every_us = 200'000;
    options.motion.longest_wait_us = 1'000'000;
    options.motion.forget_every_us = forget_every_us_;
  }
  void start_device(std::vector<std::string> words = {}) {
    words.insert(words.begin(), {ONVIF_DEVICE, "password=moving picture"});
    device_.emplace(std::move(words));
    port_ = device_->line().substr(5);
    node::Assignment assignment;
    assignment.cameras.push_back({id_of(0),
                                  "rtsp://127.0.0.1:1/none",
                                  {},
                                  "admin",
                                  "moving picture",
                                  7,
                                  {},
                                  node::DeviceAssignment{"127.0.0.1:" + port_, false, false, {}}});
    recorder_->assign(assignment);
  }
  void tell(const std::string& line) {
    device_->tell(line);
    ASSERT_EQ(device_->line(), "set");
  }
  /// Of each second since the test began; empty: nothing is known.
  std::vector<int> motion() {
    const auto to_us = clock_.wall().us;
    const auto from_us = began_us_ / 1'000'000 * 1'000'000;
    const auto parts = (to_us - from_us) / 1'000'000;
    if (parts < 1) return {};
    http::HttpsClient client({.base_url = "http://" + base()});
    const auto answer = client.get(
        fmt::format("/media/spans?from_us={}&to_us={}&stream=main&parts={}&ticket={}", from_us,
                    from_us + parts * 1'000'000, parts, ticket(0, node::MediaPurpose::playback)));
    std::vector<int> out;
    if (!answer || answer->status != 200) return out;
    const auto body = boost::json::parse(answer->body_text());
    if (const auto* told = body.as_object().if_contains("motion"))
      for (const auto& part : told->as_array()) out.push_back(static_cast<int>(part.as_int64()));
    return out;
  }
  double measured(const std::string& name) {
    http::Metrics metrics;
    recorder_->measure(metrics);
    const auto text = metrics.text();
    const auto at = text.find("\n" + name + " ");
    return at == text.npos ? -1 : std::atof(text.c_str() + at + name.size() + 2);
  }
  bool seen(int what) {
    const auto all = motion();
    return std::ranges::find(all, what) != all.end();
  }

  std::int64_t forget_every_us_ = 3'600'000'000;
  std::int64_t began_us_ = clock_.wall().us;
  std::optional<interop::PeerProcess> device_;
  std::string port_;
};

TEST_F(MotionOfCameras, is_known_second_by_second_while_the_camera_tells_it) {
  start_device({"clock_s=-7200"});
  ASSERT_TRUE(eventually([&] { return seen(0); })) << "still";
  EXPECT_EQ(measured("vonglau_recorder_motion_cameras"), 1);
  EXPECT_FALSE(seen(100));
  tell("motion 1");
  ASSERT_TRUE(eventually([&] { return seen(100); }));
  // Its subscriptions are gone, as after its restart: it is asked anew and knows that it moves.
  tell("forget");
  const auto moving = [&] {
    const auto all = motion();
    return std::ranges::count(all, 100);
  };
  const auto before = moving();
  ASSERT_TRUE(eventually([&] { return moving() > before + 2; }));
  tell("motion 0");
  ASSERT_TRUE(eventually([&] {
    const auto all = motion();
    return !all.empty() && all.back() == 0;
  }));
  const auto all = motion();
  EXPECT_TRUE(
      std::ranges::all_of(all, [](int part) { return part == 0 || part == 100 || part == -1; }));
}

TEST_F(MotionOfCameras, is_not_known_while_the_camera_is_away_and_ends_with_the_footage) {
  forget_every_us_ = 500'000;
  stop();
  start();
  start_device();
  tell("motion 1");
  ASSERT_TRUE(eventually([&] { return seen(100); }));
  device_.reset();
  ASSERT_TRUE(eventually([&] {
    const auto all = motion();
    return !all.empty() && all.back() == -1;
  })) << "not heard is not still";
  EXPECT_FALSE(seen(0));
  // There is no footage: what was known of days that are over goes. Today stays.
  const auto folder = fs::path(here_) / "motion" / id_of(0).text();
  const auto today = std::to_string(clock_.wall().us / 86'400'000'000);
  std::ofstream(folder / "19000") << "x";
  EXPECT_TRUE(eventually([&] { return !fs::exists(folder / "19000"); }));
  EXPECT_TRUE(fs::exists(folder / today));
}

TEST_F(MotionOfCameras, a_camera_without_events_has_none_and_is_left_in_peace) {
  start_device({"no_events"});
  ASSERT_TRUE(eventually([&] { return measured("vonglau_recorder_motion_failed") > 0; }));
  EXPECT_EQ(measured("vonglau_recorder_motion_cameras"), 0);
  EXPECT_TRUE(motion().empty());
  EXPECT_FALSE(fs::exists(fs::path(here_) / "motion"));
}

}  // namespace
}  // namespace vl::recorder
