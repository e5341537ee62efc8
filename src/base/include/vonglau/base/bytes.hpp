// Byte strings, hex and base64url (RFC 4648, section 5, without padding), and SHA-256.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vl {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using Digest = std::array<std::uint8_t, 32>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string to_hex(ByteView bytes);
std::optional<Bytes> from_hex(std::string_view hex);
std::string to_base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

Digest sha256(ByteView bytes);

/// SHA-256 of several pieces without joining them. Not thread safe; one use.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(ByteView bytes);
  Digest finish();

 private:
  void* context_;
};

}  // namespace vl
