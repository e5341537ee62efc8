// Passwords: what is accepted, how they are hashed (Argon2id, RFC 9106), and the one-time ones
// that administrators hand out. Pure, but slow on purpose: hash and verify belong on a
// CredentialPool.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <vonglau/access/error.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::access {

struct PasswordPolicy {
  std::size_t shortest = 12;  // characters
  std::size_t longest_bytes = 256;
  std::uint64_t passes = 3;                     // Argon2id: RFC 9106's second choice
  std::size_t memory_bytes = 64 * 1024 * 1024;  // each, while it is computed
  std::int64_t one_time_valid_us = 72LL * 3600 * 1'000'000;
};

/// Refuses what is short, common, a run or repetition, or built on the login.
Result<void> check_password(std::string_view password, std::string_view login,
                            const PasswordPolicy& policy);

/// The text to store: algorithm, parameters, salt and hash in one.
Result<std::string> hash_password(std::string_view password, const PasswordPolicy& policy);
bool verify_password(std::string_view hash, std::string_view password);
/// Whether the policy has risen since the hash was made; then hash again at the next sign-in.
bool is_outdated(std::string_view hash, const PasswordPolicy& policy);

/// "k7mw-9xqa-3hdt-pe5z": 79 random bits in characters that are not mistaken for each other.
vault::Secret one_time_password();

}  // namespace vl::access
