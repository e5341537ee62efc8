#include "enrolment_desk.hpp"

#include <array>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/devices/commands.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/personal.hpp>
#include <vonglau/vault/secret.hpp>

#include "body.hpp"
#include "camera_secret.hpp"

namespace vl::routes {

namespace bj = boost::json;
using cameras::CameraId;

namespace {

constexpr std::int64_t kEnrolment_ms = 45'000;

struct EnrolmentBody {
  std::string address;
  std::optional<std::string> login, password;
  std::optional<bool> keep_password;
  // Of a new camera.
  std::optional<std::string> code, name, unit_code;
  std::optional<double> lat, lon;
  std::optional<std::int64_t> retention_days;
};
BOOST_DESCRIBE_STRUCT(EnrolmentBody, (),
                      (address, login, password, keep_password, code, name, unit_code, lat, lon,
                       retention_days))

/// Names that recorders send, as our own: an error's code lives as long as the program.
ErrorCode code_named(std::string_view name) {
  static constexpr std::array known{
      ErrorCode{Category::invalid, "onvif.bad_address"},
      ErrorCode{Category::unavailable, "onvif.unreachable"},
      ErrorCode{Category::unavailable, "onvif.bad_answer"},
      ErrorCode{Category::conflict, "onvif.wrong_password"},
      ErrorCode{Category::conflict, "onvif.clear_password"},
      ErrorCode{Category::conflict, "onvif.not_rotated"},
      ErrorCode{Category::conflict, "onvif.not_supported"},
      ErrorCode{Category::conflict, "onvif.refused"},
      ErrorCode{Category::conflict, "onvif.no_stream"},
      ErrorCode{Category::unavailable, "onvif.network"},
      ErrorCode{Category::limited, "cameras.busy"},
  };
  for (const auto& code : known)
    if (code.name == name) return code;
  return {Category::unavailable, "onvif.failed"};
}

/// 20 characters of a set that every camera takes: letters and digits, with no look-alikes, and
/// one of each kind that some ask for. 110 bits.
std::string new_password() {
  constexpr std::string_view set = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  const auto any = [](std::string_view of) {
    for (;;) {  // what lies past the last whole multiple would make some characters likelier
      std::array<std::uint8_t, 1> random{};
      vault::fill_random(random);
      if (random[0] < 256 / of.size() * of.size()) return of[random[0] % of.size()];
    }
  };
  std::string out;
  for (int i = 0; i < 17; ++i) out += any(set);
  for (const auto of : {set.substr(0, 24), set.substr(24, 24), set.substr(48)}) out += any(of);
  return out;
}

struct Attempt {
  CameraId id;
  std::string address;
  CameraSecret now;                          // as given, or as known
  std::optional<std::string> replacement;    // password from now on
  std::optional<journal::PersonalRef> kept;  // sealed: login and replacement
  bool default_password = false;
};

Result<void> check_login(const EnrolmentBody& body) {
  if (!body.login || body.login->empty() || body.login->size() > 64)
    return fail(devices::DeviceError::bad_login, "give the camera's login, 1 to 64 bytes", "login");
  if (body.password.value_or("").size() > 128)
    return fail(devices::DeviceError::bad_login, "a password has at most 128 bytes", "password");
  return {};
}

/// Seals the replacement and records the attempt, so that it is not lost with us.
Result<void> begin(Core& core, const Caller& caller, Attempt& attempt, bool keep_password,
                   const devices::DeviceRow& before) {
  attempt.default_password = devices::is_default_password(attempt.now.login, attempt.now.password);
  if (keep_password && attempt.default_password)
    return fail(devices::DeviceError::default_password,
                "the camera has a password that everybody knows: let the centre replace it, or "
                "set another one on the camera first",
                "password");
  Sealing sealing(core);
  if (!keep_password) {
    VL_TRY(auto session, core.readers.take());
    if (before.begun_item) {
      // The attempt before this one may have set it, and nobody knows.
      VL_TRY(const auto secret, read_camera_secret(core.vault, *session, *before.begun_item));
      if (secret.login == attempt.now.login) attempt.replacement = secret.password;
    }
    if (!attempt.replacement) attempt.replacement = new_password();
    VL_TRY(attempt.kept,
           sealing.add(vault::SubjectId{attempt.id.value}, vault::Kind::secret,
                       json::write(CameraSecret{attempt.now.login, *attempt.replacement})));
  } else {
    VL_TRY(attempt.kept, sealing.add(vault::SubjectId{attempt.id.value}, vault::Kind::secret,
                                     json::write(attempt.now)));
  }
  VL_CHECK(core.journal.execute(devices::begin_enrolment(
      {actor_of(caller), {}}, attempt.id,
      {attempt.address, keep_password ? std::nullopt : attempt.kept}, sealing.rows())));
  return {};
}

Result<node::EnrolAnswer> ask(Core& core, const Attempt& attempt) {
  VL_TRY(const auto recorder, recorder_for(core, attempt.id));
  const node::EnrolTask task{attempt.address, attempt.now.login, attempt.now.password,
                             attempt.replacement};
  VL_TRY(const auto told,
         core.nodes.ask(recorder, "enrol", json::value_of(task), core.ids, kEnrolment_ms));
  VL_CHECK(error_in(told));
  return json::read<node::EnrolAnswer>(told.body, json::Unknown::ignore);
}

devices::Enrolled enrolled_of(const node::DeviceFacts& facts, bool replaced) {
  devices::Enrolled out;
  out.address = facts.address;
  out.manufacturer = facts.manufacturer;
  out.model = facts.model;
  out.firmware = facts.firmware;
  out.serial = facts.serial;
  for (const auto& p : facts.profiles)
    out.profiles.push_back({p.name, p.encoding, p.width, p.height, p.frames_per_s});
  out.ptz = facts.ptz;
  out.own_storage = facts.replay_url.has_value();
  for (const auto& preset : facts.presets)
    if (out.presets.size() < devices::kMostPresets)
      out.presets.push_back({preset.token, preset.name});
  out.clock_offset_ms = facts.clock_offset_ms;
  out.clock_set = facts.clock_set;
  out.password_replaced = replaced;
  return out;
}

Result<http::Response> carry_out(Core& core, const Caller& caller, const Attempt& attempt,
                                 cameras::CameraDescription description) {
  const devices::Request request{actor_of(caller), {}};
  auto told = ask(core, attempt);
  Error error;
  bool replaced = false;
  if (!told) {
    error = told.error();
  } else {
    replaced = told->password_replaced;
    if (!told->facts) error = Error(code_named(told->code), told->message, told->field);
  }
  if (!told || !told->facts) {
    // The camera kept a password that everybody knows: that is what to say.
    if (error.code.name == "onvif.not_rotated" && attempt.default_password && !replaced)
      error = Error(devices::code_of(devices::DeviceError::default_password),
                    "the camera has a password that everybody knows and does not take another one "
                    "from the centre: set one on the camera itself, then enrol it with that",
                    "password");
    VL_CHECK(core.journal.execute(
        devices::fail_enrolment(request, attempt.id, {std::string(error.code.name), replaced})));
    return std::unexpected(std::move(error));
  }
  const auto& facts = *told->facts;
  description.main_url = facts.main_url;
  description.sub_url = facts.sub_url;
  if (facts.replay_url) description.replay_url = facts.replay_url;
  description.credentials = attempt.kept;
  VL_TRY(const auto receipt, core.journal.execute(devices::finish_enrolment(
                                 request, attempt.id, description, enrolled_of(facts, replaced))));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto camera, cameras::camera(*session, core.province, attempt.id));
  VL_TRY(const auto device, devices::device(*session, core.province, attempt.id));
  return answer(bj::object{{"camera", json::value_of(camera)}, {"device", json::value_of(device)}},
                receipt);
}

}  // namespace

