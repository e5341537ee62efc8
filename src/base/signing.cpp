#include <cstring>
#include <fstream>
#include <memory>

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/base/signing.hpp>

namespace vl {
namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using ContextPtr = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

}  // namespace

SigningKey SigningKey::from_seed(const Digest& seed) {
  SigningKey key;
  key.secret_key_.assign(seed.begin(), seed.end());
  const KeyPtr pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), 32),
                    EVP_PKEY_free);
  std::size_t size = 32;
  key.public_key_.resize(size);
  VL_ASSERT(pkey && EVP_PKEY_get_raw_public_key(pkey.get(), key.public_key_.data(), &size) == 1);
  return key;
}

Result<SigningKey> SigningKey::load_or_create(const std::filesystem::path& file) {
  Digest seed{};
  if (std::ifstream in(file); in) {
    std::string text;
    in >> text;
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != seed.size())
      return fail(SigningError::key_file,
                  file.string() + " is not a signing key; restore it from the key backup");
    std::copy(bytes->begin(), bytes->end(), seed.begin());
    return from_seed(seed);
  }
  VL_ASSERT(RAND_bytes(seed.data(), static_cast<int>(seed.size())) == 1);
  const std::string text = to_hex(seed) + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool ok = fd >= 0 &&
                  ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                  ::fsync(fd) == 0;
  const int why = errno;
  if (fd >= 0) ::close(fd);
  if (!ok)
    return fail(SigningError::key_file,
                "cannot write " + file.string() + ": " + std::strerror(why));
  return from_seed(seed);
}

Bytes SigningKey::sign(ByteView message) const {
  const KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, secret_key_.data(), 32),
                   EVP_PKEY_free);
  const ContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Bytes signature(64);
  std::size_t size = signature.size();
  VL_ASSERT(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  VL_ASSERT(
      EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
  return signature;
}

bool signature_is_valid(ByteView message, ByteView signature, ByteView public_key) {
  if (public_key.size() != 32 || signature.size() != 64) return false;
  const KeyPtr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), 32),
                   EVP_PKEY_free);
  const ContextPtr context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return key && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                          message.size()) == 1;
}

}  // namespace vl
