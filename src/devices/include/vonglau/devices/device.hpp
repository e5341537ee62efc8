// A camera as a device on the network: how it was taken in, who turns it, where to. Pure. The
// stream is `camera_device`, its id the camera's.
//
// Whoever moves a camera holds it. One person holds it at a time; somebody of a higher priority
// takes it over, and it goes home (or on with its tour) when nobody holds it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/result.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/journal/event.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::devices {

using cameras::CameraId;

enum class DeviceError {
  not_enrolled,
  no_motors,
  held,       // by somebody of the same or a higher priority
  not_yours,  // only who holds it may
  default_password,
  bad_login,
  bad_preset,
  bad_tour,
  no_change,
};
constexpr ErrorCode code_of(DeviceError e) {
  switch (e) {
    case DeviceError::not_enrolled:
      return {Category::conflict, "devices.not_enrolled"};
    case DeviceError::no_motors:
      return {Category::conflict, "devices.no_motors"};
    case DeviceError::held:
      return {Category::conflict, "devices.held"};
    case DeviceError::not_yours:
      return {Category::conflict, "devices.not_yours"};
    case DeviceError::default_password:
      return {Category::invalid, "devices.default_password"};
    case DeviceError::bad_login:
      return {Category::invalid, "devices.bad_login"};
    case DeviceError::bad_preset:
      return {Category::invalid, "devices.bad_preset"};
    case DeviceError::bad_tour:
      return {Category::invalid, "devices.bad_tour"};
    case DeviceError::no_change:
      break;
  }
  return {Category::conflict, "devices.no_change"};
}

/// Who goes before whom. In rising order.
enum class ControlPriority { watch, dispatch, incident, duty };
BOOST_DESCRIBE_ENUM(ControlPriority, watch, dispatch, incident, duty)
enum class ReturnReason { handed_back, idle };
BOOST_DESCRIBE_ENUM(ReturnReason, handed_back, idle)

struct DeviceProfile {
  std::string name, encoding;
  std::int64_t width = 0, height = 0, frames_per_s = 0;
};
BOOST_DESCRIBE_STRUCT(DeviceProfile, (), (name, encoding, width, height, frames_per_s))
struct DevicePreset {
  std::string token, name;
};
BOOST_DESCRIBE_STRUCT(DevicePreset, (), (token, name))
struct TourStep {
  std::string preset;
  std::int64_t dwell_s = 10;
};
BOOST_DESCRIBE_STRUCT(TourStep, (), (preset, dwell_s))

/// Before anything is asked of the camera: the password that it may have from now on is sealed.
struct EnrolmentBegun {
  static constexpr std::string_view kType = "camera_device.enrolment_begun";
  static constexpr std::uint32_t kVersion = 1;
  std::string address;
  std::optional<journal::PersonalRef> credentials;  // nothing: the password stays
};
BOOST_DESCRIBE_STRUCT(EnrolmentBegun, (), (address, credentials))
struct EnrolmentFailed {
  static constexpr std::string_view kType = "camera_device.enrolment_failed";
  static constexpr std::uint32_t kVersion = 1;
  std::string why;                 // a code
  bool password_replaced = false;  // nevertheless
};
BOOST_DESCRIBE_STRUCT(EnrolmentFailed, (), (why, password_replaced))
struct Enrolled {
  static constexpr std::string_view kType = "camera_device.enrolled";
  static constexpr std::uint32_t kVersion = 1;
  std::string address;
  std::string manufacturer, model, firmware, serial;
  std::vector<DeviceProfile> profiles;
  bool ptz = false;
  bool own_storage = false;
  std::vector<DevicePreset> presets;
  std::int64_t clock_offset_ms = 0;  // the camera's less ours, as found
  bool clock_set = false;
  bool password_replaced = false;
};
BOOST_DESCRIBE_STRUCT(Enrolled, (),
                      (address, manufacturer, model, firmware, serial, profiles, ptz, own_storage,
                       presets, clock_offset_ms, clock_set, password_replaced))
/// Found wrong later, and set.
struct ClockSet {
  static constexpr std::string_view kType = "camera_device.clock_set";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t offset_ms = 0;  // before
};
BOOST_DESCRIBE_STRUCT(ClockSet, (), (offset_ms))

