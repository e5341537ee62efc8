// The vault's errors.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::vault {

enum class VaultError {
  erased,               // the subject was erased: what it held is gone for ever
  unknown_item,         // no such item in this province
  purpose_missing,      // nobody reads personal data without a person, a work item and a reason
  access_not_recorded,  // the reader's access is not on record yet: record it, then open
  wrong_kind,           // the item is of another kind, or the kind may not be read this way
  key_missing,          // an item is there and its key is not: the key store is not this one's
  not_intact,           // authentication, commitment or hash does not match: altered or damaged
  too_large,            // the text or attachment is over its kind's limit
  malformed,            // a number, plate or login that cannot be one
  master_key,           // the master key is missing, too open, or not the one of this key store
  storage,              // the disk refused a file of the vault
};
constexpr ErrorCode code_of(VaultError e) {
  switch (e) {
    case VaultError::erased:
      return {Category::not_found, "vault.erased"};
    case VaultError::unknown_item:
      return {Category::not_found, "vault.unknown_item"};
    case VaultError::purpose_missing:
      return {Category::forbidden, "vault.purpose_missing"};
    case VaultError::access_not_recorded:
      return {Category::forbidden, "vault.access_not_recorded"};
    case VaultError::wrong_kind:
      return {Category::forbidden, "vault.wrong_kind"};
    case VaultError::too_large:
      return {Category::too_large, "vault.too_large"};
    case VaultError::malformed:
      return {Category::invalid, "vault.malformed"};
    case VaultError::master_key:
      return {Category::unavailable, "vault.master_key"};
    case VaultError::storage:
      return {Category::unavailable, "vault.storage"};
    case VaultError::key_missing:
      return {Category::internal, "vault.key_missing"};
    case VaultError::not_intact:
      break;
  }
  return {Category::internal, "vault.not_intact"};
}

}  // namespace vl::vault
