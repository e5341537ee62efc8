// What cameras hang on: switches, lines, power feeds, providers; and who cares for them. Pure
// values, events and decisions.
//
// "Hangs on" is one relation for all of them: a camera on a switch and a power feed, a switch on
// a line, a line on its provider. A contractor is declared the same way for uptime, and is never
// the cause of an outage.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/result.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::fleet {

using AssetId = TypedId<struct AssetTag>;
using cameras::CameraId;

enum class FleetError {
  not_found,
  bad_code,
  bad_name,
  bad_link,   // to something unknown, to itself in the end, or too many
  bad_level,  // of service
  bad_span,   // of planned work
  in_use,     // something hangs on it
  bad_import,
  no_change,
};
constexpr ErrorCode code_of(FleetError e) {
  switch (e) {
    case FleetError::not_found:
      return {Category::not_found, "fleet.not_found"};
    case FleetError::bad_code:
      return {Category::invalid, "fleet.bad_code"};
    case FleetError::bad_name:
      return {Category::invalid, "fleet.bad_name"};
    case FleetError::bad_link:
      return {Category::invalid, "fleet.bad_link"};
    case FleetError::bad_level:
      return {Category::invalid, "fleet.bad_level"};
    case FleetError::bad_span:
      return {Category::invalid, "fleet.bad_span"};
    case FleetError::bad_import:
      return {Category::invalid, "fleet.bad_import"};
    case FleetError::in_use:
      return {Category::conflict, "fleet.in_use"};
    case FleetError::no_change:
      break;
  }
  return {Category::conflict, "fleet.no_change"};
}

enum class AssetKind { provider, line, network_switch, power_feed, contractor };
BOOST_DESCRIBE_ENUM(AssetKind, provider, line, network_switch, power_feed, contractor)

constexpr std::size_t most_links = 16;  // of one camera or asset
constexpr std::size_t most_depth = 16;  // of things that hang on things
constexpr std::size_t most_assets = 20'000;

struct AssetDescription {
  AssetKind kind{};
  std::string code;  // 2 to 32 of A-Z 0-9 '-', unique in the province
  std::string name;
  std::vector<AssetId> hangs_on;
  /// Promised uptime in 1/100 of a percent (9950 is 99.50 %): of a line or a contractor.
  std::optional<std::int64_t> service_level;
  friend bool operator==(const AssetDescription&, const AssetDescription&) = default;
};
BOOST_DESCRIBE_STRUCT(AssetDescription, (), (kind, code, name, hangs_on, service_level))

struct AssetRegistered {
  static constexpr std::string_view kType = "asset.registered";
  static constexpr std::uint32_t kVersion = 1;
  AssetDescription asset;
};
BOOST_DESCRIBE_STRUCT(AssetRegistered, (), (asset))
struct AssetChanged {
  static constexpr std::string_view kType = "asset.changed";
  static constexpr std::uint32_t kVersion = 1;
  AssetDescription asset;
};
BOOST_DESCRIBE_STRUCT(AssetChanged, (), (asset))
struct AssetRetired {
  static constexpr std::string_view kType = "asset.retired";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(AssetRetired, (), ())
/// Of the stream `camera_links`, whose id is the camera's.
struct CameraLinked {
  static constexpr std::string_view kType = "camera_links.set";
  static constexpr std::uint32_t kVersion = 1;
  std::vector<AssetId> hangs_on;
};
BOOST_DESCRIBE_STRUCT(CameraLinked, (), (hangs_on))

enum class WorkKind { maintenance, power_cut, relocation, replacement };
BOOST_DESCRIBE_ENUM(WorkKind, maintenance, power_cut, relocation, replacement)

/// While it lasts, what hangs on the asset (or the one camera) raises no alarm and is left out of
/// uptime. Of the stream `planned_work`.
struct WorkPlanned {
  static constexpr std::string_view kType = "planned_work.planned";
  static constexpr std::uint32_t kVersion = 1;
  std::optional<AssetId> asset_id;  // one of the two
  std::optional<CameraId> camera_id;
  WallTime start_us;
  WallTime end_us;
  WorkKind kind{};
};
BOOST_DESCRIBE_STRUCT(WorkPlanned, (), (asset_id, camera_id, start_us, end_us, kind))
/// From now on; what has passed stays planned.
struct WorkEnded {
  static constexpr std::string_view kType = "planned_work.ended";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(WorkEnded, (), ())

/// Whether a camera still sees, as its recorder judges it (room `picture`).
enum class Picture { good, black, frozen, blurred, covered, moved };
BOOST_DESCRIBE_ENUM(Picture, good, black, frozen, blurred, covered, moved)
/// Of the stream `camera_picture`, whose id is the camera's.
struct PictureChanged {
  static constexpr std::string_view kType = "camera_picture.changed";
  static constexpr std::uint32_t kVersion = 1;
  Picture picture{};
  WallTime at_us;
};
BOOST_DESCRIBE_STRUCT(PictureChanged, (), (picture, at_us))

struct CameraPicture {
  static constexpr std::string_view kStream = "camera_picture";
  std::optional<Picture> picture;
  void apply(const journal::Event& event);
};
struct Asset {
  static constexpr std::string_view kStream = "asset";
  bool exists = false;  // and not retired
  AssetDescription description;
  void apply(const journal::Event& event);
};
struct CameraLinks {
  static constexpr std::string_view kStream = "camera_links";
  std::vector<AssetId> hangs_on;
  void apply(const journal::Event& event);
};
struct PlannedWork {
  static constexpr std::string_view kStream = "planned_work";
  bool exists = false;
  bool ended = false;
  WorkPlanned plan;
  void apply(const journal::Event& event);
};

/// What can be said without knowing the other assets.
Result<void> check(const AssetDescription& asset);
Result<void> check(const WorkPlanned& work, WallTime now);

}  // namespace vl::fleet
