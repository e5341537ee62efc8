#include <array>
#include <utility>

#include <vonglau/vault/normalise.hpp>

namespace vl::vault {
namespace {

constexpr std::size_t kLongest = 256;
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Spaces and marks that people and telephones' address books put around numbers, in UTF-8:
// no-break and thin spaces, direction marks, dashes.
constexpr std::array<std::string_view, 14> kIgnored{
    "\u00A0", "\u2009", "\u202F", "\u200B", "\u200E", "\u200F", "\u202A",
    "\u202C", "\u2066", "\u2069", "\u2010", "\u2011", "\u2013", "\u2014"};

std::size_t ignored_at(std::string_view rest) {
  constexpr std::string_view kAscii = " \t\r\n.-_()/";
  if (kAscii.find(rest.front()) != std::string_view::npos) return 1;
  for (const auto mark : kIgnored)
    if (rest.starts_with(mark)) return mark.size();
  return 0;
}

// The mobile prefixes of eleven-digit numbers and what they became (Ministry of Information
// and Communications, plan 798/QĐ-BTTTT, 15/9/2018 to 14/11/2018).
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kRenumbered{{
    {"0120", "070"}, {"0121", "079"}, {"0122", "077"}, {"0126", "076"}, {"0128", "078"},
    {"0123", "083"}, {"0124", "084"}, {"0125", "085"}, {"0127", "081"}, {"0129", "082"},
    {"0162", "032"}, {"0163", "033"}, {"0164", "034"}, {"0165", "035"}, {"0166", "036"},
    {"0167", "037"}, {"0168", "038"}, {"0169", "039"}, {"0186", "056"}, {"0188", "058"},
    {"0199", "059"},
}};

std::string today(std::string national) {
  if (national.size() != 11) return national;
  for (const auto& [old_prefix, new_prefix] : kRenumbered)
    if (national.starts_with(old_prefix))
      return std::string(new_prefix) + national.substr(old_prefix.size());
  return national;
}

}  // namespace

std::optional<std::string> normalise_phone(std::string_view text) {
  if (text.size() > kLongest) return {};
  std::string digits;
  bool international = false;
  while (!text.empty()) {
    if (const std::size_t skip = ignored_at(text); skip > 0) {
      text.remove_prefix(skip);
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '+' && digits.empty() && !international)
      international = true;
    else if (is_digit(c))
      digits += c;
    else
      return {};
  }
  if (!international && digits.starts_with("00")) {
    international = true;
    digits.erase(0, 2);
  }
  // "84912345678": the country's code without its plus sign. National numbers begin with 0.
  if (!international && digits.starts_with("84") && digits.size() >= 11) international = true;
  std::string national;
  if (international) {
    if (!digits.starts_with("84")) {
      if (digits.size() < 7 || digits.size() > 15 || digits.front() == '0') return {};
      return "+" + digits;
    }
    national = digits.substr(2);
    if (!national.starts_with('0')) national.insert(0, 1, '0');  // "+84 (0) 912..." too
  } else {
    national = std::move(digits);
  }
  if (national.starts_with('0')) {
    national = today(std::move(national));
    if (national.size() < 9 || national.size() > 12 || national[1] == '0') return {};
    return "+84" + national.substr(1);
  }
  // Service numbers: 113, 1022, 18001091.
  if (national.size() < 3 || national.size() > 10) return {};
  return national;
}

std::optional<std::string> normalise_plate(std::string_view text) {
  if (text.size() > kLongest) return {};
  std::string plate;
  while (!text.empty()) {
    if (const std::size_t skip = ignored_at(text); skip > 0) {
      text.remove_prefix(skip);
      continue;
    }
    if (text.starts_with("Đ") || text.starts_with("đ")) {
      plate += 'D';
      text.remove_prefix(std::string_view("Đ").size());
      continue;
    }
    const char c = text.front();
    text.remove_prefix(1);
    if (c >= 'a' && c <= 'z')
      plate += static_cast<char>(c - 'a' + 'A');
    else if (is_digit(c) || (c >= 'A' && c <= 'Z'))
      plate += c;
    else
      return {};
  }
  if (plate.size() < 4 || plate.size() > 12) return {};
  return plate;
}

std::optional<std::string> normalise_login(std::string_view text) {
  if (text.size() < 3 || text.size() > 64) return {};
  std::string login;
  for (char c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = is_digit(c) || (c >= 'a' && c <= 'z');
    if (!plain && (login.empty() || std::string_view("._-@").find(c) == std::string_view::npos))
      return {};
    login += c;
  }
  return login;
}

}  // namespace vl::vault
