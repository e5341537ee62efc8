#include "cameras_motion.hpp"

#include <cstdlib>

namespace vl::sim {

int MotionCells::changed(const Picture& picture) {
  constexpr int least_difference = 7;  // of 255
  // Where the caption and the clock are burned in, the picture always changes.
  constexpr int first_row = 2, last_row = rows - 2;
  const int width = picture.width / columns, height = picture.height / rows;
  int count = 0;
  for (int row = 0; row < rows; ++row)
    for (int column = 0; column < columns; ++column) {
      int sum = 0, samples = 0;
      for (int y = row * height; y < (row + 1) * height; y += 2)
        for (int x = column * width; x < (column + 1) * width; x += 2, ++samples)
          sum +=
              picture.luma[static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
                           static_cast<std::size_t>(x)];
      const int now = samples > 0 ? sum / samples : 0;
      auto& before = before_[static_cast<std::size_t>(row * columns + column)];
      if (has_before_ && row >= first_row && row < last_row &&
          std::abs(now - before) >= least_difference)
        ++count;
      before = static_cast<std::uint8_t>(now);
    }
  has_before_ = true;
  return count;
}

}  // namespace vl::sim
