// What is done with a camera once when it is taken in: asked what it is, its clock set, its
// password replaced, its streams found.
#pragma once

#include <vonglau/onvif/device.hpp>

namespace vl::onvif {

struct EnrolOrder {
  Login login;
  /// Replaces the password; also tried when the one above is refused, because an attempt that was
  /// cut off may have set it. Nothing: the password stays.
  std::optional<std::string> new_password;
};

struct Enrolled {
  DeviceInformation information;
  std::vector<Profile> profiles;
  std::string main_url;
  std::optional<std::string> sub_url, replay_url;
  bool ptz = false;
  std::vector<Preset> presets;
  std::int64_t clock_offset_ms = 0;  // as found
  bool clock_set = false;
};

struct Enrolment {
  bool rotated = false;  // the camera has the new password, whatever came after
  Result<Enrolled> outcome;
};

/// Blocks, a few seconds. Nothing is changed on the camera before everything that can be asked
/// was answered; the password is last.
Enrolment enrol(Device& device, const EnrolOrder& order);

}  // namespace vl::onvif
