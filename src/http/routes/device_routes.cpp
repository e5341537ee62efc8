#include <algorithm>
#include <array>

#include <vonglau/cameras/commands.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/commands.hpp>
#include <vonglau/devices/found.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/operations.hpp>

#include "camera_secret.hpp"
#include "enrolment_desk.hpp"
#include "report_views.hpp"

namespace vl::routes {

namespace bj = boost::json;
using cameras::CameraId;
using devices::ControlPriority;

namespace {

constexpr std::int64_t kDiscovery_ms = 8'000;
constexpr std::int64_t kPtz_ms = 6'000;

struct TakeBody {
  std::optional<incidents::IncidentId> incident_id;
};
BOOST_DESCRIBE_STRUCT(TakeBody, (), (incident_id))
struct MoveBody {
  double pan = 0, tilt = 0, zoom = 0;
};
BOOST_DESCRIBE_STRUCT(MoveBody, (), (pan, tilt, zoom))
struct GoBody {
  std::optional<std::string> preset;
};
BOOST_DESCRIBE_STRUCT(GoBody, (), (preset))
struct PresetBody {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(PresetBody, (), (name))
struct PresetToken {
  std::string token;
};
BOOST_DESCRIBE_STRUCT(PresetToken, (), (token))
struct TourBody {
  std::optional<Uuid> tour_id;
  std::string name;
  std::vector<devices::TourStep> steps;
};
BOOST_DESCRIBE_STRUCT(TourBody, (), (tour_id, name, steps))

/// Who goes before whom: a duty officer, then who works on an incident, dispatchers, the others.
Result<ControlPriority> priority_of(Core& core, store::Session& session, const Caller& caller,
                                    const std::optional<incidents::IncidentId>& incident_id) {
  if (caller.roles.has(access::Role::duty_officer)) return ControlPriority::duty;
  if (incident_id) {
    VL_TRY(const auto incident, incidents::incident(session, core.province, *incident_id));
    VL_TRY(const auto reader, incident_reader(core, session, incident, caller));
    if (!reader)
      return fail(RouteError::forbidden_here,
                  "only who works on the incident takes a camera for it", "incident_id");
    return ControlPriority::incident;
  }
  return caller.roles.has(access::Role::dispatcher) ? ControlPriority::dispatch
                                                    : ControlPriority::watch;
}

Result<http::Response> shown(Core& core, CameraId id, const journal::Receipt* receipt = nullptr) {
  VL_TRY(auto session, core.readers.take());
  VL_CHECK(cameras::camera(*session, core.province, id));
  VL_TRY(const auto row, devices::device(*session, core.province, id));
  const auto body = json::value_of(row);
  return receipt != nullptr ? answer(body, *receipt) : answer(body);
}

Result<http::Response> done(Core& core, CameraId id, Result<journal::Receipt> receipt) {
  if (!receipt) return std::unexpected(std::move(receipt).error());
  return shown(core, id, &*receipt);
}

devices::Request request_of(const incidents::Request& command) {
  return {command.actor, command.idempotency_key};
}

Result<http::Response> take(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<TakeBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  VL_TRY(auto session, core.readers.take());
  VL_CHECK(cameras::camera(*session, core.province, id));
  // Turning a camera is looking with it.
  VL_CHECK(
      allow_view(core, caller, id, fleet::ViewKind::live,
                 body.incident_id ? std::optional<Uuid>(body.incident_id->value) : std::nullopt));
  VL_TRY(const auto priority, priority_of(core, *session, caller, body.incident_id));
  core.control->note(id.value);
  return done(core, id,
              core.journal.execute(devices::take_control(
                  request_of(command), id, priority,
                  body.incident_id ? std::optional<Uuid>(body.incident_id->value) : std::nullopt)));
}

Result<http::Response> give_back(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto command, command_request(request, caller));
  return done(core, id,
              core.journal.execute(devices::return_control(request_of(command), id, caller.person,
                                                           devices::ReturnReason::handed_back)));
}

/// Asks the camera's recorder to move it, for who holds it.
Result<node::PtzAnswer> ptz(Core& core, const Caller& caller, CameraId id, node::PtzTask task) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto device, devices::device(*session, core.province, id));
  if (!device.enrolled || !device.ptz)
    return fail(devices::DeviceError::no_motors, "this camera cannot be turned");
  if (!device.holder || device.holder->person_id != caller.person)
    return fail(devices::DeviceError::not_yours,
                "take the camera first: only who holds it moves it");
  session.give_back();
  core.control->note(id.value);
  task.camera_id = id.value;
  VL_TRY(const auto recorder, recorder_for(core, id));
  VL_TRY(const auto told, core.nodes.ask(recorder, "ptz", json::value_of(task), core.ids, kPtz_ms));
  VL_CHECK(error_in(told));
  return json::read<node::PtzAnswer>(told.body, json::Unknown::ignore);
}

