#include "response_writer.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "content_policy.hpp"
#include "gzip.hpp"
#include "rate_limit.hpp"

namespace vl::http {
namespace {

const WallTime kNow{784'111'777'000'000};  // the example of RFC 9110

std::string gunzip(std::string_view zipped) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

WireResponse rendered(Response response, Asked asked = {}) {
  return render(std::move(response), asked, {"default-src 'self'", 100}, kNow);
}
bool has(const WireResponse& wire, std::string_view line) {
  return wire.head.find(std::string(line) + "\r\n") != std::string::npos;
}

TEST(Responses, carry_the_security_headers_and_are_not_stored_unless_they_say_so) {
  const WireResponse wire = rendered(Response::json("{}"), {.secure = true});
  for (const char* line :
       {"HTTP/1.1 200 OK", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Connection: close",
        "Content-Length: 2", "Content-Type: application/json", "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff", "X-Frame-Options: DENY", "Referrer-Policy: no-referrer",
        "Cross-Origin-Opener-Policy: same-origin", "Cross-Origin-Resource-Policy: same-origin",
        "Content-Security-Policy: default-src 'self'", "Strict-Transport-Security: max-age=100"})
    EXPECT_TRUE(has(wire, line)) << line << "\n" << wire.head;
  EXPECT_TRUE(wire.head.ends_with("\r\n\r\n"));
  EXPECT_EQ(wire.head.find("Access-Control"), std::string::npos);
  EXPECT_EQ(rendered(Response::json("{}")).head.find("Strict-Transport"), std::string::npos);
}

TEST(Responses, of_ticket_routes_may_be_read_by_pages_of_other_origins) {
  const WireResponse wire = rendered(Response::json("{}"), {.cross_origin = true});
  EXPECT_TRUE(has(wire, "Access-Control-Allow-Origin: *"));
  EXPECT_TRUE(has(wire, "Cross-Origin-Resource-Policy: cross-origin"));
  EXPECT_EQ(wire.head.find("Credentials"), std::string::npos);
}

TEST(Responses, text_of_a_kilobyte_is_compressed_when_accepted_and_anything_else_is_not) {
  const std::string text(5'000, 'a');
  const Asked zip{.accept_encoding = "gzip, deflate, br"};
  const WireResponse wire = rendered(Response::json(text), zip);
  EXPECT_TRUE(has(wire, "Content-Encoding: gzip"));
  EXPECT_TRUE(has(wire, "Vary: Accept-Encoding"));
  EXPECT_TRUE(has(wire, "Content-Length: " + std::to_string(wire.body.size())));
  EXPECT_LT(wire.body.size(), 200U);
  EXPECT_EQ(gunzip(wire.body.text()), text);

  EXPECT_EQ(rendered(Response::json(text)).body.size(), 5'000U);
  EXPECT_TRUE(has(rendered(Response::json(text)), "Vary: Accept-Encoding"));
  EXPECT_EQ(rendered(Response::json(std::string(1'023, 'a')), zip).body.size(), 1'023U);
  EXPECT_EQ(rendered(Response::bytes(text, "image/png"), zip).body.size(), 5'000U);
  Response secret = Response::json(text);
  secret.compressible = false;
  EXPECT_EQ(rendered(std::move(secret), zip).body.size(), 5'000U);
}

TEST(Responses, that_may_be_kept_have_an_etag_and_become_304) {
  const auto first = rendered(Response::json("{\"a\":1}").revalidated(), {.method = Method::get});
  const auto at = first.head.find("ETag: ");
  ASSERT_NE(at, std::string::npos);
  const std::string etag = first.head.substr(at + 6, first.head.find("\r\n", at) - at - 6);
  const Asked again{.if_none_match = "\"x\", " + etag};
  const auto second = rendered(Response::json("{\"a\":1}").revalidated(), again);
  EXPECT_EQ(second.status, 304);
  EXPECT_TRUE(second.body.empty());
  EXPECT_EQ(second.head.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(has(second, "ETag: " + etag));
  EXPECT_EQ(rendered(Response::json("{\"a\":2}").revalidated(), again).status, 200);
  // Not stored: no ETag. Not a read: no condition.
  EXPECT_EQ(rendered(Response::json("{\"a\":1}"), again).status, 200);
  Asked post = again;
  post.method = Method::post;
  EXPECT_EQ(rendered(Response::json("{\"a\":1}").revalidated(), post).status, 200);
}

TEST(Responses, to_head_have_the_length_and_no_body_and_204_has_neither) {
  const auto head = rendered(Response::text("hello"), {.method = Method::head});
  EXPECT_TRUE(has(head, "Content-Length: 5"));
  EXPECT_TRUE(head.body.empty());
  const auto empty = rendered(Response::no_content());
  EXPECT_TRUE(has(empty, "HTTP/1.1 204 No Content"));
  EXPECT_EQ(empty.head.find("Content-Length"), std::string::npos);
}

TEST(Responses, headers_cannot_be_smuggled_into_a_value) {
  const auto wire = rendered(Response::text("x")
                                 .with("X-Good", "v")
                                 .with("X-Bad", "a\r\nSet-Cookie: evil=1")
                                 .with("X Bad", "v")
                                 .with("X-Nul", std::string("a\0b", 3)));
  EXPECT_TRUE(has(wire, "X-Good: v"));
  EXPECT_EQ(wire.head.find("evil"), std::string::npos);
  EXPECT_EQ(wire.head.find("X Bad"), std::string::npos);
  EXPECT_EQ(wire.head.find("X-Nul"), std::string::npos);
}

TEST(Responses, etags_compare_weakly_in_lists) {
  EXPECT_TRUE(etag_matches("*", "\"a\""));
  EXPECT_TRUE(etag_matches("\"b\", W/\"a\"", "\"a\""));
  EXPECT_FALSE(etag_matches("\"ab\"", "\"a\""));
  EXPECT_FALSE(etag_matches("", "\"a\""));
}

TEST(ContentPolicy, follows_the_nodes_and_refuses_what_is_not_an_origin) {
  ContentPolicy policy;
  EXPECT_NE(policy.text()->find("connect-src 'self';"), std::string::npos);
  ASSERT_TRUE(policy.set_connect_origins({"wss://10.1.2.3:8500", "https://[::1]:1"}));
  EXPECT_NE(policy.text()->find("connect-src 'self' wss://10.1.2.3:8500 https://[::1]:1;"),
            std::string::npos);
  for (const char* part : {"default-src 'self'", "script-src 'self'",
                           "worker-src 'self' blob:", "img-src 'self' data: blob:",
                           "media-src 'self' blob:", "frame-ancestors 'none'", "object-src 'none'"})
    EXPECT_NE(policy.text()->find(part), std::string::npos) << part;
  EXPECT_EQ(policy.text()->find("unsafe"), std::string::npos);
  for (const char* bad :
       {"ws://a", "wss://", "wss://a b", "wss://a;script-src *", "*", "wss://a/p"}) {
    const auto result = policy.set_connect_origins({"wss://good", bad});
    ASSERT_FALSE(result) << bad;
    EXPECT_EQ(result.error().field, "connect_origins[1]");
  }
  EXPECT_NE(policy.text()->find("10.1.2.3"), std::string::npos);
  EXPECT_FALSE(policy.set_connect_origins(std::vector<std::string>(257, "wss://a")));
}

TEST(RateLimit, gives_each_address_its_burst_and_then_its_rate) {
  ManualClock clock;
  RateLimit limit(10, 3, clock);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a"), 0U);
  EXPECT_EQ(limit.take("a"), 1U);
  EXPECT_EQ(limit.take("b"), 0U);
  clock.advance_us(100'000);
  EXPECT_EQ(limit.take("a"), 0U);
  EXPECT_EQ(limit.take("a"), 1U);
  clock.advance_us(3'600'000'000);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limit.take("a"), 0U);
  EXPECT_EQ(limit.take("a"), 1U);
}

TEST(RateLimit, remembers_a_bounded_number_of_addresses) {
  ManualClock clock;
  RateLimit limit(1, 2, clock);
  for (std::size_t i = 0; i < RateLimit::kMaxAddresses + 100; ++i) limit.take(std::to_string(i));
  EXPECT_LE(limit.addresses(), RateLimit::kMaxAddresses + 1);
  clock.advance_us(10'000'000);
  limit.take("one more");
  EXPECT_EQ(limit.addresses(), 1U);  // the rest were full again and forgotten
}

}  // namespace
}  // namespace vl::http
