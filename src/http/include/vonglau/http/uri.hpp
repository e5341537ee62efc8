// The small text of HTTP: percent encoding, paths, queries, cookies. Pure; any thread. All input
// comes from outside: everything returns nothing instead of guessing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vl::http {

using NameValues = std::vector<std::pair<std::string, std::string>>;

bool is_utf8(std::string_view text);

/// Nothing for a broken escape, for bytes that are not UTF-8, and for control characters.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
/// Escapes all but the unreserved characters of RFC 3986.
std::string percent_encode(std::string_view text);

/// "/a/b%20c" -> {"a", "b c"}; "/" -> {}. Nothing when it does not start with '/', when a segment
/// is "." or "..", holds a slash, a backslash or a control character once decoded, or when there
/// are more than 32 segments.
std::optional<std::vector<std::string>> split_path(std::string_view path);

/// "a=1&b" -> {{"a","1"},{"b",""}}; at most 64 pairs.
std::optional<NameValues> parse_query(std::string_view query);

/// The value of the first cookie of that name in a Cookie header (RFC 6265, section 4.2).
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);

/// "a, b;q=0" lists: whether `token` is there with a weight above 0. Case does not matter.
bool accepts_token(std::string_view list, std::string_view token);

}  // namespace vl::http
