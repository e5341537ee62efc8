-- journal at 1: kept as released, never edited.

CREATE TABLE journal_writers (
  province_id INTEGER NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL
)STRICT;

CREATE TABLE journal_events (
  province_id INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  wall_us INTEGER NOT NULL,
  mono_us INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor_id BLOB NOT NULL,
  stream_kind TEXT NOT NULL,
  stream_id BLOB NOT NULL,
  stream_version INTEGER NOT NULL,
  type TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  previous_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (province_id, sequence)
)STRICT;
CREATE UNIQUE INDEX journal_events_by_stream
  ON journal_events (province_id, stream_kind, stream_id, stream_version);
CREATE INDEX journal_events_by_time ON journal_events (province_id, wall_us, sequence);

CREATE TABLE journal_receipts (
  province_id INTEGER NOT NULL,
  command_key BLOB NOT NULL,
  name TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  reply TEXT NOT NULL,
  at_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, command_key)
)STRICT;
CREATE INDEX journal_receipts_by_time ON journal_receipts (province_id, at_us);

CREATE TABLE journal_snapshots (
  province_id INTEGER NOT NULL,
  stream_kind TEXT NOT NULL,
  stream_id BLOB NOT NULL,
  stream_version INTEGER NOT NULL,
  state_version INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (province_id, stream_kind, stream_id)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('journal', 1, 'events', 0);
