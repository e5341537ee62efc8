// Words, numbers and lists as RTSP and SDP write them. Private to this room.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <vonglau/base/bytes.hpp>

namespace vl::rtsp {

inline bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

inline std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

inline char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

inline bool starts_with_word(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same_word(text.substr(0, word.size()), word);
}

/// All of the text must be the number.
template <class Number>
std::optional<Number> number_of(std::string_view text, int base = 10) {
  Number value{};
  const auto* last = text.data() + text.size();
  const auto [end, error] = [&] {
    if constexpr (std::is_floating_point_v<Number>)
      return std::from_chars(text.data(), last, value);
    else
      return std::from_chars(text.data(), last, value, base);
  }();
  if (error != std::errc{} || end != last || text.empty()) return std::nullopt;
  return value;
}

/// Cuts `text` at the first `mark`: gives what is before and leaves what is after.
inline std::string_view cut(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  const auto before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return before;
}

/// What a message may quote of a peer's text: short, and printable ASCII only.
std::string quoted(std::string_view text, std::size_t most = 40);

/// Base64 (RFC 4648, section 4); padding may be absent, as many cameras leave it out.
std::optional<Bytes> from_base64(std::string_view text);
std::string to_base64(ByteView bytes);

}  // namespace vl::rtsp
