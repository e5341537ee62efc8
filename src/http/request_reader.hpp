// From bytes to a Request: Beast's parser with our settings, and our own stricter reading of
// what it lets through. Pure. The fuzzer feeds the same functions as the server.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <vonglau/base/result.hpp>
#include <vonglau/http/message.hpp>

namespace vl::http {

using HeaderParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
using RequestHeader = boost::beast::http::request_header<>;

/// Header limit set; the body limit waits for the route.
void configure(HeaderParser& parser, std::size_t header_bytes);

/// Refuses what RFC 9112 lets a server refuse and proxies disagree about: no or several Host
/// fields, a transfer coding other than chunked, control characters, a broken target.
Result<Request> to_request(const RequestHeader& header);

/// A parse error as what the peer did wrong: 431 or 400. Nothing when the peer merely went away.
struct ParseFailure {
  int status = 400;
  Error error;
};
ParseFailure parse_failure(boost::system::error_code ec);

}  // namespace vl::http
