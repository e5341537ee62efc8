-- telemetry at 1: kept as released, never edited.

CREATE TABLE unit_positions (
  province_id INTEGER NOT NULL,
  unit_id BLOB NOT NULL,
  at_us INTEGER NOT NULL,
  lat REAL NOT NULL,
  lon REAL NOT NULL,
  heading_deg REAL,
  speed_kmh REAL,
  PRIMARY KEY (province_id, unit_id, at_us)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('telemetry', 1, 'unit_positions', 0);
