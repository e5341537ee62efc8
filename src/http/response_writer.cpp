#include "response_writer.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>
#include <vonglau/http/errors.hpp>

#include "gzip.hpp"

namespace vl::http {
namespace {

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

std::string_view without_weak_mark(std::string_view etag) {
  if (etag.starts_with("W/")) etag.remove_prefix(2);
  return etag;
}

bool may_be_stored(const Fields& headers) {
  return headers.get("Cache-Control").find("no-store") == std::string_view::npos;
}

void add_security_fields(Fields& headers, const Asked& asked, const HeaderPolicy& policy) {
  headers.set("X-Content-Type-Options", "nosniff");
  headers.set("X-Frame-Options", "DENY");
  headers.set("Referrer-Policy", "no-referrer");
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Resource-Policy", asked.cross_origin ? "cross-origin" : "same-origin");
  headers.set("Content-Security-Policy", policy.content_security_policy);
  if (asked.cross_origin) headers.set("Access-Control-Allow-Origin", "*");
  if (asked.secure && policy.hsts_max_age_s > 0)
    headers.set("Strict-Transport-Security", fmt::format("max-age={}", policy.hsts_max_age_s));
}

/// A 200 to GET or HEAD that may be kept gets an ETag and may become a 304.
void answer_condition(Response& response, SharedBytes& body, const Asked& asked) {
  const bool read = asked.method == Method::get || asked.method == Method::head;
  if (!read || response.status != 200 || !may_be_stored(response.headers)) return;
  if (!response.headers.has("ETag")) {
    // Weak, because the compressed and the plain form share it.
    const Digest digest = sha256(body.view());
    response.headers.add("ETag", "W/\"" + to_base64url(ByteView(digest).first(12)) + "\"");
  }
  if (!asked.if_none_match.empty() &&
      etag_matches(asked.if_none_match, response.headers.get("ETag"))) {
    response.status = 304;
    response.headers.remove("Content-Type");
    response.headers.remove("Content-Encoding");
    body = {};
  }
}

void compress(Response& response, SharedBytes& body, const Asked& asked) {
  if (!response.compressible || body.size() < kGzipFromBytes ||
      response.headers.has("Content-Encoding") ||
      !is_compressible(response.headers.get("Content-Type")))
    return;
  response.headers.add("Vary", "Accept-Encoding");
  if (!accepts_token(asked.accept_encoding, "gzip")) return;
  body = SharedBytes(gzip(body.text()));
  response.headers.add("Content-Encoding", "gzip");
}

}  // namespace

std::string http_date(WallTime time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time.us / 1'000'000;
  std::tm t{};
  gmtime_r(&seconds, &t);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kDays[static_cast<std::size_t>(t.tm_wday)], t.tm_mday,
                     kMonths[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

bool etag_matches(std::string_view list, std::string_view etag) {
  etag = without_weak_mark(etag);
  while (!list.empty()) {
    const auto at = std::min(list.find(','), list.size());
    std::string_view item = list.substr(0, at);
    list.remove_prefix(std::min(at + 1, list.size()));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (item == "*" || without_weak_mark(item) == etag) return true;
  }
  return false;
}

WireResponse render(Response response, const Asked& asked, const HeaderPolicy& policy,
                    WallTime now) {
  SharedBytes body =
      response.body.empty() ? std::move(response.shared) : SharedBytes(std::move(response.body));
  if (!response.headers.has("Cache-Control")) response.headers.add("Cache-Control", "no-store");
  answer_condition(response, body, asked);
  compress(response, body, asked);
  add_security_fields(response.headers, asked, policy);
  // A status without a body (RFC 9110, section 6.4.1) has no length either.
  const bool bodyless = response.status == 204 || response.status == 304;
  if (bodyless) body = {};

  WireResponse wire;
  wire.status = response.status;
  wire.keep_alive = asked.keep_alive;
  wire.on_sent = std::move(response.on_sent);
  wire.head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nConnection: {}\r\n", response.status,
                          reason_of(response.status), http_date(now),
                          asked.keep_alive ? "keep-alive" : "close");
  if (!bodyless) wire.head += fmt::format("Content-Length: {}\r\n", body.size());
  for (const auto& [name, value] : response.headers) {
    // A line break in a value would let its author write headers of their own.
    if (is_token(name) && is_field_value(value))
      wire.head += fmt::format("{}: {}\r\n", name, value);
    else
      log::error("http.bad_response_header", {{"name", name}});
  }
  wire.head += "\r\n";
  if (asked.method != Method::head) wire.body = std::move(body);
  return wire;
}

}  // namespace vl::http
