#include "url.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lexical.hpp"

namespace vl::rtsp {
namespace {

std::unexpected<Error> broken(std::string_view what) {
  return fail(RtspError::malformed, fmt::format("url: {}", what), "url");
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = number_of<std::uint8_t>(text.substr(i + 1, 2), 16);
    if (i + 2 >= text.size() || !byte) return std::nullopt;
    out += static_cast<char>(*byte);
    i += 2;
  }
  return out;
}

Result<Credentials> parse_user_info(std::string_view text) {
  const auto user = percent_decoded(cut(text, ':'));
  const auto password = percent_decoded(text);
  if (!user || !password) return broken("a % in user or password needs two hex digits after it");
  return Credentials{*user, *password};
}

Result<void> parse_host_and_port(std::string_view text, Url& url) {
  if (text.starts_with('[')) {
    text.remove_prefix(1);
    if (text.find(']') == std::string_view::npos) return broken("an address's ] is missing");
    url.host = std::string(cut(text, ']'));
    if (!text.empty() && !text.starts_with(':')) return broken("something after the address's ]");
    if (!text.empty()) text.remove_prefix(1);
  } else {
    url.host = std::string(cut(text, ':'));
  }
  if (url.host.empty() || url.host.size() > 255)
    return broken("a host of 1 to 255 bytes is missing");
  if (text.empty()) return {};
  const auto port = number_of<std::uint16_t>(text);
  if (!port || *port == 0) return broken("the port must be a number from 1 to 65535");
  url.port = *port;
  return {};
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (text.size() > most_url_bytes)
    return fail(RtspError::too_large, fmt::format("url: above {} bytes", most_url_bytes), "url");
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c >= 127; }))
    return broken("blanks and what is not ASCII must be written as %XX");
  if (starts_with_word(text, "rtsps://"))
    return fail(RtspError::unsupported, "url: rtsps:// is not taken yet; use rtsp://", "url");
  constexpr std::string_view scheme = "rtsp://";
  if (!starts_with_word(text, scheme)) return broken("must begin with rtsp://");
  text.remove_prefix(scheme.size());
  text = text.substr(0, text.find('#'));
  const auto end = std::min(text.find_first_of("/?"), text.size());
  auto authority = text.substr(0, end);
  const auto path = text.substr(end);
  Url url;
  // The last @, as people write passwords with an @ in them as they are.
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    VL_TRY(url.credentials, parse_user_info(authority.substr(0, at)));
    authority.remove_prefix(at + 1);
  }
  VL_CHECK(parse_host_and_port(authority, url));
  url.request = fmt::format("{}{}{}", scheme, authority, path);
  return url;
}

std::string address_of(const Url& url) {
  return url.host.find(':') == std::string::npos ? fmt::format("{}:{}", url.host, url.port)
                                                 : fmt::format("[{}]:{}", url.host, url.port);
}

}  // namespace vl::rtsp
