// A camera of the registry. Pure state and decisions.
#pragma once

#include <optional>
#include <string>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/geo.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/journal/event.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::cameras {

enum class CameraError { not_found, bad_code, bad_name, bad_url, bad_retention, no_change };
constexpr ErrorCode code_of(CameraError e) {
  switch (e) {
    case CameraError::not_found:
      return {Category::not_found, "cameras.not_found"};
    case CameraError::bad_code:
      return {Category::invalid, "cameras.bad_code"};
    case CameraError::bad_name:
      return {Category::invalid, "cameras.bad_name"};
    case CameraError::bad_url:
      return {Category::invalid, "cameras.bad_url"};
    case CameraError::bad_retention:
      return {Category::invalid, "cameras.bad_retention"};
    case CameraError::no_change:
      break;
  }
  return {Category::conflict, "cameras.no_change"};
}

enum class CameraState { online, offline, unknown, disabled };
BOOST_DESCRIBE_ENUM(CameraState, online, offline, unknown, disabled)

struct CameraDescription {
  std::string code;
  std::string name;
  std::optional<GeoPoint> point;
  std::optional<std::string> unit_code;
  std::string main_url;  // rtsp://host[:port]/path, without credentials
  std::optional<std::string> sub_url;
  /// Where the camera serves what it stored itself (ONVIF Profile G replay); nothing: nowhere.
  std::optional<std::string> replay_url;
  std::optional<journal::PersonalRef> credentials;
  std::int64_t retention_days = 30;
};
BOOST_DESCRIBE_STRUCT(CameraDescription, (),
                      (code, name, point, unit_code, main_url, sub_url, replay_url, credentials,
                       retention_days))

struct CameraRegistered {
  static constexpr std::string_view kType = "camera.registered";
  static constexpr std::uint32_t kVersion = 1;
  CameraDescription camera;
};
BOOST_DESCRIBE_STRUCT(CameraRegistered, (), (camera))

struct CameraChanged {
  static constexpr std::string_view kType = "camera.changed";
  static constexpr std::uint32_t kVersion = 1;
  CameraDescription camera;
};
BOOST_DESCRIBE_STRUCT(CameraChanged, (), (camera))

struct CameraDisabled {
  static constexpr std::string_view kType = "camera.disabled";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(CameraDisabled, (), ())

struct CameraEnabled {
  static constexpr std::string_view kType = "camera.enabled";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(CameraEnabled, (), ())

struct CameraWentOnline {
  static constexpr std::string_view kType = "camera.went_online";
  static constexpr std::uint32_t kVersion = 1;
  WallTime at_us;  // by the node's clock, corrected by its offset
};
BOOST_DESCRIBE_STRUCT(CameraWentOnline, (), (at_us))

struct CameraWentOffline {
  static constexpr std::string_view kType = "camera.went_offline";
  static constexpr std::uint32_t kVersion = 1;
  WallTime at_us;  // the last sample heard
  GapCause cause{};
};
BOOST_DESCRIBE_STRUCT(CameraWentOffline, (), (at_us, cause))

struct GapRecorded {
  static constexpr std::string_view kType = "camera.gap_recorded";
  static constexpr std::uint32_t kVersion = 1;
  std::string media_stream;  // "main" or "sub"
  WallTime start_us;
  WallTime end_us;
  GapCause cause{};
};
BOOST_DESCRIBE_STRUCT(GapRecorded, (), (media_stream, start_us, end_us, cause))

/// Part of a gap, or all of it, was fetched from the camera's own storage.
struct GapFilled {
  static constexpr std::string_view kType = "camera.gap_filled";
  static constexpr std::uint32_t kVersion = 1;
  std::string media_stream;  // "main"
  WallTime start_us;
  WallTime end_us;
  WallTime fetched_us;
};
BOOST_DESCRIBE_STRUCT(GapFilled, (), (media_stream, start_us, end_us, fetched_us))

/// Footage of more than an hour ago may be played by this person for this incident.
struct PlaybackGranted {
  static constexpr std::string_view kType = "camera.playback_granted";
  static constexpr std::uint32_t kVersion = 1;
  Uuid incident_id;
  Uuid person_id;
};
BOOST_DESCRIBE_STRUCT(PlaybackGranted, (), (incident_id, person_id))

struct Camera {
  static constexpr std::string_view kStream = "camera";
  static constexpr std::uint32_t kSnapshotVersion = 1;
  bool exists = false;
  CameraState state = CameraState::unknown;
  CameraDescription description;

  void apply(const journal::Event& event);
  std::string save() const;
  static Result<Camera> load(std::string_view text);
};

/// Codes are 2 to 32 of A-Z 0-9 '-'; addresses are rtsp:// without user and
/// password; footage is kept 1 to 3650 days.
Result<void> check(const CameraDescription& camera);
Result<CameraDisabled> decide_disable(const Camera& camera);
Result<CameraEnabled> decide_enable(const Camera& camera);
/// Nothing when the state says so already (a node that repeats itself).
std::optional<CameraWentOnline> decide_online(const Camera& camera, WallTime at);
std::optional<CameraWentOffline> decide_offline(const Camera& camera, WallTime at, GapCause cause);

}  // namespace vl::cameras
