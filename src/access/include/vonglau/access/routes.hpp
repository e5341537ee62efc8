// The one table of who may call what: route -> permission -> roles. What is not in it is
// denied. Constant data; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <vonglau/access/error.hpp>
#include <vonglau/access/role.hpp>

namespace vl::access {

enum class Method : std::uint8_t { get, post, put, del };
std::string_view name_of(Method method);
std::optional<Method> method_of(std::string_view name);
/// GET changes nothing and needs no CSRF token.
constexpr bool is_safe(Method method) {
  return method == Method::get;
}

enum class Caller : std::uint8_t {
  anybody,    // nobody need have signed in
  signed_in,  // any person
  role,       // a person with one of the permission's roles
  node,       // a registered node, by its token
  ticket,     // the bearer of a media ticket; served by a recorder
};

enum class Permission : std::uint8_t {
  none,
  session_own,
  people_read,
  people_manage,
  approvals_read,
  approvals_decide,
  roles_read,
  directory_read,
  places_read,
  places_import,
  reports_create,
  reports_read,
  reports_triage,
  incidents_read,
  incidents_note,
  incidents_assign,
  incidents_milestone,
  incidents_classify,
  incidents_close,
  units_read,
  units_manage,
  units_status,
  units_position,
  situation_read,
  cameras_read,
  cameras_manage,
  cameras_watch,
  cameras_control,
  cameras_tours,
  fleet_read,
  fleet_manage,
  walls_read,
  walls_show,
  walls_manage,
  exports_read,
  exports_request,
  exports_decide,
  exports_fetch,
  contributions_manage,
  contributions_request,
  journal_read,
  journal_verify,
  processes_read,
  watch_own,
  metrics_read,
};
/// "incidents.assign"
std::string_view name_of(Permission permission);
/// Whom a permission belongs to; all roles for what every signed-in person may do.
Roles roles_of(Permission permission);
std::span<const Permission> permissions();

/// How much a permission gives: unit crews act for their own unit and see what it is sent to.
enum class Grant : std::uint8_t { denied, own_unit, all };
Grant grant(Permission permission, Roles roles);

struct Route {
  Method method{};
  std::string_view path;  // below /api/v1: "/incidents/{id}/notes"
  Caller caller{};
  Permission permission = Permission::none;
};
std::span<const Route> routes();
/// The route that a request's path belongs to, without query; nullptr: there is none.
const Route* find_route(Method method, std::string_view path);

/// What is known of the caller.
struct Standing {
  Roles roles;
  bool must_change_password = false;
  bool must_enrol_totp = false;
};
/// For routes of persons. With a duty unmet only the own session is open.
Result<Grant> authorise(const Route& route, const Standing& standing);

}  // namespace vl::access
