// The pictures that all cameras of the farm show: a loop of a drawn street, encoded once as
// 720p25 H.264 and cut into RTP packets. Read only once made; any thread.
#pragma once

#include <string>
#include <vector>

#include <vonglau/base/result.hpp>

#include "cameras_packets.hpp"

namespace vl::bench {

struct Tape {
  static constexpr int fps = 25;
  static constexpr int key_distance = 50;  // pictures: 2 s, as cameras come set up
  std::vector<sim::Unit> units;
  std::vector<Bytes> parameter_sets;

  std::size_t bytes() const;
  std::size_t packets() const;
  double seconds() const { return static_cast<double>(units.size()) / fps; }
  std::string sdp() const;
};

/// From the file, or drawn (half a minute) and kept there.
Result<Tape> make_tape(const std::string& file, int kbit_s, double seconds);

}  // namespace vl::bench
