#include "url.hpp"

#include <algorithm>

#include <vonglau/http/errors.hpp>

namespace vl::http {

Result<Url> parse_base_url(std::string_view text, bool plain_network) {
  const auto bad = [&](const char* why) {
    return fail(HttpError::bad_options, "\"" + std::string(text) + "\": " + why, "base_url");
  };
  std::string_view rest = text;
  Url url;
  const auto take = [&](std::string_view scheme) {
    const bool is = rest.starts_with(scheme);
    if (is) rest.remove_prefix(scheme.size());
    return is;
  };
  if (take("https://") || take("wss://"))
    url.secure = true;
  else if (take("http://") || take("ws://"))
    url.secure = false;
  else
    return bad("write https://host:port");
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find_first_of("/?#@ \r\n") != std::string_view::npos)
    return bad("only a host and a port belong here");
  url.authority = std::string(rest);
  const auto bracket = rest.starts_with('[') ? rest.find(']') : std::string_view::npos;
  if (rest.starts_with('[') && bracket == std::string_view::npos) return bad("a ] is missing");
  const auto colon = rest.find(':', bracket == std::string_view::npos ? 0 : bracket);
  url.host = std::string(bracket == std::string_view::npos ? rest.substr(0, colon)
                                                           : rest.substr(1, bracket - 1));
  url.port = url.secure ? "443" : "80";
  if (colon != std::string_view::npos) url.port = std::string(rest.substr(colon + 1));
  const bool digits = std::ranges::all_of(url.port, [](char c) { return c >= '0' && c <= '9'; });
  if (url.host.empty() || url.port.empty() || url.port.size() > 5 || !digits)
    return bad("the host or the port is missing");
  if (!url.secure && !plain_network && url.host != "localhost" && url.host != "::1" && !url.host.starts_with("127."))
    return bad("without TLS only the loopback address may be reached");
  return url;
}

}  // namespace vl::http
