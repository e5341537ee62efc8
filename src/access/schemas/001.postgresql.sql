-- access at 1: kept as released, never edited.

CREATE TABLE access_people (
  province_id BIGINT NOT NULL,
  person_id BYTEA NOT NULL,
  login_item BYTEA NOT NULL,
  display_name_item BYTEA NOT NULL,
  unit_id BYTEA,
  disabled BIGINT NOT NULL CHECK (disabled IN (0, 1)),
  totp_enrolled BIGINT NOT NULL CHECK (totp_enrolled IN (0, 1)),
  created_us BIGINT NOT NULL,
  last_sign_in_us BIGINT,
  locked_until_us BIGINT,
  PRIMARY KEY (province_id, person_id)
) ;

CREATE TABLE access_person_roles (
  province_id BIGINT NOT NULL,
  person_id BYTEA NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (province_id, person_id, role)
) ;
CREATE INDEX access_person_roles_by_role ON access_person_roles (province_id, role);

CREATE TABLE access_approvals (
  province_id BIGINT NOT NULL,
  approval_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  subject_id BYTEA NOT NULL,
  author_id BYTEA NOT NULL,
  payload TEXT NOT NULL,
  requested_us BIGINT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
  decided_by BYTEA,
  decided_us BIGINT,
  PRIMARY KEY (province_id, approval_id),
  CHECK (decided_by IS NULL OR decided_by <> author_id),
  CHECK ((state = 'pending') = (decided_by IS NULL))
) ;
CREATE INDEX access_approvals_by_state ON access_approvals (province_id, state, approval_id);

CREATE TABLE access_credentials (
  province_id BIGINT NOT NULL,
  person_id BYTEA NOT NULL,
  password_hash TEXT NOT NULL,
  must_change BIGINT NOT NULL CHECK (must_change IN (0, 1)),
  one_time_until_us BIGINT,
  totp_item BYTEA,
  totp_pending_item BYTEA,
  totp_last_step BIGINT NOT NULL,
  changed_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, person_id)
) ;

CREATE TABLE access_sessions (
  province_id BIGINT NOT NULL,
  token_hash BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  created_us BIGINT NOT NULL,
  last_used_us BIGINT NOT NULL,
  idle_us BIGINT NOT NULL,
  absolute_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, token_hash)
) ;
CREATE INDEX access_sessions_by_person ON access_sessions (province_id, person_id);

CREATE TABLE access_lockouts (
  province_id BIGINT NOT NULL,
  counted BYTEA NOT NULL,
  failures BIGINT NOT NULL,
  last_failure_us BIGINT NOT NULL,
  locked_until_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, counted)
) ;
CREATE INDEX access_lockouts_by_age ON access_lockouts (province_id, last_failure_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('access', 1, 'people', 0);
