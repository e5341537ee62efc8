-- walls at 1: kept as released, never edited.

CREATE TABLE walls (
  province_id BIGINT NOT NULL,
  wall_id BYTEA NOT NULL,
  name TEXT NOT NULL,
  accepts_incidents BIGINT NOT NULL,
  accepts_pictures BIGINT NOT NULL,
  tiles BIGINT NOT NULL,
  cameras BYTEA NOT NULL,
  layout_id BYTEA,
  shown_by BYTEA,
  shown_us BIGINT,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, wall_id)
);
CREATE UNIQUE INDEX walls_by_name ON walls (province_id, name);

CREATE TABLE wall_events (
  province_id BIGINT NOT NULL,
  event_id BYTEA NOT NULL,
  wall_id BYTEA NOT NULL,
  cause TEXT NOT NULL,
  cause_id BYTEA NOT NULL,
  cameras BYTEA NOT NULL,
  since_us BIGINT NOT NULL,
  until_us BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  PRIMARY KEY (province_id, event_id)
);
CREATE INDEX wall_events_by_wall ON wall_events (province_id, wall_id, sequence);

CREATE TABLE wall_layouts (
  province_id BIGINT NOT NULL,
  layout_id BYTEA NOT NULL,
  name TEXT NOT NULL,
  tiles BIGINT NOT NULL,
  cameras BYTEA NOT NULL,
  version BIGINT NOT NULL,
  PRIMARY KEY (province_id, layout_id)
);
CREATE UNIQUE INDEX wall_layouts_by_name ON wall_layouts (province_id, name);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('walls', 1, 'walls', 0);
