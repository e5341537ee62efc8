// Which of the devices that answered on a network are cameras that are registered already, whether
// they were taken in by ONVIF or registered by the address of their stream. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/schema.hpp>

namespace vl::devices {

struct FoundDevice {
  std::string address;  // of its ONVIF device service
  std::string name;     // that it says it has
};

/// For each of `found` its camera, if it is one. By the address it was enrolled at; else by the
/// host that a camera's stream is at, where only one device answers there; else, of several behind
/// one host, by the name: it is the camera's code, or a part of its stream's path.
std::vector<std::optional<CameraId>> registered_among(
    const std::vector<FoundDevice>& found, const std::vector<cameras::CameraRow>& cameras,
    const std::vector<DeviceRow>& devices);

}  // namespace vl::devices
