// What every way of showing a camera has in common: who may see what, and which recorder has it.
#pragma once

#include <vonglau/node/registry.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

/// Of its own right: footage of longer ago needs an incident.
constexpr std::int64_t kFreePlayback_us = 3600LL * 1'000'000;

/// Playback of more than the last hour: bound to an incident that the caller works on, and
/// recorded before anything is given.
Result<void> grant_playback(Core& core, store::Session& session, const Caller& caller,
                            cameras::CameraId camera, incidents::IncidentId incident_id);
/// `no_recorder` until one has registered.
Result<node::NodeRow> recorder_of_camera(Core& core, store::Session& session,
                                         cameras::CameraId camera);

}  // namespace vl::routes
