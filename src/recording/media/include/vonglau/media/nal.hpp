// NAL units of H.264 (ITU-T H.264, table 7-1) and H.265 (ITU-T H.265, table 7-1), and the
// parameter sets that tell a picture's shape. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/media/codec.hpp>

namespace vl::media {

enum class MediaError {
  malformed,    // does not follow its standard; the message says where
  unsupported,  // does, but is nothing a camera of ours may send (absurd dimensions)
};
constexpr ErrorCode code_of(MediaError e) {
  return {Category::invalid, e == MediaError::malformed ? "media.malformed" : "media.unsupported"};
}

namespace h264 {
constexpr std::uint8_t slice = 1, idr = 5, sei = 6, sps = 7, pps = 8, delimiter = 9;
inline std::uint8_t type_of(ByteView nal) {
  return nal.empty() ? 0 : nal[0] & 31;
}
inline bool is_picture(std::uint8_t type) {
  return type >= 1 && type <= 5;
}
}  // namespace h264

namespace h265 {
constexpr std::uint8_t vps = 32, sps = 33, pps = 34, delimiter = 35;
inline std::uint8_t type_of(ByteView nal) {
  return nal.empty() ? 63 : (nal[0] >> 1) & 63;
}
inline bool is_picture(std::uint8_t type) {
  return type < 32;
}
inline bool is_random_access(std::uint8_t type) {
  return type >= 16 && type <= 23;
}
}  // namespace h265

/// What we need of a sequence parameter set.
struct PictureShape {
  std::uint32_t id = 0;
  std::uint32_t width = 0;  // after cropping
  std::uint32_t height = 0;
  std::uint8_t chroma_format = 1;  // 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4
  std::uint8_t luma_bits = 8;
  std::uint8_t chroma_bits = 8;
  // H.264: profile_idc, constraint flags, level_idc. H.265: the 12 bytes of
  // general_profile_space .. general_level_idc (H.265, section 7.3.3), as hvcC repeats them.
  std::array<std::uint8_t, 12> profile{};
  std::uint8_t temporal_layers = 1;  // H.265
  bool temporal_id_nested = false;   // H.265
};

/// Beyond these a set is refused as `unsupported`: nothing of ours has such a sensor, and
/// decoders would allocate gigabytes for it.
constexpr std::uint32_t least_side = 16;
constexpr std::uint32_t most_side = 16'384;
constexpr std::uint32_t most_pixels = 8192 * 8192;

/// `nal` with its header.
Result<PictureShape> parse_h264_sps(ByteView nal);
Result<PictureShape> parse_h265_sps(ByteView nal);
/// The id of a picture parameter set; nothing when it is cut off.
std::optional<std::uint32_t> h264_pps_id(ByteView nal);
std::optional<std::uint32_t> h265_pps_id(ByteView nal);
/// Whether an SEI promises a clean picture from this one on (recovery_point with 0 frames):
/// cameras with gradual refresh send it instead of IDR pictures.
bool h264_sei_is_recovery_point(ByteView nal);
/// Whether a picture's slice is its first one (first_mb_in_slice, first_slice_segment_in_pic).
bool h264_is_first_slice(ByteView nal);
bool h265_is_first_slice(ByteView nal);

/// "avc1.64001f", "hvc1.1.6.L93.B0", "mp4a.40.2" (RFC 6381 and ISO/IEC 14496-15, annex E) for
/// the browser's Media Source; empty where it has no name (PCM).
struct TrackFormat;
std::string codec_string(const TrackFormat& format);

/// Calls `on_nal(ByteView)` for each unit of a sample's length-prefixed bytes; false when the
/// lengths do not add up to the whole.
template <class OnNal>
bool for_each_nal(ByteView bytes, OnNal&& on_nal) {
  while (!bytes.empty()) {
    if (bytes.size() < 4) return false;
    const std::size_t length = std::size_t{bytes[0]} << 24 | std::size_t{bytes[1]} << 16 |
                               std::size_t{bytes[2]} << 8 | std::size_t{bytes[3]};
    if (length > bytes.size() - 4) return false;
    on_nal(bytes.subspan(4, length));
    bytes = bytes.subspan(4 + length);
  }
  return true;
}

}  // namespace vl::media
