-- node at 1: kept as released, never edited.

CREATE TABLE nodes (
  province_id BIGINT NOT NULL,
  node_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version TEXT NOT NULL,
  address TEXT NOT NULL,
  public_url TEXT NOT NULL,
  state TEXT NOT NULL,
  state_since_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, node_id)
);
CREATE UNIQUE INDEX nodes_by_name ON nodes (province_id, kind, name);

CREATE TABLE node_credentials (
  province_id BIGINT NOT NULL,
  node_id BYTEA NOT NULL,
  token_hash BYTEA NOT NULL,
  PRIMARY KEY (province_id, node_id)
);
CREATE UNIQUE INDEX node_credentials_by_hash ON node_credentials (province_id, token_hash);


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('node', 1, 'nodes', 0);
