// Why no samples come, told with its exact cause, and what is done about it.
#include <atomic>
#include <memory>

#include <gtest/gtest.h>

#include <vonglau/rtsp/connections.hpp>

#include "connections_test_camera.hpp"

namespace vl::rtsp {
namespace {

using ConnectionsFailure = ConnectionsTest;

/// Ports of the loopback where nobody answers.
struct SilentPort {
  explicit SilentPort(bool listens) {
    socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket, reinterpret_cast<sockaddr*>(&at), size), 0);
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    if (!listens) return;
    // A queue of no places, filled: further connections get no answer at all.
    EXPECT_EQ(::listen(socket, 0), 0);
    for (int i = 0; i < 4; ++i) {
      fillers.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      ::connect(fillers.back(), reinterpret_cast<sockaddr*>(&at), size);
    }
  }
  ~SilentPort() {
    for (const int filler : fillers) ::close(filler);
    ::close(socket);
  }
  SilentPort(const SilentPort&) = delete;
  SilentPort& operator=(const SilentPort&) = delete;
  std::string url() const { return fmt::format("rtsp://127.0.0.1:{}/live", port); }
  int socket = -1;
  std::uint16_t port = 0;
  std::vector<int> fillers;
};

TEST_F(ConnectionsFailure, nobody_listens_unreachable) {
  const SilentPort port(false);
  Connections connections(clock, quick());
  const auto id = open(connections, {port.url(), {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::unreachable));
  EXPECT_NE(hearing.heard().stops[0].detail.find("refused"), std::string::npos);
  EXPECT_EQ(connections.state(id)->cause, StopCause::unreachable);
  EXPECT_FALSE(connections.state(id)->playing);
}

TEST_F(ConnectionsFailure, no_answer_to_the_connection_unreachable) {
  const SilentPort port(true);
  auto options = quick();
  options.connect_timeout_ms = 300;
  Connections connections(clock, options);
  open(connections, {port.url(), {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::unreachable));
  EXPECT_NE(hearing.heard().stops[0].detail.find("no answer"), std::string::npos);
}

TEST_F(ConnectionsFailure, an_unknown_name_unreachable) {
  Connections connections(clock, quick());
  open(connections, {"rtsp://camera.invalid/live", {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::unreachable));
}

TEST_F(ConnectionsFailure, closing_while_connecting_or_looking_up_returns_at_once) {
  const SilentPort port(true);
  Connections connections(clock, quick());
  const auto connecting = open(connections, {port.url(), {}});
  ASSERT_TRUE(hearing.wait_for_ticks(2));
  const auto from = std::chrono::steady_clock::now();
  connections.close(connecting);
  const auto looking_up = open(connections, {"rtsp://camera.invalid/live", {}});
  connections.close(looking_up);
  EXPECT_LT(std::chrono::steady_clock::now() - from, 3s);
  EXPECT_TRUE(hearing.heard().stops.empty());
}

TEST_F(ConnectionsFailure, an_answer_that_stays_away_stalled) {
  ScriptedCamera camera([](Visit& visit) {
    (void)visit.serve_until("DESCRIBE");
    visit.wait_for_end();
  });
  auto options = quick();
  options.answer_timeout_ms = 300;
  Connections connections(clock, options);
  open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::stalled));
  EXPECT_EQ(hearing.heard().stops[0].detail,
            fmt::format("127.0.0.1:{}: no answer to DESCRIBE", camera.port));
}

TEST_F(ConnectionsFailure, pictures_that_stay_away_stalled) {
  ScriptedCamera camera([](Visit& visit) {
    if (visit.serve_to("PLAY")) visit.send_pictures(3);
    while (const auto request = visit.next()) visit.send(visit.usual(*request));
  });
  ManualClock manual;
  Connections connections(manual, quick());
  open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(3));
  manual.advance_us(9'900'000);
  ASSERT_TRUE(hearing.wait_for_ticks(3));
  EXPECT_TRUE(hearing.heard().stops.empty());
  manual.advance_us(200'000);
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::stalled));
  EXPECT_EQ(hearing.heard().order, (std::vector<std::string>{"playing", "sample", "stopped"}));
}

