#include <vonglau/cameras/commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::cameras {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

Result<void> code_is_free(Decision& d, const std::string& code, CameraId mine) {
  VL_TRY(const auto taken,
         d.tables().query_integer("SELECT count(*) FROM cameras WHERE province_id = $1 AND"
                                  " code = $2 AND camera_id <> $3",
                                  {d.province(), code, mine}));
  if (taken.value_or(0) > 0)
    return fail(CameraError::bad_code, "another camera has this code", "code");
  return {};
}

Result<void> take_one(Decision& d, const NodeReport& report) {
  VL_TRY(const auto* camera, d.state<Camera>(report.camera.value));
  if (!camera->exists) return {};
  const auto record = [&](const auto& event) {
    return d.record(draft_of(Camera::kStream, report.camera.value, event));
  };
  if (report.kind == NodeReport::Kind::gap)
    return record(GapRecorded{report.media_stream, report.at, report.end, report.cause});
  if (report.kind == NodeReport::Kind::filled)
    return record(GapFilled{report.media_stream, report.at, report.end, report.fetched});
  if (report.kind == NodeReport::Kind::online) {
    if (const auto event = decide_online(*camera, report.at)) return record(*event);
  } else if (const auto event = decide_offline(*camera, report.at, report.cause)) {
    return record(*event);
  }
  return {};
}

}  // namespace

Result<void> record_described(Decision& d, CameraId id, const CameraDescription& camera) {
  VL_CHECK(check(camera));
  VL_TRY(const auto* known, d.state<Camera>(id.value));
  CameraDescription next = camera;
  if (!next.credentials) next.credentials = known->description.credentials;
  const bool exists = known->exists;
  VL_CHECK(code_is_free(d, camera.code, id));
  return exists ? d.record(draft_of(Camera::kStream, id.value, CameraChanged{next}))
                : d.record(draft_of(Camera::kStream, id.value, CameraRegistered{next}));
}

Command register_camera(Request request, CameraId id, CameraDescription camera,
                        WriteRows seal_rows) {
  return {request.actor, "cameras.register", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(camera));
            VL_CHECK(code_is_free(d, camera.code, id));
            VL_CHECK(d.record(draft_of(Camera::kStream, id.value, CameraRegistered{camera})));
            if (seal_rows) d.also_write(seal_rows);
            return id.text();
          }};
}

Command change_camera(Request request, CameraId id, CameraDescription camera, WriteRows seal_rows) {
  return {request.actor, "cameras.change", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check(camera));
            VL_TRY(const auto* known, d.state<Camera>(id.value));
            if (!known->exists) return fail(CameraError::not_found, "there is no such camera");
            CameraDescription next = camera;
            if (!next.credentials) next.credentials = known->description.credentials;
            VL_CHECK(code_is_free(d, camera.code, id));
            VL_CHECK(d.record(draft_of(Camera::kStream, id.value, CameraChanged{next})));
            if (seal_rows) d.also_write(seal_rows);
            return id.text();
          }};
}

Command set_disabled(Request request, CameraId id, bool disabled) {
  return {request.actor, disabled ? "cameras.disable" : "cameras.enable", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* camera, d.state<Camera>(id.value));
            if (disabled) {
              VL_TRY(const auto event, decide_disable(*camera));
              VL_CHECK(d.record(draft_of(Camera::kStream, id.value, event)));
            } else {
              VL_TRY(const auto event, decide_enable(*camera));
              VL_CHECK(d.record(draft_of(Camera::kStream, id.value, event)));
            }
            return id.text();
          }};
}

Command grant_playback(Request request, CameraId id, Uuid incident, Uuid person) {
  return {
      request.actor, "cameras.grant_playback", request.idempotency_key,
      [=](Decision& d) -> Result<std::string> {
        VL_TRY(const auto* camera, d.state<Camera>(id.value));
        if (!camera->exists) return fail(CameraError::not_found, "there is no such camera");
        VL_CHECK(d.record(draft_of(Camera::kStream, id.value, PlaybackGranted{incident, person})));
        return id.text();
      }};
}

Command take_reports(Request request, std::vector<NodeReport> reports) {
  return {request.actor, "cameras.take_reports", request.idempotency_key,
          [reports = std::move(reports)](Decision& d) -> Result<std::string> {
            for (const auto& report : reports) VL_CHECK(take_one(d, report));
            return "";
          }};
}

}  // namespace vl::cameras
