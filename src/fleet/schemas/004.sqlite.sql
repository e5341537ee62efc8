-- fleet at 4: kept as released, never edited.

CREATE TABLE fleet_assets (
  province_id INTEGER NOT NULL,
  asset_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  service_level INTEGER,
  retired INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, asset_id)
)STRICT;
CREATE INDEX fleet_assets_by_code ON fleet_assets (province_id, code);

CREATE TABLE fleet_links (
  province_id INTEGER NOT NULL,
  subject_id BLOB NOT NULL,
  place INTEGER NOT NULL,
  asset_id BLOB NOT NULL,
  of_camera INTEGER NOT NULL,
  PRIMARY KEY (province_id, subject_id, place)
)STRICT;
CREATE INDEX fleet_links_by_asset ON fleet_links (province_id, asset_id);

CREATE TABLE fleet_work (
  province_id INTEGER NOT NULL,
  work_id BLOB NOT NULL,
  asset_id BLOB,
  camera_id BLOB,
  start_us INTEGER NOT NULL,
  end_us INTEGER NOT NULL,
  kind TEXT NOT NULL,
  planned_by BLOB NOT NULL,
  PRIMARY KEY (province_id, work_id)
)STRICT;
CREATE INDEX fleet_work_by_end ON fleet_work (province_id, end_us);

CREATE TABLE fleet_alarms (
  province_id INTEGER NOT NULL,
  alarm_id BLOB NOT NULL,
  claim TEXT NOT NULL,
  cause_id BLOB,
  opened_us INTEGER NOT NULL,
  since_us INTEGER NOT NULL,
  recovering_since_us INTEGER,
  chance REAL NOT NULL,
  cameras INTEGER NOT NULL,
  most_cameras INTEGER NOT NULL,
  closed_us INTEGER,
  how TEXT,
  PRIMARY KEY (province_id, alarm_id)
)STRICT;
CREATE INDEX fleet_alarms_by_close ON fleet_alarms (province_id, closed_us);

CREATE TABLE fleet_alarm_cameras (
  province_id INTEGER NOT NULL,
  alarm_id BLOB NOT NULL,
  camera_id BLOB NOT NULL,
  joined_sequence INTEGER NOT NULL,
  joined_us INTEGER NOT NULL,
  left_us INTEGER,
  PRIMARY KEY (province_id, alarm_id, camera_id, joined_sequence)
)STRICT;

CREATE TABLE fleet_camera_states (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  told_us INTEGER NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (province_id, camera_id, sequence)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 1, 'fleet', 0);

CREATE TABLE fleet_pictures (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  picture TEXT NOT NULL,
  since_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, camera_id)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 2, 'camera_pictures', 0);

CREATE TABLE contributions (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  consent TEXT NOT NULL,
  owner_kind TEXT NOT NULL,
  declared_us INTEGER NOT NULL,
  expires_us INTEGER NOT NULL,
  withdrawn INTEGER NOT NULL,
  owner_item BLOB,
  PRIMARY KEY (province_id, camera_id)
)STRICT;

CREATE TABLE contribution_requests (
  province_id INTEGER NOT NULL,
  request_id BLOB NOT NULL,
  camera_id BLOB NOT NULL,
  person_id BLOB NOT NULL,
  reason TEXT NOT NULL,
  incident_id BLOB,
  hours INTEGER NOT NULL,
  asked_us INTEGER NOT NULL,
  granted INTEGER,
  until_us INTEGER,
  PRIMARY KEY (province_id, request_id)
)STRICT;
CREATE INDEX contribution_requests_by_camera ON contribution_requests (province_id, camera_id);

CREATE TABLE contribution_views (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  sequence INTEGER NOT NULL,
  at_us INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  request_id BLOB,
  incident_id BLOB,
  PRIMARY KEY (province_id, camera_id, sequence)
)STRICT;

CREATE TABLE contribution_links (
  province_id INTEGER NOT NULL,
  camera_id BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (province_id, camera_id)
)STRICT;
CREATE UNIQUE INDEX contribution_links_by_hash ON contribution_links (province_id, hash);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 3, 'contributions', 0);

CREATE INDEX fleet_alarm_cameras_by_camera ON fleet_alarm_cameras
  (province_id, camera_id, joined_us);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('fleet', 4, 'alarms_by_camera', 0);
