#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

#include <vonglau/sim/scene.hpp>

#include "scene_font.hpp"

namespace vl::sim {
namespace {

constexpr int kSquares = 64;

struct ClockPlace {
  int square, left, top;
};
ClockPlace clock_place(int width, int height) {
  const int square = std::max(2, width / 80 / 2 * 2);
  return {square, 8 * square, height - 2 * square};
}

std::uint16_t crc16(std::int64_t ms) {
  std::uint16_t crc = 0xFFFF;
  for (int shift = 40; shift >= 0; shift -= 8) {
    crc = static_cast<std::uint16_t>(crc ^ (static_cast<std::uint16_t>(ms >> shift & 255) << 8));
    for (int bit = 0; bit < 8; ++bit)
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

void fill_square(Picture& picture, int x0, int y0, int size, std::uint8_t luma) {
  const auto width = static_cast<std::size_t>(picture.width);
  for (int y = y0; y < y0 + size && y < picture.height; ++y) {
    auto row =
        picture.luma.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(y) * width);
    std::fill(row + x0, row + std::min(x0 + size, picture.width), luma);
  }
  for (int y = y0 / 2; y < (y0 + size) / 2 && y < picture.height / 2; ++y)
    for (int x = x0 / 2; x < (x0 + size) / 2 && x < picture.width / 2; ++x) {
      const auto at = static_cast<std::size_t>(y) * (width / 2) + static_cast<std::size_t>(x);
      picture.cb[at] = picture.cr[at] = 128;
    }
}

void ink_text(Picture& picture, const TextMask& mask, int left, int top) {
  for (int y = 0; y < mask.height; ++y)
    for (int x = 0; x < mask.width; ++x) {
      const int px = left + x, py = top + y;
      if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue;
      // A dark rim of two pixels keeps the text legible on any ground.
      int rim = 0;
      for (int dy = -2; dy <= 2; ++dy)
        for (int dx = -2; dx <= 2; ++dx) {
          const int mx = x + dx, my = y + dy;
          if (mx >= 0 && my >= 0 && mx < mask.width && my < mask.height)
            rim = std::max<int>(rim, mask.at(mx, my));
        }
      auto& luma =
          picture.luma[static_cast<std::size_t>(py) * static_cast<std::size_t>(picture.width) +
                       static_cast<std::size_t>(px)];
      const int shaded = luma - (luma - 30) * rim / 330;
      const int ink = mask.at(x, y);
      luma = static_cast<std::uint8_t>((shaded * (255 - ink) + 232 * ink) / 255);
      if (ink > 90) {
        const auto at =
            static_cast<std::size_t>(py / 2) * static_cast<std::size_t>(picture.width / 2) +
            static_cast<std::size_t>(px / 2);
        picture.cb[at] = picture.cr[at] = 128;
      }
    }
}

}  // namespace

void burn_caption(Picture& picture, std::string_view code, std::optional<WallTime> time) {
  std::string text(code);
  if (time) {
    using namespace std::chrono;
    const auto local = sys_time<microseconds>(microseconds(time->us)) + hours(7);
    const auto day = floor<days>(local);
    const year_month_day date(day);
    const auto second = duration_cast<seconds>(local - day).count();
    text += fmt::format("  {:02}/{:02}/{:04}  {:02}:{:02}:{:02}", static_cast<unsigned>(date.day()),
                        static_cast<unsigned>(date.month()), static_cast<int>(date.year()),
                        second / 3600, second / 60 % 60, second % 60);
  }
  const float cap = std::max(7.0F, static_cast<float>(picture.height) / 42);
  const TextMask mask = draw_text(text, {cap, 0.15F, 0.9F});
  ink_text(picture, mask, picture.width / 60, picture.height / 60);
}

void burn_clock(Picture& picture, std::int64_t wall_ms) {
  const auto [square, left, top] = clock_place(picture.width, picture.height);
  const std::uint64_t bits =
      static_cast<std::uint64_t>(wall_ms & 0xFFFFFFFFFFFF) << 16 | crc16(wall_ms);
  for (int i = 0; i < kSquares; ++i)
    fill_square(picture, left + i * square, top, square, (bits >> (63 - i) & 1) != 0 ? 235 : 16);
}

std::optional<std::int64_t> read_clock(const std::uint8_t* luma, int width, int height,
                                       int stride) {
  const auto [square, left, top] = clock_place(width, height);
  if (left + kSquares * square > width || top < 0) return std::nullopt;
  std::uint64_t bits = 0;
  for (int i = 0; i < kSquares; ++i) {
    int sum = 0, count = 0;  // the middle of the square: its edges are blurred by coding
    for (int y = top + square / 4; y < top + square - square / 4; ++y)
      for (int x = left + i * square + square / 4; x < left + (i + 1) * square - square / 4; ++x)
        sum += luma[static_cast<std::ptrdiff_t>(y) * stride + x], ++count;
    bits = bits << 1 | (count > 0 && sum / count >= 128 ? 1U : 0U);
  }
  const auto ms = static_cast<std::int64_t>(bits >> 16);
  if (crc16(ms) != (bits & 0xFFFF)) return std::nullopt;
  return ms;
}

}  // namespace vl::sim
