-- calls at 2: kept as released, never edited.
CREATE TABLE calls (province_id INTEGER NOT NULL, number INTEGER NOT NULL, caller BLOB, PRIMARY KEY (province_id, number)) STRICT;

INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 1, 'calls', 0);
ALTER TABLE calls ADD COLUMN length_s REAL;
CREATE INDEX calls_by_length ON calls (length_s);
INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 2, 'call_length', 0);
