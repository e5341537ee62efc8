// What cameras say by ONVIF, as plain values, and the readers of it. Elements are known by their
// local names: cameras choose prefixes, and some even namespaces, as they like.
//
// Pure; any thread. Nothing longer than 1 MiB, deeper than 48 or of more than 50,000 nodes is
// read, texts are cut at 256 bytes and lists at the numbers below.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/onvif/error.hpp>

namespace vl::onvif {

inline constexpr std::size_t kMessageBytes = 1024 * 1024;
inline constexpr std::size_t kMostProfiles = 64;
inline constexpr std::size_t kMostPresets = 256;
inline constexpr std::size_t kMostUsers = 64;

struct DeviceInformation {
  std::string manufacturer, model, firmware, serial;
};
/// Paths on the camera: its answers' hosts are not believed (client.hpp).
struct Services {
  std::optional<std::string> media, ptz, recording, replay, events;
};
struct User {
  std::string name, level;  // "Administrator", "Operator", "User"
};
struct Profile {
  std::string token, name;
  std::string encoding;  // "H264", "H265", "JPEG"
  std::int64_t width = 0, height = 0;
  std::int64_t frames_per_s = 0;
  bool ptz = false;
};
struct Preset {
  std::string token, name;
};
/// In ONVIF's generic spaces: pan and tilt -1 to 1, zoom 0 to 1.
struct PtzPosition {
  double pan = 0, tilt = 0, zoom = 0;
};
struct PtzStatus {
  PtzPosition at;
  bool moving = false;
};
/// Motion that began or ended, as the camera tells it.
struct MotionEvent {
  WallTime at;       // by the camera's clock
  std::string what;  // its topic and source: of several at one camera each has its own state
  bool moving = false;
};
/// Where events are pulled from.
struct PullPoint {
  std::string path;
  std::string parameters;  // XML that every message to it carries in its header
};
inline constexpr std::size_t kMostEvents = 256;  // of one answer
/// One answer to a probe.
struct Answer {
  std::string relates_to;  // the probe's message id
  std::string endpoint;    // "urn:uuid:..."
  std::vector<std::string> addresses;
  std::string name, hardware, location;  // of its scopes, decoded
};

Result<WallTime> read_device_time(std::string_view message);
Result<DeviceInformation> read_information(std::string_view message);
/// Of GetServices, or of the older GetCapabilities.
Result<Services> read_services(std::string_view message);
Result<std::vector<User>> read_users(std::string_view message);
Result<std::vector<Profile>> read_profiles(std::string_view message);
Result<std::string> read_uri(std::string_view message);
Result<std::vector<std::string>> read_recordings(std::string_view message);
Result<std::vector<Preset>> read_presets(std::string_view message);
Result<std::string> read_preset_token(std::string_view message);
Result<PtzStatus> read_status(std::string_view message);
Result<PullPoint> read_pull_point(std::string_view message);
/// In the order they came; what is not motion is left out. `total` counts all of them.
Result<std::vector<MotionEvent>> read_motion(std::string_view message, std::size_t& total);
/// Whether it is an answer at all; a fault becomes its error.
Result<void> read_done(std::string_view message, std::string_view answer);
/// Whether it is a fault that says the login, the password or their time is wrong.
bool refuses_login(std::string_view message);
Result<std::vector<Answer>> read_probe_matches(std::string_view datagram);

/// "<a> & b" -> "&lt;a&gt; &amp; b"; bytes that XML does not allow are left out.
std::string escaped(std::string_view text);

}  // namespace vl::onvif
