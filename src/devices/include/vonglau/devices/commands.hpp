// The commands of cameras as devices, ready for the journal.
#pragma once

#include <functional>
#include <optional>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/devices/device.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::devices {

struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
};
using WriteRows = std::function<Result<void>(store::Session&)>;

/// Keeps the credentials of an attempt that is not over: the camera may have them already.
journal::Command begin_enrolment(Request request, CameraId camera, EnrolmentBegun begun,
                                 WriteRows seal_rows);
/// Registers the camera, or changes it if it is known, in the same commit.
journal::Command finish_enrolment(Request request, CameraId camera,
                                  cameras::CameraDescription description, Enrolled enrolled);
/// With `password_replaced`, a known camera gets the credentials that it has now.
journal::Command fail_enrolment(Request request, CameraId camera, EnrolmentFailed failed);
/// Of cameras that are enrolled; others are left out.
journal::Command note_clock(Request request, CameraId camera, std::int64_t offset_ms);

journal::Command take_control(Request request, CameraId camera, ControlPriority priority,
                              std::optional<Uuid> incident);
journal::Command return_control(Request request, CameraId camera, Uuid person, ReturnReason reason);
journal::Command save_preset(Request request, CameraId camera, DevicePreset preset);
journal::Command remove_preset(Request request, CameraId camera, std::string token);
journal::Command note_home(Request request, CameraId camera);
journal::Command save_tour(Request request, CameraId camera, TourSaved tour);
journal::Command remove_tour(Request request, CameraId camera, Uuid tour);
journal::Command start_tour(Request request, CameraId camera, Uuid tour);
journal::Command stop_tour(Request request, CameraId camera);

}  // namespace vl::devices
