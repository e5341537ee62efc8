#include "websocket_test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

TEST(WebSocket, echoes_text_and_binary_over_tls) {
  Echo echo(true);
  auto mine = std::make_shared<Recorder>();
  const auto client = WebSocketClient::connect(socket_of(*echo.server, true), mine);
  ASSERT_TRUE(client) << client.error().message;
  EXPECT_EQ((*client)->peer().send_text("xin chào"), Sent::queued);
  EXPECT_EQ(mine->next(), "t:xin chào");
  EXPECT_EQ((*client)->peer().send_binary(Bytes{0, 255, 7}), Sent::queued);
  EXPECT_EQ(mine->next(), "b:00ff07");
  const std::string large(60'000, 'x');
  (*client)->peer().send_text(large);
  EXPECT_EQ(mine->next(), "t:" + large);
}

TEST(WebSocket, answers_the_upgrade_of_the_rfc_and_puts_fragments_together) {
  Echo echo;
  RawPeer peer(echo.server->port());
  const auto reply = peer.ask(std::string(kUpgrade) + "\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 101);
  EXPECT_EQ(reply->header("Sec-WebSocket-Accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(reply->header("Server"), "vonglau");  // no version
  // "Hel", a ping between the fragments, "lo".
  ASSERT_TRUE(peer.send(frame(0x01, "Hel") + frame(0x89, "p") + frame(0x80, "lo")));
  EXPECT_EQ(peer.take(3), std::string("\x8a\x01p", 3));  // pong
  EXPECT_EQ(peer.take(7), std::string("\x81\x05Hello", 7));
  EXPECT_EQ(echo.session->next(), "t:Hello");
}

TEST(WebSocket, a_refused_upgrade_is_an_ordinary_response) {
  Echo echo;
  RawPeer peer(echo.server->port());
  auto reply = peer.get("/watch/a");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 426);
  EXPECT_EQ(reply->header("Upgrade"), "websocket");
  std::string closed(kUpgrade);
  closed.replace(closed.find("/watch/a"), 8, "/watch/closed");
  reply = peer.ask(closed + "\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 403);
  reply = peer.ask(std::string(kUpgrade) + "Origin: https://elsewhere.example\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 403);
  EXPECT_NE(reply->body.find("http.origin_refused"), std::string::npos);
  reply = peer.ask(std::string(kUpgrade) + "Origin: http://localhost\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 101);

  auto options = socket_of(*echo.server);
  options.target = "/watch/closed";
  const auto client = WebSocketClient::connect(options, std::make_shared<Recorder>());
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code.name, "http.refused");
  EXPECT_NE(client.error().message.find("403"), std::string::npos);
}

TEST(WebSocket, close_codes_reach_both_sides) {
  Echo echo;
  auto mine = std::make_shared<Recorder>();
  auto client = WebSocketClient::connect(socket_of(*echo.server), mine);
  ASSERT_TRUE(client);
  (*client)->peer().send_text("last words");
  (*client)->close(4001, "bye");
  EXPECT_EQ(mine->close_code(), 4001);
  EXPECT_EQ(echo.session->close_code(), 4001);
  EXPECT_EQ(echo.session->reason(), "bye");
  EXPECT_EQ(echo.session->next(), "t:last words");  // what was queued went before the close
  EXPECT_EQ((*client)->peer().send_text("x"), Sent::closed);
  EXPECT_TRUE(eventually([&] { return !echo.session->peer().is_open(); }));
  EXPECT_EQ(echo.session->times_closed(), 1);
}

TEST(WebSocket, the_server_closes_with_1001_when_it_stops) {
  Echo echo;
  auto mine = std::make_shared<Recorder>();
  auto client = WebSocketClient::connect(socket_of(*echo.server), mine);
  ASSERT_TRUE(client);
  (*client)->peer().send_text("here");
  EXPECT_EQ(mine->next(), "t:here");
  const WebSocketPeer kept = echo.session->peer();
  echo.server->stop();
  EXPECT_EQ(mine->close_code(), close_code::going_away);
  EXPECT_EQ(echo.session->close_code(), close_code::going_away);
  echo.server.reset();
  EXPECT_EQ(kept.send_text("after the end"), Sent::closed);
  EXPECT_FALSE(kept.is_open());
}

TEST(WebSocket, cuts_what_breaks_the_protocol_or_is_too_long) {
  Echo long_message(false, {.max_message_bytes = 100});
  RawPeer peer(long_message.server->port());
  ASSERT_TRUE(peer.ask(std::string(kUpgrade) + "\r\n"));
  peer.send(frame(0x01, std::string(90, 'a')) + frame(0x80, std::string(90, 'b')));
  EXPECT_EQ(long_message.session->close_code(), close_code::message_too_big);

  Echo unmasked;
  RawPeer rude(unmasked.server->port());
  ASSERT_TRUE(rude.ask(std::string(kUpgrade) + "\r\n"));
  rude.send(std::string("\x81\x02hi", 4));
  EXPECT_EQ(unmasked.session->close_code(), close_code::protocol_error);
  const std::string answer = rude.take(4);
  ASSERT_EQ(answer.size(), 4U);
  EXPECT_EQ(answer.substr(2), std::string("\x03\xea", 2));  // 1002 on the wire

  Echo not_utf8;
  RawPeer latin(not_utf8.server->port());
  ASSERT_TRUE(latin.ask(std::string(kUpgrade) + "\r\n"));
  latin.send(frame(0x81, "caf\xe9"));
  EXPECT_EQ(not_utf8.session->close_code(), 1007);
}

TEST(WebSocket, a_connection_cut_without_a_close_frame_is_1006) {
  Echo echo;
  {
    RawPeer peer(echo.server->port());
    ASSERT_TRUE(peer.ask(std::string(kUpgrade) + "\r\n"));
    static_cast<void>(echo.session->peer());
  }
  EXPECT_EQ(echo.session->close_code(), close_code::abnormal);
}

}  // namespace
}  // namespace vl::http
