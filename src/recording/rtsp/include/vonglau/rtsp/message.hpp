// RTSP 1.0 messages (RFC 2326) as values, for both sides of a connection. Pure; any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

struct Header {
  std::string name;
  std::string value;
  friend bool operator==(const Header&, const Header&) = default;
};

/// Headers in the order sent; names compare without regard to case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<Header> list) : list_(list) {}

  /// The first of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  /// All of that name (WWW-Authenticate comes once per scheme).
  std::vector<std::string_view> all(std::string_view name) const;
  void add(std::string name, std::string value);
  /// Replaces every header of that name.
  void set(std::string_view name, std::string value);
  const std::vector<Header>& list() const { return list_; }
  std::vector<Header>& list() { return list_; }
  friend bool operator==(const Headers&, const Headers&) = default;

 private:
  std::vector<Header> list_;
};

struct Request {
  std::string method;  // "DESCRIBE"; case matters (RFC 2326, section 6.1)
  std::string uri;     // absolute, or "*"
  Headers headers;
  std::string body;
  friend bool operator==(const Request&, const Request&) = default;
};

struct Response {
  int status = 200;    // 100..599
  std::string reason;  // serialise() fills an empty one from the status
  Headers headers;
  std::string body;
  friend bool operator==(const Response&, const Response&) = default;
};

/// The bytes to send. Content-Length is set from the body (and only then). Control characters
/// in names and values become spaces, so that no value can start a header of its own.
std::string serialise(const Request& request);
std::string serialise(const Response& response);

/// The standard's words for a status: 454 -> "Session Not Found".
std::string_view reason_of(int status);

/// CSeq as a number, if there is one that is.
std::optional<std::uint32_t> cseq_of(const Headers& headers);

/// "Session: 4711;timeout=90" (RFC 2326, section 12.37).
struct SessionHeader {
  std::string id;
  std::int64_t timeout_s = 60;
};
Result<SessionHeader> parse_session(std::string_view value);

}  // namespace vl::rtsp
