#include "cipher.hpp"

#include <algorithm>

#include <sodium.h>

#include <vonglau/base/assert.hpp>

namespace vl::vault::cipher {

static_assert(kNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(kTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Context& Context::add(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  for (int shift = 56; shift >= 0; shift -= 8)
    bytes_.push_back(static_cast<std::uint8_t>(bits >> shift));
  return *this;
}

Context& Context::add(ByteView piece) {
  add(static_cast<std::int64_t>(piece.size()));
  bytes_.insert(bytes_.end(), piece.begin(), piece.end());
  return *this;
}

Box seal(const Key& key, ByteView plaintext, const Context& context) {
  Box box{Bytes(kNonceBytes), Bytes(plaintext.size() + kTagBytes)};
  fill_random(box.nonce);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      box.ciphertext.data(), nullptr, plaintext.data(), plaintext.size(), context.bytes().data(),
      context.bytes().size(), nullptr, box.nonce.data(), key.bytes.data());
  return box;
}

std::optional<Secret> open(const Key& key, ByteView nonce, ByteView ciphertext,
                           const Context& context) {
  if (nonce.size() != kNonceBytes || ciphertext.size() < kTagBytes) return {};
  Bytes plaintext(ciphertext.size() - kTagBytes);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          plaintext.data(), nullptr, nullptr, ciphertext.data(), ciphertext.size(),
          context.bytes().data(), context.bytes().size(), nonce.data(), key.bytes.data()) != 0)
    return {};
  return Secret(std::move(plaintext));
}

Bytes wrap(const Key& wrapping, const Key& key, const Context& context) {
  Box box = seal(wrapping, key.bytes, context);
  Bytes wrapped = std::move(box.nonce);
  wrapped.insert(wrapped.end(), box.ciphertext.begin(), box.ciphertext.end());
  return wrapped;
}

std::optional<Key> unwrap(const Key& wrapping, ByteView wrapped, const Context& context) {
  if (wrapped.size() != kNonceBytes + sizeof(Key::bytes) + kTagBytes) return {};
  const auto plain =
      open(wrapping, wrapped.first(kNonceBytes), wrapped.subspan(kNonceBytes), context);
  if (!plain) return {};
  Key key;
  std::ranges::copy(plain->bytes(), key.bytes.begin());
  return key;
}

}  // namespace vl::vault::cipher
