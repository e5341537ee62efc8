#include <vonglau/cameras/commands.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/device.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/node/ticket.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/operations.hpp>

#include "camera_secret.hpp"
#include "camera_views.hpp"
#include "report_views.hpp"

namespace vl::routes {

namespace bj = boost::json;
using cameras::CameraId;

namespace {

constexpr std::int64_t kTicket_us = 5LL * 60 * 1'000'000;

struct CameraBody {
  std::string code, name;
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code, main_url, sub_url, replay_url, login, password;
  std::optional<std::int64_t> retention_days;
};
BOOST_DESCRIBE_STRUCT(CameraBody, (),
                      (code, name, lat, lon, unit_code, main_url, sub_url, replay_url, login,
                       password, retention_days))
struct TicketBody {
  node::MediaPurpose purpose{};
  std::optional<incidents::IncidentId> incident_id;
};
BOOST_DESCRIBE_STRUCT(TicketBody, (), (purpose, incident_id))

Result<std::vector<Uuid>> recorders(Core& core, store::Session& session) {
  VL_TRY(const auto nodes, node::nodes(session, core.province));
  std::vector<Uuid> out;
  for (const auto& node : nodes)
    if (node.kind == "recorder") out.push_back(node.id);
  return out;
}

bj::object camera_json(const cameras::CameraRow& row, std::span<const Uuid> recorders) {
  bj::object out = json::value_of(row).as_object();
  if (const auto recorder = NodeHub::recorder_of(row.id.value, recorders))
    out["recorder_id"] = recorder->text();
  return out;
}

Result<http::Response> list_cameras(Core& core, const http::Request& request) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto ids, ids_in_query(request));
  VL_TRY(const auto nodes, recorders(core, *session));
  VL_TRY(const auto rows, cameras::cameras(*session, core.province));
  bj::array out;
  for (const auto& row : rows)
    if (!ids || std::ranges::find(*ids, row.id.value) != ids->end())
      out.push_back(camera_json(row, nodes));
  return answer(bj::object{{"cameras", std::move(out)}});
}

/// What the body says, over what is known; the credentials sealed if there are new ones.
Result<cameras::CameraDescription> described(const CameraBody& body, CameraId id,
                                             const cameras::CameraRow* known, Core& core,
                                             Sealing& sealing) {
  cameras::CameraDescription out;
  out.code = body.code;
  out.name = body.name;
  VL_TRY(out.point, point_of(body.lat, body.lon));
  out.unit_code = body.unit_code;
  out.main_url = body.main_url.value_or(known != nullptr ? known->main_url : "");
  out.sub_url = body.sub_url ? body.sub_url : known != nullptr ? known->sub_url : std::nullopt;
  if (out.sub_url && out.sub_url->empty()) out.sub_url.reset();
  out.replay_url = body.replay_url    ? body.replay_url
                   : known != nullptr ? known->replay_url
                                      : std::nullopt;
  if (out.replay_url && out.replay_url->empty()) out.replay_url.reset();
  out.retention_days = body.retention_days.value_or(known != nullptr ? known->retention_days : 30);
  VL_CHECK(cameras::check(out));
  if (body.login && !body.login->empty()) {
    if (devices::is_default_password(*body.login, body.password.value_or("")))
      return fail(devices::DeviceError::default_password,
                  "everybody knows this password: set another one on the camera, or enrol it by "
                  "ONVIF and let the centre replace it",
                  "password");
    VL_TRY(out.credentials,
           sealing.add(vault::SubjectId{id.value}, vault::Kind::secret,
                       json::write(CameraSecret{*body.login, body.password.value_or("")})));
  }
  static_cast<void>(core);
  return out;
}

Result<http::Response> shown(Core& core, CameraId id, const journal::Receipt& receipt) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto row, cameras::camera(*session, core.province, id));
  VL_TRY(const auto nodes, recorders(core, *session));
  return answer(camera_json(row, nodes), receipt);
}

Result<http::Response> create(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto body, body_of<CameraBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  const CameraId id{core.ids.next()};
  Sealing sealing(core);
  VL_TRY(auto camera, described(body, id, nullptr, core, sealing));
  VL_TRY(const auto receipt,
         core.journal.execute(cameras::register_camera({command.actor, command.idempotency_key}, id,
                                                       std::move(camera), sealing.rows())));
  return shown(core, CameraId{Uuid::parse(receipt.reply).value_or(id.value)}, receipt);
}

