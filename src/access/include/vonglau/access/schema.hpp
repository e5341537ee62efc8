// access_people, access_person_roles, access_approvals (read tables, made by PeopleProjection),
// access_credentials, access_sessions, access_lockouts (secrets and counts, not event-derived).
#pragma once

#include <vonglau/store/migrations.hpp>

namespace vl::access {

const store::MigrationSet& migrations();

}  // namespace vl::access
