// The one table from vl::Category to an HTTP status, and the JSON body of every error:
// {"error":{"code":"incidents.already_claimed","message":"...","field":"claimed_by"}}.
#pragma once

#include <string_view>

#include <vonglau/base/result.hpp>
#include <vonglau/http/message.hpp>

namespace vl::http {

/// Errors of this room: of the server towards a peer, and of our clients.
enum class HttpError {
  bad_request,
  not_found,
  method_not_allowed,
  header_too_large,
  body_too_large,
  too_many_requests,
  overloaded,
  upgrade_required,
  origin_refused,
  internal,
  bad_options,  // a server or client was given settings that cannot work
  unreachable,  // no connection: refused, no route, no such name
  timed_out,
  tls_refused,   // the peer's certificate or protocol version is not acceptable
  bad_response,  // the peer answered with something that is not HTTP, or too much of it
  refused,       // a WebSocket upgrade was answered with another status
  closed,        // the connection ended before the answer was whole
  file,          // a certificate, key or page cannot be read or written
};

constexpr ErrorCode code_of(HttpError e) {
  switch (e) {
    case HttpError::bad_request:
      return {Category::invalid, "http.bad_request"};
    case HttpError::not_found:
      return {Category::not_found, "http.not_found"};
    case HttpError::method_not_allowed:
      return {Category::invalid, "http.method_not_allowed"};
    case HttpError::header_too_large:
      return {Category::too_large, "http.header_too_large"};
    case HttpError::body_too_large:
      return {Category::too_large, "http.body_too_large"};
    case HttpError::too_many_requests:
      return {Category::limited, "http.too_many_requests"};
    case HttpError::overloaded:
      return {Category::unavailable, "http.overloaded"};
    case HttpError::upgrade_required:
      return {Category::invalid, "http.upgrade_required"};
    case HttpError::origin_refused:
      return {Category::forbidden, "http.origin_refused"};
    case HttpError::internal:
      return {Category::internal, "http.internal"};
    case HttpError::bad_options:
      return {Category::invalid, "http.bad_options"};
    case HttpError::unreachable:
      return {Category::unavailable, "http.unreachable"};
    case HttpError::timed_out:
      return {Category::unavailable, "http.timed_out"};
    case HttpError::tls_refused:
      return {Category::unavailable, "http.tls_refused"};
    case HttpError::bad_response:
      return {Category::unavailable, "http.bad_response"};
    case HttpError::refused:
      return {Category::unavailable, "http.refused"};
    case HttpError::closed:
      return {Category::unavailable, "http.closed"};
    case HttpError::file:
      return {Category::unavailable, "http.file"};
  }
  return {};
}

constexpr int status_of(Category category) {
  switch (category) {
    case Category::invalid:
      return 400;
    case Category::unauthenticated:
      return 401;
    case Category::forbidden:
      return 403;
    case Category::not_found:
      return 404;
    case Category::conflict:
      return 409;
    case Category::too_large:
      return 413;
    case Category::limited:
      return 429;
    case Category::unavailable:
      return 503;
    case Category::internal:
      return 500;
  }
  return 500;
}

/// The standard phrase of a status, "" for one we do not send.
std::string_view reason_of(int status);

/// Status from the table; 429 and 503 carry Retry-After: 1. The message of an internal error is
/// for our log and is replaced by a general one.
Response error_response(const Error& error);
/// The same with a status of its own (405, 426, 431).
Response error_response(const Error& error, int status);

}  // namespace vl::http
