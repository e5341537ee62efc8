#include <boost/describe.hpp>

#include <vonglau/base/json.hpp>
#include <vonglau/http/errors.hpp>

namespace vl::http {
namespace {

struct Described {
  std::string code;
  std::string message;
  std::string field;
};
BOOST_DESCRIBE_STRUCT(Described, (), (code, message, field))
struct Body {
  Described error;
};
BOOST_DESCRIBE_STRUCT(Body, (), (error))

}  // namespace

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 416:
      return "Range Not Satisfiable";
    case 415:
      return "Unsupported Media Type";
    case 422:
      return "Unprocessable Content";
    case 426:
      return "Upgrade Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "";
  }
}

Response error_response(const Error& error, int status) {
  Body body{{std::string(error.code.name), error.message, error.field}};
  if (error.code.category == Category::internal)
    body.error.message =
        "The server made a mistake; it is in its log. Nothing may have changed: "
        "look before trying again.";
  Response response = Response::json(json::write(body), status);
  if (status == 429 || status == 503) response.headers.add("Retry-After", "1");
  return response;
}

Response error_response(const Error& error) {
  return error_response(error, status_of(error.code.category));
}

}  // namespace vl::http
