-- calls at 1: kept as released, never edited.
CREATE TABLE calls (province_id BIGINT NOT NULL, number BIGINT NOT NULL, caller BYTEA, PRIMARY KEY (province_id, number)) ;

INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('calls', 1, 'calls', 0);
