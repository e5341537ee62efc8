-- fleet_telemetry at 1: kept as released, never edited.

CREATE TABLE camera_health (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  start_us INTEGER NOT NULL,
  streams_permille INTEGER NOT NULL,
  bit_rate_kbps INTEGER NOT NULL,
  frame_rate_mhz INTEGER NOT NULL,
  lost_ppm INTEGER NOT NULL,
  key_interval_ms INTEGER,
  clock_offset_ms INTEGER,
  PRIMARY KEY (province_id, camera_id, start_us)
)STRICT;
CREATE INDEX camera_health_by_time ON camera_health (province_id, start_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet_telemetry', 1, 'camera_health', 0);
