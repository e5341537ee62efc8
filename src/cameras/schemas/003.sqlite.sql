-- cameras at 3: kept as released, never edited.

CREATE TABLE cameras (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  lat REAL,
  lon REAL,
  unit_code TEXT,
  main_url TEXT NOT NULL,
  sub_url TEXT,
  credentials_item BLOB,
  retention_days INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_since_us INTEGER NOT NULL,
  state_cause TEXT,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, camera_id)
)STRICT;
CREATE UNIQUE INDEX cameras_by_code ON cameras (province_id, code);

CREATE TABLE camera_gaps (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  media_stream TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 1, 'cameras', 0);

ALTER TABLE cameras ADD COLUMN replay_url TEXT;

CREATE TABLE camera_fills (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  media_stream TEXT NOT NULL,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  fetched_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 2, 'own_storage', 0);

CREATE TABLE player_addresses (
  province_id INTEGER NOT NULL,
  address_id BLOB NOT NULL,
  camera_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  shows TEXT NOT NULL,
  from_us INTEGER,
  to_us INTEGER,
  given_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  ended_us INTEGER,
  PRIMARY KEY (province_id, address_id)
)STRICT;
CREATE INDEX player_addresses_by_expiry ON player_addresses (province_id, expires_us);
CREATE INDEX player_addresses_by_camera ON player_addresses (province_id, camera_id);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 3, 'player_addresses', 0);
