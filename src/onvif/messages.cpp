#include <algorithm>
#include <array>
#include <chrono>

#include <vonglau/onvif/messages.hpp>

#include "xml.hpp"

namespace vl::onvif {
namespace {

constexpr std::size_t kMostMatches = 64;

std::int64_t whole(const Node& node) {
  return std::clamp<std::int64_t>(node.text().as_llong(), -1'000'000, 1'000'000);
}

int hex_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_of(text[i + 1]) >= 0 &&
        hex_of(text[i + 2]) >= 0) {
      const char c = static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
      if (static_cast<unsigned char>(c) >= 0x20) out += c;
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out.substr(0, 100);
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> out;
  while (out.size() < 32) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
    out.emplace_back(text.substr(0, std::min<std::size_t>(end, 512)));
    text.remove_prefix(end);
  }
  return out;
}

Profile profile_of(const Node& node) {
  Profile profile;
  profile.token = std::string(node.attribute("token").as_string()).substr(0, 128);
  profile.name = text_at(node, "Name");
  const Node encoder = child(node, "VideoEncoderConfiguration");
  profile.encoding = text_at(encoder, "Encoding");
  profile.width = whole(down(encoder, "Resolution/Width"));
  profile.height = whole(down(encoder, "Resolution/Height"));
  profile.frames_per_s = whole(down(encoder, "RateControl/FrameRateLimit"));
  profile.ptz = static_cast<bool>(child(node, "PTZConfiguration"));
  return profile;
}

}  // namespace

Result<WallTime> read_device_time(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetSystemDateAndTimeResponse"));
  const Node utc = down(answer, "SystemDateAndTime/UTCDateTime");
  const auto part = [&](std::string_view path) { return static_cast<int>(whole(down(utc, path))); };
  using namespace std::chrono;
  const year_month_day day{year{part("Date/Year")},
                           month{static_cast<unsigned>(part("Date/Month"))},
                           std::chrono::day{static_cast<unsigned>(part("Date/Day"))}};
  const int h = part("Time/Hour"), m = part("Time/Minute"), s = part("Time/Second");
  if (!utc || !day.ok() || part("Date/Year") < 1970 || part("Date/Year") > 2200 || h < 0 ||
      h > 23 || m < 0 || m > 59 || s < 0 || s > 60)
    return fail(OnvifError::bad_answer, "the camera does not say its time in UTC");
  const auto at = sys_days{day} + hours{h} + minutes{m} + seconds{s};
  return WallTime{duration_cast<microseconds>(at.time_since_epoch()).count()};
}

Result<DeviceInformation> read_information(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetDeviceInformationResponse"));
  return DeviceInformation{text_at(answer, "Manufacturer"), text_at(answer, "Model"),
                           text_at(answer, "FirmwareVersion"), text_at(answer, "SerialNumber")};
}

Result<Services> read_services(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  Services out;
  if (const Node answer = child(message.body(), "GetServicesResponse")) {
    for (const Node& service : answer.children()) {
      const std::string space = text_at(service, "Namespace");
      const auto path = path_of(text_at(service, "XAddr"));
      if (space.find("/ver10/media/") != std::string::npos) out.media = path;
      if (space.find("/ver20/ptz/") != std::string::npos) out.ptz = path;
      if (space.find("/ver10/recording/") != std::string::npos) out.recording = path;
      if (space.find("/ver10/replay/") != std::string::npos) out.replay = path;
      if (space.find("/ver10/events/") != std::string::npos) out.events = path;
    }
    return out;
  }
  VL_TRY(const auto answer, expect(message, "GetCapabilitiesResponse"));
  const Node all = child(answer, "Capabilities");
  const auto of = [&](std::string_view path) { return path_of(text_at(all, path)); };
  out.media = of("Media/XAddr");
  out.ptz = of("PTZ/XAddr");
  out.recording = of("Extension/Recording/XAddr");
  out.replay = of("Extension/Replay/XAddr");
  out.events = of("Events/XAddr");
  return out;
}

Result<std::vector<User>> read_users(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetUsersResponse"));
  std::vector<User> out;
  for (const Node& node : answer.children())
    if (local_name(node) == "User" && out.size() < kMostUsers)
      out.push_back({text_at(node, "Username"), text_at(node, "UserLevel")});
  return out;
}

