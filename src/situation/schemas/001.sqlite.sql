-- situation at 1: kept as released, never edited.

CREATE TABLE situation_snapshots (
  province_id INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (province_id, sequence)
)STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('situation', 1, 'situation_snapshots', 0);
