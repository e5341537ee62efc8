-- fleet_telemetry at 1: kept as released, never edited.

CREATE TABLE camera_health (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  start_us BIGINT NOT NULL,
  streams_permille BIGINT NOT NULL,
  bit_rate_kbps BIGINT NOT NULL,
  frame_rate_mhz BIGINT NOT NULL,
  lost_ppm BIGINT NOT NULL,
  key_interval_ms BIGINT,
  clock_offset_ms BIGINT,
  PRIMARY KEY (province_id, camera_id, start_us)
);
CREATE INDEX camera_health_by_time ON camera_health (province_id, start_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet_telemetry', 1, 'camera_health', 0);
