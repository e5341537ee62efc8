-- telemetry at 1: kept as released, never edited.

CREATE TABLE unit_positions (
  province_id BIGINT NOT NULL,
  unit_id BYTEA NOT NULL,
  at_us BIGINT NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  lon DOUBLE PRECISION NOT NULL,
  heading_deg DOUBLE PRECISION,
  speed_kmh DOUBLE PRECISION,
  PRIMARY KEY (province_id, unit_id, at_us)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('telemetry', 1, 'unit_positions', 0);
