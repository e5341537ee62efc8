// Addresses for players that we did not write (VLC, a display): what they show, until when, whose
// they are, and that they were ended. The address itself is a signed ticket that is kept nowhere;
// here it has an id.
//
// It lasts as long as it was given for, and is not renewed by being used: whoever comes by it does
// not keep it. It ends before that when somebody ends it, when who it was given to is shut out or
// has other roles, and when the owner of a contributed camera decides anew.
#pragma once

#include <vector>

#include <vonglau/cameras/commands.hpp>
#include <vonglau/store/session.hpp>

namespace vl::cameras {

enum class PlayerAddressError { not_found, bad_span, bad_length, too_many, is_over };
constexpr ErrorCode code_of(PlayerAddressError e) {
  switch (e) {
    case PlayerAddressError::not_found:
      return {Category::not_found, "cameras.address_not_found"};
    case PlayerAddressError::bad_span:
      return {Category::invalid, "cameras.bad_span"};
    case PlayerAddressError::bad_length:
      return {Category::invalid, "cameras.bad_length"};
    case PlayerAddressError::too_many:
      return {Category::conflict, "cameras.too_many_addresses"};
    case PlayerAddressError::is_over:
      break;
  }
  return {Category::conflict, "cameras.address_is_over"};
}

enum class PlayerShows { live, footage };
BOOST_DESCRIBE_ENUM(PlayerShows, live, footage)

struct PlayerAddress {
  Uuid id;
  Uuid person_id;
  PlayerShows shows{};
  std::optional<WallTime> from_us, to_us;  // footage
  std::optional<Uuid> incident_id;
  WallTime expires_us;
};
BOOST_DESCRIBE_STRUCT(PlayerAddress, (),
                      (id, person_id, shows, from_us, to_us, incident_id, expires_us))

struct PlayerAddressGiven {
  static constexpr std::string_view kType = "camera.player_address_given";
  static constexpr std::uint32_t kVersion = 1;
  PlayerAddress address;
};
BOOST_DESCRIBE_STRUCT(PlayerAddressGiven, (), (address))

struct PlayerAddressEnded {
  static constexpr std::string_view kType = "camera.player_address_ended";
  static constexpr std::uint32_t kVersion = 1;
  Uuid address_id;
};
BOOST_DESCRIBE_STRUCT(PlayerAddressEnded, (), (address_id))

constexpr std::int64_t longest_address_us = 12LL * 3'600'000'000;  // a long shift
constexpr std::int64_t longest_address_span_us = 4LL * 3'600'000'000;
constexpr std::int64_t most_addresses = 32;  // of a camera at the same time

/// A span that has ended, of four hours at most; for twelve hours at most.
Result<void> check(const PlayerAddress& address, WallTime now);
journal::Command give_address(Request request, CameraId id, PlayerAddress address);
journal::Command end_address(Request request, CameraId id, Uuid address);

struct PlayerAddressRow {
  Uuid id;
  CameraId camera_id;
  Uuid person_id;
  std::string shows;
  std::optional<WallTime> from_us, to_us;
  WallTime given_us;
  WallTime expires_us;
};
BOOST_DESCRIBE_STRUCT(PlayerAddressRow, (),
                      (id, camera_id, person_id, shows, from_us, to_us, given_us, expires_us))
/// Those of a camera that are good now, the latest first.
Result<std::vector<PlayerAddressRow>> addresses(store::Session& session, ProvinceId province,
                                                CameraId camera, WallTime now);
Result<PlayerAddressRow> address(store::Session& session, ProvinceId province, CameraId camera,
                                 Uuid id);
/// Ended before they expire, and not expired yet: of all cameras.
Result<std::vector<Uuid>> ended_addresses(store::Session& session, ProvinceId province,
                                          WallTime now);

/// Whether an event ends addresses, so that recorders are told.
bool ends_addresses(const journal::Event& event);
/// Part of CameraTables.
Result<void> apply_to_addresses(const journal::Event& event, ProvinceId province,
                                store::Session& session);

}  // namespace vl::cameras
