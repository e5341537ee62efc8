#include <atomic>
#include <memory>

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/rtp.hpp>

#include "connections_test_camera.hpp"

namespace vl::rtsp {
namespace {

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

TEST_F(ConnectionsTest, every_byte_may_come_alone) {
  ScriptedCamera camera([](Visit& visit) {
    const auto slowly = [&](const std::string& bytes) {
      for (const char byte : bytes) visit.send({&byte, 1});
    };
    const int now = 1;
    ::setsockopt(visit.descriptor(), IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    for (int i = 0; i < 4; ++i)
      if (const auto request = visit.next()) slowly(visit.usual(*request));
    for (int i = 0; i < 3; ++i) slowly(visit.picture());
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  EXPECT_TRUE(hearing.wait_for_samples(3));
  connections.close(id);
  EXPECT_TRUE(hearing.heard().problems.empty());
}

TEST_F(ConnectionsTest, pictures_before_the_answer_to_play_are_not_lost) {
  ScriptedCamera camera([](Visit& visit) {
    const auto play = visit.serve_until("PLAY");
    visit.send_pictures(2);
    if (play) visit.send(visit.usual(*play));
    visit.send_pictures(1);
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(3));
  connections.close(id);
  EXPECT_EQ(hearing.heard().order, (std::vector<std::string>{"playing", "sample"}));
}

TEST_F(ConnectionsTest, sound_comes_on_the_channels_that_the_camera_names) {
  std::vector<std::string> transports;
  ScriptedCamera camera([&](Visit& visit) {
    visit.sends_sound = true;
    while (const auto request = visit.next()) {
      if (request->method != "SETUP") {
        visit.send(visit.usual(*request));
        if (request->method == "PLAY") break;
        continue;
      }
      transports.emplace_back(*request->headers.find("Transport"));
      EXPECT_EQ(request->headers.find("Session").has_value(), transports.size() == 2);
      const bool sound = request->uri.ends_with("track2");
      visit.answer(*request, 200,
                   {{"Session", "4711"},
                    {"Transport", sound ? "RTP/AVP/TCP;unicast;interleaved=10-11"
                                        : "RTP/AVP/TCP;unicast;interleaved=4-5"}});
    }
    visit.send(visit.picture(200, 4));
    Bytes packet;
    const Bytes payload(160, 0x7f);
    append_rtp(packet, {.payload_type = 0, .sequence = 1, .ssrc = 9, .payload = payload});
    visit.send(Visit::frame(10, packet));
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(2));
  connections.close(id);
  const auto heard = hearing.heard();
  EXPECT_EQ(heard.samples[0].track, 0);
  EXPECT_EQ(heard.samples[1].track, 1);
  EXPECT_EQ(heard.samples[1].bytes, Bytes(160, 0x7f));
  EXPECT_EQ(heard.descriptions[0].media.size(), 2U);
  EXPECT_EQ(transports, (std::vector<std::string>{"RTP/AVP/TCP;unicast;interleaved=0-1",
                                                  "RTP/AVP/TCP;unicast;interleaved=2-3"}));
}

TEST_F(ConnectionsTest, a_camera_that_refuses_its_sound_is_played_without) {
  ScriptedCamera camera([](Visit& visit) {
    visit.sends_sound = true;
    while (const auto request = visit.next()) {
      if (request->uri.ends_with("track2"))
        visit.answer(*request, 461);
      else
        visit.send(visit.usual(*request));
      if (request->method == "PLAY") break;
    }
    visit.send_pictures(1);
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  connections.close(id);
  const auto description = hearing.heard().descriptions.at(0);
  EXPECT_EQ(description.media.size(), 1U);
  ASSERT_EQ(description.notes.size(), 1U);
  EXPECT_EQ(description.notes[0], "sound left out: SETUP answered 461 Unsupported Transport");
}

TEST_F(ConnectionsTest, a_camera_may_be_named_by_name_and_by_its_six_byte_groups) {
  const auto script = [](Visit& visit) {
    if (visit.serve_to("PLAY")) visit.send_pictures(1);
    visit.wait_for_end();
  };
  ScriptedCamera camera(script);
  Connections connections(clock, quick());
  const auto id = open(connections, {fmt::format("rtsp://localhost:{}/live", camera.port), {}});
  EXPECT_TRUE(hearing.wait_for_samples(1));
  connections.close(id);
  ScriptedCamera six(script, AF_INET6);
  if (!six.is_listening) GTEST_SKIP() << "no IPv6 on this machine";
  Hearing of_six;
  const auto other = connections.open({fmt::format("rtsp://[::1]:{}/live", six.port), {}}, of_six);
  ASSERT_TRUE(other);
  EXPECT_TRUE(of_six.wait_for_samples(1));
  connections.close(*other);
}

TEST_F(ConnectionsTest, refuses_what_is_no_rtsp_url) {
  Connections connections(clock, quick());
  for (const auto* url : {"", "http://x/", "rtsp://", "rtsp://host:0/", "rtsp://a b/", "x"})
    EXPECT_FALSE(connections.open({url, {}}, hearing)) << url;
  const auto secure = connections.open({"rtsps://u:geheim@x/", {}}, hearing);
  ASSERT_FALSE(secure);
  EXPECT_EQ(secure.error().code, code_of(RtspError::unsupported));
  EXPECT_EQ(secure.error().message.find("geheim"), std::string::npos);
}

TEST_F(ConnectionsTest, sends_receiver_reports_and_answers_what_the_camera_asks) {
  std::optional<int> options, announce, parameter;
  std::map<int, int> frames;
  Flag done;
  ScriptedCamera camera([&](Visit& visit) {
    visit.sends_sound = true;
    if (!visit.serve_to("PLAY")) return;
    const auto ask = [&](const char* method) -> std::optional<int> {
      visit.response.reset();
      visit.returns_early = [&] { return visit.response.has_value(); };
      visit.send(serialise(Request{method, visit.url(), {{"CSeq", "7"}}, {}}));
      (void)visit.next();
      if (!visit.response || cseq_of(visit.response->headers) != 7) return std::nullopt;
      return visit.response->status;
    };
    options = ask("OPTIONS");
    announce = ask("ANNOUNCE");
    parameter = ask("GET_PARAMETER");
    visit.returns_early = [&] { return visit.frames.contains(1) && visit.frames.contains(3); };
    (void)visit.next();
    frames = visit.frames;
    done.raise();
    visit.returns_early = nullptr;
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(done.wait());
  connections.close(id);
  EXPECT_EQ(options, 200);
  EXPECT_EQ(announce, 501);
  EXPECT_EQ(parameter, 200);
  EXPECT_GE(frames[1], 1);
  EXPECT_GE(frames[3], 1);
}

class KeepAlive : public ConnectionsTest, public testing::WithParamInterface<bool> {};

TEST_P(KeepAlive, comes_before_half_of_the_session_has_passed) {
  const bool has_get_parameter = GetParam();
  std::atomic<int> keep_alives = 0;
  Flag playing;
  ScriptedCamera camera([&](Visit& visit) {
    while (const auto request = visit.next(60s)) {
      if (request->method == "OPTIONS" && !has_get_parameter)
        visit.answer(*request);
      else
        visit.send(visit.usual(*request, "4711;timeout=10"));
      if (request->method == "PLAY") visit.send(visit.picture()), playing.raise();
      const bool alive = request->headers.find("Session") && request->uri == visit.url() + "/" &&
                         request->method == (has_get_parameter ? "GET_PARAMETER" : "OPTIONS");
      keep_alives += alive ? 1 : 0;
    }
  });
  ManualClock manual;
  ConnectionOptions options = quick();
  options.stall_ms = 1'000'000;
  Connections connections(manual, options);
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(playing.wait());
  ASSERT_TRUE(hearing.wait_for_samples(1));
  manual.advance_us(3'900'000);
  ASSERT_TRUE(hearing.wait_for_ticks(3));
  EXPECT_EQ(keep_alives, 0);
  for (int i = 1; i <= 3; ++i) {
    manual.advance_us(4'100'000);
    ASSERT_TRUE(hearing.wait([&](const auto&) { return keep_alives == i; }));
  }
  connections.close(id);
  EXPECT_TRUE(hearing.heard().stops.empty());
}
INSTANTIATE_TEST_SUITE_P(ByWhatTheCameraKnows, KeepAlive, testing::Bool(),
                         [](const auto& p) { return p.param ? "get_parameter" : "options"; });

TEST_F(ConnectionsTest, closing_says_teardown) {
  std::atomic<int> teardowns = 0;
  Flag said;
  ScriptedCamera camera([&](Visit& visit) {
    if (!visit.serve_to("PLAY")) return;
    visit.send_pictures(20);
    while (const auto request = visit.next())
      if (request->method == "TEARDOWN") {
        EXPECT_EQ(request->headers.find("Session"), "4711");
        if (++teardowns == 2) said.raise();
      }
  });
  std::optional<Connections> connections(std::in_place, clock, quick());
  const auto id = open(*connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  connections->close(id);
  const int ticks = hearing.heard().ticks;
  Hearing of_second;
  ASSERT_TRUE(connections->open({camera.url(), {}}, of_second));
  ASSERT_TRUE(of_second.wait_for_samples(1));
  ASSERT_TRUE(of_second.wait_for_ticks(3));
  EXPECT_EQ(hearing.heard().ticks, ticks);  // closed: it hears nothing
  connections.reset();                      // closes what is open
  EXPECT_TRUE(said.wait());
}

TEST_F(ConnectionsTest, closing_gives_the_picture_that_was_whole_already) {
  Flag sent;
  ScriptedCamera camera([&](Visit& visit) {
    if (!visit.serve_to("PLAY")) return;
    Bytes packet;  // of a camera without markers: the next packet would tell its end
    const Bytes payload{0x65, 0x88, 1, 2, 3, 4};
    append_rtp(
        packet,
        {.payload_type = 96, .sequence = 101, .timestamp = 7200, .ssrc = 7, .payload = payload});
    visit.send(Visit::frame(0, packet));
    visit.send(serialise(Request{"OPTIONS", "*", {{"CSeq", "1"}}, {}}));
    visit.returns_early = [&] { return visit.response.has_value(); };
    (void)visit.next();
    sent.raise();
    visit.returns_early = nullptr;
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(sent.wait());  // the client has answered, so it has read the packet
  EXPECT_TRUE(hearing.heard().samples.empty());
  connections.close(id);
  EXPECT_EQ(hearing.heard().samples.size(), 1U);
}

ConnectionOptions gathering(std::int64_t gather_ms) {
  auto options = quick();
  options.gather_ms = gather_ms;
  return options;
}

TEST_F(ConnectionsTest, what_is_gathered_is_all_there_and_in_order) {
  hearing.haste = false;
  constexpr std::size_t pictures = 150;
  ScriptedCamera camera([&](Visit& visit) {
    if (const auto play = visit.serve_until("PLAY")) visit.send(visit.usual(*play));
    // Of all sizes, and cut wherever it falls.
    for (std::size_t i = 0; i < pictures; ++i) {
      visit.send(visit.picture(200 + i * 397 % 60'000));
      if (i % 10 == 0) visit.next(20ms);
    }
    visit.wait_for_end();
  });
  Connections connections(clock, gathering(50));
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(pictures));
  connections.close(id);
  const auto heard = hearing.heard();
  EXPECT_TRUE(heard.problems.empty());
  ASSERT_EQ(heard.samples.size(), pictures);
  for (std::size_t i = 0; i < pictures; ++i) {
    EXPECT_EQ(heard.samples[i].bytes.size(), 4 + 200 + i * 397 % 60'000);
    if (i > 0) EXPECT_EQ(heard.samples[i].pts - heard.samples[i - 1].pts, 3600);
  }
}

TEST_F(ConnectionsTest, what_waits_is_given_at_once_when_somebody_comes_to_watch) {
  std::atomic<bool> gathers = false;
  ScriptedCamera camera([&](Visit& visit) {
    if (const auto play = visit.serve_until("PLAY")) visit.send(visit.usual(*play));
    visit.send_pictures(1);
    while (!gathers && !visit.hung_up) visit.next(5ms);
    visit.send_pictures(3);
    visit.wait_for_end();
  });
  // Once in an hour: nothing would come by itself.
  auto options = gathering(3'600'000);
  options.stall_ms = 60'000;
  Connections connections(clock, options);
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  hearing.haste = false;
  ASSERT_TRUE(hearing.wait_for_ticks(2));
  gathers = true;
  ASSERT_TRUE(hearing.wait_for_ticks(3));
  EXPECT_EQ(hearing.heard().samples.size(), 1U);
  hearing.haste = true;
  EXPECT_TRUE(hearing.wait_for_samples(4));
  connections.close(id);
}

TEST_F(ConnectionsTest, a_camera_that_sends_very_much_is_read_before_its_turn) {
  hearing.haste = false;
  constexpr std::size_t pictures = 200;  // of 40 KB
  ScriptedCamera camera([&](Visit& visit) {
    if (const auto play = visit.serve_until("PLAY")) visit.send(visit.usual(*play));
    for (std::size_t i = 0; i < pictures; ++i) visit.send(visit.picture(40'000));
    visit.wait_for_end();
  });
  auto options = gathering(3'600'000);
  options.stall_ms = 60'000;
  Connections connections(clock, options);
  const auto id = open(connections, {camera.url(), {}});
  EXPECT_TRUE(hearing.wait_for_samples(pictures / 2));
  connections.close(id);
}

TEST_F(ConnectionsTest, a_camera_that_hangs_up_is_told_whoever_waits) {
  std::atomic<bool> gathers = false;
  ScriptedCamera camera([&](Visit& visit) {
    if (visit.number > 1) return visit.stream();
    if (const auto play = visit.serve_until("PLAY")) visit.send(visit.usual(*play));
    visit.send_pictures(1);
    while (!gathers && !visit.hung_up) visit.next(5ms);
    visit.send_pictures(2);
  });
  auto options = gathering(3'600'000);
  options.stall_ms = 60'000;
  Connections connections(clock, options);
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  hearing.haste = false;
  ASSERT_TRUE(hearing.wait_for_ticks(2));
  gathers = true;
  EXPECT_TRUE(hearing.wait_for_stop(StopCause::reset));
  connections.close(id);
  EXPECT_GE(hearing.heard().samples.size(), 3U);  // what it sent before is not lost
}

TEST_F(ConnectionsTest, cameras_that_all_come_back_at_once_are_taken_by_turns) {
  constexpr int cameras = 120;
  constexpr int most = 6;
  std::atomic<int> starting = 0, most_starting = 0, playing = 0;
  std::atomic<bool> cut = false;
  ScriptedCamera camera([&](Visit& visit) {
    most_starting = std::max(most_starting.load(), ++starting);
    const auto play = visit.serve_until("PLAY");
    --starting;  // before the client can know of it
    if (!play || !visit.send(visit.usual(*play))) return;
    visit.send_pictures(1);
    ++playing;
    const bool first_time = visit.number <= cameras;
    while (!visit.hung_up && !(first_time && cut)) visit.next(20ms);
    --playing;
    if (first_time) visit.cut();
  });
  auto options = quick();
  options.most_starting = most;
  std::vector<std::unique_ptr<Hearing>> hearings;
  {
    Connections connections(clock, options);
    for (int i = 0; i < cameras; ++i)
      ASSERT_TRUE(connections.open({camera.url(), {}}, *hearings.emplace_back(new Hearing)));
    for (const auto& one : hearings) ASSERT_TRUE(one->wait_for_samples(1));
    cut = true;
    for (const auto& one : hearings) EXPECT_TRUE(one->wait_for_samples(2));
  }
  EXPECT_LE(most_starting, most);
  EXPECT_EQ(camera.visits(), 2 * cameras);
  for (const auto& one : hearings) {
    ASSERT_EQ(one->heard().stops.size(), 1U);
    EXPECT_EQ(one->heard().stops[0].cause, StopCause::reset);
  }
}

TEST_F(ConnectionsTest, fifty_cameras_play_beside_some_that_misbehave) {
  const auto good = [](Visit& visit) {
    if (visit.serve_to("PLAY")) visit.stream();
  };
  const auto floods = [](Visit& visit) {  // as fast as it can: large frames nobody asked for
    if (!visit.serve_to("PLAY")) return;
    const std::string frames = Visit::frame(77, Bytes(60'000)) + visit.picture(50'000);
    while (visit.send(frames)) {
    }
  };
  const auto never_answers = [](Visit& visit) { visit.wait_for_end(60s); };
  const auto chatters = [](Visit& visit) {
    if (!visit.serve_to("PLAY")) return;
    while (visit.send("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n")) {
    }
  };
  const auto rubbish = [](Visit& visit) {
    while (visit.send(std::string(4096, '\xff'))) {
    }
  };
  ScriptedCamera well(good), flood(floods), silent(never_answers), chatter(chatters),
      rubber(rubbish);
  std::vector<std::unique_ptr<Hearing>> hearings;
  std::vector<std::unique_ptr<Hearing>> others;
  {
    Connections connections(clock, quick());
    for (const auto* bad : {&flood, &silent, &chatter, &rubber})
      ASSERT_TRUE(connections.open({bad->url(), {}}, *others.emplace_back(new Hearing)));
    for (int i = 0; i < 50; ++i)
      ASSERT_TRUE(connections.open({well.url(), {}}, *hearings.emplace_back(new Hearing), 100));
    for (const auto& one : hearings) EXPECT_TRUE(one->wait_for_samples(20));
    EXPECT_TRUE(others[2]->wait_for_stop(StopCause::bad_stream));
    EXPECT_TRUE(others[3]->wait_for_stop(StopCause::bad_stream));
  }
  for (const auto& one : hearings) {
    EXPECT_TRUE(one->heard().stops.empty());
    EXPECT_TRUE(one->heard().problems.empty());
  }
  EXPECT_TRUE(others[0]->heard().stops.empty());  // it is only large
  EXPECT_EQ(well.visits(), 50);
}

}  // namespace
}  // namespace vl::rtsp
