// Whether somebody else's decoder takes what was received: samples as fragmented MP4, through
// Debian's ffprobe.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <vonglau/media/sample.hpp>

namespace vl::interop {

struct Decoded {
  int frames = 0;
  std::string codec;
  std::string complaints;  // "" when every frame decoded without one
};
/// Of one track's samples, all of one format.
Decoded decode(const std::vector<media::Sample>& samples);

}  // namespace vl::interop
