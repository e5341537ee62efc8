// The route table against itself and against api/openapi.yaml, line by line.
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include <boost/describe/enum_to_string.hpp>
#include <gtest/gtest.h>

#include <vonglau/access/routes.hpp>
#include <vonglau/store/testing/source_tree.hpp>

namespace vl::access {
namespace {

struct Documented {
  std::string permission;
  std::set<std::string> roles;
};
using Document = std::map<std::pair<std::string, std::string>, Documented>;  // method, path

/// Just as much YAML as the contract's own layout needs.
Document read_contract() {
  std::ifstream file(store::testing::source_path("api/openapi.yaml"));
  EXPECT_TRUE(file.is_open());
  const std::regex path_line("^  (/[^:]*):$"), method_line("^    (get|post|put|delete):$"),
      roles_line("^      x-roles: \\[(.*)\\]$"), permission_line("^      x-permission: (.*)$");
  Document document;
  std::string line, path;
  Documented* route = nullptr;
  std::smatch match;
  while (std::getline(file, line)) {
    if (std::regex_match(line, match, path_line)) {
      path = match[1];
      route = nullptr;
    } else if (std::regex_match(line, match, method_line)) {
      std::string method = match[1];
      for (char& c : method) c = static_cast<char>(std::toupper(c));
      route = &document[{method, path}];
    } else if (route != nullptr && std::regex_match(line, match, permission_line)) {
      route->permission = match[1];
    } else if (route != nullptr && std::regex_match(line, match, roles_line)) {
      std::string roles = match[1];
      const std::regex word("[a-z_]+");
      for (std::sregex_iterator role(roles.begin(), roles.end(), word), end; role != end; ++role)
        route->roles.insert(role->str());
    }
  }
  return document;
}

std::set<std::string> roles_of_route(const Route& route) {
  switch (route.caller) {
    case Caller::anybody:
      return {"public"};
    case Caller::signed_in:
      return {"signed_in"};
    case Caller::node:
      return {"node"};
    case Caller::ticket:
      return {"ticket"};
    case Caller::role:
      break;
  }
  std::set<std::string> names;
  for (const Role role : roles_of(route.permission).list())
    names.insert(boost::describe::enum_to_string(role, ""));
  return names;
}

TEST(RouteTable, and_the_contract_name_the_same_routes_permissions_and_roles) {
  Document document = read_contract();
  EXPECT_GT(document.size(), 60U);
  for (const Route& route : routes()) {
    const std::string name = std::string(name_of(route.method)) + " " + std::string(route.path);
    const auto found = document.find({std::string(name_of(route.method)), std::string(route.path)});
    ASSERT_NE(found, document.end()) << name << " is not in api/openapi.yaml";
    EXPECT_EQ(found->second.permission, name_of(route.permission)) << name;
    EXPECT_EQ(found->second.roles, roles_of_route(route)) << name;
    document.erase(found);
  }
  for (const auto& [key, unused] : document)
    ADD_FAILURE() << key.first << " " << key.second << " is not in the route table";
}

TEST(RouteTable, finds_each_route_by_a_request_for_it_and_denies_what_it_does_not_know) {
  for (const Route& route : routes()) {
    const std::string request = std::regex_replace(
        std::string(route.path), std::regex("\\{[^}]*\\}"), "019abc00-0000-7000-8000-00000000002a");
    EXPECT_EQ(find_route(route.method, request), &route) << request;
  }
  EXPECT_EQ(find_route(Method::get, "/nothing"), nullptr);
  EXPECT_EQ(find_route(Method::get, ""), nullptr);
  EXPECT_EQ(find_route(Method::get, "/"), nullptr);
  EXPECT_EQ(find_route(Method::put, "/session"), nullptr);
  EXPECT_EQ(find_route(Method::get, "/reports/"), nullptr);
  EXPECT_EQ(find_route(Method::get, "/reports/x/y"), nullptr);
  EXPECT_EQ(find_route(Method::get, "reports"), nullptr);
}

TEST(RouteTable, has_no_route_twice_and_no_permission_unused) {
  std::set<std::pair<Method, std::string_view>> seen;
  std::set<Permission> used;
  for (const Route& route : routes()) {
    EXPECT_TRUE(seen.emplace(route.method, route.path).second) << route.path;
    used.insert(route.permission);
    const bool of_a_person = route.caller == Caller::signed_in || route.caller == Caller::role;
    EXPECT_EQ(of_a_person, route.permission != Permission::none) << route.path;
  }
  for (const Permission permission : permissions()) EXPECT_TRUE(used.contains(permission));
}

TEST(Authorising, follows_every_route_and_role_of_the_table) {
  for (const Route& route : routes()) {
    if (route.caller == Caller::node || route.caller == Caller::ticket) {
      EXPECT_FALSE(authorise(route, {Roles::all()})) << route.path;
      continue;
    }
    for (int i = 0; i < kRoles; ++i) {
      const Role role = static_cast<Role>(i);
      const bool expected = route.caller != Caller::role || roles_of(route.permission).has(role);
      EXPECT_EQ(authorise(route, {{role}}).has_value(), expected)
          << route.path << " " << boost::describe::enum_to_string(role, "");
    }
    EXPECT_EQ(authorise(route, {}).has_value(), route.caller != Caller::role) << route.path;
  }
}

TEST(Authorising, keeps_administrators_from_reports_incidents_and_calls) {
  for (const Permission permission :
       {Permission::reports_read, Permission::reports_create, Permission::reports_triage,
        Permission::incidents_read, Permission::incidents_note, Permission::situation_read,
        Permission::cameras_watch})
    EXPECT_EQ(grant(permission, {Role::administrator}), Grant::denied) << name_of(permission);
}

TEST(Authorising, gives_crews_their_own_unit_and_more_only_with_another_role) {
  EXPECT_EQ(grant(Permission::units_status, {Role::unit_crew}), Grant::own_unit);
  EXPECT_EQ(grant(Permission::units_position, {Role::unit_crew}), Grant::own_unit);
  EXPECT_EQ(grant(Permission::incidents_read, {Role::unit_crew}), Grant::own_unit);
  EXPECT_EQ(grant(Permission::incidents_assign, {Role::unit_crew}), Grant::denied);
  EXPECT_EQ(grant(Permission::units_status, {Role::unit_crew, Role::dispatcher}), Grant::all);
}

TEST(Authorising, opens_only_the_own_session_while_a_duty_is_unmet) {
  const Route* own = find_route(Method::post, "/session/password");
  const Route* reports = find_route(Method::get, "/reports");
  const Standing new_here{{Role::duty_officer}, true, false};
  const Standing no_factor{{Role::administrator}, false, true};
  EXPECT_TRUE(authorise(*own, new_here));
  EXPECT_EQ(authorise(*reports, new_here).error().code, code_of(AccessError::must_change_password));
  EXPECT_TRUE(authorise(*own, no_factor));
  EXPECT_EQ(authorise(*find_route(Method::get, "/people"), no_factor).error().code,
            code_of(AccessError::must_enrol_totp));
}

}  // namespace
}  // namespace vl::access
