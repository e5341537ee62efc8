#include <thread>

#include <openssl/err.h>

#include <vonglau/http/server.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

Router hello_router() {
  Router router;
  router.add(Method::get, "/hello/{name}", [](const Request& request) {
    return Response::json("{\"hello\":\"" + std::string(request.parameter("name")) + "\"}");
  });
  router.add(Method::post, "/echo",
             [](const Request& request) { return Response::text(request.body); });
  router.add(Method::get, "/throws",
             [](const Request&) -> Response { throw std::runtime_error("secret detail"); });
  return router;
}

TEST(Server, answers_many_requests_on_one_connection) {
  const auto server = serve(hello_router());
  RawPeer peer(server->port());
  for (int i = 0; i < 5; ++i) {
    const auto reply = peer.get("/hello/lan");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, R"({"hello":"lan"})");
    EXPECT_EQ(reply->header("Connection"), "keep-alive");
    EXPECT_EQ(reply->header("Content-Type"), "application/json");
    EXPECT_FALSE(reply->header("Date").empty());
  }
  EXPECT_EQ(server->connections(), 1U);
}

TEST(Server, answers_over_tls_1_3_and_1_2_and_names_http_1_1) {
  const auto server = serve(hello_router(), tls_server());
  RawPeer new_peer(server->port(), true);
  ASSERT_TRUE(new_peer.connected());
  EXPECT_EQ(new_peer.tls_version(), "TLSv1.3");
  const auto reply = new_peer.get("/hello/a%20b");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, R"({"hello":"a b"})");
  EXPECT_EQ(reply->header("Strict-Transport-Security"), "max-age=31536000");
  RawPeer old_peer(server->port(), true, TLS1_2_VERSION);
  ASSERT_TRUE(old_peer.connected());
  EXPECT_EQ(old_peer.tls_version(), "TLSv1.2");
  ASSERT_TRUE(old_peer.get("/hello/b"));
}

TEST(Server, sends_bodies_of_every_size_whole_over_tls) {
  Router router;
  const auto pattern = [](std::size_t size) {
    std::string out(size, '\0');
    for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>('a' + i * 31 % 26);
    return out;
  };
  router.add(Method::get, "/bytes/{n}", [&](const Request& request) {
    const auto size = std::stoul(std::string(request.parameter("n")));
    return Response::bytes(pattern(size), "application/octet-stream");
  });
  const auto server = serve(std::move(router), tls_server());
  RawPeer peer(server->port(), true);
  for (const std::size_t size :
       {0, 1, 8'191, 8'192, 8'193, 16'384, 65'535, 65'536, 73'728, 73'729, 200'000, 3'000'000}) {
    const auto reply = peer.get("/bytes/" + std::to_string(size));
    ASSERT_TRUE(reply) << size;
    EXPECT_TRUE(reply->body == pattern(size)) << size;
  }
}

TEST(Server, refuses_tls_1_1) {
  const auto server = serve(hello_router(), tls_server());
  RawPeer peer(server->port(), true, TLS1_1_VERSION);
  EXPECT_FALSE(peer.connected());
  // It was the server that said no: the alert "protocol version".
  EXPECT_EQ(ERR_GET_REASON(ERR_peek_last_error()), SSL_R_TLSV1_ALERT_PROTOCOL_VERSION);
  ERR_clear_error();
}

TEST(Server, answers_pipelined_requests_in_order) {
  Router router;
  router.add(Method::get, "/slow/{n}", [](const Request& request) {
    // The earlier, the slower: answers out of order would be seen.
    const int n = std::stoi(std::string(request.parameter("n")));
    std::this_thread::sleep_for(std::chrono::milliseconds(40 - 10 * n));
    return Response::text(std::to_string(n));
  });
  const auto server = serve(std::move(router));
  RawPeer peer(server->port());
  std::string all;
  for (int i = 0; i < 4; ++i)
    all += "GET /slow/" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_TRUE(peer.send(all));
  for (int i = 0; i < 4; ++i) {
    const auto reply = peer.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, std::to_string(i));
  }
}

TEST(Server, reads_bodies_with_a_length_in_chunks_and_after_100_continue) {
  const auto server = serve(hello_router());
  RawPeer peer(server->port());
  auto reply = peer.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "hello");
  reply = peer.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "abcdefg");
  reply = peer.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 100);
  reply = peer.ask("ok");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 200);
  EXPECT_EQ(reply->body, "ok");
}

TEST(Server, closes_after_the_answer_when_asked_and_for_http_1_0) {
  const auto server = serve(hello_router());
  RawPeer peer(server->port());
  const auto reply = peer.get("/hello/a", "Connection: close\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->header("Connection"), "close");
  EXPECT_TRUE(peer.is_closed_within(5'000));
  RawPeer old(server->port());
  ASSERT_TRUE(old.ask("GET /hello/a HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(old.is_closed_within(5'000));
}

TEST(Server, answers_head_without_a_body_and_options_with_the_methods) {
  const auto server = serve(hello_router());
  RawPeer peer(server->port());
  const auto head = peer.ask("HEAD /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->header("Content-Length"), "13");
  const auto next = peer.ask("OPTIONS /hello/a HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->status, 204);
  EXPECT_EQ(next->header("Allow"), "OPTIONS, GET, HEAD");
}

TEST(Server, says_what_is_wrong_in_json) {
  const auto server = serve(hello_router());
  RawPeer peer(server->port());
  auto reply = peer.get("/nothing");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404);
  EXPECT_EQ(
      reply->body,
      R"({"error":{"code":"http.not_found","message":"There is nothing at this path.","field":""}})");
  reply = peer.ask("PUT /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 405);
  EXPECT_EQ(reply->header("Allow"), "OPTIONS, POST");
  reply = peer.get("/throws");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 500);
  EXPECT_EQ(reply->body.find("secret"), std::string::npos);
}

TEST(Server, the_gate_runs_before_every_handler_and_may_refuse) {
  Router router = hello_router();
  router.set_gate([](Request& request) -> std::optional<Response> {
    if (request.header("Authorization") != "Bearer good")
      return error_response(Error({Category::unauthenticated, "access.sign_in"}, "Sign in."));
    request.context = std::string("person for " + request.route);
    return std::nullopt;
  });
  router.add(Method::get, "/who", [](const Request& request) {
    return Response::text(std::any_cast<std::string>(request.context));
  });
  const auto server = serve(std::move(router));
  RawPeer peer(server->port());
  auto reply = peer.get("/who");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 401);
  reply = peer.get("/who", "Authorization: Bearer good\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "person for /who");
}

TEST(Server, requests_in_flight_finish_while_it_stops_and_new_ones_are_refused) {
  Signal inside;
  Signal leave;
  Router router;
  router.add(Method::get, "/wait", [&](const Request&) {
    inside.set();
    leave.wait();
    return Response::text("done");
  });
  const auto server = serve(std::move(router));
  const auto port = server->port();
  RawPeer busy(port);
  RawPeer idle(port);
  ASSERT_TRUE(busy.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
  ASSERT_TRUE(inside.wait());
  std::thread stopper([&] { server->stop(10'000); });
  EXPECT_TRUE(idle.is_closed_within(5'000));
  EXPECT_TRUE(eventually([&] { return !RawPeer(port).connected(); }));
  leave.set();
  const auto reply = busy.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "done");
  EXPECT_TRUE(busy.is_closed_within(5'000));
  stopper.join();
  EXPECT_EQ(server->connections(), 0U);
}

}  // namespace
}  // namespace vl::http
