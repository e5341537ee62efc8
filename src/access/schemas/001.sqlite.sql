-- access at 1: kept as released, never edited.

CREATE TABLE access_people (
  province_id INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  login_item BLOB NOT NULL,
  display_name_item BLOB NOT NULL,
  unit_id BLOB,
  disabled INTEGER NOT NULL CHECK (disabled IN (0, 1)),
  totp_enrolled INTEGER NOT NULL CHECK (totp_enrolled IN (0, 1)),
  created_us INTEGER NOT NULL,
  last_sign_in_us INTEGER,
  locked_until_us INTEGER,
  PRIMARY KEY (province_id, person_id)
) STRICT;

CREATE TABLE access_person_roles (
  province_id INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  role TEXT NOT NULL,
  PRIMARY KEY (province_id, person_id, role)
) STRICT;
CREATE INDEX access_person_roles_by_role ON access_person_roles (province_id, role);

CREATE TABLE access_approvals (
  province_id INTEGER NOT NULL,
  approval_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  subject_id BLOB NOT NULL,
  author_id BLOB NOT NULL,
  payload TEXT NOT NULL,
  requested_us INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'rejected')),
  decided_by BLOB,
  decided_us INTEGER,
  PRIMARY KEY (province_id, approval_id),
  CHECK (decided_by IS NULL OR decided_by <> author_id),
  CHECK ((state = 'pending') = (decided_by IS NULL))
) STRICT;
CREATE INDEX access_approvals_by_state ON access_approvals (province_id, state, approval_id);

CREATE TABLE access_credentials (
  province_id INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  password_hash TEXT NOT NULL,
  must_change INTEGER NOT NULL CHECK (must_change IN (0, 1)),
  one_time_until_us INTEGER,
  totp_item BLOB,
  totp_pending_item BLOB,
  totp_last_step INTEGER NOT NULL,
  changed_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, person_id)
) STRICT;

CREATE TABLE access_sessions (
  province_id INTEGER NOT NULL,
  token_hash BLOB NOT NULL,
  person_id BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  last_used_us INTEGER NOT NULL,
  idle_us INTEGER NOT NULL,
  absolute_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, token_hash)
) STRICT;
CREATE INDEX access_sessions_by_person ON access_sessions (province_id, person_id);

CREATE TABLE access_lockouts (
  province_id INTEGER NOT NULL,
  counted BLOB NOT NULL,
  failures INTEGER NOT NULL,
  last_failure_us INTEGER NOT NULL,
  locked_until_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, counted)
) STRICT;
CREATE INDEX access_lockouts_by_age ON access_lockouts (province_id, last_failure_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('access', 1, 'people', 0);
