// Our ONVIF client against a device on gSOAP: another SOAP stack's envelopes, prefixes, faults,
// digests, clocks and connections, over real sockets.
#include <chrono>
#include <cstdlib>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <vonglau/onvif/discovery.hpp>
#include <vonglau/onvif/enrolment.hpp>
#include <vonglau/onvif/events.hpp>

#include "peer_process.hpp"

namespace vl::interop {
namespace {

using onvif::Device;

class GsoapDevice : public ::testing::Test {
 protected:
  /// Its port; the device runs from then on.
  int start(std::vector<std::string> words = {}) {
    words.insert(words.begin(), {ONVIF_DEVICE, "password=" + password_});
    peer_.emplace(std::move(words));
    const auto line = peer_->line();
    EXPECT_TRUE(line.starts_with("port ")) << line;
    port_ = std::atoi(line.c_str() + std::min<std::size_t>(line.size(), 5));
    return port_;
  }
  std::unique_ptr<Device> device(const std::string& password, const std::string& user = "admin") {
    return std::make_unique<Device>(
        *onvif::parse_address("127.0.0.1:" + std::to_string(port_) + "/device"),
        onvif::Login{user, password}, clock_);
  }
  std::unique_ptr<Device> device() { return device(password_); }
  template <class Condition>
  static bool eventually(Condition condition) {
    for (int i = 0; i < 600; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
  }

  SystemClock clock_;
  std::string password_ = "mật khẩu & <1>";
  std::optional<PeerProcess> peer_;
  int port_ = 0;
};

/// How it failed; "" where it did not.
template <class T>
std::string code(const Result<T>& result) {
  return result ? "" : std::string(result.error().code.name);
}

/// All that is asked at an enrolment, and what it is to answer.
void expect_enrolled(const onvif::Enrolment& done, const std::string& rtsp = "554") {
  ASSERT_TRUE(done.outcome) << done.outcome.error().message;
  const auto& is = *done.outcome;
  EXPECT_EQ(is.information.manufacturer, "Genivia & Vọng Lâu");
  EXPECT_EQ(is.information.model, "gSOAP <test>");
  ASSERT_EQ(is.profiles.size(), 3U);
  EXPECT_EQ(is.profiles[1].token, "p<1>");
  EXPECT_EQ(is.profiles[1].name, "Luồng p<1>");
  EXPECT_EQ(is.profiles[1].encoding, "H265");
  EXPECT_EQ(is.profiles[1].frames_per_s, 25);
  EXPECT_EQ(is.main_url, "rtsp://127.0.0.1:" + rtsp + "/main?a=1&b=2");
  EXPECT_EQ(is.sub_url, "rtsp://127.0.0.1:" + rtsp + "/sub?a=1&b=2");
  EXPECT_EQ(is.replay_url, "rtsp://127.0.0.1:" + rtsp + "/replay?r=1&x=2");
  EXPECT_TRUE(is.ptz);
}

TEST_F(GsoapDevice, EnrolmentFindsItsStreamsAndReplacesItsPassword) {
  start({"rtsp=8554"});
  auto camera = device();
  const auto done = enrol(*camera, {{"admin", password_}, "thay-đổi <2> & \"3\""});
  expect_enrolled(done, "8554");
  EXPECT_TRUE(done.rotated);
  EXPECT_FALSE(done.outcome->clock_set);
  EXPECT_EQ(code(device()->information()), "onvif.wrong_password");
  EXPECT_TRUE(device("thay-đổi <2> & \"3\"")->information());
}

TEST_F(GsoapDevice, AnswersInChunksOnConnectionsThatStayOpenAreReadAlike) {
  for (const auto& words :
       {std::vector<std::string>{"chunked"}, {"keep_alive"}, {"chunked", "keep_alive"}}) {
    start(words);
    auto camera = device();
    expect_enrolled(enrol(*camera, {{"admin", password_}, std::nullopt}));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(camera->ptz_status()) << i;
  }
}

TEST_F(GsoapDevice, AWrongPasswordOrLoginIsSaidAndNothingElse) {
  start();
  for (const auto& [user, password] : {std::pair{"admin", "wrong"}, {"root", "wrong"}, {"", ""}}) {
    const auto refused = device(password, user)->information();
    ASSERT_FALSE(refused);
    EXPECT_EQ(code(refused), "onvif.wrong_password") << user;
  }
  // Its clock it tells anybody.
  EXPECT_TRUE(device("wrong")->clock_offset_us());
}

TEST_F(GsoapDevice, WithHttpsDigestTheRightPasswordOpensAndAnotherDoesNot) {
  start({"http_digest", "keep_alive"});
  auto camera = device();
  expect_enrolled(enrol(*camera, {{"admin", password_}, "another-password"}));
  EXPECT_EQ(code(device()->information()), "onvif.wrong_password");
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(camera->ptz_status()) << i;
}

TEST_F(GsoapDevice, AClockThatIsYearsWrongHindersNothingAndIsSet) {
  start({"clock_s=-300000000"});
  auto camera = device();
  const auto done = enrol(*camera, {{"admin", password_}, std::nullopt});
  expect_enrolled(done);
  EXPECT_NEAR(static_cast<double>(done.outcome->clock_offset_ms), -300'000'000'000.0, 1'500);
  EXPECT_TRUE(done.outcome->clock_set);
  EXPECT_LT(std::abs(*camera->clock_offset_us()), 1'500'000);
  EXPECT_TRUE(camera->information());
}

TEST_F(GsoapDevice, AClockThatJumpsMeanwhileIsLookedAtAgain) {
  start();
  auto camera = device();
  ASSERT_TRUE(camera->information());
  for (const auto* jump : {"clock -86400", "clock 7200"}) {
    peer_->tell(jump);
    ASSERT_EQ(peer_->line(), "set");
    EXPECT_EQ(code(camera->information()), "") << jump;
  }
  // The password is still what decides.
  peer_->tell("clock -86400");
  ASSERT_EQ(peer_->line(), "set");
  camera->set_login({"admin", "wrong"});
  EXPECT_EQ(code(camera->information()), "onvif.wrong_password");
}

TEST_F(GsoapDevice, OneThatKnowsOnlyCapabilitiesIsAskedForThose) {
  start({"old"});
  auto camera = device();
  expect_enrolled(enrol(*camera, {{"admin", password_}, std::nullopt}));
}

TEST_F(GsoapDevice, OneWithoutMotorsOrStorageIsTakenInWithoutThem) {
  for (const auto& words :
       {std::vector<std::string>{"no_head", "no_card"}, {"no_head", "no_card", "old"}}) {
    start(words);
    auto camera = device();
    const auto done = enrol(*camera, {{"admin", password_}, std::nullopt});
    ASSERT_TRUE(done.outcome) << done.outcome.error().message;
    EXPECT_FALSE(done.outcome->ptz);
    EXPECT_FALSE(done.outcome->replay_url);
    EXPECT_EQ(code(camera->move({1, 0, 0}, 100)), "onvif.not_supported");
  }
}

TEST_F(GsoapDevice, APasswordThatItRefusesToTakeIsSaidWithItsReason) {
  start({"fixed"});
  auto camera = device();
  const auto done = enrol(*camera, {{"admin", password_}, "another-password"});
  ASSERT_FALSE(done.outcome);
  EXPECT_EQ(code(done.outcome), "onvif.not_rotated");
  EXPECT_NE(done.outcome.error().message.find("passwords are fixed here"), std::string::npos);
  EXPECT_FALSE(done.rotated);
  start();
  camera = device();
  const auto weak = camera->set_password({"admin", "Administrator"}, "short");
  ASSERT_FALSE(weak);
  EXPECT_EQ(code(weak), "onvif.refused");
  EXPECT_NE(weak.error().message.find("give 8 characters"), std::string::npos);
  EXPECT_EQ(code(camera->stream_uri("none")), "onvif.refused");
}

TEST_F(GsoapDevice, ItMovesAsFarAsToldAndStopsByItselfOrWhenTold) {
  start();
  auto camera = device();
  ASSERT_TRUE(camera->move({-0.5, 0.25, 0}, 400));
  EXPECT_TRUE(camera->ptz_status()->moving);
  ASSERT_TRUE(eventually([&] { return !camera->ptz_status()->moving; }));
  const auto at = camera->ptz_status()->at;
  EXPECT_NEAR(at.pan, -0.2, 1e-6);
  EXPECT_NEAR(at.tilt, 0.1, 1e-6);
  EXPECT_EQ(at.zoom, 0);
  ASSERT_TRUE(camera->move({0, 0, 0.01}, 60'000));
  EXPECT_TRUE(camera->ptz_status()->moving);
  ASSERT_TRUE(camera->stop());
  EXPECT_FALSE(camera->ptz_status()->moving);
}

TEST_F(GsoapDevice, ATourOfItsPresetsGoesWhereTheyWereSaved) {
  start();
  auto camera = device();
  std::vector<std::pair<std::string, double>> tour;
  for (const auto* name : {"Cổng <A>", "Bến & xe", "\"Chợ\""}) {
    ASSERT_TRUE(camera->move({1, 0, 0}, 100));
    ASSERT_TRUE(eventually([&] { return !camera->ptz_status()->moving; }));
    const auto token = camera->save_preset(name);
    ASSERT_TRUE(token) << token.error().message;
    tour.emplace_back(*token, camera->ptz_status()->at.pan);
  }
  const auto presets = camera->presets();
  ASSERT_TRUE(presets) << presets.error().message;
  ASSERT_EQ(presets->size(), 3U);
  EXPECT_EQ(presets->front().name, "Cổng <A>");
  EXPECT_EQ(presets->back().name, "\"Chợ\"");
  for (const auto& [token, pan] : tour) {
    ASSERT_TRUE(camera->go_to(token)) << token;
    EXPECT_NEAR(camera->ptz_status()->at.pan, pan, 1e-6);
  }
  ASSERT_TRUE(camera->set_home());
  ASSERT_TRUE(camera->go_to(tour.front().first));
  ASSERT_TRUE(camera->go_home());
  EXPECT_NEAR(camera->ptz_status()->at.pan, tour.back().second, 1e-6);
  ASSERT_TRUE(camera->remove_preset(tour.front().first));
  const auto gone = camera->go_to(tour.front().first);
  ASSERT_FALSE(gone);
  EXPECT_EQ(code(gone), "onvif.refused");
  EXPECT_NE(gone.error().message.find("no such preset"), std::string::npos);
}

TEST_F(GsoapDevice, MotionIsPulledAsItBeganAndEndedAndNothingElse) {
  for (const auto& words : {std::vector<std::string>{"clock_s=-5000"}, {"no_filter", "old"}}) {
    start(words);
    auto camera = device();
    const auto point = subscribe_motion(*camera, 60);
    ASSERT_TRUE(point) << point.error().message;
    std::size_t total = 0;
    const auto first = pull_motion(*camera, *point, total);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(total, 2U) << "its state and another topic";
    ASSERT_EQ(first->size(), 1U);
    EXPECT_FALSE(first->front().moving);
    EXPECT_EQ(first->front().what, "tns1:RuleEngine/CellMotionDetector/Motion|lens|<all> & more");
    for (const auto* line : {"motion 1", "motion 0", "motion 1"}) {
      peer_->tell(line);
      ASSERT_EQ(peer_->line(), "set");
    }
    const auto then = pull_motion(*camera, *point, total);
    ASSERT_TRUE(then) << then.error().message;
    ASSERT_EQ(then->size(), 3U);
    EXPECT_TRUE((*then)[0].moving && !(*then)[1].moving && (*then)[2].moving);
    const auto by_its_clock = clock_.wall().us + *camera->clock_offset_us();
    EXPECT_NEAR(static_cast<double>((*then)[2].at.us), static_cast<double>(by_its_clock), 3e6);
    EXPECT_TRUE(pull_motion(*camera, *point, total)->empty());
    EXPECT_EQ(code(renew(*camera, *point, 120)), "");
    EXPECT_EQ(code(unsubscribe(*camera, *point)), "");
    EXPECT_EQ(code(pull_motion(*camera, *point, total)), "onvif.refused");
  }
  start({"no_events"});
  EXPECT_EQ(code(subscribe_motion(*device(), 60)), "onvif.not_supported");
}

TEST_F(GsoapDevice, AProbeFindsItWithItsNameAndReachesItWhereItAnsweredFrom) {
  // A port that nobody has: the well-known one may have other cameras on it.
  const int fd = ::socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
  socklen_t size = sizeof any;
  ASSERT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size), 0);
  ::close(fd);
  const std::uint16_t port = ntohs(any.sin_port);
  start({"discovery=" + std::to_string(port)});
  const auto found = onvif::discover({.port = port, .wait_ms = 1'500});
  ASSERT_TRUE(found) << found.error().message;
  bool at_loopback = false;
  ASSERT_FALSE(found->empty());
  for (const auto& one : *found) {
    EXPECT_EQ(one.name, "Cổng bến");
    EXPECT_EQ(one.hardware, "gSOAP");
    EXPECT_EQ(one.location, "Bến xe");
    EXPECT_EQ(one.endpoint, "urn:uuid:67500000-0000-4000-8000-000000000001");
    at_loopback |= one.address == "http://127.0.0.1:" + std::to_string(port_) + "/device";
  }
  EXPECT_TRUE(at_loopback);
}

}  // namespace
}  // namespace vl::interop