TEST_F(ConnectionsFailure, sound_alone_does_not_hide_that_the_picture_stalled) {
  std::atomic<bool> plays_sound = false;
  ScriptedCamera camera([&](Visit& visit) {
    visit.sends_sound = true;
    if (!visit.serve_to("PLAY")) return;
    visit.send_pictures(1);
    std::uint16_t sequence = 0;
    const Bytes payload(160, 0x7f);
    while (!visit.hung_up) {
      Bytes packet;
      append_rtp(packet,
                 {.payload_type = 0, .sequence = ++sequence, .ssrc = 9, .payload = payload});
      if (!visit.send(Visit::frame(2, packet))) return;
      plays_sound = true;
      if (const auto request = visit.next(10ms)) visit.send(visit.usual(*request));
    }
  });
  ManualClock manual;
  Connections connections(manual, quick());
  open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(3));
  EXPECT_TRUE(plays_sound);
  manual.advance_us(10'100'000);
  EXPECT_TRUE(hearing.wait_for_stop(StopCause::stalled));
}

TEST_F(ConnectionsFailure, packets_that_never_make_a_picture_bad_stream) {
  ScriptedCamera camera([](Visit& visit) {
    if (!visit.serve_to("PLAY")) return;
    while (!visit.hung_up) {
      Bytes packet;  // of a payload type that the description does not know
      append_rtp(packet, {.payload_type = 33, .sequence = 1, .ssrc = 9});
      if (!visit.send(Visit::frame(0, packet))) return;
      if (const auto request = visit.next(10ms)) visit.send(visit.usual(*request));
    }
  });
  ManualClock manual;
  Connections connections(manual, quick());
  open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait([](const auto& h) { return !h.descriptions.empty(); }));
  for (int i = 0; i < 8; ++i) {
    manual.advance_us(8'000'000);
    ASSERT_TRUE(hearing.wait_for_ticks(2));
  }
  EXPECT_TRUE(hearing.wait_for_stop(StopCause::bad_stream));
}

TEST_F(ConnectionsFailure, a_camera_that_says_goodbye_reset) {
  ScriptedCamera camera([](Visit& visit) {
    if (!visit.serve_to("PLAY")) return;
    visit.send_pictures(1);
    visit.send(Visit::frame(1, {0x81, 203, 0, 1, 0, 0, 0, 7}));
    visit.wait_for_end();
  });
  Connections connections(clock, quick());
  open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::reset));
  EXPECT_NE(hearing.heard().stops[0].detail.find("BYE"), std::string::npos);
}

/// How a first connection breaks; the second plays.
struct Break {
  std::string name;
  StopCause cause;
  std::function<void(Visit&)> how;
};
void PrintTo(const Break& how, std::ostream* out) {
  *out << how.name;
}

Break answers(std::string_view method, int status, StopCause cause = StopCause::bad_stream) {
  return {fmt::format("{}_{}", method, status), cause, [=](Visit& visit) {
            if (const auto request = visit.serve_until(method)) visit.answer(*request, status);
            visit.wait_for_end();
          }};
}
Break describes(std::string name, std::string body) {
  return {std::move(name), StopCause::bad_stream, [=](Visit& visit) {
            if (const auto request = visit.serve_until("DESCRIBE"))
              visit.answer(*request, 200, {}, body);
            visit.wait_for_end();
          }};
}
Break sets_up(std::string name, std::string transport) {
  return {std::move(name), StopCause::bad_stream, [=](Visit& visit) {
            visit.sends_sound = true;
            while (const auto request = visit.next()) {
              if (request->method == "SETUP")
                visit.answer(*request, 200, {{"Transport", transport}, {"Session", "1"}});
              else
                visit.send(visit.usual(*request));
            }
          }};
}
Break redirects(std::string name, std::string location) {
  return {std::move(name), StopCause::bad_stream, [=](Visit& visit) {
            if (const auto request = visit.serve_until("DESCRIBE"))
              visit.answer(*request, 302, {{"Location", location}});
            visit.wait_for_end();
          }};
}

