-- vault at 1: kept as released, never edited.

CREATE TABLE vault_items (
  province_id BIGINT NOT NULL,
  item_id BYTEA NOT NULL,
  subject_id BYTEA NOT NULL,
  kind TEXT NOT NULL,
  nonce BYTEA NOT NULL,
  ciphertext BYTEA NOT NULL,
  commitment BYTEA NOT NULL,
  object BYTEA,
  created_us BIGINT NOT NULL,
  erased_us BIGINT,
  PRIMARY KEY (province_id, item_id)
) ;
CREATE INDEX vault_items_by_subject ON vault_items (province_id, subject_id);
CREATE INDEX vault_items_by_object ON vault_items (province_id, object) WHERE object IS NOT NULL;

CREATE TABLE vault_index (
  province_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  token BYTEA NOT NULL,
  item_id BYTEA NOT NULL,
  subject_id BYTEA NOT NULL,
  PRIMARY KEY (province_id, kind, token, item_id)
) ;
CREATE INDEX vault_index_by_subject ON vault_index (province_id, subject_id);
CREATE INDEX vault_index_by_item ON vault_index (province_id, item_id);

CREATE TABLE vault_accesses (
  province_id BIGINT NOT NULL,
  person_id BYTEA NOT NULL,
  subject_id BYTEA NOT NULL,
  work_kind TEXT NOT NULL,
  work_id BYTEA NOT NULL,
  reason TEXT NOT NULL,
  first_us BIGINT NOT NULL,
  PRIMARY KEY (province_id, person_id, subject_id, work_kind, work_id)
) ;

CREATE TABLE vault_erasures (
  province_id BIGINT NOT NULL,
  subject_id BYTEA NOT NULL,
  requested_us BIGINT NOT NULL,
  finished_us BIGINT,
  PRIMARY KEY (province_id, subject_id)
) ;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('vault', 1, 'items', 0);
