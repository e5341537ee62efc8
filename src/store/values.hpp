// What both engines hold alike; everything else is refused before either sees it.
#pragma once

#include <span>

#include <vonglau/store/session.hpp>

namespace vl::store {

/// Text is UTF-8 without zero bytes (PostgreSQL takes no other), reals are finite (SQLite
/// would store NaN as null).
Result<void> check_values(std::span<const Value> values);
bool is_utf8_without_zero(std::string_view text);

}  // namespace vl::store
