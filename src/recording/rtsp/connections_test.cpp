#include <gtest/gtest.h>

#include <vonglau/rtsp/connections.hpp>

#include "connections_test_camera.hpp"

namespace vl::rtsp {
namespace {

/// Patient where a test is not about patience, so that a loaded machine changes nothing.
ConnectionOptions quick() {
  ConnectionOptions options;
  options.connect_timeout_ms = 10'000;
  options.answer_timeout_ms = 10'000;
  options.stall_ms = 10'000;
  options.first_wait_ms = 20;
  options.longest_wait_ms = 200;
  options.refused_wait_ms = 300;
  options.seed = 1;
  return options;
}

class ConnectionsTest : public testing::Test {
 protected:
  Connections::Id open(Connections& connections, Source source, std::int64_t spread_ms = 0) {
    auto id = connections.open(std::move(source), hearing, spread_ms);
    EXPECT_TRUE(id) << id.error().message;
    return id.value_or(0);
  }
  SystemClock clock;
  Hearing hearing;
};

TEST_F(ConnectionsTest, plays_a_camera_and_gives_its_samples) {
  std::vector<std::string> asked;
  ScriptedCamera camera([&](Visit& visit) {
    for (int i = 0; i < 4; ++i)
      if (const auto request = visit.next()) {
        asked.push_back(request->method + " " + request->uri);
        EXPECT_EQ(request->headers.find("User-Agent"), "VongLau/1");
        if (request->method == "DESCRIBE")
          EXPECT_EQ(request->headers.find("Accept"), "application/sdp");
        if (request->method == "SETUP")
          EXPECT_EQ(request->headers.find("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
        if (request->method == "PLAY") {
          EXPECT_EQ(request->headers.find("Range"), "npt=0.000-");
          EXPECT_EQ(request->headers.find("Session"), "4711");
        }
        visit.send(visit.usual(*request));
      }
    visit.send_pictures(5);
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(5));
  const auto state = connections.state(id);
  connections.close(id);
  const auto heard = hearing.heard();
  EXPECT_EQ(heard.order, (std::vector<std::string>{"playing", "sample"}));
  EXPECT_TRUE(heard.samples[0].is_key);
  EXPECT_EQ(heard.samples[0].format->width, 640U);
  for (std::size_t i = 1; i < 5; ++i)
    EXPECT_EQ(heard.samples[i].pts - heard.samples[i - 1].pts, 3600);
  ASSERT_EQ(heard.descriptions.size(), 1U);
  EXPECT_EQ(heard.descriptions[0].media.size(), 1U);
  ASSERT_TRUE(state);
  EXPECT_TRUE(state->playing);
  EXPECT_EQ(state->cause, std::nullopt);
  EXPECT_EQ(state->attempts, 1U);
  EXPECT_EQ(asked, (std::vector<std::string>{"OPTIONS " + camera.url(), "DESCRIBE " + camera.url(),
                                             "SETUP " + camera.url() + "/track1",
                                             "PLAY " + camera.url() + "/"}));
  EXPECT_FALSE(connections.state(id));
}

}  // namespace
}  // namespace vl::rtsp
