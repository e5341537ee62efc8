#include <thread>

#include <vonglau/http/client.hpp>

#include "test_support.hpp"

namespace vl::http {
namespace {
using namespace test;

Router plain_router() {
  Router router;
  router.add(Method::get, "/hello", [](const Request& request) {
    return Response::text("hello " + std::string(request.header("X-Name")));
  });
  router.add(Method::post, "/echo", [](const Request& request) {
    return Response::text(std::string(request.header("Content-Type")) + " " + request.body);
  });
  router.add(Method::get, "/large",
             [](const Request&) { return Response::text(std::string(2'000'000, 'x')); });
  return router;
}

std::string code_of_get(ClientOptions options, std::string target = "/hello") {
  const auto response = HttpsClient(std::move(options)).get(std::move(target));
  return response ? "" : std::string(response.error().code.name);
}

TEST(Client, asks_over_tls_with_headers_and_bodies_on_one_kept_connection) {
  const auto server = serve(plain_router(), tls_server());
  HttpsClient client(client_of(*server, true));
  Fields headers;
  headers.add("X-Name", "Bắc Ninh");
  for (int i = 0; i < 3; ++i) {
    const auto response = client.get("/hello", headers);
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, "hello Bắc Ninh");
    EXPECT_EQ(response->headers.get("x-content-type-options"), "nosniff");
  }
  EXPECT_EQ(server->connections(), 1U);
  const auto posted = client.post_json("/echo", "{}");
  ASSERT_TRUE(posted);
  EXPECT_EQ(posted->body, "application/json {}");
  EXPECT_EQ(client.get("/nothing")->status, 404);
  const auto head = client.request({.method = Method::head, .target = "/hello"});
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(head->body, "");
  const auto large = client.get("/large");
  ASSERT_TRUE(large) << large.error().message;
  EXPECT_EQ(large->body.size(), 2'000'000U);
  EXPECT_EQ(server->connections(), 1U);
}

TEST(Client, believes_only_its_authority_the_right_host_or_the_pinned_certificate) {
  const auto server = serve(plain_router(), tls_server());
  const std::string port = std::to_string(server->port());
  TempFolder folder;
  SystemClock clock;
  const auto stranger = *ensure_authority(folder.path(), "Stranger", clock);

  ClientOptions options = client_of(*server, true);
  EXPECT_EQ(code_of_get(options), "");
  options.base_url = "https://127.0.0.1:" + port;
  EXPECT_EQ(code_of_get(options), "");
  options.base_url = "https://127.0.0.2:" + port;  // reachable? not listening; see below
  EXPECT_EQ(code_of_get(options), "http.unreachable");

  options = client_of(*server, true);
  options.trust.ca_file = stranger.certificate_file;
  EXPECT_EQ(code_of_get(options), "http.tls_refused");
  options.trust.ca_file.clear();  // the system's authorities do not know ours
  EXPECT_EQ(code_of_get(options), "http.tls_refused");
  options.trust.ca_file = folder.path() + "/gone";
  EXPECT_EQ(code_of_get(options), "http.file");

  options.trust = {.pinned_sha256 =
                       read_certificate(TestCertificates::get().server.certificate_file)->sha256};
  EXPECT_EQ(code_of_get(options), "");
  options.trust.pinned_sha256[5] = options.trust.pinned_sha256[5] == '0' ? '1' : '0';
  EXPECT_EQ(code_of_get(options), "http.tls_refused");
}

TEST(Client, refuses_a_certificate_for_another_name) {
  TempFolder folder;
  SystemClock clock;
  const auto authority = *ensure_authority(folder.path(), "A", clock);
  ServerOptions server_options = small_server();
  server_options.tls =
      *ensure_server_certificate(authority, folder.path(), "s", {"elsewhere.example"}, clock);
  const auto server = serve(plain_router(), server_options);
  ClientOptions options{.base_url = "https://localhost:" + std::to_string(server->port())};
  options.trust.ca_file = authority.certificate_file;
  EXPECT_EQ(code_of_get(options), "http.tls_refused");
  options.base_url = "https://127.0.0.1:" + std::to_string(server->port());
  EXPECT_EQ(code_of_get(options), "http.tls_refused");
}

TEST(Client, refuses_an_expired_certificate) {
  TempFolder folder;
  ManualClock long_ago(WallTime{1'500'000'000'000'000});
  const auto authority = *ensure_authority(folder.path(), "A", long_ago);
  ServerOptions server_options = small_server();
  server_options.tls =
      *ensure_server_certificate(authority, folder.path(), "s", {"localhost"}, long_ago);
  const auto server = serve(plain_router(), server_options);
  ClientOptions options{.base_url = "https://localhost:" + std::to_string(server->port())};
  options.trust.ca_file = authority.certificate_file;
  const auto response = HttpsClient(options).get("/hello");
  ASSERT_FALSE(response);
  EXPECT_NE(response.error().message.find("expired"), std::string::npos);
}

TEST(Client, asks_again_on_a_new_connection_when_the_kept_one_was_closed) {
  ServerOptions server_options = small_server();
  server_options.idle_timeout_ms = 100;
  const auto server = serve(plain_router(), server_options);
  HttpsClient client(client_of(*server, false));
  ASSERT_TRUE(client.get("/hello"));
  ASSERT_TRUE(eventually([&] { return server->connections() == 0; }));
  const auto again = client.get("/hello");
  ASSERT_TRUE(again) << again.error().message;
}

TEST(Client, says_why_there_is_no_answer) {
  Signal leave;
  Router router = plain_router();
  router.add(Method::get, "/never", [&](const Request&) {
    leave.wait();
    return Response::text("");
  });
  const auto server = serve(std::move(router));
  ClientOptions options = client_of(*server, false);
  options.request_timeout_ms = 100;
  EXPECT_EQ(code_of_get(options, "/never"), "http.timed_out");
  leave.set();
  options.request_timeout_ms = 20'000;
  options.response_limit_bytes = 1'000;
  EXPECT_EQ(code_of_get(options, "/large"), "http.bad_response");
  EXPECT_EQ(code_of_get(options, "no slash"), "http.bad_options");
  EXPECT_EQ(code_of_get(options, "/a\r\nX: 1"), "http.bad_options");
  options.base_url = "http://10.0.0.1:80";  // in the clear, not loopback
  EXPECT_EQ(code_of_get(options), "http.bad_options");
  for (const char* bad : {"", "localhost", "ftp://x", "https://", "https://a/b", "https://a:x",
                          "https://[::1", "https://u@h", "https://a:999999"})
    EXPECT_EQ(code_of_get({.base_url = bad}), "http.bad_options") << bad;
  const auto port = std::to_string(server->port());
  server->stop();
  EXPECT_EQ(code_of_get({.base_url = "http://127.0.0.1:" + port}), "http.unreachable");
}

TEST(Client, a_tls_client_at_a_plain_port_and_a_silent_server_are_reported) {
  const auto server = serve(plain_router());
  ClientOptions options = client_of(*server, false);
  options.base_url = "https://localhost:" + std::to_string(server->port());
  options.trust.ca_file = TestCertificates::get().authority.certificate_file;
  EXPECT_EQ(code_of_get(options), "http.tls_refused");

  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  options.base_url = "https://localhost:" + std::to_string(ntohs(address.sin_port));
  options.connect_timeout_ms = 150;
  EXPECT_EQ(code_of_get(options), "http.timed_out");
  ::close(silent);
}

TEST(Client, another_thread_can_end_a_request) {
  Signal inside;
  Signal leave;
  Router router;
  router.add(Method::get, "/never", [&](const Request&) {
    inside.set();
    leave.wait();
    return Response::text("");
  });
  const auto server = serve(std::move(router));
  HttpsClient client(client_of(*server, false));
  std::thread canceller([&] {
    inside.wait();
    client.cancel();
  });
  const auto response = client.get("/never");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code.name, "http.closed");
  canceller.join();
  EXPECT_EQ(client.get("/never").error().code.name, "http.closed");
  leave.set();
}

}  // namespace
}  // namespace vl::http