Result<http::Response> moved(Result<node::PtzAnswer> told) {
  if (!told) return std::unexpected(std::move(told).error());
  return answer(bj::object{{"done", true}});
}

Result<http::Response> move(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<MoveBody>(request));
  for (const double speed : {body.pan, body.tilt, body.zoom})
    if (!(speed >= -1 && speed <= 1))
      return fail(RouteError::bad_parameter, "speeds are -1 to 1, parts of full speed", "pan");
  return moved(
      ptz(core, caller, id, {{}, node::PtzAction::move, body.pan, body.tilt, body.zoom, ""}));
}

Result<http::Response> go(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<GoBody>(request));
  node::PtzTask task;
  task.action = body.preset ? node::PtzAction::go : node::PtzAction::home;
  task.preset = body.preset.value_or("");
  return moved(ptz(core, caller, id, std::move(task)));
}

Result<http::Response> set_home(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto command, command_request(request, caller));
  node::PtzTask task;
  task.action = node::PtzAction::set_home;
  VL_CHECK(ptz(core, caller, id, std::move(task)));
  return done(core, id, core.journal.execute(devices::note_home(request_of(command), id)));
}

Result<http::Response> save_preset(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<PresetBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  if (body.name.empty() || body.name.size() > 100)
    return fail(devices::DeviceError::bad_preset, "a preset's name has 1 to 100 bytes", "name");
  {
    VL_TRY(auto session, core.readers.take());
    VL_TRY(const auto device, devices::device(*session, core.province, id));
    if (device.presets.size() >= devices::kMostPresets)
      return fail(devices::DeviceError::bad_preset, "a camera has 64 presets at most");
  }
  node::PtzTask task;
  task.action = node::PtzAction::save_preset;
  task.preset = body.name;
  VL_TRY(const auto told, ptz(core, caller, id, std::move(task)));
  return done(core, id,
              core.journal.execute(
                  devices::save_preset(request_of(command), id, {told.preset, body.name})));
}

Result<http::Response> remove_preset(Core& core, const http::Request& request,
                                     const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<PresetToken>(request));
  VL_TRY(const auto command, command_request(request, caller));
  // Here first: a tour that goes there keeps it.
  VL_TRY(auto receipt,
         core.journal.execute(devices::remove_preset(request_of(command), id, body.token)));
  node::PtzTask task;
  task.action = node::PtzAction::remove_preset;
  task.preset = body.token;
  VL_CHECK(ptz(core, caller, id, std::move(task)));
  return shown(core, id, &receipt);
}

Result<http::Response> save_tour(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(auto body, body_of<TourBody>(request));
  VL_TRY(const auto command, command_request(request, caller));
  const Uuid tour = body.tour_id.value_or(core.ids.next());
  return done(core, id,
              core.journal.execute(devices::save_tour(
                  request_of(command), id, {tour, std::move(body.name), std::move(body.steps)})));
}

