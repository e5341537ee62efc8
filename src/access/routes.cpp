#include <algorithm>
#include <array>

#include <vonglau/access/routes.hpp>

namespace vl::access {
namespace {

using enum Permission;

struct PermissionRow {
  Permission permission;
  std::string_view name;
  Roles roles;
  Roles own_unit_only = {};  // among `roles`
};

constexpr Role kAdministrator = Role::administrator, kDutyOfficer = Role::duty_officer,
               kCallTaker = Role::call_taker, kDispatcher = Role::dispatcher,
               kEngineer = Role::engineer, kAuditor = Role::auditor, kCrew = Role::unit_crew;

// In the order of the enum.
constexpr std::array kPermissions{
    PermissionRow{none, "", {}},
    PermissionRow{session_own, "session.own", Roles::all()},
    PermissionRow{people_read, "people.read", {kAdministrator, kAuditor}},
    PermissionRow{people_manage, "people.manage", {kAdministrator}},
    PermissionRow{approvals_read, "approvals.read", {kAdministrator, kDutyOfficer, kAuditor}},
    PermissionRow{approvals_decide, "approvals.decide", {kAdministrator, kDutyOfficer}},
    PermissionRow{roles_read, "roles.read", {kAdministrator, kAuditor}},
    PermissionRow{directory_read, "directory.read", Roles::all()},
    PermissionRow{places_read, "places.read", Roles::all()},
    PermissionRow{places_import, "places.import", {kAdministrator}},
    PermissionRow{reports_create, "reports.create", {kCallTaker, kDispatcher, kDutyOfficer}},
    PermissionRow{reports_read, "reports.read", {kCallTaker, kDispatcher, kDutyOfficer, kAuditor}},
    PermissionRow{reports_triage, "reports.triage", {kCallTaker, kDispatcher, kDutyOfficer}},
    PermissionRow{incidents_read,
                  "incidents.read",
                  {kCallTaker, kDispatcher, kDutyOfficer, kAuditor, kCrew},
                  {kCrew}},
    PermissionRow{
        incidents_note, "incidents.note", {kCallTaker, kDispatcher, kDutyOfficer, kCrew}, {kCrew}},
    PermissionRow{incidents_assign, "incidents.assign", {kDispatcher, kDutyOfficer}},
    PermissionRow{
        incidents_milestone, "incidents.milestone", {kDispatcher, kDutyOfficer, kCrew}, {kCrew}},
    PermissionRow{
        incidents_classify, "incidents.classify", {kCallTaker, kDispatcher, kDutyOfficer}},
    PermissionRow{incidents_close, "incidents.close", {kDispatcher, kDutyOfficer}},
    PermissionRow{
        units_read, "units.read", {kCallTaker, kDispatcher, kDutyOfficer, kAuditor, kCrew}},
    PermissionRow{units_manage, "units.manage", {kAdministrator, kDutyOfficer}},
    PermissionRow{units_status, "units.status", {kDispatcher, kDutyOfficer, kCrew}, {kCrew}},
    PermissionRow{units_position, "units.position", {kDispatcher, kDutyOfficer, kCrew}, {kCrew}},
    PermissionRow{
        situation_read, "situation.read", {kCallTaker, kDispatcher, kDutyOfficer, kAuditor}},
    PermissionRow{
        cameras_read, "cameras.read", {kCallTaker, kDispatcher, kDutyOfficer, kEngineer, kAuditor}},
    PermissionRow{cameras_manage, "cameras.manage", {kEngineer}},
    PermissionRow{
        cameras_watch, "cameras.watch", {kCallTaker, kDispatcher, kDutyOfficer, kEngineer}},
    PermissionRow{
        cameras_control, "cameras.control", {kCallTaker, kDispatcher, kDutyOfficer, kEngineer}},
    PermissionRow{cameras_tours, "cameras.tours", {kDutyOfficer, kEngineer}},
    PermissionRow{
        fleet_read, "fleet.read", {kCallTaker, kDispatcher, kDutyOfficer, kEngineer, kAuditor}},
    PermissionRow{fleet_manage, "fleet.manage", {kEngineer}},
    PermissionRow{
        walls_read, "walls.read", {kCallTaker, kDispatcher, kDutyOfficer, kEngineer, kAuditor}},
    PermissionRow{walls_show, "walls.show", {kDispatcher, kDutyOfficer}},
    PermissionRow{walls_manage, "walls.manage", {kDutyOfficer, kEngineer}},
    PermissionRow{
        exports_read, "exports.read", {kDispatcher, kDutyOfficer, kAuditor, kAdministrator}},
    PermissionRow{exports_request, "exports.request", {kDispatcher, kDutyOfficer}},
    PermissionRow{exports_decide, "exports.decide", {kDutyOfficer, kAdministrator}},
    PermissionRow{exports_fetch, "exports.fetch", {kDispatcher, kDutyOfficer}},
    PermissionRow{contributions_manage, "contributions.manage", {kEngineer}},
    PermissionRow{
        contributions_request, "contributions.request", {kCallTaker, kDispatcher, kDutyOfficer}},
    PermissionRow{journal_read, "journal.read", {kAdministrator, kAuditor}},
    PermissionRow{journal_verify, "journal.verify", {kAdministrator, kAuditor}},
    PermissionRow{processes_read, "processes.read", {kAdministrator, kEngineer}},
    PermissionRow{watch_own, "watch.own", Roles::all()},
    PermissionRow{metrics_read, "metrics.read", {kAdministrator}},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kPermissions.size(); ++i)
    if (static_cast<std::size_t>(kPermissions[i].permission) != i) return false;
  return kPermissions.size() == static_cast<std::size_t>(metrics_read) + 1;
}
static_assert(in_order());

constexpr auto kPermissionList = [] {
  std::array<Permission, kPermissions.size() - 1> list{};
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = kPermissions[i + 1].permission;
  return list;
}();

constexpr Route anybody(Method method, std::string_view path) {
  return {method, path, Caller::anybody, none};
}
constexpr Route person(Method method, std::string_view path, Permission permission) {
  const bool any_person = kPermissions[static_cast<std::size_t>(permission)].roles == Roles::all();
  return {method, path, any_person ? Caller::signed_in : Caller::role, permission};
}
constexpr Route node(Method method, std::string_view path) {
  return {method, path, Caller::node, none};
}
constexpr Route ticket(std::string_view path) {
  return {Method::get, path, Caller::ticket, none};
}

constexpr Method kGet = Method::get, kPost = Method::post, kPut = Method::put,
                 kDelete = Method::del;
constexpr std::array kRoutes{
    anybody(kGet, "/about"),
    person(kGet, "/session", session_own),
    anybody(kPost, "/session"),
    person(kDelete, "/session", session_own),
    person(kPost, "/session/password", session_own),
    person(kPost, "/session/totp", session_own),
    person(kPost, "/session/totp/confirm", session_own),

    person(kGet, "/people", people_read),
    person(kPost, "/people", people_manage),
    person(kPost, "/people/{id}/disable", people_manage),
    person(kPost, "/people/{id}/enable", people_manage),
    person(kPost, "/people/{id}/reset-password", people_manage),
    person(kPost, "/people/{id}/role-requests", people_manage),
    person(kGet, "/approvals", approvals_read),
    person(kPost, "/approvals/{id}/approve", approvals_decide),
    person(kPost, "/approvals/{id}/reject", approvals_decide),
    person(kGet, "/roles", roles_read),
    person(kGet, "/directory", directory_read),

    person(kGet, "/places/units", places_read),
    person(kGet, "/places/outlines.geojson", places_read),
    person(kGet, "/places/roads.geojson", places_read),
    person(kGet, "/places/search", places_read),
    person(kGet, "/places/at", places_read),
    person(kPost, "/places/boundaries", places_import),

    person(kPost, "/reports", reports_create),
    person(kGet, "/reports", reports_read),
    person(kGet, "/reports/{id}", reports_read),
    person(kPost, "/reports/{id}/claim", reports_triage),
    person(kPost, "/reports/{id}/release", reports_triage),
    person(kGet, "/reports/{id}/duplicates", reports_triage),
    person(kPost, "/reports/{id}/triage", reports_triage),

    person(kGet, "/incidents", incidents_read),
    person(kGet, "/incidents/{id}", incidents_read),
    person(kGet, "/incidents/{id}/timeline", incidents_read),
    person(kPost, "/incidents/{id}/notes", incidents_note),
    person(kPost, "/incidents/{id}/attachments", incidents_note),
    person(kGet, "/attachments/{id}", incidents_read),
    person(kPost, "/incidents/{id}/assignments", incidents_assign),
    person(kPost, "/incidents/{id}/assignments/{unit_id}/status", incidents_milestone),
    person(kPost, "/incidents/{id}/classification", incidents_classify),
    person(kPost, "/incidents/{id}/close", incidents_close),
    person(kPost, "/incidents/{id}/reopen", incidents_close),

    person(kGet, "/units", units_read),
    person(kPost, "/units", units_manage),
    person(kPost, "/units/{id}/status", units_status),
    person(kPost, "/units/positions", units_position),
    person(kGet, "/situation", situation_read),
    person(kGet, "/situation/activity", situation_read),

    person(kGet, "/cameras", cameras_read),
    person(kPost, "/cameras", cameras_manage),
    person(kPut, "/cameras/{id}", cameras_manage),
    person(kPost, "/cameras/{id}/disable", cameras_manage),
    person(kPost, "/cameras/{id}/enable", cameras_manage),
    person(kPost, "/cameras/{id}/media-ticket", cameras_watch),
    person(kGet, "/cameras/{id}/player-addresses", cameras_watch),
    person(kPost, "/cameras/{id}/player-addresses", cameras_watch),
    person(kPost, "/cameras/{id}/player-addresses/{address_id}/end", cameras_watch),

    person(kPost, "/cameras/discoveries", cameras_manage),
    person(kPost, "/cameras/enrolments", cameras_manage),
    person(kPost, "/cameras/{id}/enrolment", cameras_manage),
    person(kGet, "/cameras/{id}/device", cameras_read),
    person(kPost, "/cameras/{id}/control/take", cameras_control),
    person(kPost, "/cameras/{id}/control/return", cameras_control),
    person(kPost, "/cameras/{id}/control/move", cameras_control),
    person(kPost, "/cameras/{id}/control/go", cameras_control),
    person(kPost, "/cameras/{id}/control/home", cameras_control),
    person(kPost, "/cameras/{id}/presets", cameras_control),
    person(kPost, "/cameras/{id}/presets/remove", cameras_control),
    person(kPost, "/cameras/{id}/tours", cameras_tours),
    person(kDelete, "/cameras/{id}/tours/{tour_id}", cameras_tours),
    person(kPost, "/cameras/{id}/tours/{tour_id}/start", cameras_tours),
    person(kPost, "/cameras/{id}/tours/stop", cameras_tours),

    person(kGet, "/cameras/{id}/marks", cameras_watch),
    person(kGet, "/fleet", fleet_read),
    person(kGet, "/fleet/alarms", fleet_read),
    person(kGet, "/fleet/uptime", fleet_read),
    person(kGet, "/cameras/{id}/health", fleet_read),
    person(kPost, "/fleet/assets", fleet_manage),
    person(kPut, "/fleet/assets/{id}", fleet_manage),
    person(kDelete, "/fleet/assets/{id}", fleet_manage),
    person(kPut, "/cameras/{id}/links", fleet_manage),
    person(kPost, "/fleet/import", fleet_manage),
    person(kPost, "/fleet/work", fleet_manage),
    person(kPost, "/fleet/work/{id}/end", fleet_manage),

    person(kGet, "/walls", walls_read),
    person(kPost, "/walls", walls_manage),
    person(kPut, "/walls/{id}", walls_manage),
    person(kDelete, "/walls/{id}", walls_manage),
    person(kPost, "/walls/{id}/show", walls_show),
    person(kPost, "/walls/{id}/events/{event_id}/hand-back", walls_show),
    person(kPost, "/wall-layouts", walls_show),
    person(kPut, "/wall-layouts/{id}", walls_show),
    person(kDelete, "/wall-layouts/{id}", walls_show),

    person(kGet, "/cases", exports_read),
    person(kPost, "/cases", exports_request),
    person(kGet, "/cases/statistics", exports_read),
    person(kGet, "/cases/{id}", exports_read),
    person(kPost, "/cases/{id}/kind", exports_request),
    person(kPost, "/cases/{id}/bookmarks", exports_request),
    person(kPost, "/cases/{id}/bookmarks/{bookmark_id}/remove", exports_request),
    person(kGet, "/exports", exports_read),
    person(kPost, "/exports", exports_request),
    person(kGet, "/exports/key", directory_read),
    person(kGet, "/exports/{id}", exports_read),
    person(kPost, "/exports/{id}/approve", exports_decide),
    person(kPost, "/exports/{id}/refuse", exports_decide),
    person(kPost, "/exports/{id}/withdraw", exports_request),
    person(kPost, "/exports/{id}/download-ticket", exports_fetch),

    person(kGet, "/contributions", fleet_read),
    person(kPut, "/cameras/{id}/contribution", contributions_manage),
    person(kGet, "/cameras/{id}/contribution", contributions_manage),
    person(kDelete, "/cameras/{id}/contribution", contributions_manage),
    person(kPost, "/cameras/{id}/view-requests", contributions_request),
    anybody(kPost, "/owner/view"),
    anybody(kPost, "/owner/decide"),
    anybody(kPost, "/owner/withdraw"),

    person(kGet, "/journal/events", journal_read),
    person(kPost, "/journal/verify", journal_verify),
    person(kGet, "/journal/roots", journal_read),
    person(kGet, "/processes", processes_read),
    person(kGet, "/nodes", processes_read),
    anybody(kPost, "/nodes/register"),
    node(kGet, "/nodes/{id}/work"),
    node(kPost, "/nodes/{id}/batches"),
    person(kGet, "/watch", watch_own),

    anybody(kGet, "/healthz"),
    anybody(kGet, "/readyz"),
    person(kGet, "/metrics", metrics_read),

    ticket("/media/live"),
    ticket("/media/hls/{ticket}/{name}"),
    ticket("/media/picture"),
    ticket("/media/play"),
    ticket("/media/spans"),
    ticket("/media/export"),
    ticket("/media/export-part"),
};

std::string_view next_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/', 1), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(end);
  return segment;
}

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern);
    const std::string_view given = next_segment(path);
    if (wanted.starts_with("/{")) {
      if (given.size() < 2) return false;
    } else if (wanted != given) {
      return false;
    }
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::string_view name_of(Method method) {
  constexpr std::array<std::string_view, 4> kNames{"GET", "POST", "PUT", "DELETE"};
  return kNames[static_cast<std::size_t>(method)];
}

