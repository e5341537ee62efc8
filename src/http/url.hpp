// Where a client connects to. Pure.
#pragma once

#include <string>
#include <string_view>

#include <vonglau/base/result.hpp>

namespace vl::http {

struct Url {
  bool secure = true;
  std::string host;  // without brackets
  std::string port;
  std::string authority;  // as written in Host
};

/// "https://", "wss://", "http://" and "ws://" with a host, perhaps a port, and no path but "/".
/// Without TLS only to loopback, unless `plain_network`.
Result<Url> parse_base_url(std::string_view text, bool plain_network = false);

}  // namespace vl::http
