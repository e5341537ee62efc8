// Any bytes as a request: Beast's parser with our settings, our reading of it, the routes, and the
// response as it would be written.
#include <cstddef>
#include <cstdint>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/string_body.hpp>

#include <vonglau/base/assert.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/http/router.hpp>

#include "request_reader.hpp"
#include "response_writer.hpp"
#include "upgrade.hpp"

namespace {

using namespace vl::http;
namespace bhttp = boost::beast::http;

const Router& router() {
  static const Router filled = [] {
    Router r;
    const Handler echo = [](const Request& request) {
      Response response = Response::text(request.body);
      // What a careless handler might do with what it was given.
      response.headers.set("X-Query", std::string(request.query_value("q").value_or("")));
      response.headers.set("X-Id", std::string(request.parameter("id")));
      response.headers.set("X-Cookie", std::string(request.cookie("a").value_or("")));
      return std::move(response).revalidated();
    };
    r.add(Method::get, "/a", echo);
    r.add(Method::get, "/a/{id}", echo);
    r.add(Method::post, "/a/{id}/b/{other}", echo);
    r.add_websocket("/w", [](const Request&) -> WebSocketAccept {
      return std::unexpected(Response::no_content());
    });
    r.set_fallback(echo);
    return r;
  }();
  return filled;
}

void check_written(const Request& request, Response response) {
  const Asked asked{.method = request.method,
                    .accept_encoding = std::string(request.header("Accept-Encoding")),
                    .if_none_match = std::string(request.header("If-None-Match")),
                    .keep_alive = true};
  const WireResponse wire = render(std::move(response), asked, {"default-src 'self'", 1}, {0});
  // One header block, however the request was made: nothing of it ends the block early.
  VL_ASSERT(wire.head.find("\r\n\r\n") == wire.head.size() - 4);
  VL_ASSERT(wire.head.starts_with("HTTP/1.1 "));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  boost::system::error_code ec;
  HeaderParser parser;
  configure(parser, 16 * 1024);
  std::size_t used = parser.put(boost::asio::const_buffer(data, size), ec);
  if (ec && ec != bhttp::error::need_more) {
    const ParseFailure failure = parse_failure(ec);
    VL_ASSERT(failure.status == 400 || failure.status == 413 || failure.status == 431);
    return 0;
  }
  if (!parser.is_header_done()) return 0;
  auto request = to_request(parser.get());
  if (!request) return 0;
  VL_ASSERT(request->path.find("/../") == std::string::npos);
  VL_ASSERT(is_utf8(request->path));
  static_cast<void>(check_upgrade(parser.get(), *request, {.origins = {"https://a"}}));

  bhttp::request_parser<bhttp::string_body> body(std::move(parser));
  constexpr std::size_t kBodyLimit = 1'000;
  body.body_limit(kBodyLimit);
  while (!body.is_done() && used < size) {
    const std::size_t more = body.put(boost::asio::const_buffer(data + used, size - used), ec);
    if (ec || more == 0) return 0;
    used += more;
  }
  if (!body.is_done()) return 0;
  VL_ASSERT(body.get().body().size() <= kBodyLimit);
  request->body = std::move(body.get().body());
  check_written(*request, router().handle(*request));
  return 0;
}