Result<std::vector<Profile>> read_profiles(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetProfilesResponse"));
  std::vector<Profile> out;
  for (const Node& node : answer.children())
    if (local_name(node) == "Profiles" && out.size() < kMostProfiles)
      out.push_back(profile_of(node));
  return out;
}

Result<std::string> read_uri(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  for (const auto* name : {"GetStreamUriResponse", "GetReplayUriResponse"})
    if (const Node answer = child(message.body(), name)) {
      auto uri = text_at(answer, "MediaUri/Uri");
      if (uri.empty()) uri = text_at(answer, "Uri");
      if (!uri.starts_with("rtsp://"))
        return fail(OnvifError::bad_answer, "the camera's stream is at no rtsp:// address");
      return uri;
    }
  return fail(OnvifError::bad_answer, "the camera's answer has no stream address");
}

Result<std::vector<std::string>> read_recordings(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetRecordingsResponse"));
  std::vector<std::string> out;
  for (const Node& node : answer.children())
    if (local_name(node) == "RecordingItem" && out.size() < 64)
      out.push_back(text_at(node, "RecordingToken"));
  return out;
}

Result<std::vector<Preset>> read_presets(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetPresetsResponse"));
  std::vector<Preset> out;
  for (const Node& node : answer.children()) {
    if (local_name(node) != "Preset" || out.size() >= kMostPresets) continue;
    Preset preset{std::string(node.attribute("token").as_string()).substr(0, 128),
                  text_at(node, "Name")};
    if (!preset.token.empty()) out.push_back(std::move(preset));
  }
  return out;
}

Result<std::string> read_preset_token(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "SetPresetResponse"));
  auto token = text_at(answer, "PresetToken");
  if (token.empty())
    return fail(OnvifError::bad_answer, "the camera does not say how it calls the preset");
  return token;
}

Result<PtzStatus> read_status(std::string_view text) {
  VL_TRY(const auto message, answered(text));
  VL_TRY(const auto answer, expect(message, "GetStatusResponse"));
  const Node status = child(answer, "PTZStatus");
  const Node pan_tilt = down(status, "Position/PanTilt");
  PtzStatus out;
  out.at = {number_of(pan_tilt, "x"), number_of(pan_tilt, "y"),
            number_of(down(status, "Position/Zoom"), "x")};
  out.moving = text_at(status, "MoveStatus/PanTilt") == "MOVING" ||
               text_at(status, "MoveStatus/Zoom") == "MOVING";
  return out;
}

Result<void> read_done(std::string_view text, std::string_view name) {
  VL_TRY(const auto message, answered(text));
  VL_CHECK(expect(message, name));
  return {};
}

bool refuses_login(std::string_view text) {
  if (text.find("Fault") == std::string_view::npos) return false;
  const auto read = answered(text);
  return !read && read.error().code == code_of(OnvifError::wrong_password);
}

Result<std::vector<Answer>> read_probe_matches(std::string_view datagram) {
  VL_TRY(const auto message, Message::parse(datagram));
  VL_TRY(const auto matches, expect(message, "ProbeMatches"));
  const std::string relates_to = text_at(message.header(), "RelatesTo");
  std::vector<Answer> out;
  for (const Node& match : matches.children()) {
    if (local_name(match) != "ProbeMatch" || out.size() >= kMostMatches) continue;
    Answer answer;
    answer.relates_to = relates_to;
    answer.endpoint = text_at(match, "EndpointReference/Address");
    for (auto& address : words_in(child(match, "XAddrs").text().get()))
      if (address.starts_with("http://") || address.starts_with("https://"))
        answer.addresses.push_back(std::move(address));
    for (const auto& scope : words_in(child(match, "Scopes").text().get())) {
      const auto take = [&](std::string_view kind, std::string& into) {
        const std::string head = "onvif://www.onvif.org/" + std::string(kind) + "/";
        if (scope.starts_with(head) && into.empty())
          into = percent_decoded(std::string_view(scope).substr(head.size()));
      };
      take("name", answer.name);
      take("hardware", answer.hardware);
      take("location", answer.location);
    }
    out.push_back(std::move(answer));
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

}  // namespace vl::onvif
