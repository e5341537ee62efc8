// Our own stroke font: capitals, digits, signs and the Vietnamese letters put together from
// base letter, mark and tone. For plates, shop signs and the text burned into the picture.
// Small letters are drawn as capitals; a character it does not know is left blank.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace vl::sim {

/// How much of each pixel is ink, 0..255, row by row.
struct TextMask {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> ink;
  std::uint8_t at(int x, int y) const {
    return ink[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(x)];
  }
};

struct TextStyle {
  float cap_height_px = 16;
  float weight = 0.16F;  // thickness of a stroke as a part of the height of a capital
  float width = 1.0F;    // widens or narrows the letters
};

/// One line of UTF-8 text. The mask leaves room above for marks and below for dots.
TextMask draw_text(std::string_view utf8, const TextStyle& style);

}  // namespace vl::sim
