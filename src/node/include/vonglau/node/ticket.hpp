// Media tickets: the core's signed word that this person may see this camera, for minutes.
// Text form: base64url(JSON) "." base64url(Ed25519 signature over the first part). Pure.
#pragma once

#include <optional>
#include <string>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/base/signing.hpp>
#include <vonglau/node/error.hpp>

namespace vl::node {

/// part: a recorder fetches another one's part of an export; never given to people.
/// player_live, player_footage: in the address of a player that we did not write, for hours; its
/// nonce names the address, which the core may end.
enum class MediaPurpose { live, playback, download, part, player_live, player_footage };
BOOST_DESCRIBE_ENUM(MediaPurpose, live, playback, download, part, player_live, player_footage)

struct MediaTicket {
  ProvinceId province;
  Uuid camera_id;  // download, part: the export's id
  Uuid person_id;
  MediaPurpose purpose{};
  std::optional<std::int64_t> oldest_us;  // playback: nothing before this
  WallTime expires_us;
  Uuid nonce;
  std::optional<std::int64_t> from_us;  // player_live: when it was given; player_footage: its span
  std::optional<std::int64_t> to_us;    // player_footage
};
BOOST_DESCRIBE_STRUCT(MediaTicket, (),
                      (province, camera_id, person_id, purpose, oldest_us, expires_us, nonce,
                       from_us, to_us))

std::string sign_ticket(const MediaTicket& ticket, const SigningKey& key);
/// At most 2 KiB of text; refuses a wrong signature, then an expired ticket.
Result<MediaTicket> check_ticket(std::string_view text, ByteView public_key, WallTime now);

}  // namespace vl::node
