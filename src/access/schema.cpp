#include <vonglau/access/schema.hpp>

namespace vl::access {
namespace {

constexpr const char* kAccess = R"sql(
CREATE TABLE access_people (
  province_id {integer} NOT NULL,
  person_id {bytes} NOT NULL,
  login_item {bytes} NOT NULL,
  display_name_item {bytes} NOT NULL,
  unit_id {bytes},
  disabled {integer} NOT NULL CHECK (disabled IN (0, 1)),
  totp_enrolled {integer} NOT NULL CHECK (totp_enrolled IN (0, 1)),
  created_us {integer} NOT NULL,
  last_sign_in_us {integer},
  locked_until_us {integer},
  PRIMARY KEY (province_id, person_id)
) {strict};

CREATE TABLE access_person_roles (
  province_id {integer} NOT NULL,
  person_id {bytes} NOT NULL,
  role {text} NOT NULL,
  PRIMARY KEY (province_id, person_id, role)
) {strict};
CREATE INDEX access_person_roles_by_role ON access_person_roles (province_id, role);

CREATE TABLE access_approvals (
  province_id {integer} NOT NULL,
  approval_id {bytes} NOT NULL,
  kind {text} NOT NULL,
  subject_id {bytes} NOT NULL,
  author_id {bytes} NOT NULL,
  payload {text} NOT NULL,
  requested_us {integer} NOT NULL,
  state {text} NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
  decided_by {bytes},
  decided_us {integer},
  PRIMARY KEY (province_id, approval_id),
  CHECK (decided_by IS NULL OR decided_by <> author_id),
  CHECK ((state = 'pending') = (decided_by IS NULL))
) {strict};
CREATE INDEX access_approvals_by_state ON access_approvals (province_id, state, approval_id);

CREATE TABLE access_credentials (
  province_id {integer} NOT NULL,
  person_id {bytes} NOT NULL,
  password_hash {text} NOT NULL,
  must_change {integer} NOT NULL CHECK (must_change IN (0, 1)),
  one_time_until_us {integer},
  totp_item {bytes},
  totp_pending_item {bytes},
  totp_last_step {integer} NOT NULL,
  changed_us {integer} NOT NULL,
  PRIMARY KEY (province_id, person_id)
) {strict};

CREATE TABLE access_sessions (
  province_id {integer} NOT NULL,
  token_hash {bytes} NOT NULL,
  person_id {bytes} NOT NULL,
  created_us {integer} NOT NULL,
  last_used_us {integer} NOT NULL,
  idle_us {integer} NOT NULL,
  absolute_us {integer} NOT NULL,
  PRIMARY KEY (province_id, token_hash)
) {strict};
CREATE INDEX access_sessions_by_person ON access_sessions (province_id, person_id);

CREATE TABLE access_lockouts (
  province_id {integer} NOT NULL,
  counted {bytes} NOT NULL,
  failures {integer} NOT NULL,
  last_failure_us {integer} NOT NULL,
  locked_until_us {integer} NOT NULL,
  PRIMARY KEY (province_id, counted)
) {strict};
CREATE INDEX access_lockouts_by_age ON access_lockouts (province_id, last_failure_us);
)sql";

}  // namespace

const store::MigrationSet& migrations() {
  static const store::MigrationSet set{"access", {{1, "people", kAccess, "", ""}}};
  return set;
}

}  // namespace vl::access
