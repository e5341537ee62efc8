#include "conversation.hpp"

#include <gtest/gtest.h>

#include <vonglau/rtsp/stream_parser.hpp>

namespace vl::rtsp {
namespace {

Request said(const std::string& text) {
  StreamParser parser;
  parser.feed(as_bytes(text));
  const auto item = parser.next();
  if (!item || !*item || !std::holds_alternative<Request>(**item)) {
    ADD_FAILURE() << "not a request: " << text;
    return {};
  }
  return std::get<Request>(**item);
}

struct ConversationTest : testing::Test {
  static Conversation::Peer peer(std::string_view url = "rtsp://camera:8554/live?x=1") {
    Conversation::Peer out;
    out.url = *parse_url(url);
    out.credentials = Credentials{"u", "p"};
    return out;
  }
  Conversation conversation{peer(), [] { return std::string("c"); }};
  Request last = said(conversation.begin());

  Conversation::Next answer(int status, Headers headers = {}, std::string body = {}) {
    headers.set("CSeq", std::to_string(*cseq_of(last.headers)));
    auto next = conversation.on_response({status, {}, std::move(headers), std::move(body)});
    if (!next.send.empty()) last = said(next.send);
    return next;
  }
  void describe(Headers headers, std::string_view session_control, std::string_view track_control) {
    answer(200, {{"Public", "DESCRIBE, get_parameter"}});
    ASSERT_EQ(last.method, "DESCRIBE");
    answer(200, std::move(headers),
           session_part(session_control) +
               "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:" +
               std::string(track_control) + "\r\n");
  }
  static std::string session_part(std::string_view control) {
    std::string out = "v=0\r\ns=x\r\n";
    if (!control.empty()) out += "a=control:" + std::string(control) + "\r\n";
    return out;
  }
  void play(Headers session = {{"Session", "7;timeout=60"}}) {
    ASSERT_EQ(last.method, "SETUP");
    answer(200, std::move(session));
    ASSERT_EQ(last.method, "PLAY");
    answer(200);
    ASSERT_EQ(conversation.phase(), Conversation::Phase::playing);
  }
};

/// What a camera may say of its base and controls, and what SETUP and PLAY name then.
struct Naming {
  const char* header;
  const char* value;
  const char* session_control;
  const char* track_control;
  const char* set_up;
  const char* play;
};

TEST_F(ConversationTest, controls_are_relative_to_the_base_that_was_told) {
  const char* const url = "rtsp://camera:8554/live?x=1";
  const std::vector<Naming> namings = {
      {"X", "", "", "trackID=1", "rtsp://camera:8554/live?x=1/trackID=1", url},
      {"X", "", "*", "trackID=1", "rtsp://camera:8554/live?x=1/trackID=1", url},
      {"X", "", "*", "", url, url},
      {"Content-Base", "rtsp://c/base/", "*", "t", "rtsp://c/base/t", "rtsp://c/base/"},
      {"Content-Location", "rtsp://c/there", "*", "t", "rtsp://c/there/t", "rtsp://c/there"},
      {"Content-Base", "/only/a/path", "*", "t", "rtsp://camera:8554/live?x=1/t", url},
      {"Content-Base", "rtsp://c/base/", "rtsp://c/all", "t", "rtsp://c/all/t", "rtsp://c/all"},
      {"Content-Base", "rtsp://c/base/", "*", "rtsp://c/own", "rtsp://c/own", "rtsp://c/base/"},
      {"Content-Base", "rtsp://c/a b/", "*", "t\xc3\xa9 1", "rtsp://c/a%20b/t%C3%A9%201",
       "rtsp://c/a%20b/"},
  };
  for (const Naming& naming : namings) {
    SCOPED_TRACE(naming.set_up);
    conversation = Conversation(peer(), [] { return std::string("c"); });
    last = said(conversation.begin());
    EXPECT_EQ(last.uri, url);
    describe({{naming.header, naming.value}}, naming.session_control, naming.track_control);
    EXPECT_EQ(last.uri, naming.set_up);
    answer(200, {{"Session", "7"}});
    EXPECT_EQ(last.method, "PLAY");
    EXPECT_EQ(last.uri, naming.play);
  }
}

TEST_F(ConversationTest, answers_to_something_else_and_for_now_are_passed_over) {
  EXPECT_TRUE(conversation.on_response({200, {}, {{"CSeq", "99"}}, {}}).send.empty());
  EXPECT_TRUE(conversation.on_response({100, {}, {}, {}}).send.empty());
  EXPECT_EQ(conversation.awaiting(), "OPTIONS");
  // Without a number it is the one awaited.
  EXPECT_FALSE(conversation.on_response({200, {}, {}, {}}).send.empty());
  EXPECT_EQ(conversation.awaiting(), "DESCRIBE");
}

TEST_F(ConversationTest, a_camera_that_knows_no_options_is_asked_to_describe_all_the_same) {
  answer(501);
  EXPECT_EQ(last.method, "DESCRIBE");
}

TEST_F(ConversationTest, keep_alives_come_before_half_of_any_timeout) {
  describe({}, "*", "t");
  answer(200, {{"Session", "7;timeout=10"}});
  EXPECT_EQ(conversation.keep_alive_interval_ms(), 4000);
  answer(200, {{"Session", "7;timeout=86400"}});
  EXPECT_EQ(conversation.keep_alive_interval_ms(), 30'000);
}

TEST_F(ConversationTest, a_session_without_a_timeout_has_the_standards_sixty_seconds) {
  describe({}, "*", "t");
  play({{"Session", "7"}});
  EXPECT_EQ(conversation.keep_alive_interval_ms(), 24'000);
  const auto alive = said(conversation.keep_alive());
  EXPECT_EQ(alive.method, "GET_PARAMETER");
  EXPECT_EQ(alive.headers.find("Session"), "7");
}

TEST_F(ConversationTest, a_keep_alive_that_is_not_known_is_said_otherwise) {
  describe({}, "*", "t");
  play();
  last = said(conversation.keep_alive());
  EXPECT_FALSE(answer(451).failure);
  last = said(conversation.keep_alive());
  EXPECT_EQ(last.method, "OPTIONS");
  EXPECT_FALSE(answer(405).failure);  // the pictures come: that is enough
}

TEST_F(ConversationTest, a_refused_password_does_not_end_what_plays) {
  describe({}, "*", "t");
  play();
  last = said(conversation.keep_alive());
  answer(401, {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"1\""}});
  const auto next = answer(401, {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"1\""}});
  EXPECT_FALSE(next.failure);
  EXPECT_TRUE(next.send.empty());
}

TEST_F(ConversationTest, there_is_nothing_to_tear_down_before_a_session) {
  EXPECT_EQ(conversation.teardown(), "");
  describe({}, "*", "t");
  EXPECT_EQ(conversation.teardown(), "");
}

TEST_F(ConversationTest, what_a_camera_calls_its_session_starts_no_header_of_its_own) {
  describe({}, "*", "t");
  play({{"Session", "7\r\nX-Evil: 1"}});
  const auto alive = said(conversation.keep_alive());
  EXPECT_FALSE(alive.headers.find("X-Evil"));
}

TEST(Url, takes_the_forms_that_people_write) {
  const auto url = parse_url("RTSP://tr%C6%B0c:p%40s:s@w@[2001:db8::7]:8554/a/b?c=d#e");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->host, "2001:db8::7");
  EXPECT_EQ(url->port, 8554);
  EXPECT_EQ(url->request, "rtsp://[2001:db8::7]:8554/a/b?c=d");
  ASSERT_TRUE(url->credentials);
  EXPECT_EQ(url->credentials->user, "trưc");
  EXPECT_EQ(url->credentials->password, "p@s:s@w");
  EXPECT_EQ(address_of(*url), "[2001:db8::7]:8554");
  const auto plain = parse_url("rtsp://camera");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->port, 554);
  EXPECT_EQ(plain->request, "rtsp://camera");
  EXPECT_FALSE(plain->credentials);
}

TEST(Url, refuses_what_is_broken_without_quoting_it) {
  for (const auto* text :
       {"rtsp://u:geheim@", "rtsp://u:geheim%4@h/", "rtsp://u:geheim@h:99999/",
        "rtsp://u:geheim@h:0/", "rtsp://u:geheim@[::1/", "rtsp://u:geheim@[::1]x/",
        "rtsp://u:geheim@h/a b", "http://u:geheim@h/", "rtsps://u:geheim@h/"}) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().message.find("geheim"), std::string::npos) << url.error().message;
  }
  EXPECT_FALSE(parse_url("rtsp://h/" + std::string(most_url_bytes, 'x')));
}

}  // namespace
}  // namespace vl::rtsp
