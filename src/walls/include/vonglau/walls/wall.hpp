// A wall's events and what they amount to. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/json.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/journal/event.hpp>
#include <vonglau/walls/error.hpp>

namespace vl::walls {

using cameras::CameraId;
using WallId = TypedId<struct WallTag>;
using LayoutId = TypedId<struct WallLayoutTag>;
using WallEventId = TypedId<struct WallEventTag>;
using PersonId = TypedId<struct PersonTag>;

constexpr std::size_t most_tiles = 64;
constexpr std::size_t most_events = 8;         // on one wall
constexpr std::size_t most_event_cameras = 4;  // of one event
constexpr std::size_t most_walls = 200;
constexpr std::size_t most_layouts = 1'000;
constexpr double near_m = 1'000;  // an incident's cameras are this near
constexpr std::int64_t incident_shown_us = 10 * 60'000'000LL;
constexpr std::int64_t picture_shown_us = 3 * 60'000'000LL;

/// Tiles in rows and columns of equal number, and what is in them, in order; the rest is empty.
struct Arrangement {
  std::int64_t tiles = 9;  // 1, 4, 9, 16, 25, 36, 49 or 64
  std::vector<CameraId> cameras;
  friend bool operator==(const Arrangement&, const Arrangement&) = default;
};
BOOST_DESCRIBE_STRUCT(Arrangement, (), (tiles, cameras))
/// No other number of tiles, no more cameras than tiles, none twice.
Result<void> check(const Arrangement& arrangement);

struct WallDescription {
  std::string name;  // 1 to 100 bytes
  bool accepts_incidents = false;
  bool accepts_pictures = false;
  friend bool operator==(const WallDescription&, const WallDescription&) = default;
};
BOOST_DESCRIBE_STRUCT(WallDescription, (), (name, accepts_incidents, accepts_pictures))
Result<void> check_name(const std::string& name);

struct WallDescribed {
  static constexpr std::string_view kType = "wall.described";
  static constexpr std::uint32_t kVersion = 1;
  WallDescription wall;
};
BOOST_DESCRIBE_STRUCT(WallDescribed, (), (wall))
struct WallRetired {
  static constexpr std::string_view kType = "wall.retired";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(WallRetired, (), ())
/// From now on this wall shows these cameras; `layout_id` when they are a saved layout's.
struct WallShown {
  static constexpr std::string_view kType = "wall.shown";
  static constexpr std::uint32_t kVersion = 1;
  Arrangement shows;
  std::optional<LayoutId> layout_id;
  PersonId by;
};
BOOST_DESCRIBE_STRUCT(WallShown, (), (shows, layout_id, by))

enum class EventCause { incident, picture };
BOOST_DESCRIBE_ENUM(EventCause, incident, picture)
struct EventShown {
  static constexpr std::string_view kType = "wall.event_shown";
  static constexpr std::uint32_t kVersion = 1;
  WallEventId event_id;
  EventCause cause{};
  Uuid cause_id;  // the incident's, or the camera's
  std::vector<CameraId> cameras;
  WallTime until_us;
};
BOOST_DESCRIBE_STRUCT(EventShown, (), (event_id, cause, cause_id, cameras, until_us))

enum class EventEnd {
  time,      // it was shown as long as it was to be
  person,    // handed back at a desk
  cause,     // the incident was closed, the picture is good again
  room,      // a newer one needed its place
  unwanted,  // the wall accepts such events no longer
};
BOOST_DESCRIBE_ENUM(EventEnd, time, person, cause, room, unwanted)
struct EventEnded {
  static constexpr std::string_view kType = "wall.event_ended";
  static constexpr std::uint32_t kVersion = 1;
  WallEventId event_id;
  EventEnd how{};
};
BOOST_DESCRIBE_STRUCT(EventEnded, (), (event_id, how))

struct Wall {
  static constexpr std::string_view kStream = "wall";
  bool exists = false;
  WallDescription description;
  Arrangement shows;
  std::optional<LayoutId> layout_id;
  std::vector<EventShown> events;  // that are on it, the oldest first

  bool accepts(EventCause cause) const {
    return cause == EventCause::incident ? description.accepts_incidents
                                         : description.accepts_pictures;
  }
  const EventShown* event(WallEventId id) const;
  void apply(const journal::Event& event);
};

struct LayoutSaved {
  static constexpr std::string_view kType = "wall_layout.saved";
  static constexpr std::uint32_t kVersion = 1;
  std::string name;
  Arrangement shows;
};
BOOST_DESCRIBE_STRUCT(LayoutSaved, (), (name, shows))
struct LayoutRemoved {
  static constexpr std::string_view kType = "wall_layout.removed";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(LayoutRemoved, (), ())
struct WallLayout {
  static constexpr std::string_view kStream = "wall_layout";
  bool exists = false;
  LayoutSaved saved;
  void apply(const journal::Event& event);
};

/// What may be shown on walls now, and why. Pure.
struct Happening {
  EventCause cause{};
  Uuid cause_id;
  std::vector<CameraId> cameras;  // nearest first; more than most_event_cameras are left out
  WallTime until;
};
/// What a wall's stream gets when this happens; nothing where it is not accepted or known.
struct EventSteps {
  std::vector<EventEnded> ended;
  std::optional<EventShown> shown;
};
EventSteps steps(const Wall& wall, const Happening& happening, WallEventId id);
/// Those whose time is over.
std::vector<EventEnded> over(const Wall& wall, WallTime now);

}  // namespace vl::walls
