// XChaCha20-Poly1305 with a random 192-bit nonce. Internal to the vault.
#pragma once

#include <optional>
#include <string_view>

#include <vonglau/vault/item.hpp>

namespace vl::vault::cipher {

constexpr std::size_t kNonceBytes = 24;
constexpr std::size_t kTagBytes = 16;

/// What a ciphertext is bound to: pieces with their lengths, so that none runs into another.
class Context {
 public:
  explicit Context(std::string_view what) { add(as_bytes(what)); }
  Context& add(ByteView piece);
  Context& add(std::int64_t number);
  Context& add(const Uuid& id) { return add(ByteView(id.bytes)); }
  ByteView bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

struct Box {
  Bytes nonce;
  Bytes ciphertext;
};
Box seal(const Key& key, ByteView plaintext, const Context& context);
/// Nothing when any byte of nonce, ciphertext or context differs.
std::optional<Secret> open(const Key& key, ByteView nonce, ByteView ciphertext,
                           const Context& context);

/// One blob: nonce then ciphertext.
Bytes wrap(const Key& wrapping, const Key& key, const Context& context);
std::optional<Key> unwrap(const Key& wrapping, ByteView wrapped, const Context& context);

}  // namespace vl::vault::cipher
