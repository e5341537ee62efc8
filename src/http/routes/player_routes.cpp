// Addresses with which players that we did not write show a camera (src/recorder/hls.hpp).
#include <vonglau/cameras/player_address.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"
#include "camera_views.hpp"

namespace vl::routes {

namespace bj = boost::json;
using cameras::CameraId;
using cameras::PlayerShows;

namespace {

struct AddressBody {
  PlayerShows shows{};
  std::int64_t hours = 1;
  std::optional<WallTime> from_us, to_us;
  std::optional<incidents::IncidentId> incident_id;
};
BOOST_DESCRIBE_STRUCT(AddressBody, (), (shows, hours, from_us, to_us, incident_id))

/// wss:// of a browser's pictures is https:// of a player's.
std::string player_base(std::string url) {
  if (url.starts_with("ws")) url.replace(0, 2, "http");
  return url;
}

std::string address_text(Core& core, const std::string& recorder_url,
                         const cameras::PlayerAddressRow& row) {
  node::MediaTicket ticket;
  ticket.province = core.province;
  ticket.camera_id = row.camera_id.value;
  ticket.person_id = row.person_id;
  ticket.purpose =
      row.shows == "live" ? node::MediaPurpose::player_live : node::MediaPurpose::player_footage;
  ticket.expires_us = row.expires_us;
  ticket.nonce = row.id;
  ticket.from_us = row.from_us.value_or(row.given_us).us;
  if (row.to_us) ticket.to_us = row.to_us->us;
  return player_base(recorder_url) + "/media/hls/" + node::sign_ticket(ticket, core.ticket_key) +
         "/index.m3u8";
}

Result<void> may_see_span(Core& core, store::Session& session, const Caller& caller, CameraId id,
                          const AddressBody& body) {
  if (body.shows != PlayerShows::footage) return {};
  if (body.incident_id) return grant_playback(core, session, caller, id, *body.incident_id);
  if (body.from_us && body.from_us->us < core.clock.wall().us - kFreePlayback_us)
    return fail(RouteError::forbidden_here,
                "footage of more than an hour ago is for an incident: name it", "incident_id");
  return {};
}

Result<http::Response> give(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<AddressBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  const auto now = core.clock.wall();
  if (body.hours < 1 || body.hours > cameras::longest_address_us / 3'600'000'000)
    return fail(cameras::PlayerAddressError::bad_length, "hours: 1 to 12", "hours");
  cameras::PlayerAddress wanted{core.ids.next(),
                                caller.person,
                                body.shows,
                                {},
                                {},
                                {},
                                now.plus_us(body.hours * 3'600'000'000)};
  if (body.shows == PlayerShows::footage) {
    wanted.from_us = body.from_us;
    wanted.to_us = body.to_us;
  }
  if (body.incident_id) wanted.incident_id = body.incident_id->value;
  VL_CHECK(cameras::check(wanted, now));
  VL_TRY(const auto recorder, recorder_of_camera(core, *session, id));
  VL_TRY(const auto permit_ends,
         allow_view(
             core, caller, id,
             body.shows == PlayerShows::live ? fleet::ViewKind::live : fleet::ViewKind::playback,
             wanted.incident_id));
  if (permit_ends) wanted.expires_us = std::min(wanted.expires_us, *permit_ends);
  VL_CHECK(may_see_span(core, *session, caller, id, body));
  VL_TRY(const auto receipt, core.journal.execute(cameras::give_address(
                                 {command.actor, command.idempotency_key}, id, wanted)));
  // Asked for twice with one key, it is the address of the first time.
  VL_TRY(auto fresh, core.readers.take());
  VL_TRY(const auto row, cameras::address(*fresh, core.province, id,
                                          Uuid::parse(receipt.reply).value_or(wanted.id)));
  auto out = json::value_of(row).as_object();
  out["url"] = address_text(core, recorder.public_url, row);
  return answer(out, receipt);
}

Result<http::Response> list(Core& core, const http::Request& request) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  VL_TRY(const auto rows,
         cameras::addresses(*session, core.province, camera.id, core.clock.wall()));
  return list_answer("addresses", rows);
}

Result<http::Response> end(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto address, id_in_path<TypedId<struct AddressTag>>(request, "address_id"));
  VL_TRY(const auto command, command_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(cameras::end_address(
                                 {command.actor, command.idempotency_key}, id, address.value)));
  return answer(bj::object{{"id", receipt.reply}}, receipt);
}

}  // namespace

void add_player_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, post, "/cameras/{id}/player-addresses",
      [&](const auto& r, const auto& c) { return give(core, r, c); });
  add(router, get, "/cameras/{id}/player-addresses",
      [&](const auto& r, const auto&) { return list(core, r); });
  add(router, post, "/cameras/{id}/player-addresses/{address_id}/end",
      [&](const auto& r, const auto& c) { return end(core, r, c); });
}

}  // namespace vl::routes
