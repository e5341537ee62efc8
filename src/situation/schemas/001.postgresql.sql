-- situation at 1: kept as released, never edited.

CREATE TABLE situation_snapshots (
  province_id BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (province_id, sequence)
);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('situation', 1, 'situation_snapshots', 0);
