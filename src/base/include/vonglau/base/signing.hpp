// Ed25519 signatures (RFC 8032): of roots, media tickets and exports.
#pragma once

#include <filesystem>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/result.hpp>

namespace vl {

enum class SigningError { key_file };
constexpr ErrorCode code_of(SigningError) {
  return {Category::unavailable, "signing.key_file"};
}

/// An Ed25519 key pair kept in a file of its own, 0600.
class SigningKey {
 public:
  static Result<SigningKey> load_or_create(const std::filesystem::path& file);
  static SigningKey from_seed(const Digest& seed);
  Bytes sign(ByteView message) const;
  const Bytes& public_key() const { return public_key_; }  // 32 bytes

 private:
  Bytes secret_key_;
  Bytes public_key_;
};
/// False for anything that is not this key's signature of the message.
bool signature_is_valid(ByteView message, ByteView signature, ByteView public_key);

}  // namespace vl
