#include <vonglau/http/errors.hpp>
#include <vonglau/node/registry.hpp>
#include <vonglau/routes/gate.hpp>

namespace vl::routes {
namespace {

constexpr std::string_view kPrefix = "/api/v1";

std::optional<access::Method> access_method(http::Method method) {
  switch (method) {
    case http::Method::get:
    case http::Method::head:
      return access::Method::get;
    case http::Method::post:
      return access::Method::post;
    case http::Method::put:
      return access::Method::put;
    case http::Method::remove:
      return access::Method::del;
    case http::Method::patch:
    case http::Method::options:
      break;
  }
  return std::nullopt;
}

Result<Caller> node_caller(Core& core, const http::Request& request) {
  const auto header = request.header("Authorization");
  constexpr std::string_view kBearer = "Bearer ";
  if (!header.starts_with(kBearer))
    return fail(node::NodeError::wrong_token, "send Authorization: Bearer with the node's token");
  VL_TRY(auto session, core.readers.take());
  Caller caller;
  VL_TRY(caller.person,
         node::node_of_token(*session, core.province, header.substr(kBearer.size())));
  caller.is_node = true;
  return caller;
}

Result<Caller> person_caller(access::SessionTable& sessions, Standings& standings,
                             const http::Request& request, const access::Route& route) {
  Caller caller;
  caller.session_token = std::string(access::token_in_cookies(request.header("Cookie")));
  VL_TRY(const auto info, sessions.find(caller.session_token));
  caller.person = info.person.value;
  if (!access::is_safe(route.method))
    VL_CHECK(sessions.check_csrf(caller.session_token, request.header("X-CSRF-Token")));
  VL_TRY(const auto standing, standings.of(info.person));
  if (standing.disabled)
    return fail(access::AccessError::not_signed_in, "this account is disabled");
  caller.roles = standing.standing.roles;
  VL_TRY(caller.grant, access::authorise(route, standing.standing));
  return caller;
}

}  // namespace

http::Gate make_gate(Core& core, access::SessionTable& sessions, Standings& standings) {
  return [&](http::Request& request) -> std::optional<http::Response> {
    const auto method = access_method(request.method);
    std::string_view pattern = request.route;
    if (pattern.starts_with(kPrefix)) pattern.remove_prefix(kPrefix.size());
    const auto* route = method ? access::find_route(*method, pattern) : nullptr;
    if (route == nullptr)
      return http::error_response(
          Error(code_of(access::AccessError::forbidden), "this route is open to nobody"));
    if (route->caller == access::Caller::anybody) return std::nullopt;
    // The site's own collector reads figures without signing in; they hold no personal data.
    if (route->permission == access::Permission::metrics_read && request.peer_is_loopback)
      return std::nullopt;
    auto caller = route->caller == access::Caller::node
                      ? node_caller(core, request)
                      : person_caller(sessions, standings, request, *route);
    if (!caller) return http::error_response(caller.error());
    request.context = std::move(*caller);
    return std::nullopt;
  };
}

const Caller& caller_of(const http::Request& request) {
  static const Caller nobody;
  const auto* caller = std::any_cast<Caller>(&request.context);
  return caller != nullptr ? *caller : nobody;
}

}  // namespace vl::routes
