#include <vonglau/cameras/commands.hpp>
#include <vonglau/devices/commands.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::devices {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

template <class E>
Result<void> record(Decision& d, CameraId camera, const E& event) {
  return d.record(draft_of(CameraDevice::kStream, camera.value, event));
}

Result<const CameraDevice*> held_by_caller(Decision& d, CameraId camera) {
  VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
  VL_CHECK(check_holds(*device, d.actor().id));
  return device;
}

}  // namespace

Command begin_enrolment(Request request, CameraId camera, EnrolmentBegun begun,
                        WriteRows seal_rows) {
  return {request.actor, "devices.begin_enrolment", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(record(d, camera, begun));
            if (seal_rows) d.also_write(seal_rows);
            return camera.text();
          }};
}

Command finish_enrolment(Request request, CameraId camera, cameras::CameraDescription description,
                         Enrolled enrolled) {
  return {request.actor, "devices.finish_enrolment", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(cameras::record_described(d, camera, description));
            VL_CHECK(record(d, camera, enrolled));
            return camera.text();
          }};
}

Command fail_enrolment(Request request, CameraId camera, EnrolmentFailed failed) {
  return {request.actor, "devices.fail_enrolment", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            const auto has_now = device->begun;
            VL_TRY(const auto* known, d.state<cameras::Camera>(camera.value));
            if (failed.password_replaced && known->exists && has_now) {
              auto description = known->description;
              description.credentials = has_now;
              VL_CHECK(cameras::record_described(d, camera, description));
            }
            VL_CHECK(record(d, camera, failed));
            return camera.text();
          }};
}

Command note_clock(Request request, CameraId camera, std::int64_t offset_ms) {
  return {request.actor, "devices.note_clock", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            if (device->enrolled) VL_CHECK(record(d, camera, ClockSet{offset_ms}));
            return "";
          }};
}

Command take_control(Request request, CameraId camera, ControlPriority priority,
                     std::optional<Uuid> incident) {
  return {request.actor, "devices.take_control", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            VL_TRY(const auto taken, decide_take(*device, d.actor().id, priority, incident));
            if (taken) VL_CHECK(record(d, camera, *taken));
            return camera.text();
          }};
}

Command return_control(Request request, CameraId camera, Uuid person, ReturnReason reason) {
  return {request.actor, "devices.return_control", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            VL_TRY(const auto returned, decide_return(*device, person, reason));
            VL_CHECK(record(d, camera, returned));
            return camera.text();
          }};
}

Command save_preset(Request request, CameraId camera, DevicePreset preset) {
  return {request.actor, "devices.save_preset", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(held_by_caller(d, camera));
            VL_CHECK(record(d, camera, PresetSaved{preset}));
            return camera.text();
          }};
}

Command remove_preset(Request request, CameraId camera, std::string token) {
  return {request.actor, "devices.remove_preset", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, held_by_caller(d, camera));
            for (const auto& [id, tour] : device->tours)
              for (const auto& step : tour.steps)
                if (step.preset == token)
                  return fail(DeviceError::bad_preset,
                              "a tour goes there: remove it from the tour first", "token");
            VL_CHECK(record(d, camera, PresetRemoved{token}));
            return camera.text();
          }};
}

Command note_home(Request request, CameraId camera) {
  return {request.actor, "devices.set_home", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(held_by_caller(d, camera));
            VL_CHECK(record(d, camera, HomeSet{}));
            return camera.text();
          }};
}

Command save_tour(Request request, CameraId camera, TourSaved tour) {
  return {request.actor, "devices.save_tour", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            VL_CHECK(check(*device, tour));
            VL_CHECK(record(d, camera, tour));
            return camera.text();
          }};
}

Command remove_tour(Request request, CameraId camera, Uuid tour) {
  return {request.actor, "devices.remove_tour", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            if (!device->tours.contains(tour))
              return fail(DeviceError::bad_tour, "the camera has no such tour", "tour_id");
            VL_CHECK(record(d, camera, TourRemoved{tour}));
            return camera.text();
          }};
}

Command start_tour(Request request, CameraId camera, Uuid tour) {
  return {request.actor, "devices.start_tour", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            if (!device->tours.contains(tour))
              return fail(DeviceError::bad_tour, "the camera has no such tour", "tour_id");
            if (device->running == tour)
              return fail(DeviceError::no_change, "this tour is running already");
            VL_CHECK(record(d, camera, TourStarted{tour}));
            return camera.text();
          }};
}

Command stop_tour(Request request, CameraId camera) {
  return {request.actor, "devices.stop_tour", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* device, d.state<CameraDevice>(camera.value));
            if (!device->running) return fail(DeviceError::no_change, "no tour is running");
            VL_CHECK(record(d, camera, TourStopped{*device->running}));
            return camera.text();
          }};
}

}  // namespace vl::devices
