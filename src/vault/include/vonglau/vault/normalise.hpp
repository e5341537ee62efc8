// One spelling for each number, plate and login, so that the blind index finds it however it
// was typed. Pure; any thread; input of any length and content.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace vl::vault {

/// "0912 345.678", "+84 912 345 678", "0084-912345678" -> "+84912345678". Mobile numbers of
/// eleven digits (before the renumbering of 2018) become today's. Short numbers ("113") stay.
/// Nothing when it cannot be a telephone number.
std::optional<std::string> normalise_phone(std::string_view text);

/// "30A-123.45", "30a 12345" -> "30A12345"; Đ is D. Nothing unless 4 to 12 letters and digits
/// remain. Form is not checked: foreign and partly read plates are looked up too.
std::optional<std::string> normalise_plate(std::string_view text);

/// Lower-case ASCII letters, digits, '.', '_', '-' and '@', 3 to 64 of them, from a letter or
/// digit on. Nothing for anything else: a login is typed on any keyboard.
std::optional<std::string> normalise_login(std::string_view text);

}  // namespace vl::vault
