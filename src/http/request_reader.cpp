#include "request_reader.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <vonglau/http/errors.hpp>

namespace vl::http {
namespace beast = boost::beast;
namespace {

std::string_view view_of(beast::string_view text) {
  return {text.data(), text.size()};
}

std::unexpected<Error> bad(std::string message, std::string field = {}) {
  return fail(HttpError::bad_request, std::move(message), std::move(field));
}

/// Origin form, or absolute form with its authority taken off (RFC 9112, section 3.2).
std::optional<std::string_view> origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  const bool http = target.starts_with("http://");
  if (!http && !target.starts_with("https://")) return std::nullopt;
  target.remove_prefix(http ? 7 : 8);
  const auto slash = target.find('/');
  if (slash == 0) return std::nullopt;
  return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
}

Result<void> check_fields(const RequestHeader& header) {
  namespace http = beast::http;
  int hosts = 0;
  for (const auto& field : header) {
    if (field.name() == http::field::host) ++hosts;
    if (std::ranges::any_of(field.value(), [](char c) {
          return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
        }))
      return bad("a header has a control character", std::string(view_of(field.name_string())));
  }
  if (hosts > 1 || (hosts == 0 && header.version() >= 11))
    return bad("send exactly one Host header", "Host");
  const auto coding = header.find(http::field::transfer_encoding);
  if (coding != header.end() &&
      (!beast::iequals(coding->value(), "chunked") || header.version() < 11))
    return bad("the only transfer coding taken is chunked", "Transfer-Encoding");
  return {};
}

}  // namespace

void configure(HeaderParser& parser, std::size_t header_bytes) {
  parser.header_limit(static_cast<std::uint32_t>(header_bytes));
  parser.body_limit(boost::none);
}

Result<Request> to_request(const RequestHeader& header) {
  if (header.version() != 10 && header.version() != 11)
    return bad("the HTTP version is not 1.0 or 1.1");
  const auto method = method_of(view_of(header.method_string()));
  if (!method) return bad("the method is not one of GET HEAD POST PUT PATCH DELETE OPTIONS");
  VL_CHECK(check_fields(header));

  const auto target = origin_form(view_of(header.target()));
  if (!target) return bad("the request target is not a path");
  const auto mark = target->find('?');
  auto segments = split_path(target->substr(0, mark));
  if (!segments) return bad("the path is not valid: look at its escapes, dots and slashes");
  auto query = parse_query(mark == std::string_view::npos ? "" : target->substr(mark + 1));
  if (!query) return bad("the query is not valid: look at its escapes and its length");

  Request request;
  request.method = *method;
  request.path.clear();
  for (const auto& segment : *segments) (request.path += '/') += segment;
  if (request.path.empty()) request.path = "/";
  request.segments = std::move(*segments);
  request.query = std::move(*query);
  for (const auto& field : header)
    request.headers.add(std::string(view_of(field.name_string())),
                        std::string(view_of(field.value())));
  return request;
}

ParseFailure parse_failure(boost::system::error_code ec) {
  namespace http = beast::http;
  if (ec == http::error::header_limit || ec == http::error::buffer_overflow)
    return {431, Error(code_of(HttpError::header_too_large), "the request's headers are too long")};
  if (ec == http::error::body_limit)
    return {413, Error(code_of(HttpError::body_too_large), "the request's body is too long")};
  return {400, Error(code_of(HttpError::bad_request), "not an HTTP request: " + ec.message())};
}

}  // namespace vl::http
