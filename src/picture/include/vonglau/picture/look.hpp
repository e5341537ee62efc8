// What is kept of one picture to tell whether a camera still sees: its brightness in 96 x 54
// blocks and how sharp it is. A few kilobytes, nobody can be recognised in it, and it is never
// stored. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>

namespace vl::picture {

constexpr int look_columns = 96;
constexpr int look_rows = 54;
/// Cameras write their names and clocks near the upper and lower edges: rows outside these say
/// nothing about what the camera sees.
constexpr int first_row = 6;
constexpr int last_row = 48;  // exclusive

struct Look {
  /// Mean brightness of each block in 1/64 of a level: fine enough that a sensor's noise moves
  /// most blocks from one picture to the next, however still the street.
  std::array<std::uint16_t, look_columns * look_rows> blocks{};
  /// 95th percentile of brightness between the edge rows, in levels (16 is black).
  std::uint8_t bright = 0;
  /// Fine against coarse detail, 0 to 1000: how strongly brightness changes from
  /// one pixel to the next, against over 8 pixels (squares). Falls when a picture is out of focus,
  /// hardly with the light. 0: too little detail to tell.
  std::uint16_t sharpness = 0;
};

/// `luma` is at least look_columns x look_rows.
Look look_at(const std::uint8_t* luma, int width, int height, int stride);

}  // namespace vl::picture
