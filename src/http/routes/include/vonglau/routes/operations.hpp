// The routes of this room, by part of the API. Each adds its routes to the router; `core`
// outlives it.
#pragma once

#include <vonglau/routes/core.hpp>

namespace vl::routes {

void add_report_routes(http::Router& router, Core& core);
void add_incident_routes(http::Router& router, Core& core);
void add_unit_routes(http::Router& router, Core& core);
void add_situation_routes(http::Router& router, Core& core);
void add_camera_routes(http::Router& router, Core& core);
void add_player_routes(http::Router& router, Core& core);  // addresses for VLC and displays
void add_device_routes(http::Router& router, Core& core);  // cameras by ONVIF
void add_mark_route(http::Router& router, Core& core);
void add_fleet_routes(http::Router& router, Core& core);
void add_export_routes(http::Router& router, Core& core);  // and of cases
void add_wall_routes(http::Router& router, Core& core);    // and of their layouts
void add_place_routes(http::Router& router, Core& core);
void add_node_routes(http::Router& router, Core& core);
void add_process_routes(http::Router& router, Core& core);
void add_journal_routes(http::Router& router, Core& core);
void add_watch_route(http::Router& router, Core& core);

}  // namespace vl::routes
