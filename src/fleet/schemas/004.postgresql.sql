-- fleet at 4: kept as released, never edited.

CREATE TABLE fleet_assets (
  province_id BIGINT NOT NULL,
  asset_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  service_level BIGINT,
  retired BIGINT NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, asset_id)
);
CREATE INDEX fleet_assets_by_code ON fleet_assets (province_id, code);

CREATE TABLE fleet_links (
  province_id BIGINT NOT NULL,
  subject_id BYTEA NOT NULL,
  place BIGINT NOT NULL,
  asset_id BYTEA NOT NULL,
  of_camera BIGINT NOT NULL,
  PRIMARY KEY (province_id, subject_id, place)
);
CREATE INDEX fleet_links_by_asset ON fleet_links (province_id, asset_id);

CREATE TABLE fleet_work (
  province_id BIGINT NOT NULL,
  work_id BYTEA NOT NULL,
  asset_id BYTEA,
  camera_id BYTEA,
  start_us BIGINT NOT NULL,
  end_us BIGINT NOT NULL,
  kind TEXT NOT NULL,
  planned_by BYTEA NOT NULL,
  PRIMARY KEY (province_id, work_id)
);
CREATE INDEX fleet_work_by_end ON fleet_work (province_id, end_us);

CREATE TABLE fleet_alarms (
  province_id BIGINT NOT NULL,
  alarm_id BYTEA NOT NULL,
  claim TEXT NOT NULL,
  cause_id BYTEA,
  opened_us BIGINT NOT NULL,
  since_us BIGINT NOT NULL,
  recovering_since_us BIGINT,
  chance DOUBLE PRECISION NOT NULL,
  cameras BIGINT NOT NULL,
  most_cameras BIGINT NOT NULL,
  closed_us BIGINT,
  how TEXT,
  PRIMARY KEY (province_id, alarm_id)
);
CREATE INDEX fleet_alarms_by_close ON fleet_alarms (province_id, closed_us);

CREATE TABLE fleet_alarm_cameras (
  province_id BIGINT NOT NULL,
  alarm_id BYTEA NOT NULL,
  camera_id BYTEA NOT NULL,
  joined_sequence BIGINT NOT NULL,
  joined_us BIGINT NOT NULL,
  left_us BIGINT,
  PRIMARY KEY (province_id, alarm_id, camera_id, joined_sequence)
);

CREATE TABLE fleet_camera_states (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  told_us BIGINT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, sequence)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 1, 'fleet', 0);

CREATE TABLE fleet_pictures (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  picture TEXT NOT NULL,
  since_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, camera_id)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 2, 'camera_pictures', 0);

CREATE TABLE contributions (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  consent TEXT NOT NULL,
  owner_kind TEXT NOT NULL,
  declared_us BIGINT NOT NULL,
  expires_us BIGINT NOT NULL,
  withdrawn BIGINT NOT NULL,
  owner_item BYTEA,
  PRIMARY KEY (province_id, camera_id)
);

CREATE TABLE contribution_requests (
  province_id BIGINT NOT NULL,
  request_id BYTEA NOT NULL,
  camera_id BYTEA NOT NULL,
  person_id BYTEA NOT NULL,
  reason TEXT NOT NULL,
  incident_id BYTEA,
  hours BIGINT NOT NULL,
  asked_us BIGINT NOT NULL,
  granted BIGINT,
  until_us BIGINT,
  PRIMARY KEY (province_id, request_id)
);
CREATE INDEX contribution_requests_by_camera ON contribution_requests (province_id, camera_id);

CREATE TABLE contribution_views (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  sequence BIGINT NOT NULL,
  at_us BIGINT NOT NULL,
  person_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  request_id BYTEA,
  incident_id BYTEA,
  PRIMARY KEY (province_id, camera_id, sequence)
);

CREATE TABLE contribution_links (
  province_id BIGINT NOT NULL,
  camera_id BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (province_id, camera_id)
);
CREATE UNIQUE INDEX contribution_links_by_hash ON contribution_links (province_id, hash);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 3, 'contributions', 0);

CREATE INDEX fleet_alarm_cameras_by_camera ON fleet_alarm_cameras
  (province_id, camera_id, joined_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 4, 'alarms_by_camera', 0);
