#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <sodium.h>

#include <vonglau/access/password.hpp>
#include <vonglau/base/assert.hpp>

namespace vl::access {
namespace {

// What people come up with when they are asked for a password, without the digits and marks
// they put after it. Twelve characters rule out most lists of leaked passwords already.
constexpr std::array<std::string_view, 48> kCommon{
    "password",      "passw0rd",      "matkhau",       "matkhaucuatoi", "admin",
    "administrator", "quantri",       "quantrivien",   "letmein",       "welcome",
    "iloveyou",      "anhyeuem",      "emyeuanh",      "yeuemnhieulam", "toiyeuvietnam",
    "vietnam",       "vietnamvodich", "bacninh",       "hanoi",         "hochiminh",
    "saigon",        "congan",        "congannhandan", "canhsat",       "canhsatgiaothong",
    "trucban",       "tructongdai",   "vonglau",       "xinchao",       "chaomung",
    "qwerty",        "qwertyuiop",    "qwertyqwerty",  "asdfgh",        "asdfghjkl",
    "zxcvbn",        "zxcvbnm",       "azerty",        "monkey",        "dragon",
    "football",      "bongda",        "changeme",      "doimatkhau",    "default",
    "macdinh",       "secret",        "bimat"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string letters_of(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c >= 'a' && c <= 'z') out += c;
  return out;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// "abcdefghijkl", "123456789012", "aaaaaaaaaaaa", "abababababab": hardly anything new comes.
bool is_run(std::string_view text) {
  if (std::set<char>(text.begin(), text.end()).size() < 5) return true;
  std::size_t steps = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const int step = text[i] - text[i - 1];
    if ((step >= -1 && step <= 1) || step == -9 || step == 9) ++steps;  // 9 goes on with 0
  }
  return steps * 4 >= (text.size() - 1) * 3;
}

std::unexpected<Error> weak(std::string message) {
  return fail(AccessError::weak_password, std::move(message), "new_password");
}

/// The number after `name` in "$argon2id$v=19$m=65536,t=3,p=1$...".
std::uint64_t parameter(std::string_view hash, std::string_view name) {
  const std::size_t at = hash.find(name);
  std::uint64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(hash.data() + at + name.size(), hash.data() + hash.size(), value);
  return value;
}

}  // namespace

Result<void> check_password(std::string_view password, std::string_view login,
                            const PasswordPolicy& policy) {
  if (password.size() > policy.longest_bytes)
    return weak("a password has at most " + std::to_string(policy.longest_bytes) + " bytes");
  if (characters(password) < policy.shortest)
    return weak("a password has at least " + std::to_string(policy.shortest) +
                " characters; several words in a row do well");
  if (password.find('\0') != std::string_view::npos) return weak("a password has no zero bytes");
  const std::string plain = lower(password);
  if (is_run(plain)) return weak("this is a run or a repetition; use several unrelated words");
  const std::string who = lower(login);
  if (who.size() >= 3 && plain.find(who) != std::string::npos)
    return weak("a password does not contain the login");
  const std::string letters = letters_of(plain);
  for (const std::string_view common : kCommon)
    if (letters == common || letters == std::string(common) + std::string(common))
      return weak("this password is among those tried first; use several unrelated words");
  return {};
}

Result<std::string> hash_password(std::string_view password, const PasswordPolicy& policy) {
  vault::start_crypto();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), policy.passes,
                            policy.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(AccessError::busy, "not enough memory to check a password now; try again");
  return std::string(text.data());
}

bool verify_password(std::string_view hash, std::string_view password) {
  vault::start_crypto();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (hash.size() >= text.size()) return false;
  std::ranges::copy(hash, text.begin());
  return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

bool is_outdated(std::string_view hash, const PasswordPolicy& policy) {
  return !hash.starts_with("$argon2id$v=19$") || parameter(hash, ",t=") < policy.passes ||
         parameter(hash, "$m=") < policy.memory_bytes / 1024;
}

vault::Secret one_time_password() {
  constexpr std::string_view kReadable = "abcdefghjkmnpqrstuvwxyz23456789";
  vault::start_crypto();
  Bytes text;
  for (int i = 0; i < 16; ++i) {
    if (i > 0 && i % 4 == 0) text.push_back('-');
    text.push_back(static_cast<std::uint8_t>(
        kReadable[randombytes_uniform(static_cast<std::uint32_t>(kReadable.size()))]));
  }
  return vault::Secret(std::move(text));
}

}  // namespace vl::access
