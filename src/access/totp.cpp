#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <vonglau/access/totp.hpp>
#include <vonglau/base/assert.hpp>

namespace vl::access {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t kLongestBase32 = 128;
constexpr std::int64_t kStepUs = 30'000'000;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

}  // namespace

std::string to_base32(ByteView bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int have = 0;
  for (const std::uint8_t byte : bytes) {
    bits = bits << 8 | byte;
    have += 8;
    for (; have >= 5; have -= 5) out += kAlphabet[bits >> (have - 5) & 31];
  }
  if (have > 0) out += kAlphabet[bits << (5 - have) & 31];
  return out;
}

std::optional<Bytes> from_base32(std::string_view text) {
  if (text.size() > kLongestBase32) return {};
  Bytes out;
  std::uint32_t bits = 0;
  int have = 0;
  for (char c : text) {
    if (c == ' ' || c == '-') continue;
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return {};
    bits = bits << 5 | static_cast<std::uint32_t>(value);
    have += 5;
    if (have >= 8) {
      have -= 8;
      out.push_back(static_cast<std::uint8_t>(bits >> have));
    }
  }
  // What is left over is less than a character and holds nothing.
  if (have >= 5 || (bits & ((1U << have) - 1)) != 0) return {};
  return out;
}

vault::Secret new_totp_secret() {
  Bytes secret(20);
  vault::start_crypto();
  vault::fill_random(secret);
  return vault::Secret(std::move(secret));
}

std::int64_t totp_step(WallTime at) {
  return at.us / kStepUs;
}

std::string totp_code(ByteView secret, std::int64_t step) {
  std::array<std::uint8_t, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i)
    counter[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(step) >> (56 - 8 * i));
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> mac{};
  unsigned size = 0;
  VL_ASSERT(HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(),
                 counter.size(), mac.data(), &size) != nullptr);
  VL_ASSERT(size == 20);
  const std::size_t at = mac[19] & 15;  // RFC 4226, section 5.3
  const std::uint32_t number = (std::uint32_t{mac[at]} << 24 | std::uint32_t{mac[at + 1]} << 16 |
                                std::uint32_t{mac[at + 2]} << 8 | mac[at + 3]) &
                               0x7fffffff;
  std::string code = std::to_string(number % 1'000'000);
  return std::string(6 - code.size(), '0') + code;
}

std::optional<std::int64_t> accept_totp(ByteView secret, std::string_view code, WallTime now,
                                        std::int64_t last_used) {
  if (code.size() != 6) return {};
  const std::int64_t step = totp_step(now);
  std::optional<std::int64_t> accepted;
  // All three are always computed: the time taken tells nothing.
  for (const std::int64_t candidate : {step - 1, step, step + 1})
    if (vault::equal(as_bytes(totp_code(secret, candidate)), as_bytes(code)) &&
        candidate > last_used && !accepted)
      accepted = candidate;
  return accepted;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, ByteView secret) {
  return "otpauth://totp/" + percent_encoded(issuer) + ":" + percent_encoded(account) +
         "?secret=" + to_base32(secret) + "&issuer=" + percent_encoded(issuer) +
         "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace vl::access
