#include <cstdint>

#include <vonglau/base/text.hpp>

namespace vl {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

Decoded decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return {};
  char32_t code = lead & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {};
    code = (code << 6) | (next & 0x3f);
  }
  const char32_t least = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, bytes, true};
}

// U+1EA0..U+1EF9, "Latin Extended Additional", holds Vietnamese in runs of one base letter.
char extended_base(char32_t code) {
  if (code <= 0x1eb7) return 'a';
  if (code <= 0x1ec7) return 'e';
  if (code <= 0x1ecb) return 'i';
  if (code <= 0x1ee3) return 'o';
  if (code <= 0x1ef1) return 'u';
  return 'y';
}

// The base letter, or 0 where the character is not a Latin letter that we fold.
char base_letter(char32_t code) {
  // U+00C0..U+00FF: the marks of French and Vietnamese; '\0' for what has no base letter.
  static constexpr char kLatin1[] =
      "aaaaaa\0ceeeeiiiidnooooo\0ouuuuy\0\0aaaaaa\0ceeeeiiiidnooooo\0ouuuuy\0y";
  if (code >= 0xc0 && code <= 0xff) return kLatin1[code - 0xc0];
  switch (code) {
    case 0x102:
    case 0x103:
      return 'a';
    case 0x110:
    case 0x111:
      return 'd';
    case 0x128:
    case 0x129:
      return 'i';
    case 0x168:
    case 0x169:
      return 'u';
    case 0x1a0:
    case 0x1a1:
      return 'o';
    case 0x1af:
    case 0x1b0:
      return 'u';
    default:
      break;
  }
  if (code >= 0x1ea0 && code <= 0x1ef9) return extended_base(code);
  return 0;
}

bool is_combining_mark(char32_t code) {
  return code >= 0x300 && code <= 0x36f;
}
// Anything in ASCII but letters and digits; Latin-1's signs; general punctuation such as dashes.
bool is_separator(char32_t c) {
  if (c < 0x80)
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
  return c < 0xc0 || c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f);
}
bool is_space(char32_t code) {
  return code == 0xa0 || (code >= 0x2000 && code <= 0x200b);
}

}  // namespace

std::string fold_vietnamese(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded c = decode(text);
    if (!c.valid || is_space(c.code)) {
      out += ' ';
    } else if (c.code < 0x80) {
      const char byte = static_cast<char>(c.code);
      out += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    } else if (const char letter = base_letter(c.code); letter != 0) {
      out += letter;
    } else if (!is_combining_mark(c.code)) {
      out += text.substr(0, c.bytes);
    }
    text.remove_prefix(c.bytes);
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view folded) {
  std::vector<std::string_view> words;
  std::size_t start = 0;
  const auto end_word = [&](std::size_t at) {
    if (at > start) words.push_back(folded.substr(start, at - start));
  };
  for (std::size_t at = 0; at < folded.size();) {
    const Decoded c = decode(folded.substr(at));
    const std::size_t next = at + c.bytes;
    if (!c.valid || is_separator(c.code)) {
      end_word(at);
      start = next;
    }
    at = next;
  }
  end_word(folded.size());
  return words;
}

}  // namespace vl