std::vector<Break> breaks() {
  return {
      {"hangs_up_at_once", StopCause::reset, [](Visit&) {}},
      {"cuts_at_once", StopCause::reset, [](Visit& visit) { visit.cut(); }},
      {"hangs_up_instead_of_an_answer", StopCause::reset,
       [](Visit& visit) { (void)visit.serve_until("SETUP"); }},
      {"hangs_up_while_playing", StopCause::reset,
       [](Visit& visit) {
         if (visit.serve_to("PLAY")) visit.send_pictures(3);
       }},
      {"cuts_while_playing", StopCause::reset,
       [](Visit& visit) {
         if (visit.serve_to("PLAY")) visit.send_pictures(3);
         visit.cut();
       }},
      {"hangs_up_in_mid_frame", StopCause::reset,
       [](Visit& visit) {
         if (visit.serve_to("PLAY")) visit.send(visit.picture() + visit.picture().substr(0, 77));
       }},
      {"sends_rubbish_at_once", StopCause::bad_stream,
       [](Visit& visit) {
         visit.send(std::string(100, '\xfe'));
         visit.wait_for_end();
       }},
      {"sends_rubbish_between_pictures", StopCause::bad_stream,
       [](Visit& visit) {
         if (!visit.serve_to("PLAY")) return;
         visit.send(visit.picture() + std::string(100, '\xfe') + visit.picture());
         visit.wait_for_end();
       }},
      {"speaks_http", StopCause::bad_stream,
       [](Visit& visit) {
         visit.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
         visit.wait_for_end();
       }},
      {"answers_without_end", StopCause::bad_stream,
       [](Visit& visit) {
         while (visit.send("RTSP/1.0 200 OK\r\nCSeq: 999\r\n\r\n")) {
         }
       }},
      {"asks_without_end", StopCause::bad_stream,
       [](Visit& visit) {
         while (visit.send("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")) {
         }
       }},
      {"session_lost", StopCause::bad_stream,
       [](Visit& visit) {
         if (!visit.serve_to("PLAY", "4711;timeout=1")) return;
         while (!visit.hung_up && visit.send(visit.picture()))
           if (const auto request = visit.next(20ms)) visit.answer(*request, 454);
       }},
      answers("DESCRIBE", 403, StopCause::authentication_refused),
      answers("DESCRIBE", 401, StopCause::authentication_refused),
      answers("DESCRIBE", 404),
      answers("DESCRIBE", 406),
      answers("DESCRIBE", 415),
      answers("DESCRIBE", 503),
      answers("SETUP", 461),
      answers("SETUP", 453),
      answers("PLAY", 454),
      answers("PLAY", 500),
      describes("no_description", ""),
      describes("description_is_html", "<html>"),
      describes("nothing_to_record", "v=0\r\nm=video 0 RTP/AVP 26\r\na=rtpmap:26 JPEG/90000\r\n"),
      describes("encrypted", "v=0\r\nm=video 0 RTP/SAVP 96\r\na=rtpmap:96 H264/90000\r\n"),
      sets_up("over_udp", "RTP/AVP;unicast;client_port=4000-4001;server_port=5000-5001"),
      sets_up("two_tracks_on_one_channel", "RTP/AVP/TCP;unicast;interleaved=0-1"),
      sets_up("transport_is_rubbish", "RTP/AVP/TCP;unicast;interleaved=x"),
      redirects("redirected_to_http", "http://127.0.0.1/"),
      redirects("redirected_nowhere", ""),
  };
}

class Breaking : public ConnectionsTest, public testing::WithParamInterface<Break> {};

TEST_P(Breaking, is_told_by_its_cause_and_followed_by_playing_again) {
  ScriptedCamera camera([&](Visit& visit) {
    if (visit.number == 1) return GetParam().how(visit);
    if (visit.serve_to("PLAY")) visit.stream();
  });
  Connections connections(clock, quick());
  const auto url = fmt::format("rtsp://127.0.0.1:{}/geheim", camera.port);
  const auto id = open(connections, {url, Credentials{"u", "geheim"}});
  ASSERT_TRUE(hearing.wait_for_stop(GetParam().cause));
  EXPECT_EQ(connections.state(id).has_value(), true);
  const auto stopped = hearing.heard().samples.size();
  ASSERT_TRUE(hearing.wait(
      [&](const auto& h) { return h.order.back() == "sample" && h.samples.size() > stopped; }));
  connections.close(id);
  const auto heard = hearing.heard();
  ASSERT_EQ(heard.stops.size(), 1U);
  EXPECT_EQ(heard.stops[0].cause, GetParam().cause);
  EXPECT_EQ(heard.stops[0].detail.find("geheim"), std::string::npos) << heard.stops[0].detail;
  EXPECT_TRUE(heard.stops[0].detail.starts_with("127.0.0.1:")) << heard.stops[0].detail;
  EXPECT_EQ(camera.visits(), 2);
  const auto status = GetParam().name.substr(GetParam().name.find('_') + 1);
  if (status.size() == 3 && std::isdigit(status[0]) != 0)
    EXPECT_NE(heard.stops[0].detail.find(status), std::string::npos) << heard.stops[0].detail;
}
INSTANTIATE_TEST_SUITE_P(, Breaking, testing::ValuesIn(breaks()),
                         [](const auto& p) { return p.param.name; });

