// What a camera's own motion detection sees: the picture in cells, and how many of them are not
// what they were a third of a second before. One picture stream each; one thread.
#pragma once

#include <array>
#include <cstdint>

#include <vonglau/sim/scene.hpp>

namespace vl::sim {

class MotionCells {
 public:
  static constexpr int columns = 32, rows = 18;

  /// The number of cells that changed since the last picture that was looked at.
  int changed(const Picture& picture);

 private:
  std::array<std::uint8_t, std::size_t{columns} * rows> before_{};
  bool has_before_ = false;
};

}  // namespace vl::sim
