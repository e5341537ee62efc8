-- calls at 3: kept as released, never edited.
CREATE TABLE calls (province_id BIGINT NOT NULL, number BIGINT NOT NULL, caller BYTEA, PRIMARY KEY (province_id, number)) ;

INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 1, 'calls', 0);
ALTER TABLE calls ADD COLUMN length_s DOUBLE PRECISION;
CREATE INDEX calls_by_length ON calls USING btree (length_s);
INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 2, 'call_length', 0);
CREATE TABLE queues (province_id BIGINT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (province_id, name)) ;INSERT INTO queues VALUES (10, '{}');

INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 3, 'queues', 0);