Result<http::Response> change(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<CameraBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto known, cameras::camera(*session, core.province, id));
  Sealing sealing(core);
  VL_TRY(auto camera, described(body, id, &known, core, sealing));
  VL_TRY(const auto receipt,
         core.journal.execute(cameras::change_camera({command.actor, command.idempotency_key}, id,
                                                     std::move(camera), sealing.rows())));
  return shown(core, id, receipt);
}

Result<http::Response> set_disabled(Core& core, const http::Request& request, const Caller& caller,
                                    bool disabled) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto command, command_request(request, caller));
  VL_TRY(const auto receipt, core.journal.execute(cameras::set_disabled(
                                 {command.actor, command.idempotency_key}, id, disabled)));
  return shown(core, id, receipt);
}

Result<http::Response> ticket(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<TicketBody>(request));
  if (body.purpose != node::MediaPurpose::live && body.purpose != node::MediaPurpose::playback)
    return fail(RouteError::bad_parameter,
                "purpose: live or playback; exports and players have tickets of their own",
                "purpose");
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, id));
  // An owner's consent goes before everything else, and nothing is granted without it.
  VL_TRY(
      const auto permit_ends,
      allow_view(core, caller, id,
                 body.purpose == node::MediaPurpose::live ? fleet::ViewKind::live
                                                          : fleet::ViewKind::playback,
                 body.incident_id ? std::optional<Uuid>(body.incident_id->value) : std::nullopt));
  VL_TRY(const auto node, recorder_of_camera(core, *session, camera.id));
  node::MediaTicket media{core.province,  id.value, caller.person,
                          body.purpose,   {},       core.clock.wall().plus_us(kTicket_us),
                          core.ids.next()};
  if (permit_ends) media.expires_us = std::min(media.expires_us, *permit_ends);
  if (body.purpose == node::MediaPurpose::playback) {
    if (body.incident_id)
      VL_CHECK(grant_playback(core, *session, caller, id, *body.incident_id));
    else
      media.oldest_us = core.clock.wall().us - kFreePlayback_us;
  }
  return answer(bj::object{{"url", node.public_url},
                           {"ticket", node::sign_ticket(media, core.ticket_key)},
                           {"expires_us", media.expires_us.us}});
}

}  // namespace

Result<void> grant_playback(Core& core, store::Session& session, const Caller& caller,
                            CameraId camera, incidents::IncidentId incident_id) {
  VL_TRY(const auto incident, incidents::incident(session, core.province, incident_id));
  VL_TRY(const auto reader, incident_reader(core, session, incident, caller));
  if (!reader)
    return fail(RouteError::forbidden_here,
                "only who works on the incident sees its footage of more than an hour ago",
                "incident_id");
  VL_CHECK(core.journal.execute(
      cameras::grant_playback({actor_of(caller), {}}, camera, incident_id.value, caller.person)));
  return {};
}

Result<node::NodeRow> recorder_of_camera(Core& core, store::Session& session, CameraId camera) {
  VL_TRY(const auto nodes, recorders(core, session));
  const auto recorder = NodeHub::recorder_of(camera.value, nodes);
  if (!recorder)
    return fail(RouteError::no_recorder,
                "no recorder has registered yet; the picture comes when one does");
  return node::node(session, core.province, *recorder);
}

void add_camera_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/cameras", [&](const auto& r, const auto&) { return list_cameras(core, r); });
  add(router, post, "/cameras", [&](const auto& r, const auto& c) { return create(core, r, c); });
  add(router, put, "/cameras/{id}",
      [&](const auto& r, const auto& c) { return change(core, r, c); });
  add(router, post, "/cameras/{id}/disable",
      [&](const auto& r, const auto& c) { return set_disabled(core, r, c, true); });
  add(router, post, "/cameras/{id}/enable",
      [&](const auto& r, const auto& c) { return set_disabled(core, r, c, false); });
  add(router, post, "/cameras/{id}/media-ticket",
      [&](const auto& r, const auto& c) { return ticket(core, r, c); });
}

}  // namespace vl::routes