std::optional<Method> method_of(std::string_view name) {
  for (const Method method : {Method::get, Method::post, Method::put, Method::del})
    if (name_of(method) == name) return method;
  return {};
}

std::string_view name_of(Permission permission) {
  return kPermissions[static_cast<std::size_t>(permission)].name;
}
Roles roles_of(Permission permission) {
  return kPermissions[static_cast<std::size_t>(permission)].roles;
}
std::span<const Permission> permissions() {
  return kPermissionList;
}
std::span<const Route> routes() {
  return kRoutes;
}

Grant grant(Permission permission, Roles roles) {
  const PermissionRow& row = kPermissions[static_cast<std::size_t>(permission)];
  for (const Role role : roles.list())
    if (row.roles.has(role) && !row.own_unit_only.has(role)) return Grant::all;
  return row.roles.meets(roles) ? Grant::own_unit : Grant::denied;
}

const Route* find_route(Method method, std::string_view path) {
  // A fixed name goes before a parameter: /units/positions is not unit "positions".
  const Route* found = nullptr;
  for (const Route& route : kRoutes) {
    if (route.method != method || !matches(route.path, path)) continue;
    if (route.path.find('{') == std::string_view::npos) return &route;
    if (found == nullptr) found = &route;
  }
  return found;
}

Result<Grant> authorise(const Route& route, const Standing& standing) {
  switch (route.caller) {
    case Caller::anybody:
      return Grant::all;
    case Caller::node:
    case Caller::ticket:
      return fail(AccessError::forbidden, "this route is for machines, not for persons");
    case Caller::signed_in:
    case Caller::role:
      break;
  }
  if (route.permission != session_own) {
    if (standing.must_change_password)
      return fail(AccessError::must_change_password,
                  "change the one-time password first; nothing else is open until then");
    if (standing.must_enrol_totp)
      return fail(AccessError::must_enrol_totp,
                  "set up the second factor first; your roles require it");
  }
  if (route.caller == Caller::signed_in) return Grant::all;
  const Grant given = grant(route.permission, standing.roles);
  if (given == Grant::denied)
    return fail(AccessError::forbidden, "your roles do not include " +
                                            std::string(name_of(route.permission)) +
                                            "; ask an administrator");
  return given;
}

}  // namespace vl::access
