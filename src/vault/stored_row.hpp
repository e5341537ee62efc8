// One row of vault_items, as it was stored. Internal to the vault.
#pragma once

#include <vonglau/vault/vault.hpp>

namespace vl::vault {

struct Vault::Stored {
  ItemId item;
  SubjectId subject;
  Kind kind{};
  Bytes nonce;
  Bytes ciphertext;
  Bytes commitment;
  std::optional<Bytes> object;
};

}  // namespace vl::vault
