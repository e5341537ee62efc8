#include <vonglau/vault/schema.hpp>

namespace vl::vault {
namespace {

constexpr const char* kItems = R"sql(
CREATE TABLE vault_items (
  province_id {integer} NOT NULL,
  item_id {bytes} NOT NULL,
  subject_id {bytes} NOT NULL,
  kind {text} NOT NULL,
  nonce {bytes} NOT NULL,
  ciphertext {bytes} NOT NULL,
  commitment {bytes} NOT NULL,
  object {bytes},
  created_us {integer} NOT NULL,
  erased_us {integer},
  PRIMARY KEY (province_id, item_id)
) {strict};
CREATE INDEX vault_items_by_subject ON vault_items (province_id, subject_id);
CREATE INDEX vault_items_by_object ON vault_items (province_id, object) WHERE object IS NOT NULL;

CREATE TABLE vault_index (
  province_id {integer} NOT NULL,
  kind {text} NOT NULL,
  token {bytes} NOT NULL,
  item_id {bytes} NOT NULL,
  subject_id {bytes} NOT NULL,
  PRIMARY KEY (province_id, kind, token, item_id)
) {strict};
CREATE INDEX vault_index_by_subject ON vault_index (province_id, subject_id);
CREATE INDEX vault_index_by_item ON vault_index (province_id, item_id);

CREATE TABLE vault_accesses (
  province_id {integer} NOT NULL,
  person_id {bytes} NOT NULL,
  subject_id {bytes} NOT NULL,
  work_kind {text} NOT NULL,
  work_id {bytes} NOT NULL,
  reason {text} NOT NULL,
  first_us {integer} NOT NULL,
  PRIMARY KEY (province_id, person_id, subject_id, work_kind, work_id)
) {strict};

CREATE TABLE vault_erasures (
  province_id {integer} NOT NULL,
  subject_id {bytes} NOT NULL,
  requested_us {integer} NOT NULL,
  finished_us {integer},
  PRIMARY KEY (province_id, subject_id)
) {strict};
)sql";

// WITHOUT ROWID: a key's row is in one place of one table, and overwriting it there is all.
constexpr const char* kKeys = R"sql(
CREATE TABLE keystore_master (
  id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL, proof BLOB NOT NULL) STRICT;
CREATE TABLE keystore_keys (
  province_id INTEGER NOT NULL, subject_id BLOB NOT NULL, wrapped BLOB NOT NULL,
  created_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, subject_id)) STRICT, WITHOUT ROWID;
CREATE TABLE keystore_index_keys (
  province_id INTEGER NOT NULL, kind TEXT NOT NULL, wrapped BLOB NOT NULL,
  PRIMARY KEY (province_id, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE keystore_erased (
  province_id INTEGER NOT NULL, subject_id BLOB NOT NULL, erased_us INTEGER NOT NULL,
  PRIMARY KEY (province_id, subject_id)) STRICT, WITHOUT ROWID;
)sql";

}  // namespace

const store::MigrationSet& migrations() {
  static const store::MigrationSet set{"vault", {{1, "items", kItems, "", ""}}};
  return set;
}

const store::MigrationSet& key_store_migrations() {
  static const store::MigrationSet set{"keystore", {{1, "keys", "", kKeys, ""}}};
  return set;
}

}  // namespace vl::vault
