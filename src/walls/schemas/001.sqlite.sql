-- walls at 1: kept as released, never edited.

CREATE TABLE walls (
  province_id INTEGER NOT NULL,
  wall_id BLOB NOT NULL,
  name TEXT NOT NULL,
  accepts_incidents INTEGER NOT NULL,
  accepts_pictures INTEGER NOT NULL,
  tiles INTEGER NOT NULL,
  cameras BLOB NOT NULL,
  layout_id BLOB,
  shown_by BLOB,
  shown_us INTEGER,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, wall_id)
)STRICT;
CREATE UNIQUE INDEX walls_by_name ON walls (province_id, name);

CREATE TABLE wall_events (
  province_id INTEGER NOT NULL,
  event_id BLOB NOT NULL,
  wall_id BLOB NOT NULL,
  cause TEXT NOT NULL,
  cause_id BLOB NOT NULL,
  cameras BLOB NOT NULL,
  since_us INTEGER NOT NULL,
  until_us INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (province_id, event_id)
)STRICT;
CREATE INDEX wall_events_by_wall ON wall_events (province_id, wall_id, sequence);

CREATE TABLE wall_layouts (
  province_id INTEGER NOT NULL,
  layout_id BLOB NOT NULL,
  name TEXT NOT NULL,
  tiles INTEGER NOT NULL,
  cameras BLOB NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (province_id, layout_id)
)STRICT;
CREATE UNIQUE INDEX wall_layouts_by_name ON wall_layouts (province_id, name);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('walls', 1, 'walls', 0);