TEST_F(ConnectionsFailure, is_told_again_only_when_its_cause_is_another) {
  ScriptedCamera camera([](Visit& visit) {
    if (visit.number <= 3) return;  // hangs up
    if (visit.number <= 5) {
      if (const auto request = visit.serve_until("DESCRIBE")) visit.answer(*request, 404);
      visit.wait_for_end();
    } else if (visit.serve_to("PLAY")) {
      visit.stream();
    }
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(1));
  const auto state = connections.state(id);
  connections.close(id);
  const auto stops = hearing.heard().stops;
  ASSERT_EQ(stops.size(), 2U);
  EXPECT_EQ(stops[0].cause, StopCause::reset);
  EXPECT_EQ(stops[1].cause, StopCause::bad_stream);
  EXPECT_EQ(state->attempts, 6U);
}

TEST_F(ConnectionsFailure, waits_double_up_to_the_longest_and_begin_anew_after_long_playing) {
  std::atomic<bool> plays = false;
  ScriptedCamera camera([&](Visit& visit) {
    if (!plays) {  // in turns, so that each failure is told
      if (visit.number % 2 == 0) visit.send(std::string(100, '\xfe'));
      if (visit.number % 2 == 0) visit.wait_for_end();
      return;
    }
    if (visit.serve_to("PLAY")) visit.send_pictures(1);
    while (plays && !visit.hung_up)
      if (const auto request = visit.next(20ms)) visit.send(visit.usual(*request));
  });
  ManualClock manual;
  auto options = quick();
  options.stall_ms = 1'000'000;
  options.connect_timeout_ms = options.answer_timeout_ms = 1'000'000;
  options.first_wait_ms = 1000;
  options.longest_wait_ms = 6000;
  Connections connections(manual, options);
  const auto id = open(connections, {camera.url(), {}});
  std::size_t failures = 1;
  const auto wait_for_failure = [&] {
    return hearing.wait([&](const auto& h) { return h.stops.size() == failures; });
  };
  ASSERT_TRUE(wait_for_failure());
  std::uint64_t attempts = 1;
  const auto expect_wait = [&](std::int64_t wait_ms) {
    manual.advance_us(wait_ms * 1000 / 2 - 1000);
    ASSERT_TRUE(hearing.wait_for_ticks(2));
    EXPECT_EQ(connections.state(id)->attempts, attempts);
    manual.advance_us(wait_ms * 1000 / 2 + 1000);
    ASSERT_TRUE(
        hearing.wait([&](const auto&) { return connections.state(id)->attempts == attempts + 1; }));
    ++attempts;
    ++failures;
    ASSERT_TRUE(wait_for_failure());
  };
  for (const std::int64_t wait_ms : {1000, 2000, 4000, 6000, 6000}) expect_wait(wait_ms);
  plays = true;
  manual.advance_us(6'000'000);
  ++attempts;
  ASSERT_TRUE(hearing.wait_for_samples(1));
  manual.advance_us(6'100'000);
  plays = false;
  ++failures;
  ASSERT_TRUE(wait_for_failure());
  expect_wait(1000);
}

TEST_F(ConnectionsFailure, counters_go_on_across_connections) {
  ScriptedCamera camera([](Visit& visit) {
    if (visit.serve_to("PLAY")) visit.send_pictures(10);
    if (visit.number == 3) visit.wait_for_end();
  });
  Connections connections(clock, quick());
  const auto id = open(connections, {camera.url(), {}});
  ASSERT_TRUE(hearing.wait_for_samples(30));
  ASSERT_TRUE(hearing.wait_for_ticks(2));
  const auto state = connections.state(id);
  EXPECT_EQ(state->video.samples, 30U);
  EXPECT_EQ(state->video.packets, 30U);
  EXPECT_EQ(state->attempts, 3U);
}

TEST_F(ConnectionsFailure, follows_a_redirection_and_not_a_third) {
  ScriptedCamera last([](Visit& visit) {
    if (visit.serve_to("PLAY")) visit.stream();
  });
  std::atomic<bool> in_a_circle = true;
  ScriptedCamera first([&](Visit& visit) {
    const auto to = in_a_circle ? visit.url() : last.url();
    if (const auto request = visit.serve_until("DESCRIBE"))
      visit.answer(*request, 301, {{"Location", to}});
    visit.wait_for_end();
  });
  auto options = quick();
  options.first_wait_ms = options.longest_wait_ms = 500;
  Connections connections(clock, options);
  const auto id = open(connections, {first.url(), {}});
  ASSERT_TRUE(hearing.wait_for_stop(StopCause::bad_stream));
  EXPECT_EQ(first.visits(), 3);
  EXPECT_NE(hearing.heard().stops[0].detail.find("redirected"), std::string::npos);
  in_a_circle = false;
  ASSERT_TRUE(hearing.wait_for_samples(1));
  connections.close(id);
  EXPECT_EQ(last.visits(), 1);
  EXPECT_EQ(first.visits(), 4);
}

}  // namespace
}  // namespace vl::rtsp
