#include <gtest/gtest.h>

#include <vonglau/rtsp/stream_parser.hpp>
#include <vonglau/rtsp/transport.hpp>

namespace vl::rtsp {
namespace {

/// Everything a stream holds, with the frames copied, when it comes in pieces of `piece` bytes.
struct Seen {
  std::vector<Request> requests;
  std::vector<Response> responses;
  std::vector<std::pair<int, Bytes>> frames;
  std::optional<Error> error;
};

Seen read_all(std::string_view stream, std::size_t piece, Limits limits = {}) {
  Seen seen;
  StreamParser parser(limits);
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    // A copy on the heap, so that reading past the piece is found by the sanitizer.
    const auto part = as_bytes(stream.substr(at, piece));
    const Bytes chunk(part.begin(), part.end());
    parser.feed(chunk);
    for (;;) {
      auto item = parser.next();
      if (!item) {
        seen.error = item.error();
        return seen;
      }
      if (!*item) break;
      if (auto* request = std::get_if<Request>(&**item)) seen.requests.push_back(*request);
      if (auto* response = std::get_if<Response>(&**item)) seen.responses.push_back(*response);
      if (auto* frame = std::get_if<Frame>(&**item))
        seen.frames.emplace_back(frame->channel,
                                 Bytes(frame->payload.begin(), frame->payload.end()));
    }
  }
  return seen;
}

std::string frame_text(std::uint8_t channel, std::string_view payload) {
  const auto head = frame_header(channel, static_cast<std::uint16_t>(payload.size()));
  return std::string(as_text(head)) + std::string(payload);
}

TEST(StreamParser, GivesTheSameItemsWhateverThePiecesTheyComeIn) {
  const std::string stream =
      std::string("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 5\r\n\r\nv=0\r\n") +
      frame_text(0, "abc") + frame_text(1, "") + "\r\n" + "OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n" +
      frame_text(2, std::string(3000, 'x')) + frame_text(0, "$$$$") +
      "GET_PARAMETER rtsp://c/ RTSP/1.0\nCSeq: 10\n\n" + frame_text(0, "z");
  for (std::size_t piece = 1; piece <= stream.size(); piece = piece < 70 ? piece + 1 : piece * 2) {
    SCOPED_TRACE(piece);
    const auto seen = read_all(stream, piece);
    ASSERT_FALSE(seen.error) << seen.error->message;
    ASSERT_EQ(seen.responses.size(), 1u);
    EXPECT_EQ(seen.responses[0].body, "v=0\r\n");
    ASSERT_EQ(seen.requests.size(), 2u);
    EXPECT_EQ(seen.requests[0].method, "OPTIONS");
    EXPECT_EQ(cseq_of(seen.requests[1].headers), 10u);
    ASSERT_EQ(seen.frames.size(), 5u);
    EXPECT_EQ(as_text(seen.frames[0].second), "abc");
    EXPECT_EQ(seen.frames[1].first, 1);
    EXPECT_EQ(seen.frames[2].second.size(), 3000u);
    EXPECT_EQ(as_text(seen.frames[3].second), "$$$$");
    EXPECT_EQ(as_text(seen.frames[4].second), "z");
  }
}

TEST(StreamParser, ReadsBackWhatSerialiseWrites) {
  Request request{"SETUP", "rtsp://camera/track1", {{"CSeq", "3"}, {"Transport", "x"}}, "body"};
  auto seen = read_all(serialise(request), 7);
  ASSERT_EQ(seen.requests.size(), 1u);
  request.headers.add("Content-Length", "4");
  EXPECT_EQ(seen.requests[0], request);

  seen = read_all(serialise(Response{454, "", {{"CSeq", "3"}}, ""}), 1000);
  ASSERT_EQ(seen.responses.size(), 1u);
  EXPECT_EQ(seen.responses[0], (Response{454, "Session Not Found", {{"CSeq", "3"}}, ""}));
}

TEST(StreamParser, JoinsFoldedHeaderLinesAndTakesNamesInAnyCase) {
  const auto seen = read_all("RTSP/1.0 200 OK\r\ncseq: 4\r\nPublic: PLAY,\r\n TEARDOWN\r\n\r\n", 9);
  ASSERT_EQ(seen.responses.size(), 1u);
  EXPECT_EQ(seen.responses[0].headers.find("PUBLIC"), "PLAY, TEARDOWN");
  EXPECT_EQ(cseq_of(seen.responses[0].headers), 4u);
}

struct BadStream {
  std::string stream, code, says;
};
class StreamParserRefuses : public testing::TestWithParam<BadStream> {};

TEST_P(StreamParserRefuses, NamingWhatAndWhere) {
  Limits limits{.head_bytes = 200, .headers = 3, .body_bytes = 50};
  const auto whole = frame_text(0, "1234") + GetParam().stream;
  for (const std::size_t piece : {1u, 5u, 1000u}) {
    const auto seen = read_all(whole, piece, limits);
    ASSERT_TRUE(seen.error);
    EXPECT_EQ(seen.error->code.name, GetParam().code);
    EXPECT_NE(seen.error->message.find(GetParam().says), std::string::npos) << seen.error->message;
    EXPECT_NE(seen.error->message.find("at byte 8 "), std::string::npos) << seen.error->message;
    EXPECT_EQ(seen.frames.size(), 1u) << "what came before is kept";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Streams, StreamParserRefuses,
    testing::Values(
        BadStream{std::string("\x80\x60garbage\0\0\0", 11), "rtsp.malformed", "neither"},
        BadStream{"HTTP/1.1 200 OK\r\n\r\n", "rtsp.malformed", "HTTP/1.1"},
        BadStream{"RTSP/2.0 200 OK\r\n\r\n", "rtsp.unsupported", "RTSP/2.0"},
        BadStream{"PLAY rtsp://x RTSP/2.0\r\n\r\n", "rtsp.unsupported", "RTSP/2.0"},
        BadStream{"RTSP/1.0 99 Low\r\n\r\n", "rtsp.malformed", "status"},
        BadStream{"RTSP/1.0 200 OK\r\nno colon here\r\n\r\n", "rtsp.malformed", "no colon here"},
        BadStream{"RTSP/1.0 200 OK\r\n folded\r\n\r\n", "rtsp.malformed", "blank"},
        BadStream{"RTSP/1.0 200 OK\r\na: 1\r\nb: 2\r\nc: 3\r\nd: 4\r\n\r\n", "rtsp.too_large",
                  "3 headers"},
        BadStream{"RTSP/1.0 200 OK\r\nA: " + std::string(300, 'x'), "rtsp.too_large", "200 bytes"},
        BadStream{"RTSP/1.0 200 OK\r\nContent-Length: 51\r\n\r\n", "rtsp.too_large", "51"},
        BadStream{"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", "rtsp.malformed",
                  "Content-Length"},
        BadStream{"RTSP/1.0 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                  "rtsp.malformed", "Content-Length"}));

TEST(StreamParser, StaysBrokenOnceBroken) {
  StreamParser parser;
  const std::string bad = "HTTP/1.1 200 OK\r\n\r\n";
  parser.feed(as_bytes(bad));
  EXPECT_FALSE(parser.next());
  const std::string good = "RTSP/1.0 200 OK\r\n\r\n";
  parser.feed(as_bytes(good));
  EXPECT_FALSE(parser.next());
}

TEST(Serialise, LetsNoValueStartAHeaderOfItsOwn) {
  const auto text = serialise(Request{"OPTIONS", "rtsp://a\r\nEvil: 1", {{"X", "a\r\nY: b"}}, ""});
  EXPECT_EQ(text, "OPTIONS rtsp://a  Evil: 1 RTSP/1.0\r\nX: a  Y: b\r\n\r\n");
}

TEST(SessionHeader, KnowsItsTimeout) {
  EXPECT_EQ(parse_session("4711")->timeout_s, 60);
  const auto session = parse_session(" 12AB ; timeout=90");
  ASSERT_TRUE(session);
  EXPECT_EQ(session->id, "12AB");
  EXPECT_EQ(session->timeout_s, 90);
  EXPECT_FALSE(parse_session(";timeout=90"));
  EXPECT_FALSE(parse_session("1;timeout=soon"));
}

TEST(TransportHeader, ReadsAlternativesAndWritesThemBack) {
  const auto list = parse_transport(
      "RTP/SAVP;unicast, RTP/AVP;unicast;client_port=4588-4589,"
      "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=1A2B;mode=\"play\"");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ((*list)[0].client_port, (Pair<std::uint16_t>{4588, 4589}));
  EXPECT_TRUE((*list)[1].tcp);
  EXPECT_EQ((*list)[1].interleaved, (Pair<std::uint8_t>{2, 3}));
  EXPECT_EQ((*list)[1].ssrc, 0x1a2bu);
  EXPECT_EQ(to_text((*list)[1]), "RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=00001A2B;mode=\"PLAY\"");
  EXPECT_EQ(parse_transport(to_text((*list)[1]))->front(), (*list)[1]);
}

TEST(TransportHeader, RefusesWhatItCannotUse) {
  EXPECT_EQ(parse_transport("RAW/RAW/UDP").error().code.name, "rtsp.unsupported");
  EXPECT_EQ(parse_transport("RTP/AVP/TCP;interleaved=300-301").error().code.name, "rtsp.malformed");
  std::string many;
  for (int i = 0; i < 20; ++i) many += "RTP/AVP,";
  EXPECT_EQ(parse_transport(many).error().code.name, "rtsp.too_large");
}

}  // namespace
}  // namespace vl::rtsp
