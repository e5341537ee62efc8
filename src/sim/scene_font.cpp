#include "scene_font.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scene_math.hpp"

namespace vl::sim {
namespace {

// A glyph lives on a grid 8 wide and 12 high, origin at the baseline's left end. Each pair of
// characters is one point (0-9, a=10, b=11, c=12); a blank ends a stroke.
struct Glyph {
  char32_t letter;
  int advance;  // grid units to the next letter's origin
  std::string_view strokes;
};

constexpr std::array kGlyphs{
    Glyph{' ', 6, ""},
    Glyph{'A', 11, "004c80 1565"},
    Glyph{'B', 11, "000c5c7b775606 5685816000"},
    Glyph{'C', 11, "826020020a2c6c8a"},
    Glyph{'D', 11, "000c5c89835000"},
    Glyph{'E', 10, "800000 0c7c 0666 000c"},
    Glyph{'F', 10, "000c7c 0666"},
    Glyph{'G', 11, "8a6c2c0a022060828646"},
    Glyph{'H', 11, "000c 808c 0686"},
    Glyph{'I', 5, "101c"},
    Glyph{'J', 10, "7c72502002"},
    Glyph{'K', 11, "000c 7c04 3780"},
    Glyph{'L', 10, "0c0070"},
    Glyph{'M', 12, "000c459c90"},
    Glyph{'N', 11, "000c808c"},
    Glyph{'O', 11, "2060828a6c2c0a0220"},
    Glyph{'P', 11, "000c6c8a876505"},
    Glyph{'Q', 11, "2060828a6c2c0a0220 5380"},
    Glyph{'R', 11, "000c6c8a876505 4580"},
    Glyph{'S', 11, "8a6c2c0a0726668582602002"},
    Glyph{'T', 11, "404c 0c8c"},
    Glyph{'U', 11, "0c022060828c"},
    Glyph{'V', 11, "0c408c"},
    Glyph{'W', 13, "0c20587080ac"},
    Glyph{'X', 11, "008c 0c80"},
    Glyph{'Y', 11, "0c468c 4640"},
    Glyph{'Z', 11, "0c8c0080"},
    Glyph{'0', 11, "2060828a6c2c0a0220"},
    Glyph{'1', 11, "194c40 2060"},
    Glyph{'2', 11, "0a2c6c8a880080"},
    Glyph{'3', 11, "0a2c6c8a886636 668482602002"},
    Glyph{'4', 11, "606c0484"},
    Glyph{'5', 11, "7c0c07678582602002"},
    Glyph{'6', 11, "8a6c2c0a0220608285672705"},
    Glyph{'7', 11, "0c8c30"},
    Glyph{'8', 11, "26080a2c6c8a886626 2604022060828466"},
    Glyph{'9', 11, "022060828a6c2c0a07256587"},
    Glyph{'-', 8, "1656"},
    Glyph{'.', 5, "1010"},
    Glyph{',', 5, "1101"},
    Glyph{':', 5, "1212 1919"},
    Glyph{'/', 9, "007c"},
    Glyph{'(', 6, "4c292340"},
    Glyph{')', 6, "0c292300"},
    Glyph{'+', 11, "4248 1575"},
    Glyph{'%', 12, "008c 0a2a2c0c0a 6080826260"},
    Glyph{'&', 11, "801a2c4c5a580301205084"},
};

enum class Mark { none, circumflex, breve, horn, stroke };

struct Letter {
  char32_t base = 0;
  Mark mark = Mark::none;
  int tone = 0;  // none, grave, acute, hook, tilde, dot
};

// Each row: the letter without tone, then grave, acute, hook, tilde, dot.
constexpr std::array<std::u32string_view, 24> kToned{
    U"AÀÁẢÃẠ", U"ĂẰẮẲẴẶ", U"ÂẦẤẨẪẬ", U"EÈÉẺẼẸ", U"ÊỀẾỂỄỆ", U"IÌÍỈĨỊ", U"OÒÓỎÕỌ", U"ÔỒỐỔỖỘ",
    U"ƠỜỚỞỠỢ", U"UÙÚỦŨỤ", U"ƯỪỨỬỮỰ", U"YỲÝỶỸỴ", U"aàáảãạ", U"ăằắẳẵặ", U"âầấẩẫậ", U"eèéẻẽẹ",
    U"êềếểễệ", U"iìíỉĩị", U"oòóỏõọ", U"ôồốổỗộ", U"ơờớởỡợ", U"uùúủũụ", U"ưừứửữự", U"yỳýỷỹỵ"};
struct Row {
  char32_t base;
  Mark mark;
};
constexpr std::array<Row, 12> kRows{{{'A', Mark::none},
                                     {'A', Mark::breve},
                                     {'A', Mark::circumflex},
                                     {'E', Mark::none},
                                     {'E', Mark::circumflex},
                                     {'I', Mark::none},
                                     {'O', Mark::none},
                                     {'O', Mark::circumflex},
                                     {'O', Mark::horn},
                                     {'U', Mark::none},
                                     {'U', Mark::horn},
                                     {'Y', Mark::none}}};

Letter take_apart(char32_t c) {
  if (c == U'Đ' || c == U'đ') return {'D', Mark::stroke, 0};
  for (std::size_t row = 0; row < kToned.size(); ++row) {
    const auto tone = kToned[row].find(c);
    if (tone != std::u32string_view::npos) {
      const Row& r = kRows[row % kRows.size()];
      return {r.base, r.mark, static_cast<int>(tone)};
    }
  }
  if (c >= 'a' && c <= 'z') return {c - 'a' + 'A', Mark::none, 0};
  return {c, Mark::none, 0};
}

std::u32string code_points(std::string_view text) {
  std::u32string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    char32_t c = more == 0 ? lead : lead & (0x3F >> more);
    for (; more > 0 && i < text.size(); --more)
      c = c << 6 | (static_cast<unsigned char>(text[i++]) & 0x3F);
    out.push_back(c);
  }
  return out;
}

struct Segment {
  Vec2 a, b;
};

float grid_value(char c) {
  return static_cast<float>(c >= 'a' ? c - 'a' + 10 : c - '0');
}

void add_strokes(std::string_view strokes, Vec2 at, float scale, std::vector<Segment>& out) {
  std::size_t start = 0;
  while (start < strokes.size()) {
    auto end = strokes.find(' ', start);
    if (end == std::string_view::npos) end = strokes.size();
    Vec2 previous;
    for (std::size_t i = start; i + 1 < end; i += 2) {
      const Vec2 p = at + Vec2{grid_value(strokes[i]), grid_value(strokes[i + 1])} * scale;
      if (i == start) previous = p;
      out.push_back({previous, p});
      previous = p;
    }
    start = end + 1;
  }
}

void add_marks(const Letter& letter, int advance, Vec2 at, std::vector<Segment>& out) {
  const float middle = static_cast<float>(advance - 3) / 2;
  const auto line = [&](float ax, float ay, float bx, float by) {
    out.push_back({at + Vec2{ax, ay}, at + Vec2{bx, by}});
  };
  float tone_x = middle, tone_y = 14.0F;
  switch (letter.mark) {
    case Mark::none:
      break;
    case Mark::circumflex:
      line(middle - 2, 13.4F, middle, 15), line(middle, 15, middle + 2, 13.4F);
      tone_x = middle + 2.6F, tone_y = 15.4F;
      break;
    case Mark::breve:
      line(middle - 2, 15, middle - 0.8F, 13.6F), line(middle - 0.8F, 13.6F, middle + 0.8F, 13.6F);
      line(middle + 0.8F, 13.6F, middle + 2, 15);
      tone_y = 16.4F;
      break;
    case Mark::horn:
      line(7.6F, 11.2F, 9.4F, 12), line(9.4F, 12, 9.6F, 13.6F);
      break;
    case Mark::stroke:
      line(-1.6F, 6, 3, 6);
      break;
  }
  switch (letter.tone) {
    case 1:
      line(tone_x - 1.2F, tone_y + 1.2F, tone_x + 0.8F, tone_y - 0.4F);
      break;
    case 2:
      line(tone_x - 0.8F, tone_y - 0.4F, tone_x + 1.2F, tone_y + 1.2F);
      break;
    case 3:
      line(tone_x - 0.8F, tone_y + 1.2F, tone_x + 0.6F, tone_y + 1.2F);
      line(tone_x + 0.6F, tone_y + 1.2F, tone_x, tone_y - 0.4F);
      break;
    case 4:
      line(tone_x - 2, tone_y - 0.2F, tone_x - 0.7F, tone_y + 0.8F);
      line(tone_x - 0.7F, tone_y + 0.8F, tone_x + 0.7F, tone_y);
      line(tone_x + 0.7F, tone_y, tone_x + 2, tone_y + 0.9F);
      break;
    case 5:
      line(middle, -2.4F, middle, -2.4F);
      break;
    default:
      break;
  }
}

void ink_segment(TextMask& mask, Vec2 a, Vec2 b, float half_px) {
  const int x0 = std::max(0, static_cast<int>(std::min(a.x, b.x) - half_px - 1));
  const int x1 = std::min(mask.width - 1, static_cast<int>(std::max(a.x, b.x) + half_px + 1));
  const int y0 = std::max(0, static_cast<int>(std::min(a.y, b.y) - half_px - 1));
  const int y1 = std::min(mask.height - 1, static_cast<int>(std::max(a.y, b.y) + half_px + 1));
  const Vec2 d = b - a;
  const float dd = std::max(dot(d, d), 1e-6F);
  for (int y = y0; y <= y1; ++y)
    for (int x = x0; x <= x1; ++x) {
      const Vec2 p{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      const float t = saturate(dot(p - a, d) / dd);
      const float distance = length(p - (a + d * t));
      const auto ink = static_cast<std::uint8_t>(255 * saturate(half_px - distance + 0.5F));
      auto& cell = mask.ink[static_cast<std::size_t>(y) * static_cast<std::size_t>(mask.width) +
                            static_cast<std::size_t>(x)];
      cell = std::max(cell, ink);
    }
}

}  // namespace

TextMask draw_text(std::string_view utf8, const TextStyle& style) {
  std::vector<Segment> segments;
  float pen = 0;
  for (const char32_t c : code_points(utf8)) {
    const Letter letter = take_apart(c);
    const auto found = std::ranges::find(kGlyphs, letter.base, &Glyph::letter);
    if (found == kGlyphs.end()) {
      pen += 6;
      continue;
    }
    add_strokes(found->strokes, {pen, 0}, 1, segments);
    add_marks(letter, found->advance, {pen, 0}, segments);
    pen += static_cast<float>(found->advance);
  }
  const float unit = style.cap_height_px / 12;
  const float half = style.weight * style.cap_height_px / 2;
  const float margin = half + 1;
  TextMask mask;
  mask.width = static_cast<int>(std::ceil((pen - 2) * unit * style.width + 2 * margin));
  mask.height = static_cast<int>(std::ceil(21 * unit + 2 * margin));
  mask.width = std::max(mask.width, 1);
  mask.ink.assign(static_cast<std::size_t>(mask.width) * static_cast<std::size_t>(mask.height), 0);
  for (const Segment& s : segments) {
    const auto place = [&](Vec2 p) {
      return Vec2{margin + p.x * unit * style.width, margin + (17.6F - p.y) * unit};
    };
    ink_segment(mask, place(s.a), place(s.b), half);
  }
  return mask;
}

}  // namespace vl::sim
