-- dispatch at 1: kept as released, never edited.

CREATE TABLE units (
  province_id INTEGER NOT NULL,
  unit_id BLOB NOT NULL,
  call_sign TEXT NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  incident_id BLOB,
  lat REAL,
  lon REAL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, unit_id)
)STRICT;
CREATE UNIQUE INDEX units_by_call_sign ON units (province_id, call_sign);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('dispatch', 1, 'units', 0);
