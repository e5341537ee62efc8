#include "values.hpp"

#include <cmath>
#include <cstring>

#include <fmt/core.h>

namespace vl::store {
namespace {

/// The length of the sequence that this lead byte opens, and the range of its second byte
/// (Unicode 15, table 3-7); 0 where no sequence may begin so.
struct Lead {
  int length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  if (byte >= 0xF1 && byte <= 0xF3) return {4};
  return {};
}

}  // namespace

bool is_utf8_without_zero(std::string_view text) {
  if (std::memchr(text.data(), 0, text.size()) != nullptr) return false;
  const ByteView bytes = as_bytes(text);
  std::size_t i = 0;
  while (i < bytes.size()) {
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    const Lead lead = lead_of(bytes[i]);
    if (lead.length == 0 || bytes.size() - i < static_cast<std::size_t>(lead.length)) return false;
    if (bytes[i + 1] < lead.low || bytes[i + 1] > lead.high) return false;
    for (int k = 2; k < lead.length; ++k) {
      if ((bytes[i + static_cast<std::size_t>(k)] & 0xC0) != 0x80) return false;
    }
    i += static_cast<std::size_t>(lead.length);
  }
  return true;
}

Result<void> check_values(std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& v = values[i].variant();
    if (const auto* text = std::get_if<std::string>(&v); text && !is_utf8_without_zero(*text)) {
      return fail(
          StoreError::invalid,
          fmt::format("${}: text must be UTF-8 without zero bytes; store bytes instead", i + 1));
    }
    if (const auto* real = std::get_if<double>(&v); real && !std::isfinite(*real)) {
      return fail(StoreError::invalid, fmt::format("${}: a real must be finite", i + 1));
    }
  }
  return {};
}

}  // namespace vl::store
