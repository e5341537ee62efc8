// Each limit of the server, met by a peer that goes beyond it over a real socket.
#include <atomic>
#include <thread>

#include <vonglau/http/metrics.hpp>
#include <vonglau/http/server.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

Router echo_router(RouteOptions options = {}) {
  Router router;
  router.add(Method::get, "/", [](const Request&) { return Response::text("home"); });
  router.add(
      Method::post, "/echo",
      [](const Request& request) { return Response::text(std::to_string(request.body.size())); },
      options);
  return router;
}

/// Sends a byte now and then until the peer closes; how long that took.
std::chrono::milliseconds trickle(RawPeer& peer, std::string_view bytes) {
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < 2'000 && !peer.is_closed_within(20); ++i)
    if (!peer.send(bytes.substr(i % bytes.size(), 1))) break;
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               start);
}

TEST(Limits, headers_too_long_are_431) {
  ServerOptions options = small_server();
  options.header_bytes = 2'000;
  const auto server = serve(echo_router(), options);
  RawPeer fits(server->port());
  const auto good = fits.get("/", "X-Long: " + std::string(1'500, 'a') + "\r\n");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->status, 200);
  RawPeer peer(server->port());
  const auto reply = peer.get("/", "X-Long: " + std::string(2'000, 'a') + "\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 431);
  EXPECT_NE(reply->body.find("http.header_too_large"), std::string::npos);
  EXPECT_TRUE(peer.is_closed_within(5'000));
  RawPeer endless(server->port());
  endless.send("GET /" + std::string(100'000, 'a'));
  const auto cut = endless.reply();
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->status, 431);
}

TEST(Limits, bodies_too_long_are_413_by_length_and_by_chunks_and_each_route_has_its_own_limit) {
  const auto server = serve(echo_router({.body_limit_bytes = 1'000}));
  RawPeer fits(server->port());
  const auto good = fits.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" +
                             std::string(1'000, 'a'));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->body, "1000");
  RawPeer announced(server->port());
  auto reply = announced.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 413);
  EXPECT_TRUE(announced.is_closed_within(5'000));
  RawPeer chunked(server->port());
  reply = chunked.ask("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      std::string("258\r\n") + std::string(600, 'a') + "\r\n258\r\n" +
                      std::string(600, 'a') + "\r\n0\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 413);

  const auto roomy = serve(echo_router({.body_limit_bytes = 8 * 1024 * 1024}));
  RawPeer large(roomy->port());
  reply = large.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n" +
                    std::string(8'388'608, 'a'));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body, "8388608");
}

TEST(Limits, the_answer_to_a_refused_upload_reaches_a_peer_that_is_still_sending) {
  const auto server = serve(echo_router({.body_limit_bytes = 1'000}));
  RawPeer peer(server->port());
  ASSERT_TRUE(peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"));
  ASSERT_TRUE(peer.send(std::string(200'000, 'a')));
  const auto reply = peer.reply();
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 413);
}

TEST(Limits, the_gate_refuses_a_large_upload_before_it_is_sent) {
  Router router = echo_router({.body_limit_bytes = 8 * 1024 * 1024});
  router.set_gate([](Request&) -> std::optional<Response> {
    return error_response(Error({Category::unauthenticated, "access.sign_in"}, "Sign in."));
  });
  const auto server = serve(std::move(router));
  RawPeer peer(server->port());
  const auto reply = peer.ask(
      "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 8000000\r\n\r\n");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 401);
  EXPECT_TRUE(peer.is_closed_within(5'000));
}

TEST(Limits, a_header_that_trickles_is_cut) {
  ServerOptions options = small_server();
  options.header_timeout_ms = 300;
  const auto server = serve(echo_router(), options);
  RawPeer peer(server->port());
  const auto took = trickle(peer, "GET / HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  EXPECT_GE(took.count(), 250);
  EXPECT_LT(took.count(), 3'000);
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }));
}

TEST(Limits, a_body_that_trickles_is_cut) {
  ServerOptions options = small_server();
  options.body_timeout_ms = 300;
  const auto server = serve(echo_router(), options);
  RawPeer peer(server->port());
  peer.send("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n");
  const auto took = trickle(peer, "aaaaaaaa");
  EXPECT_GE(took.count(), 250);
  EXPECT_LT(took.count(), 3'000);
}

TEST(Limits, a_peer_that_does_not_read_its_answer_is_cut) {
  ServerOptions options = small_server();
  options.write_timeout_ms = 300;
  Router router;
  router.add(Method::get, "/large", [](const Request&) {
    return Response::bytes(SharedBytes(std::string(32 * 1024 * 1024, 'x')), "video/mp4");
  });
  const auto server = serve(std::move(router), options);
  RawPeer peer(server->port(), false, 0, 4096);
  peer.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
  EXPECT_TRUE(eventually([&] { return server->connections() == 0; }, 5'000));
  RawPeer reader(server->port());
  const auto whole = reader.get("/large");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body.size(), 32U * 1024 * 1024);
}

TEST(Limits, idle_and_silent_connections_are_closed) {
  ServerOptions options = small_server();
  options.idle_timeout_ms = 300;
  options.header_timeout_ms = 200;
  const auto server = serve(echo_router(), options);
  RawPeer idle(server->port());
  ASSERT_TRUE(idle.get("/"));
  EXPECT_TRUE(idle.is_closed_within(3'000));
  RawPeer silent(server->port());
  EXPECT_TRUE(silent.is_closed_within(3'000));

  options = tls_server();
  options.handshake_timeout_ms = 200;
  const auto secure = serve(echo_router(), options);
  RawPeer no_handshake(secure->port());
  EXPECT_TRUE(no_handshake.is_closed_within(3'000));
}

TEST(Limits, connections_beyond_the_total_or_beyond_an_address_are_closed_at_once) {
  for (const bool per_address : {false, true}) {
    ServerOptions options = small_server();
    options.loopback_exempt = false;
    (per_address ? options.connections_per_address : options.connections) = 2;
    Metrics metrics;
    const auto server = serve(echo_router(), options, &metrics);
    RawPeer first(server->port());
    auto second = std::make_unique<RawPeer>(server->port());
    ASSERT_TRUE(first.get("/"));
    ASSERT_TRUE(second->get("/"));
    RawPeer third(server->port());
    EXPECT_TRUE(third.is_closed_within(5'000));
    EXPECT_NE(metrics.text().find("vonglau_http_refused_connections_total 1"), std::string::npos);
    second.reset();
    EXPECT_TRUE(eventually([&] { return server->connections() == 1; }));
    RawPeer fourth(server->port());
    EXPECT_TRUE(fourth.get("/"));
  }
}

TEST(Limits, requests_beyond_the_rate_are_429_until_time_has_passed) {
  ManualClock clock;
  ServerOptions options = small_server();
  options.loopback_exempt = false;
  options.requests_per_s = 0.5;
  options.request_burst = 3;
  const auto server = *Server::start(options, echo_router(), clock);
  RawPeer peer(server->port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = peer.get("/");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
  }
  RawPeer another_connection(server->port());
  const auto refused = another_connection.get("/");
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->header("Retry-After"), "2");
  clock.advance_us(2'000'000);
  const auto again = another_connection.get("/");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 200);
}

TEST(Limits, loopback_is_exempt_where_so_configured) {
  ManualClock clock;
  ServerOptions options = small_server();
  options.requests_per_s = 1;
  options.request_burst = 1;
  const auto server = *Server::start(options, echo_router(), clock);
  RawPeer peer(server->port());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(peer.get("/")->status, 200);
}

TEST(Limits, a_full_queue_for_the_workers_is_503_with_retry_after) {
  Signal inside;
  Signal leave;
  ServerOptions options = small_server();
  options.worker_threads = 1;
  options.worker_queue = 1;
  Router router = echo_router();
  router.add(Method::get, "/wait", [&](const Request&) {
    inside.set();
    leave.wait();
    return Response::text("done");
  });
  Metrics metrics;
  const auto server = serve(std::move(router), options, &metrics);
  RawPeer working(server->port());
  working.send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(inside.wait());
  // Of these, one waits in the queue and the others are told to come back.
  RawPeer a(server->port());
  RawPeer b(server->port());
  a.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  b.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  std::optional<Reply> told;
  ASSERT_TRUE(eventually([&] {
    told = a.reply(false, 50);
    if (!told) told = b.reply(false, 50);
    return told.has_value();
  }));
  EXPECT_EQ(told->status, 503);
  EXPECT_EQ(told->header("Retry-After"), "1");
  EXPECT_EQ(told->header("Connection"), "keep-alive");
  leave.set();
  const auto done = working.reply();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->status, 200);
}

TEST(Limits, a_connection_ends_after_its_number_of_requests) {
  ServerOptions options = small_server();
  options.requests_per_connection = 2;
  const auto server = serve(echo_router(), options);
  RawPeer peer(server->port());
  EXPECT_EQ(peer.get("/")->header("Connection"), "keep-alive");
  EXPECT_EQ(peer.get("/")->header("Connection"), "close");
  EXPECT_TRUE(peer.is_closed_within(5'000));
}

struct Malformed {
  const char* name;
  std::string request;
};

TEST(Limits, malformed_requests_are_400_in_json_and_end_the_connection) {
  const auto server = serve(echo_router());
  const std::string nul("GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n", 35);
  const Malformed cases[] = {
      {"not HTTP", "hello there\r\n\r\n"},
      {"TLS to a plain port",
       std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 \r\n\r\n", 16)},
      {"no version", "GET /\r\nHost: x\r\n\r\n"},
      {"version 2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"unknown method", "BREW / HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"no host", "GET / HTTP/1.1\r\n\r\n"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"},
      {"space before colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n"},
      {"header without colon", "GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"},
      {"nul in a value", nul},
      {"broken escape", "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"escape cut short", "GET /%2 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"dots", "GET /../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"escaped dots", "GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"escaped slash", "GET /a%2f..%2fb HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"not UTF-8", "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"line break in a query", "GET /?a=%0d%0aX:1 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"two lengths",
       "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"},
      {"negative length", "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"},
      {"length and chunks",
       "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n"},
      {"chunks and length",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
       "0\r\n\r\n"},
      {"other coding", "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"},
      {"hidden coding",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"two codings",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunk of nonsense",
       "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
  };
  for (const auto& [name, request] : cases) {
    SCOPED_TRACE(name);
    RawPeer peer(server->port());
    ASSERT_TRUE(peer.send(request));
    const auto reply = peer.reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 400);
    EXPECT_TRUE(reply->body.starts_with(R"({"error":{"code":"http.bad_request")")) << reply->body;
    EXPECT_EQ(reply->header("X-Content-Type-Options"), "nosniff");
  }
  RawPeer after(server->port());
  EXPECT_EQ(after.get("/")->status, 200);
}

TEST(Limits, what_follows_a_malformed_request_is_never_taken_for_a_request) {
  std::atomic<int> handled{0};
  Router router;
  router.add(Method::get, "/hidden", [&](const Request&) {
    ++handled;
    return Response::text("");
  });
  const auto server = serve(std::move(router));
  for (const std::string first :
       {"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n", "bad\r\n\r\n"}) {
    RawPeer peer(server->port());
    peer.send(first + "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_TRUE(peer.reply());
    EXPECT_TRUE(peer.is_closed_within(5'000));
  }
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace vl::http
