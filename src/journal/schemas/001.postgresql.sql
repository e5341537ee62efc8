-- journal at 1: kept as released, never edited.

CREATE TABLE journal_writers (
  province_id BIGINT NOT NULL PRIMARY KEY,
  epoch BIGINT NOT NULL
);

CREATE TABLE journal_events (
  province_id BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  wall_us BIGINT NOT NULL,
  mono_us BIGINT NOT NULL,
  actor_kind BIGINT NOT NULL,
  actor_id BYTEA NOT NULL,
  stream_kind TEXT NOT NULL,
  stream_id BYTEA NOT NULL,
  stream_version BIGINT NOT NULL,
  type TEXT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  previous_hash BYTEA NOT NULL,
  hash BYTEA NOT NULL,
  PRIMARY KEY (province_id, sequence)
);
CREATE UNIQUE INDEX journal_events_by_stream
  ON journal_events (province_id, stream_kind, stream_id, stream_version);
CREATE INDEX journal_events_by_time ON journal_events (province_id, wall_us, sequence);

CREATE TABLE journal_receipts (
  province_id BIGINT NOT NULL,
  command_key BYTEA NOT NULL,
  name TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  reply TEXT NOT NULL,
  at_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, command_key)
);
CREATE INDEX journal_receipts_by_time ON journal_receipts (province_id, at_us);

CREATE TABLE journal_snapshots (
  province_id BIGINT NOT NULL,
  stream_kind TEXT NOT NULL,
  stream_id BYTEA NOT NULL,
  stream_version BIGINT NOT NULL,
  state_version BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (province_id, stream_kind, stream_id)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('journal', 1, 'events', 0);