Result<Uuid> recorder_for(Core& core, CameraId camera) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto nodes, node::nodes(*session, core.province));
  std::vector<Uuid> recorders;
  for (const auto& node : nodes)
    if (node.kind == "recorder") recorders.push_back(node.id);
  const auto recorder = NodeHub::recorder_of(camera.value, recorders);
  if (!recorder)
    return fail(RouteError::no_recorder, "no recorder has registered yet that could reach it");
  return *recorder;
}

Result<void> error_in(const node::TaskDone& done) {
  if (done.code.empty()) return {};
  return std::unexpected(Error(code_named(done.code), done.message, done.field));
}

Result<http::Response> enrol_new(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto body, body_of<EnrolmentBody>(request));
  VL_CHECK(check_login(body));
  cameras::CameraDescription description;
  description.code = body.code.value_or("");
  description.name = body.name.value_or("");
  VL_TRY(description.point, point_of(body.lat, body.lon));
  description.unit_code = body.unit_code;
  description.retention_days = body.retention_days.value_or(30);
  // Everything that can be wrong of ours is found before a camera is touched.
  description.main_url = "rtsp://to.be.found/";
  VL_CHECK(cameras::check(description));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto cameras, cameras::cameras(*session, core.province));
  for (const auto& camera : cameras)
    if (camera.code == description.code)
      return fail(cameras::CameraError::bad_code, "another camera has this code", "code");
  VL_TRY(const auto devices, devices::devices(*session, core.province));
  Attempt attempt{
      {core.ids.next()}, body.address, {*body.login, body.password.value_or("")}, {}, {}, false};
  devices::DeviceRow before;
  for (const auto& device : devices) {
    if (device.address != body.address) continue;
    if (device.enrolled)
      return fail(cameras::CameraError::bad_url,
                  "this camera is enrolled already: enrol it again on its own page", "address");
    // Tried before, and not registered: the same camera goes on.
    before = device;
    attempt.id = device.camera_id;
  }
  session.give_back();
  VL_CHECK(begin(core, caller, attempt, body.keep_password.value_or(false), before));
  return carry_out(core, caller, attempt, std::move(description));
}

Result<http::Response> enrol_known(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto id, id_in_path<CameraId>(request));
  VL_TRY(const auto body, body_of<EnrolmentBody>(request));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto known, cameras::camera(*session, core.province, id));
  VL_TRY(const auto before, devices::device(*session, core.province, id));
  Attempt attempt{id, body.address, {}, {}, {}, false};
  if (body.login && !body.login->empty()) {
    VL_CHECK(check_login(body));
    attempt.now = {*body.login, body.password.value_or("")};
  } else if (known.credentials_item) {
    VL_TRY(attempt.now, read_camera_secret(core.vault, *session, *known.credentials_item));
  } else {
    return fail(devices::DeviceError::bad_login, "give the camera's login", "login");
  }
  session.give_back();
  cameras::CameraDescription description;
  description.code = known.code;
  description.name = known.name;
  VL_TRY(description.point, point_of(known.lat, known.lon));
  description.unit_code = known.unit_code;
  description.replay_url = known.replay_url;
  description.retention_days = known.retention_days;
  VL_CHECK(begin(core, caller, attempt, body.keep_password.value_or(false), before));
  return carry_out(core, caller, attempt, std::move(description));
}

}  // namespace vl::routes
