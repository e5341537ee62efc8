-- cameras at 3: kept as released, never edited.

CREATE TABLE cameras (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  lat DOUBLE PRECISION,
  lon DOUBLE PRECISION,
  unit_code TEXT,
  main_url TEXT NOT NULL,
  sub_url TEXT,
  credentials_item BYTEA,
  retention_days BIGINT NOT NULL,
  state TEXT NOT NULL,
  state_since_us BIGINT NOT NULL,
  state_cause TEXT,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, camera_id)
);
CREATE UNIQUE INDEX cameras_by_code ON cameras (province_id, code);

CREATE TABLE camera_gaps (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  media_stream TEXT NOT NULL,
  start_us BIGINT NOT NULL,
  end_us BIGINT NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 1, 'cameras', 0);

ALTER TABLE cameras ADD COLUMN replay_url TEXT;

CREATE TABLE camera_fills (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  media_stream TEXT NOT NULL,
  start_us BIGINT NOT NULL,
  end_us BIGINT NOT NULL,
  fetched_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, camera_id, media_stream, start_us)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 2, 'own_storage', 0);

CREATE TABLE player_addresses (
  province_id BIGINT NOT NULL,
  address_id BYTEA NOT NULL,
  camera_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  shows TEXT NOT NULL,
  from_us BIGINT,
  to_us BIGINT,
  given_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  ended_us BIGINT,
  PRIMARY KEY (province_id, address_id)
);
CREATE INDEX player_addresses_by_expiry ON player_addresses (province_id, expires_us);
CREATE INDEX player_addresses_by_camera ON player_addresses (province_id, camera_id);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('cameras', 3, 'player_addresses', 0);
