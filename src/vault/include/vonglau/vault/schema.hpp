// The vault's tables: in the province's database, and in the key store's own.
#pragma once

#include <vonglau/store/migrations.hpp>

namespace vl::vault {

/// vault_items, vault_index, vault_accesses, vault_erasures. None is derived from events: a
/// rebuild leaves them alone, a backup of the province's database includes them.
const store::MigrationSet& migrations();
/// keystore_*: SQLite only, applied by KeyStore::open.
const store::MigrationSet& key_store_migrations();

}  // namespace vl::vault
