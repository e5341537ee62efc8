// A row of vault_items and what its content looks like. Internal to the vault.
//
// The plaintext that is sealed: 32 bytes of salt, the content, then 0x80 and zeros up to a
// multiple of 64 (ISO/IEC 7816-4), so that a ciphertext does not tell a name's length.
#pragma once

#include <optional>

#include <vonglau/vault/item.hpp>

#include "cipher.hpp"

namespace vl::vault {

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kPadTo = 64;

cipher::Context item_context(ProvinceId province, ItemId item, SubjectId subject, Kind kind);
Secret pad(ByteView salt, ByteView content);
/// The content, inside `padded`; nothing when the padding is not one.
std::optional<ByteView> unpad(ByteView padded);

}  // namespace vl::vault
