-- devices at 1: kept as released, never edited.

CREATE TABLE camera_devices (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  address TEXT NOT NULL,
  enrolled INTEGER NOT NULL,
  manufacturer TEXT NOT NULL,
  model TEXT NOT NULL,
  firmware TEXT NOT NULL,
  serial_number TEXT NOT NULL,
  profiles TEXT NOT NULL,
  ptz INTEGER NOT NULL,
  own_storage INTEGER NOT NULL,
  enrolled_us INTEGER,
  clock_offset_ms INTEGER,
  clock_set_us INTEGER,
  password_replaced INTEGER NOT NULL,
  failure TEXT,
  holder_id BLOB,
  holder_priority TEXT,
  holder_incident BLOB,
  held_us INTEGER,
  begun_item BLOB,
  PRIMARY KEY (province_id, camera_id)
)STRICT;

CREATE TABLE camera_presets (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  token TEXT NOT NULL,
  place INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, token)
)STRICT;

CREATE TABLE camera_tours (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  tour_id BLOB NOT NULL,
  name TEXT NOT NULL,
  steps TEXT NOT NULL,
  running INTEGER NOT NULL,
  PRIMARY KEY (province_id, camera_id, tour_id)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('devices', 1, 'devices', 0);
