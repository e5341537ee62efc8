// The routes of sign-in, the own account, people, roles and approvals.
#pragma once

#include <vonglau/access/accounts.hpp>
#include <vonglau/routes/core.hpp>
#include <vonglau/routes/standings.hpp>

namespace vl::routes {

struct DemonstrationSignIn {
  std::string login;
  std::string password;
  std::string display_name;
};
BOOST_DESCRIBE_STRUCT(DemonstrationSignIn, (), (login, password, display_name))

struct PeopleParts {
  access::Accounts& accounts;
  access::SessionTable& sessions;
  Standings& standings;
  std::vector<DemonstrationSignIn> sign_ins;  // shown before sign-in; a demonstration's only
};

void add_session_routes(http::Router& router, Core& core, PeopleParts& people);
void add_people_routes(http::Router& router, Core& core, PeopleParts& people);

}  // namespace vl::routes
