-- incidents at 2: kept as released, never edited.

CREATE TABLE reports (
  province_id BIGINT NOT NULL,
  report_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  received_us BIGINT NOT NULL,
  channel TEXT NOT NULL,
  service TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  lat DOUBLE PRECISION,
  lon DOUBLE PRECISION,
  unit_code TEXT,
  state TEXT NOT NULL,
  claimed_by BYTEA,
  claimed_us BIGINT,
  closure TEXT,
  incident_id BYTEA,
  place_item BYTEA,
  name_item BYTEA,
  number_item BYTEA,
  narrative_item BYTEA,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, report_id)
);
CREATE INDEX reports_by_state ON reports (province_id, state, number);
CREATE INDEX reports_by_incident ON reports (province_id, incident_id);

CREATE TABLE incidents (
  province_id BIGINT NOT NULL,
  incident_id BYTEA NOT NULL,
  number BIGINT NOT NULL,
  opened_us BIGINT NOT NULL,
  opened_by BYTEA NOT NULL,
  state TEXT NOT NULL,
  service TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  lat DOUBLE PRECISION,
  lon DOUBLE PRECISION,
  unit_code TEXT,
  place_item BYTEA,
  outcome TEXT,
  closed_us BIGINT,
  summary_item BYTEA,
  note_count BIGINT NOT NULL,
  attachment_count BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, incident_id)
);
CREATE INDEX incidents_by_state ON incidents (province_id, state, number);

CREATE TABLE incident_notes (
  province_id BIGINT NOT NULL,
  note_id BYTEA NOT NULL,
  incident_id BYTEA NOT NULL,
  author_id BYTEA NOT NULL,
  at_us BIGINT NOT NULL,
  text_item BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (province_id, note_id)
);
CREATE INDEX incident_notes_by_incident ON incident_notes (province_id, incident_id, sequence);

CREATE TABLE incident_attachments (
  province_id BIGINT NOT NULL,
  attachment_id BYTEA NOT NULL,
  incident_id BYTEA NOT NULL,
  author_id BYTEA NOT NULL,
  at_us BIGINT NOT NULL,
  name_item BYTEA NOT NULL,
  content_item BYTEA NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (province_id, attachment_id)
);
CREATE INDEX incident_attachments_by_incident
  ON incident_attachments (province_id, incident_id, sequence);

CREATE TABLE assignments (
  province_id BIGINT NOT NULL,
  incident_id BYTEA NOT NULL,
  unit_id BYTEA NOT NULL,
  milestone TEXT NOT NULL,
  since_us BIGINT NOT NULL,
  assigned_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, incident_id, unit_id)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('incidents', 1, 'reports_and_incidents', 0);

CREATE INDEX incidents_by_time ON incidents (province_id, opened_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('incidents', 2, 'incidents_by_time', 0);
