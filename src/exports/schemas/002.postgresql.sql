-- exports at 2: kept as released, never edited.

CREATE TABLE export_cases (
  province_id BIGINT NOT NULL,
  case_id BYTEA NOT NULL,
  number TEXT NOT NULL,
  kind TEXT NOT NULL,
  opened_us BIGINT NOT NULL,
  opened_by BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, case_id)
);
CREATE UNIQUE INDEX export_cases_by_number ON export_cases (province_id, number);
CREATE INDEX export_cases_by_time ON export_cases (province_id, opened_us);

CREATE TABLE case_bookmarks (
  province_id BIGINT NOT NULL,
  bookmark_id BYTEA NOT NULL,
  case_id BYTEA NOT NULL,
  camera_id BYTEA NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  author_id BYTEA NOT NULL,
  at_us BIGINT NOT NULL,
  note_item BYTEA,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (province_id, bookmark_id)
);
CREATE INDEX case_bookmarks_by_case ON case_bookmarks (province_id, case_id, sequence);

CREATE TABLE exports (
  province_id BIGINT NOT NULL,
  export_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  case_id BYTEA NOT NULL,
  state TEXT NOT NULL,
  purpose TEXT NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  requested_by BYTEA NOT NULL,
  requested_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  reason_item BYTEA NOT NULL,
  decided_by BYTEA,
  decided_us BIGINT,
  refusal_item BYTEA,
  journal_sequence BIGINT,
  journal_hash TEXT,
  journal_us BIGINT,
  locked_us BIGINT,
  made_us BIGINT,
  manifest_sha256 TEXT,
  fragments BIGINT,
  footage_us BIGINT,
  bytes BIGINT,
  ready_us BIGINT,
  archive_bytes BIGINT,
  timestamp_outcome TEXT,
  failure TEXT,
  downloads BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, export_id)
);
CREATE INDEX exports_by_state ON exports (province_id, state, number);
CREATE INDEX exports_by_case ON exports (province_id, case_id, number);

CREATE TABLE export_cameras (
  province_id BIGINT NOT NULL,
  export_id BYTEA NOT NULL,
  place BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('exports', 1, 'cases_and_exports', 0);

ALTER TABLE export_cameras ADD COLUMN recorder_id BYTEA;
ALTER TABLE exports ADD COLUMN stamped_us BIGINT;

CREATE TABLE export_recorders (
  province_id BIGINT NOT NULL,
  export_id BYTEA NOT NULL,
  place BIGINT NOT NULL,
  recorder_id BYTEA NOT NULL,
  locked_us BIGINT,
  part TEXT,
  part_sha256 TEXT,
  part_bytes BIGINT,
  part_failure TEXT,
  PRIMARY KEY (province_id, export_id, recorder_id)
);

CREATE TABLE export_masks (
  province_id BIGINT NOT NULL,
  export_id BYTEA NOT NULL,
  place BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  from_us BIGINT NOT NULL,
  to_us BIGINT NOT NULL,
  x BIGINT NOT NULL,
  y BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('exports', 2, 'recorders', 0);
