// The consent of owners of contributed cameras, asked before anything is shown.
#pragma once

#include <vonglau/fleet/contribution_commands.hpp>
#include <vonglau/routes/core.hpp>

namespace vl::routes {

/// Every route that gives live pictures, recordings or copies of a camera calls it first, after the
/// permissions of access: it refuses what the owner does not allow, and what is allowed is recorded
/// for the owner to see. Gives the end of the permit, where it has one; nothing is recorded of the
/// province's own cameras.
Result<std::optional<WallTime>> allow_view(Core& core, const Caller& caller, fleet::CameraId camera,
                                           fleet::ViewKind kind, std::optional<Uuid> incident_id);

void add_contribution_routes(http::Router& router, Core& core);

}  // namespace vl::routes
