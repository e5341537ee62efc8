// rtsp:// URLs (RFC 2326, section 3.2; RFC 3986). Pure. Private to this room.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <vonglau/rtsp/auth.hpp>
#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

struct Url {
  std::string host;  // a name or an address, without brackets
  std::uint16_t port = 554;
  std::string request;  // as requests name it: without user and password
  std::optional<Credentials> credentials;
};

constexpr std::size_t most_url_bytes = 2048;

/// At most most_url_bytes of printable ASCII. Messages quote nothing of it: a password may stand
/// anywhere in a URL that is broken.
Result<Url> parse_url(std::string_view text);

/// "192.0.2.7:554", "[2001:db8::7]:554": what details may say of a URL. Some cameras take the
/// password in the path.
std::string address_of(const Url& url);

}  // namespace vl::rtsp
