#include <vonglau/media/codec.hpp>

namespace vl::media {

std::string_view name_of(Codec codec) {
  switch (codec) {
    case Codec::h264:
      return "H264";
    case Codec::h265:
      return "H265";
    case Codec::aac:
      return "AAC";
    case Codec::pcmu:
      return "PCMU";
    case Codec::pcma:
      return "PCMA";
    case Codec::other:
      break;
  }
  return "other";
}

}  // namespace vl::media
