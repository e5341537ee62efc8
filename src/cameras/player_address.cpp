#include <algorithm>
#include <array>

#include <vonglau/cameras/player_address.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::cameras {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

// Of other rooms, which this one does not know: its streams are people and cameras.
// Whose roles were changed may ask again.
constexpr std::array shut_out{std::string_view("person.disabled"),
                              std::string_view("role.change_approved")};
constexpr std::array owner_decides{std::string_view("contribution.declared"),
                                   std::string_view("contribution.withdrawn"),
                                   std::string_view("contribution.view_decided")};

bool is_one_of(const auto& types, const journal::Event& event) {
  return std::ranges::find(types, event.type) != types.end();
}

PlayerAddressRow row_of(const store::Row& row) {
  PlayerAddressRow out;
  out.id = row.uuid(0);
  out.camera_id = row.id<CameraId>(1);
  out.person_id = row.uuid(2);
  out.shows = row.text(3);
  if (const auto us = row.optional_integer(4)) out.from_us = WallTime{*us};
  if (const auto us = row.optional_integer(5)) out.to_us = WallTime{*us};
  out.given_us.us = row.integer(6);
  out.expires_us.us = row.integer(7);
  return out;
}

store::Value value_of(const std::optional<WallTime>& time) {
  return time ? store::Value(*time) : store::Value();
}

}  // namespace

Result<void> check(const PlayerAddress& address, WallTime now) {
  if (address.shows == PlayerShows::footage) {
    if (!address.from_us || !address.to_us || *address.to_us <= *address.from_us)
      return fail(PlayerAddressError::bad_span, "to_us: after from_us", "to_us");
    if (address.to_us->us - address.from_us->us > longest_address_span_us)
      return fail(PlayerAddressError::bad_span, "to_us: four hours after from_us at most", "to_us");
    if (*address.to_us > now)
      return fail(PlayerAddressError::bad_span,
                  "to_us: a span that has ended; ask for the live picture for what is to come",
                  "to_us");
  }
  const auto length_us = address.expires_us.us - now.us;
  if (length_us <= 0 || length_us > longest_address_us)
    return fail(PlayerAddressError::bad_length, "hours: 1 to 12", "hours");
  return {};
}

Command give_address(Request request, CameraId id, PlayerAddress address) {
  return {request.actor, "cameras.give_player_address", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* camera, d.state<Camera>(id.value));
            if (!camera->exists) return fail(CameraError::not_found, "there is no such camera");
            VL_CHECK(check(address, d.now()));
            VL_TRY(const auto good,
                   d.tables().query_integer(
                       "SELECT count(*) FROM player_addresses WHERE province_id = $1 AND"
                       " camera_id = $2 AND ended_us IS NULL AND expires_us > $3",
                       {d.province(), id, d.now()}));
            if (good.value_or(0) >= most_addresses)
              return fail(PlayerAddressError::too_many,
                          "this camera has 32 addresses already: end one that is not used");
            VL_CHECK(d.record(draft_of(Camera::kStream, id.value, PlayerAddressGiven{address})));
            return address.id.text();
          }};
}

Command end_address(Request request, CameraId id, Uuid address) {
  return {request.actor, "cameras.end_player_address", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            std::optional<bool> is_over;
            VL_CHECK(d.tables().query(
                "SELECT ended_us, expires_us FROM player_addresses WHERE province_id = $1 AND"
                " camera_id = $2 AND address_id = $3",
                {d.province(), id, address}, [&](const store::Row& row) {
                  is_over = row.optional_integer(0).has_value() || row.integer(1) <= d.now().us;
                  return false;
                }));
            if (!is_over)
              return fail(PlayerAddressError::not_found, "this camera has no such address",
                          "address_id");
            if (*is_over) return fail(PlayerAddressError::is_over, "this address is over already");
            VL_CHECK(d.record(draft_of(Camera::kStream, id.value, PlayerAddressEnded{address})));
            return address.text();
          }};
}

#define VL_ADDRESS_COLUMNS \
  "address_id, camera_id, person_id, shows, from_us, to_us, given_us, expires_us"

Result<std::vector<PlayerAddressRow>> addresses(store::Session& session, ProvinceId province,
                                                CameraId camera, WallTime now) {
  std::vector<PlayerAddressRow> out;
  VL_CHECK(session.query("SELECT " VL_ADDRESS_COLUMNS
                         " FROM player_addresses WHERE province_id = $1 AND camera_id = $2 AND"
                         " ended_us IS NULL AND expires_us > $3 ORDER BY given_us DESC, address_id",
                         {province, camera, now}, [&](const store::Row& row) {
                           out.push_back(row_of(row));
                           return true;
                         }));
  return out;
}

Result<PlayerAddressRow> address(store::Session& session, ProvinceId province, CameraId camera,
                                 Uuid id) {
  std::optional<PlayerAddressRow> out;
  VL_CHECK(session.query("SELECT " VL_ADDRESS_COLUMNS
                         " FROM player_addresses WHERE province_id = $1 AND camera_id = $2 AND"
                         " address_id = $3",
                         {province, camera, id}, [&](const store::Row& row) {
                           out = row_of(row);
                           return false;
                         }));
  if (!out)
    return fail(PlayerAddressError::not_found, "this camera has no such address", "address_id");
  return *out;
}

Result<std::vector<Uuid>> ended_addresses(store::Session& session, ProvinceId province,
                                          WallTime now) {
  std::vector<Uuid> out;
  VL_CHECK(
      session.query("SELECT address_id FROM player_addresses WHERE province_id = $1 AND"
                    " expires_us > $2 AND ended_us IS NOT NULL ORDER BY address_id",
                    {province, now}, [&](const store::Row& row) {
                      out.push_back(row.uuid(0));
                      return true;
                    }));
  return out;
}

bool ends_addresses(const journal::Event& event) {
  return event.type == PlayerAddressEnded::kType || is_one_of(shut_out, event) ||
         is_one_of(owner_decides, event);
}

Result<void> apply_to_addresses(const journal::Event& e, ProvinceId province, store::Session& s) {
  if (is_one_of(shut_out, e))
    return s.post(
        "UPDATE player_addresses SET ended_us = $3 WHERE province_id = $1 AND person_id = $2 AND"
        " ended_us IS NULL",
        {province, e.stream.id, e.wall});
  if (is_one_of(owner_decides, e))
    return s.post(
        "UPDATE player_addresses SET ended_us = $3 WHERE province_id = $1 AND camera_id = $2 AND"
        " ended_us IS NULL",
        {province, e.stream.id, e.wall});
  Result<void> done;
  using journal::when;
  when<PlayerAddressGiven>(
      e,
      [&](const PlayerAddressGiven& given) {
        const auto& a = given.address;
        done = s.post(
            "INSERT INTO player_addresses (province_id, address_id, camera_id, person_id, shows,"
            " from_us, to_us, given_us, expires_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
            " ON CONFLICT (province_id, address_id) DO NOTHING",
            {province, a.id, e.stream.id, a.person_id,
             boost::describe::enum_to_string(a.shows, "?"), value_of(a.from_us), value_of(a.to_us),
             e.wall, a.expires_us});
      }) ||
      when<PlayerAddressEnded>(e, [&](const PlayerAddressEnded& ended) {
        done = s.post(
            "UPDATE player_addresses SET ended_us = $3 WHERE province_id = $1 AND address_id = $2"
            " AND ended_us IS NULL",
            {province, ended.address_id, e.wall});
      });
  return done;
}

}  // namespace vl::cameras