template <class Make>
Result<http::Response> on_tour(Core& core, const http::Request& request, const Caller& caller,
                               Make&& make) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto tour, id_in_path<TypedId<struct TourTag>>(request, "tour_id"));
  VL_TRY(const auto command, command_request(request, caller));
  return done(core, id, core.journal.execute(make(request_of(command), id, tour.value)));
}

Result<http::Response> stop_tour(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto command, command_request(request, caller));
  return done(core, id, core.journal.execute(devices::stop_tour(request_of(command), id)));
}

Result<http::Response> discover(Core& core) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto nodes, node::nodes(*session, core.province));
  VL_TRY(const auto known, devices::devices(*session, core.province));
  VL_TRY(const auto cameras, cameras::cameras(*session, core.province));
  session.give_back();
  bj::array out;
  std::optional<Error> failed;
  bool asked = false;
  for (const auto& node : nodes) {
    const auto live = core.nodes.live(node.id);
    if (node.kind != "recorder" || !live || !live->connected) continue;
    asked = true;
    auto told = core.nodes.ask(node.id, "discover", bj::object{}, core.ids, kDiscovery_ms);
    auto error = told ? error_in(*told) : Result<void>(std::unexpected(told.error()));
    if (!error) {
      failed = error.error();
      continue;
    }
    VL_TRY(const auto found, json::read<node::DiscoverAnswer>(told->body, json::Unknown::ignore));
    std::vector<devices::FoundDevice> asked_about;
    for (const auto& device : found.devices) asked_about.push_back({device.address, device.name});
    const auto registered = devices::registered_among(asked_about, cameras, known);
    for (std::size_t i = 0; i < found.devices.size(); ++i) {
      bj::object one = json::value_of(found.devices[i]).as_object();
      one["recorder_id"] = node.id.text();
      if (registered[i]) one["camera_id"] = registered[i]->text();
      out.push_back(std::move(one));
    }
  }
  if (!asked)
    return fail(RouteError::no_recorder,
                "no recorder is connected that could look for cameras on its network");
  if (out.empty() && failed) return std::unexpected(std::move(*failed));
  return answer(bj::object{{"devices", std::move(out)}});
}

}  // namespace

void add_device_routes(http::Router& router, Core& core) {
  using enum http::Method;
  const auto on = [&](http::Method method, const char* path, auto handle) {
    add(router, method, path,
        [&core, handle](const auto& r, const auto& c) { return handle(core, r, c); });
  };
  on(post, "/cameras/discoveries", [](Core& k, const auto&, const auto&) { return discover(k); });
  on(post, "/cameras/enrolments", enrol_new);
  on(post, "/cameras/{id}/enrolment", enrol_known);
  on(get, "/cameras/{id}/device",
     [](Core& k, const http::Request& r, const Caller&) -> Result<http::Response> {
       VL_TRY(const auto id, id_in_path<CameraId>(r));
       return shown(k, id);
     });
  on(post, "/cameras/{id}/control/take", take);
  on(post, "/cameras/{id}/control/return", give_back);
  on(post, "/cameras/{id}/control/move", move);
  on(post, "/cameras/{id}/control/go", go);
  on(post, "/cameras/{id}/control/home", set_home);
  on(post, "/cameras/{id}/presets", save_preset);
  on(post, "/cameras/{id}/presets/remove", remove_preset);
  on(post, "/cameras/{id}/tours", save_tour);
  on(remove, "/cameras/{id}/tours/{tour_id}",
     [](Core& k, const auto& r, const auto& c) { return on_tour(k, r, c, devices::remove_tour); });
  on(post, "/cameras/{id}/tours/{tour_id}/start",
     [](Core& k, const auto& r, const auto& c) { return on_tour(k, r, c, devices::start_tour); });
  on(post, "/cameras/{id}/tours/stop", stop_tour);
}

}  // namespace vl::routes
