-- vault at 1: kept as released, never edited.

CREATE TABLE vault_items (
  province_id INTEGER NOT NULL,
  item_id BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  nonce BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  commitment BLOB NOT NULL,
  object BLOB,
  created_us INTEGER NOT NULL,
  erased_us INTEGER,
  PRIMARY KEY (province_id, item_id)
) STRICT;
CREATE INDEX vault_items_by_subject ON vault_items (province_id, subject_id);
CREATE INDEX vault_items_by_object ON vault_items (province_id, object) WHERE object IS NOT NULL;

CREATE TABLE vault_index (
  province_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  token BLOB NOT NULL,
  item_id BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  PRIMARY KEY (province_id, kind, token, item_id)
) STRICT;
CREATE INDEX vault_index_by_subject ON vault_index (province_id, subject_id);
CREATE INDEX vault_index_by_item ON vault_index (province_id, item_id);

CREATE TABLE vault_accesses (
  province_id INTEGER NOT NULL,
  person_id BLOB NOT NULL,
  subject_id BLOB NOT NULL,
  work_kind TEXT NOT NULL,
  work_id BLOB NOT NULL,
  reason TEXT NOT NULL,
  first_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, person_id, subject_id, work_kind, work_id)
) STRICT;

CREATE TABLE vault_erasures (
  province_id INTEGER NOT NULL,
  subject_id BLOB NOT NULL,
  requested_us INTEGER NOT NULL,
  finished_us INTEGER,
  PRIMARY KEY (province_id, subject_id)
) STRICT;


INSERT INTO schema_migrations (room, number, name, applied_us) VALUES ('vault', 1, 'items', 0);
