// Where a camera's services are, and where its streams may be.
#include <algorithm>

#include <vonglau/onvif/device.hpp>

namespace vl::onvif {
namespace {

constexpr std::string_view kDevicePath = "/onvif/device_service";

bool plain_text(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<Address> parse_address(std::string_view text) {
  const auto bad = [](const char* why) {
    return fail(OnvifError::bad_address,
                std::string("the camera's address: ") + why +
                    "; give 10.20.1.77 or http://10.20.1.77:8080/onvif/device_service",
                "address");
  };
  if (text.empty() || text.size() > 300 || !plain_text(text)) return bad("1 to 300 characters");
  std::string_view rest = text;
  std::string scheme = "http://";
  if (const auto at = rest.find("://"); at != std::string_view::npos) {
    scheme = std::string(rest.substr(0, at + 3));
    rest.remove_prefix(at + 3);
  }
  if (scheme != "http://" && scheme != "https://") return bad("only http:// and https://");
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto authority = rest.substr(0, slash);
  const auto path = rest.substr(slash);
  if (authority.find('@') != std::string_view::npos)
    return bad("login and password have fields of their own");
  if (authority.empty() || authority.find_first_of("?#<>\"") != std::string_view::npos)
    return bad("it has no host");
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return bad("a ] is missing");
  const auto colon = std::min(authority.find(':', bracket), authority.size());
  const auto port = authority.substr(std::min(colon + 1, authority.size()));
  const bool digits = std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  if (colon == 0 || !digits || port.size() > 5 || (colon < authority.size() && port.empty()))
    return bad("the host or the port is wrong");
  return Address{scheme + std::string(authority), std::string(authority.substr(0, colon)),
                 std::string(path.size() > 1 ? path : kDevicePath)};
}

std::string text_of(const Address& address) {
  return address.base_url + address.path;
}

Result<std::string> at_host(std::string_view uri, const std::string& host) {
  constexpr std::string_view scheme = "rtsp://";
  if (!uri.starts_with(scheme) || uri.size() > 500 || !plain_text(uri))
    return fail(OnvifError::bad_answer, "the camera's stream is at no rtsp:// address");
  const auto rest = uri.substr(scheme.size());
  const auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  if (const auto user = authority.rfind('@'); user != std::string_view::npos)
    authority.remove_prefix(user + 1);
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = authority.find(':', std::min(bracket, authority.size()));
  const auto port = colon == std::string_view::npos ? "" : authority.substr(colon);
  return std::string(scheme) + host + std::string(port) + std::string(rest.substr(slash));
}

}  // namespace vl::onvif
