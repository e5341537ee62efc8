-- incidents at 2: kept as released, never edited.

CREATE TABLE reports (
  province_id INTEGER NOT NULL,
  report_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  received_us INTEGER NOT NULL,
  channel TEXT NOT NULL,
  service TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  lat REAL,
  lon REAL,
  unit_code TEXT,
  state TEXT NOT NULL,
  claimed_by BLOB,
  claimed_us INTEGER,
  closure TEXT,
  incident_id BLOB,
  place_item BLOB,
  name_item BLOB,
  number_item BLOB,
  narrative_item BLOB,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, report_id)
)STRICT;
CREATE INDEX reports_by_state ON reports (province_id, state, number);
CREATE INDEX reports_by_incident ON reports (province_id, incident_id);

CREATE TABLE incidents (
  province_id INTEGER NOT NULL,
  incident_id BLOB NOT NULL,
  number INTEGER NOT NULL,
  opened_us INTEGER NOT NULL,
  opened_by BLOB NOT NULL,
  state TEXT NOT NULL,
  service TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  lat REAL,
  lon REAL,
  unit_code TEXT,
  place_item BLOB,
  outcome TEXT,
  closed_us INTEGER,
  summary_item BLOB,
  note_count INTEGER NOT NULL,
  attachment_count INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, incident_id)
)STRICT;
CREATE INDEX incidents_by_state ON incidents (province_id, state, number);

CREATE TABLE incident_notes (
  province_id INTEGER NOT NULL,
  note_id BLOB NOT NULL,
  incident_id BLOB NOT NULL,
  author_id BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  text_item BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (province_id, note_id)
)STRICT;
CREATE INDEX incident_notes_by_incident ON incident_notes (province_id, incident_id, sequence);

CREATE TABLE incident_attachments (
  province_id INTEGER NOT NULL,
  attachment_id BLOB NOT NULL,
  incident_id BLOB NOT NULL,
  author_id BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  name_item BLOB NOT NULL,
  content_item BLOB NOT NULL,
  media_type TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (province_id, attachment_id)
)STRICT;
CREATE INDEX incident_attachments_by_incident
  ON incident_attachments (province_id, incident_id, sequence);

CREATE TABLE assignments (
  province_id INTEGER NOT NULL,
  incident_id BLOB NOT NULL,
  unit_id BLOB NOT NULL,
  milestone TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  assigned_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, incident_id, unit_id)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('incidents', 1, 'reports_and_incidents', 0);

CREATE INDEX incidents_by_time ON incidents (province_id, opened_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('incidents', 2, 'incidents_by_time', 0);
