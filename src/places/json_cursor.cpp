#include "json_cursor.hpp"

#include <charconv>

namespace vl::places {
namespace {

constexpr std::size_t kLongestNumber = 200;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The bytes of the UTF-8 sequence at the front, 0 where there is none.
std::size_t utf8_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  const std::size_t n = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < n) return 0;
  for (std::size_t i = 1; i < n; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f) ||
      (lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f))
    return 0;
  return n;
}

void append_utf8(std::string& out, unsigned code) {
  const auto byte = [&](unsigned value) { out += static_cast<char>(value); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xc0 | (code >> 6));
  } else {
    if (code < 0x10000) {
      byte(0xe0 | (code >> 12));
    } else {
      byte(0xf0 | (code >> 18));
      byte(0x80 | ((code >> 12) & 0x3f));
    }
    byte(0x80 | ((code >> 6) & 0x3f));
  }
  byte(0x80 | (code & 0x3f));
}

}  // namespace

bool JsonCursor::fail(std::string_view what) {
  if (fault_.empty()) fault_ = what;
  return false;
}

void JsonCursor::blanks() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
    ++at_;
}

char JsonCursor::peek() {
  blanks();
  return ok() && at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonCursor::open(char bracket) {
  if (peek() != bracket)
    return fail(bracket == '{' ? "an object ('{') was expected" : "a list ('[') was expected");
  if (depth_ == max_depth_) return fail("brackets are nested too deep");
  ++depth_;
  ++at_;
  return true;
}

bool JsonCursor::more(char closing, bool& first) {
  const char next = peek();
  if (next == closing) {
    ++at_;
    --depth_;
    return false;
  }
  if (!first) {
    if (next != ',') return fail(std::string("',' or '") + closing + "' was expected");
    ++at_;
  }
  first = false;
  return ok();
}

bool JsonCursor::key(std::string& name) {
  if (!string(name)) return false;
  if (peek() != ':') return fail("':' was expected after a name");
  ++at_;
  return true;
}

void JsonCursor::keep(std::string& out, std::string_view bytes) const {
  if (out.size() + bytes.size() <= kKeptBytes) out += bytes;
}

bool JsonCursor::string(std::string& out) {
  out.clear();
  if (peek() != '"') return fail("a string was expected");
  ++at_;
  while (at_ < text_.size() && text_[at_] != '"') {
    if (text_[at_] == '\\' ? !escape(out) : !plain(out)) return false;
  }
  if (at_ == text_.size()) return fail("a string does not end");
  ++at_;
  return true;
}

bool JsonCursor::plain(std::string& out) {
  const auto byte = static_cast<unsigned char>(text_[at_]);
  if (byte < 0x20) return fail("a control character stands in a string");
  const std::size_t n = byte < 0x80 ? 1 : utf8_bytes(text_.substr(at_));
  if (n == 0) return fail("a string is not UTF-8");
  keep(out, text_.substr(at_, n));
  at_ += n;
  return true;
}

bool JsonCursor::hex4(unsigned& out) {
  if (text_.size() - at_ < 4) return fail("a \\u escape is cut short");
  const char* begin = text_.data() + at_;
  const auto [end, error] = std::from_chars(begin, begin + 4, out, 16);
  if (error != std::errc() || end != begin + 4) return fail("a \\u escape is not four hex digits");
  at_ += 4;
  return true;
}

bool JsonCursor::escape(std::string& out) {
  ++at_;
  if (at_ == text_.size()) return fail("a string does not end");
  constexpr std::string_view kNames = "\"\\/bfnrt";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  const char name = text_[at_++];
  if (const auto found = kNames.find(name); found != std::string_view::npos) {
    keep(out, kMeanings.substr(found, 1));
    return true;
  }
  unsigned code = 0;
  if (name != 'u') return fail("a string has an unknown escape");
  if (!hex4(code)) return false;
  if (code >= 0xd800 && code < 0xdc00) {
    unsigned low = 0;
    if (text_.substr(at_, 2) != "\\u") return fail("half a surrogate pair stands in a string");
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return fail("half a surrogate pair stands in a string");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  } else if (code >= 0xdc00 && code < 0xe000) {
    return fail("half a surrogate pair stands in a string");
  }
  std::string bytes;
  append_utf8(bytes, code);
  keep(out, bytes);
  return true;
}

bool JsonCursor::number(double& out) {
  blanks();
  const std::size_t start = at_;
  const auto digits = [&] {
    const std::size_t before = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ > before;
  };
  const auto is = [&](char c) { return at_ < text_.size() && text_[at_] == c; };
  if (is('-')) ++at_;
  const bool zero = is('0');
  const std::size_t whole = at_;
  bool good = digits() && (!zero || at_ == whole + 1);
  if (good && is('.')) {
    ++at_;
    good = digits();
  }
  if (good && (is('e') || is('E'))) {
    ++at_;
    if (is('+') || is('-')) ++at_;
    good = digits();
  }
  if (!good || at_ - start > kLongestNumber) {
    at_ = start;
    return fail("a number was expected");
  }
  const auto [end, error] = std::from_chars(text_.data() + start, text_.data() + at_, out);
  return error == std::errc() ? true : fail("a number is out of range");
}

bool JsonCursor::literal(std::string_view word) {
  if (!text_.substr(at_).starts_with(word)) return fail("a value was expected");
  at_ += word.size();
  return true;
}

bool JsonCursor::skip() {
  std::string ignored;
  double number_ignored = 0;
  bool first = true;
  switch (peek()) {
    case '{':
      if (!open('{')) return false;
      while (more('}', first))
        if (!key(ignored) || !skip()) return false;
      return ok();
    case '[':
      if (!open('[')) return false;
      while (more(']', first))
        if (!skip()) return false;
      return ok();
    case '"':
      return string(ignored);
    case 't':
      return literal("true");
    case 'f':
      return literal("false");
    case 'n':
      return literal("null");
    default:
      return number(number_ignored);
  }
}

bool JsonCursor::finish() {
  blanks();
  if (ok() && at_ != text_.size()) return fail("something follows the end of the document");
  return ok();
}

}  // namespace vl::places
