-- devices at 1: kept as released, never edited.

CREATE TABLE camera_devices (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  address TEXT NOT NULL,
  enrolled BIGINT NOT NULL,
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  firmware TEXT NOT NULL,
  serial_number TEXT NOT NULL,
  profiles TEXT NOT NULL,
  ptz BIGINT NOT NULL,
  own_storage BIGINT NOT NULL,
  enrolled_us BIGINT,
  clock_offset_ms BIGINT,
  clock_set_us BIGINT,
  password_replaced BIGINT NOT NULL,
  failure TEXT,
  holder_id BYTEA,
  holder_priority TEXT,
  holder_incident BYTEA,
  held_us BIGINT,
  begun_item BYTEA,
  PRIMARY KEY (province_id, camera_id)
);

CREATE TABLE camera_presets (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  token TEXT NOT NULL,
  place BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, token)
);

CREATE TABLE camera_tours (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  tour_id BYTEA NOT NULL,
  name TEXT NOT NULL,
  steps TEXT NOT NULL,
  running BIGINT NOT NULL,
  PRIMARY KEY (province_id, camera_id, tour_id)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('devices', 1, 'devices', 0);
