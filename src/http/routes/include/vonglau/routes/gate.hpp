// Who may pass: runs before every handler. Looks the route up in access's table, finds the
// session of the cookie or the node of the bearer token, checks roles, duties (password, second
// factor) and the CSRF token, and leaves a Caller in the request. Default deny: a path that is
// not in the table is refused even if somebody added a handler for it.
#pragma once

#include <vonglau/access/session_table.hpp>
#include <vonglau/routes/core.hpp>
#include <vonglau/routes/standings.hpp>

namespace vl::routes {

http::Gate make_gate(Core& core, access::SessionTable& sessions, Standings& standings);

/// The Caller that the gate left; nobody in particular for public routes.
const Caller& caller_of(const http::Request& request);

}  // namespace vl::routes
