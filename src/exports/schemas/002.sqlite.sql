-- exports at 2: kept as released, never edited.

CREATE TABLE export_cases (
  province_id INTEGER NOT NULL,
  case_id BLOB NOT NULL,
  number TEXT NOT NULL,
  kind TEXT NOT NULL,
  opened_us INTEGER NOT NULL,
  opened_by BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, case_id)
)STRICT;
CREATE UNIQUE INDEX export_cases_by_number ON export_cases (province_id, number);
CREATE INDEX export_cases_by_time ON export_cases (province_id, opened_us);

CREATE TABLE case_bookmarks (
  province_id INTEGER NOT NULL,
  bookmark_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  camera_id BLOB NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  author_id BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  note_item BLOB,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (province_id, bookmark_id)
)STRICT;
CREATE INDEX case_bookmarks_by_case ON case_bookmarks (province_id, case_id, sequence);

CREATE TABLE exports (
  province_id INTEGER NOT NULL,
  export_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  case_id BLOB NOT NULL,
  state TEXT NOT NULL,
  purpose TEXT NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  requested_by BLOB NOT NULL,
  requested_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  reason_item BLOB NOT NULL,
  decided_by BLOB,
  decided_us INTEGER,
  refusal_item BLOB,
  journal_sequence INTEGER,
  journal_hash TEXT,
  journal_us INTEGER,
  locked_us INTEGER,
  made_us INTEGER,
  manifest_sha256 TEXT,
  fragments INTEGER,
  footage_us INTEGER,
  bytes INTEGER,
  ready_us INTEGER,
  archive_bytes INTEGER,
  timestamp_outcome TEXT,
  failure TEXT,
  downloads INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, export_id)
)STRICT;
CREATE INDEX exports_by_state ON exports (province_id, state, number);
CREATE INDEX exports_by_case ON exports (province_id, case_id, number);

CREATE TABLE export_cameras (
  province_id INTEGER NOT NULL,
  export_id BLOB NOT NULL,
  place INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('exports', 1, 'cases_and_exports', 0);

ALTER TABLE export_cameras ADD COLUMN recorder_id BLOB;
ALTER TABLE exports ADD COLUMN stamped_us INTEGER;

CREATE TABLE export_recorders (
  province_id INTEGER NOT NULL,
  export_id BLOB NOT NULL,
  place INTEGER NOT NULL,
  recorder_id BLOB NOT NULL,
  locked_us INTEGER,
  part TEXT,
  part_sha256 TEXT,
  part_bytes INTEGER,
  part_failure TEXT,
  PRIMARY KEY (province_id, export_id, recorder_id)
)STRICT;

CREATE TABLE export_masks (
  province_id INTEGER NOT NULL,
  export_id BLOB NOT NULL,
  place INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  from_us INTEGER NOT NULL,
  to_us INTEGER NOT NULL,
  x INTEGER NOT NULL,
  y INTEGER NOT NULL,
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  PRIMARY KEY (province_id, export_id, place)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('exports', 2, 'recorders', 0);
