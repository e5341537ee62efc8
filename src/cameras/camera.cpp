#include <algorithm>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::cameras {
namespace {

struct Saved {
  CameraState state{};
  CameraDescription description;
};
BOOST_DESCRIBE_STRUCT(Saved, (), (state, description))

Result<void> check_url(const std::string& url, const std::string& field) {
  const bool rtsp = url.starts_with("rtsp://");
  if (url.starts_with("rtsps://"))
    return fail(CameraError::bad_url, "rtsps:// is not taken yet; give rtsp://host[:port]/path",
                field);
  const auto host = url.find("://") + 3;
  const auto path = url.find('/', host);
  const std::string authority = rtsp ? url.substr(host, path - host) : "";
  const bool printable =
      std::ranges::all_of(url, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
  if (!rtsp || authority.empty() || url.size() > 500 || !printable)
    return fail(CameraError::bad_url, "give rtsp://host[:port]/path, at most 500 characters",
                field);
  if (authority.find('@') != std::string::npos)
    return fail(CameraError::bad_url,
                "put the user and password into their own fields, not into the address", field);
  return {};
}

}  // namespace

void Camera::apply(const journal::Event& event) {
  using journal::when;
  when<CameraRegistered>(event,
                         [&](const CameraRegistered& e) {
                           exists = true;
                           description = e.camera;
                         }) ||
      when<CameraChanged>(event, [&](const CameraChanged& e) { description = e.camera; }) ||
      when<CameraDisabled>(event, [&](const CameraDisabled&) { state = CameraState::disabled; }) ||
      when<CameraEnabled>(event, [&](const CameraEnabled&) { state = CameraState::unknown; }) ||
      when<CameraWentOnline>(event,
                             [&](const CameraWentOnline&) { state = CameraState::online; }) ||
      when<CameraWentOffline>(event,
                              [&](const CameraWentOffline&) { state = CameraState::offline; });
}

std::string Camera::save() const {
  return json::write(Saved{state, description});
}

Result<Camera> Camera::load(std::string_view text) {
  VL_TRY(auto saved, json::read_text<Saved>(text));
  return Camera{true, saved.state, std::move(saved.description)};
}

Result<void> check(const CameraDescription& c) {
  const bool code_fits =
      c.code.size() >= 2 && c.code.size() <= 32 && std::ranges::all_of(c.code, [](char ch) {
        return (ch >= 'A' && ch <= 'Z') || (ch >= '0' && ch <= '9') || ch == '-';
      });
  if (!code_fits)
    return fail(CameraError::bad_code, "a code has 2 to 32 of A-Z, 0-9 and '-'", "code");
  if (c.name.empty() || c.name.size() > 200)
    return fail(CameraError::bad_name, "a name has 1 to 200 bytes", "name");
  VL_CHECK(check_url(c.main_url, "main_url"));
  if (c.sub_url) VL_CHECK(check_url(*c.sub_url, "sub_url"));
  if (c.replay_url) VL_CHECK(check_url(*c.replay_url, "replay_url"));
  if (c.retention_days < 1 || c.retention_days > 3650)
    return fail(CameraError::bad_retention, "footage is kept 1 to 3650 days", "retention_days");
  return {};
}

Result<CameraDisabled> decide_disable(const Camera& camera) {
  if (!camera.exists) return fail(CameraError::not_found, "there is no such camera");
  if (camera.state == CameraState::disabled)
    return fail(CameraError::no_change, "the camera is disabled already");
  return CameraDisabled{};
}

Result<CameraEnabled> decide_enable(const Camera& camera) {
  if (!camera.exists) return fail(CameraError::not_found, "there is no such camera");
  if (camera.state != CameraState::disabled)
    return fail(CameraError::no_change, "the camera is not disabled");
  return CameraEnabled{};
}

std::optional<CameraWentOnline> decide_online(const Camera& camera, WallTime at) {
  if (!camera.exists || camera.state == CameraState::online ||
      camera.state == CameraState::disabled)
    return std::nullopt;
  return CameraWentOnline{at};
}

std::optional<CameraWentOffline> decide_offline(const Camera& camera, WallTime at, GapCause cause) {
  if (!camera.exists || camera.state == CameraState::offline ||
      camera.state == CameraState::disabled)
    return std::nullopt;
  return CameraWentOffline{at, cause};
}

}  // namespace vl::cameras
