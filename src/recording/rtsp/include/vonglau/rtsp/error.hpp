// What can be wrong with what a camera (or a client of our camera simulator) sends.
#pragma once

#include <vonglau/base/result.hpp>

namespace vl::rtsp {

enum class RtspError {
  malformed,  // not RTSP, SDP, RTP or RTCP as the standards have it; the message names what, where
  too_large,  // beyond a limit of ours; the message names the limit
  unsupported,  // valid, but nothing we can use
};
constexpr ErrorCode code_of(RtspError e) {
  switch (e) {
    case RtspError::too_large:
      return {Category::too_large, "rtsp.too_large"};
    case RtspError::unsupported:
      return {Category::invalid, "rtsp.unsupported"};
    case RtspError::malformed:
      break;
  }
  return {Category::invalid, "rtsp.malformed"};
}

}  // namespace vl::rtsp
