#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

#include <vonglau/devices/found.hpp>

namespace vl::devices {
namespace {

struct Place {
  std::string host, port, path;
};

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// Of "rtsp://user:word@[fe80::1]:554/live/main" or without any of it but the host.
Place place_of(std::string_view url) {
  std::string scheme = "http";
  if (const auto at = url.find("://"); at != std::string_view::npos) {
    scheme = lower(url.substr(0, at));
    url.remove_prefix(at + 3);
  }
  const auto slash = std::min(url.find('/'), url.size());
  auto authority = url.substr(0, slash);
  if (const auto user = authority.rfind('@'); user != std::string_view::npos)
    authority.remove_prefix(user + 1);
  const auto bracket = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = authority.find(':', std::min(bracket, authority.size()));
  Place out{lower(authority.substr(0, colon)), "", std::string(url.substr(slash))};
  if (colon != std::string_view::npos)
    out.port = authority.substr(colon + 1);
  else
    out.port = scheme == "rtsp" ? "554" : scheme == "https" ? "443" : "80";
  return out;
}

bool has_part(std::string_view path, std::string_view part) {
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const auto end = std::min(path.find_first_of("/?"), path.size());
    if (path.substr(0, end) == part) return true;
    if (end < path.size() && path[end] == '?') return false;
    path.remove_prefix(end);
  }
  return false;
}

/// The same service, whatever its path is called.
std::optional<CameraId> enrolled_at(const FoundDevice& found, const std::vector<DeviceRow>& devices,
                                    bool is_alone) {
  for (const auto& row : devices)
    if (row.enrolled && row.address == found.address) return row.camera_id;
  if (!is_alone) return std::nullopt;
  const auto place = place_of(found.address);
  for (const auto& row : devices) {
    const auto known = place_of(row.address);
    if (row.enrolled && known.host == place.host && known.port == place.port) return row.camera_id;
  }
  return std::nullopt;
}

std::optional<CameraId> streams_from(const FoundDevice& found,
                                     const std::vector<cameras::CameraRow>& cameras,
                                     bool is_alone) {
  const auto host = place_of(found.address).host;
  for (const auto& camera : cameras) {
    const auto stream = place_of(camera.main_url);
    if (stream.host != host || host.empty()) continue;
    const bool is_named =
        !found.name.empty() && (camera.code == found.name || has_part(stream.path, found.name));
    if (is_alone || is_named) return camera.id;
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::optional<CameraId>> registered_among(
    const std::vector<FoundDevice>& found, const std::vector<cameras::CameraRow>& cameras,
    const std::vector<DeviceRow>& devices) {
  std::map<std::string, std::size_t> at_host;
  for (const auto& one : found) ++at_host[place_of(one.address).host];
  std::vector<std::optional<CameraId>> out;
  for (const auto& one : found) {
    const bool is_alone = at_host[place_of(one.address).host] == 1;
    auto known = enrolled_at(one, devices, is_alone);
    if (!known) known = streams_from(one, cameras, is_alone);
    out.push_back(known);
  }
  return out;
}

}  // namespace vl::devices
