// Cameras taken in by ONVIF: the steps between the journal, the vault and the recorder.
#pragma once

#include <vonglau/cameras/camera.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

/// Who could reach this camera; no_recorder when nobody has registered.
Result<Uuid> recorder_for(Core& core, cameras::CameraId camera);
/// What a recorder's answer to a task says went wrong.
Result<void> error_in(const node::TaskDone& done);

Result<http::Response> enrol_new(Core& core, const http::Request& request, const Caller& caller);
Result<http::Response> enrol_known(Core& core, const http::Request& request, const Caller& caller);

}  // namespace vl::routes
