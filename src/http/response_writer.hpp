// Turns a Response into the bytes that go out: compression, ETag, HEAD, Date and the security
// headers. Pure; runs on a worker.
#pragma once

#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/http/message.hpp>

namespace vl::http {

/// What of the request decides how its response is written.
struct Asked {
  Method method = Method::get;
  std::string accept_encoding;
  std::string if_none_match;
  bool keep_alive = false;
  bool secure = false;
  bool cross_origin = false;  // of the route
};

struct HeaderPolicy {
  std::string content_security_policy;
  std::uint32_t hsts_max_age_s = 0;
};

struct WireResponse {
  std::string head;
  SharedBytes body;
  int status = 0;
  bool keep_alive = false;
  std::function<void(std::uint64_t body_bytes)> on_sent;
};

WireResponse render(Response response, const Asked& asked, const HeaderPolicy& policy,
                    WallTime now);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, section 5.6.7).
std::string http_date(WallTime time);

/// Whether an If-None-Match list names this ETag, compared weakly.
bool etag_matches(std::string_view if_none_match, std::string_view etag);

}  // namespace vl::http