struct ControlTaken {
  static constexpr std::string_view kType = "camera_device.control_taken";
  static constexpr std::uint32_t kVersion = 1;
  Uuid person_id;
  ControlPriority priority{};
  std::optional<Uuid> incident_id;
  std::optional<Uuid> from_id;  // who held it
};
BOOST_DESCRIBE_STRUCT(ControlTaken, (), (person_id, priority, incident_id, from_id))
struct ControlReturned {
  static constexpr std::string_view kType = "camera_device.control_returned";
  static constexpr std::uint32_t kVersion = 1;
  Uuid person_id;
  ReturnReason reason{};
};
BOOST_DESCRIBE_STRUCT(ControlReturned, (), (person_id, reason))

struct PresetSaved {
  static constexpr std::string_view kType = "camera_device.preset_saved";
  static constexpr std::uint32_t kVersion = 1;
  DevicePreset preset;
};
BOOST_DESCRIBE_STRUCT(PresetSaved, (), (preset))
struct PresetRemoved {
  static constexpr std::string_view kType = "camera_device.preset_removed";
  static constexpr std::uint32_t kVersion = 1;
  std::string token;
};
BOOST_DESCRIBE_STRUCT(PresetRemoved, (), (token))
struct HomeSet {
  static constexpr std::string_view kType = "camera_device.home_set";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(HomeSet, (), ())
struct TourSaved {
  static constexpr std::string_view kType = "camera_device.tour_saved";
  static constexpr std::uint32_t kVersion = 1;
  Uuid tour_id;
  std::string name;
  std::vector<TourStep> steps;
};
BOOST_DESCRIBE_STRUCT(TourSaved, (), (tour_id, name, steps))
struct TourRemoved {
  static constexpr std::string_view kType = "camera_device.tour_removed";
  static constexpr std::uint32_t kVersion = 1;
  Uuid tour_id;
};
BOOST_DESCRIBE_STRUCT(TourRemoved, (), (tour_id))
struct TourStarted {
  static constexpr std::string_view kType = "camera_device.tour_started";
  static constexpr std::uint32_t kVersion = 1;
  Uuid tour_id;
};
BOOST_DESCRIBE_STRUCT(TourStarted, (), (tour_id))
struct TourStopped {
  static constexpr std::string_view kType = "camera_device.tour_stopped";
  static constexpr std::uint32_t kVersion = 1;
  Uuid tour_id;
};
BOOST_DESCRIBE_STRUCT(TourStopped, (), (tour_id))

struct CameraDevice {
  static constexpr std::string_view kStream = "camera_device";
  struct Holder {
    Uuid person;
    ControlPriority priority{};
  };
  struct Tour {
    std::string name;
    std::vector<TourStep> steps;
  };
  bool enrolled = false;
  bool ptz = false;
  std::optional<journal::PersonalRef> begun;  // credentials of an enrolment under way
  std::optional<Holder> holder;
  std::map<std::string, std::string> presets;  // name by token
  std::map<Uuid, Tour> tours;
  std::optional<Uuid> running;
  void apply(const journal::Event& event);
};

inline constexpr std::size_t kMostPresets = 64;
inline constexpr std::size_t kMostTours = 16;
inline constexpr std::size_t kMostSteps = 32;
inline constexpr std::int64_t kShortestDwell_s = 3, kLongestDwell_s = 3600;

/// Nothing when this person holds it already with that priority.
Result<std::optional<ControlTaken>> decide_take(const CameraDevice& device, const Uuid& person,
                                                ControlPriority priority,
                                                std::optional<Uuid> incident);
Result<ControlReturned> decide_return(const CameraDevice& device, const Uuid& person,
                                      ReturnReason reason);
/// Whether this person may move it now.
Result<void> check_holds(const CameraDevice& device, const Uuid& person);
Result<void> check(const CameraDevice& device, const TourSaved& tour);
/// One that a camera left the factory with, or that is no better: empty, the login itself.
bool is_default_password(std::string_view login, std::string_view password);

}  // namespace vl::devices
