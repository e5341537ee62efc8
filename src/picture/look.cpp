#include <algorithm>
#include <cstdlib>

#include <vonglau/picture/look.hpp>

namespace vl::picture {
namespace {

void average(const std::uint8_t* luma, int width, int height, int stride, Look& out) {
  for (int row = 0; row < look_rows; ++row) {
    const int top = row * height / look_rows, bottom = (row + 1) * height / look_rows;
    std::array<std::uint32_t, look_columns> sums{};
    for (int y = top; y < bottom; ++y) {
      const std::uint8_t* line = luma + static_cast<std::ptrdiff_t>(y) * stride;
      for (int column = 0; column < look_columns; ++column) {
        const int right = (column + 1) * width / look_columns;
        std::uint32_t sum = 0;
        for (int x = column * width / look_columns; x < right; ++x) sum += line[x];
        sums[static_cast<std::size_t>(column)] += sum;
      }
    }
    for (int column = 0; column < look_columns; ++column) {
      const int wide = (column + 1) * width / look_columns - column * width / look_columns;
      const auto pixels = static_cast<std::uint32_t>(std::max(1, wide * (bottom - top)));
      out.blocks[static_cast<std::size_t>(row * look_columns + column)] =
          static_cast<std::uint16_t>(sums[static_cast<std::size_t>(column)] * 64 / pixels);
    }
  }
}

/// Noise is as fine as can be and says nothing about focus. Squared, because a soft edge rises as
/// far as a hard one, only slower.
std::uint64_t beyond_noise(int difference) {
  constexpr int noise_levels = 5;
  const int beyond = std::max(0, std::abs(difference) - noise_levels);
  return static_cast<std::uint64_t>(beyond * beyond);
}

}  // namespace

Look look_at(const std::uint8_t* luma, int width, int height, int stride) {
  Look out;
  average(luma, width, height, stride, out);
  constexpr int step = 8;
  std::array<std::uint32_t, 256> histogram{};
  std::uint64_t fine = 0, coarse = 0;
  std::uint32_t seen = 0;
  const int top = height * first_row / look_rows, bottom = height * last_row / look_rows;
  for (int y = top; y + step < bottom; y += 2) {
    const std::uint8_t* line = luma + static_cast<std::ptrdiff_t>(y) * stride;
    const std::uint8_t* next = line + stride;
    const std::uint8_t* far = line + static_cast<std::ptrdiff_t>(step) * stride;
    for (int x = 0; x + step < width; ++x) {
      ++histogram[line[x]];
      fine += beyond_noise(line[x + 1] - line[x]) + beyond_noise(next[x] - line[x]);
      coarse += beyond_noise(line[x + step] - line[x]) + beyond_noise(far[x] - line[x]);
      ++seen;
    }
  }
  std::uint32_t above = 0;
  int level = 255;
  while (level > 0 && (above += histogram[static_cast<std::size_t>(level)]) * 20 < seen) --level;
  out.bright = static_cast<std::uint8_t>(level);
  // With hardly any detail nothing can be told of its sharpness.
  if (coarse > seen * 2)
    out.sharpness = static_cast<std::uint16_t>(std::min<std::uint64_t>(1000, fine * 1000 / coarse));
  return out;
}

}  // namespace vl::picture
