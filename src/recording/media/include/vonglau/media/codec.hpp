// What a camera's track carries. Pure values; any thread.
#pragma once

#include <string_view>

namespace vl::media {

/// The numbers are stored in fragments (docs/design/fragments.md): never renumber.
enum class Codec { other = 0, h264 = 1, h265 = 2, aac = 3, pcmu = 4, pcma = 5 };

constexpr bool is_video(Codec codec) {
  return codec == Codec::h264 || codec == Codec::h265;
}
constexpr bool is_audio(Codec codec) {
  return codec == Codec::aac || codec == Codec::pcmu || codec == Codec::pcma;
}

/// "H264", "H265", "AAC", "PCMU", "PCMA" or "other".
std::string_view name_of(Codec codec);

}  // namespace vl::media
