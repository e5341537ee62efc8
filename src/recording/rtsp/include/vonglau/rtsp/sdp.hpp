// Session descriptions (RFC 8866), the part cameras use: m=, a=rtpmap, fmtp, control,
// framerate, with the parameter sets of H.264 (RFC 6184, section 8.1), H.265 (RFC 7798,
// section 7.1) and AAC (RFC 3640, section 4.1). Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/media/codec.hpp>
#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

enum class MediaKind { video, audio, other };

struct Media {
  MediaKind kind = MediaKind::other;
  std::string protocol;           // "RTP/AVP"
  std::uint8_t payload_type = 0;  // the first of the m= line
  media::Codec codec = media::Codec::other;
  std::string encoding;  // as written in rtpmap: "H264", "mpeg4-generic"
  std::uint32_t clock_hz = 90'000;
  std::uint32_t channels = 1;
  std::string fmtp;      // its parameters as written
  std::string control;   // as written; see resolve_control()
  double framerate = 0;  // 0 when not said

  /// NAL units in the order VPS, SPS, PPS, or the AudioSpecificConfig of AAC.
  std::vector<Bytes> parameter_sets;
  /// AAC-hbr and AAC-lbr (RFC 3640): bits of the AU header's fields.
  std::uint8_t au_size_bits = 13;
  std::uint8_t au_index_bits = 3;
};

struct SessionDescription {
  std::string name;
  std::string control;  // session level; "" when not said
  std::string range;    // a=range of recorded media ("npt=0-")
  std::vector<Media> media;
  /// What was wrong and left out, naming its line: shown on the camera's page.
  std::vector<std::string> notes;
};

/// Lenient, as cameras are careless: a broken line is noted and left out. Refused are text
/// above 64 KiB or 1,000 lines, more than 16 media, and a description without any m= line.
Result<SessionDescription> parse_sdp(std::string_view text);

/// A description as our camera simulator serves it.
std::string write_sdp(const SessionDescription& description);

/// The URI for SETUP or PLAY: an absolute control stands, "*" and "" mean the base, anything
/// else is appended to the base after one "/".
std::string resolve_control(std::string_view base, std::string_view control);

}  // namespace vl::rtsp
