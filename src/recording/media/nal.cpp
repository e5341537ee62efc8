#include <algorithm>

#include <fmt/format.h>

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

#include "bit_reader.hpp"

namespace vl::media {

namespace {

constexpr std::size_t most_set_bytes = 4096;

std::unexpected<Error> bad(std::string_view set, std::string_view what) {
  return fail(MediaError::malformed, fmt::format("{}: {}", set, what));
}

/// Crops and judges the coded size.
Result<void> set_size(PictureShape& shape, std::string_view set, std::uint64_t width,
                      std::uint64_t height, std::uint64_t crop_x, std::uint64_t crop_y) {
  const bool fits = crop_x < width && crop_y < height;
  const auto shown_width = fits ? width - crop_x : 0;
  const auto shown_height = fits ? height - crop_y : 0;
  if (shown_width < least_side || shown_height < least_side || shown_width > most_side ||
      shown_height > most_side || shown_width * shown_height > most_pixels)
    return fail(MediaError::unsupported,
                fmt::format("{}: a picture of {} x {} less {} x {} is refused (sides of {} to {})",
                            set, width, height, crop_x, crop_y, least_side, most_side));
  shape.width = static_cast<std::uint32_t>(shown_width);
  shape.height = static_cast<std::uint32_t>(shown_height);
  return {};
}

bool has_chroma_fields(std::uint8_t profile) {  // H.264, section 7.3.2.1.1
  constexpr std::array<std::uint8_t, 12> list{100, 110, 122, 244, 44,  83,
                                              86,  118, 128, 138, 139, 134};
  return std::ranges::find(list, profile) != list.end();
}

void skip_scaling_list(BitReader& in, int size) {
  std::int32_t last = 8;
  std::int32_t next = 8;
  for (int i = 0; i < size && !in.overrun(); ++i) {
    if (next != 0) next = static_cast<std::int32_t>((last + std::int64_t{in.se()} + 256) & 255);
    last = next == 0 ? last : next;
  }
}

void read_chroma_fields(BitReader& in, PictureShape& shape, bool& separate_planes) {
  shape.chroma_format = static_cast<std::uint8_t>(std::min(in.ue(), 255U));
  if (shape.chroma_format == 3) separate_planes = in.bit() != 0;
  shape.luma_bits = static_cast<std::uint8_t>(8 + std::min(in.ue(), 100U));
  shape.chroma_bits = static_cast<std::uint8_t>(8 + std::min(in.ue(), 100U));
  in.bit();  // qpprime_y_zero_transform_bypass_flag
  if (in.bit() == 0) return;
  const int lists = shape.chroma_format == 3 ? 12 : 8;
  for (int i = 0; i < lists; ++i)
    if (in.bit() != 0) skip_scaling_list(in, i < 6 ? 16 : 64);
}

bool skip_picture_order(BitReader& in) {
  const auto type = in.ue();
  if (type == 0) {
    in.ue();
  } else if (type == 1) {
    in.bit();
    in.se();
    in.se();
    const auto cycle = in.ue();
    if (cycle > 255) return false;
    for (std::uint32_t i = 0; i < cycle; ++i) in.se();
  }
  return type <= 2;
}

/// SubWidthC and SubHeightC of a chroma format.
std::pair<std::uint64_t, std::uint64_t> chroma_step(std::uint8_t format, bool separate_planes) {
  if (separate_planes || format == 0 || format == 3) return {1, 1};
  return {2, format == 1 ? 2 : 1};
}

}  // namespace

Result<PictureShape> parse_h264_sps(ByteView nal) {
  constexpr std::string_view set = "H.264 SPS";
  if (nal.size() < 5 || nal.size() > most_set_bytes || h264::type_of(nal) != h264::sps)
    return bad(set, fmt::format("{} bytes of type {}", nal.size(), h264::type_of(nal)));
  PictureShape shape;
  shape.profile[0] = nal[1];
  shape.profile[1] = nal[2];
  shape.profile[2] = nal[3];
  BitReader in(nal.subspan(4));
  shape.id = in.ue();
  if (shape.id > 31) return bad(set, fmt::format("id {} above 31", shape.id));
  bool separate_planes = false;
  if (has_chroma_fields(shape.profile[0])) read_chroma_fields(in, shape, separate_planes);
  if (shape.chroma_format > 3 || shape.luma_bits > 14 || shape.chroma_bits > 14)
    return bad(set, fmt::format("chroma format {}, {} and {} bits", shape.chroma_format,
                                shape.luma_bits, shape.chroma_bits));
  in.ue();  // log2_max_frame_num_minus4
  if (!skip_picture_order(in)) return bad(set, "unknown picture order");
  in.ue();   // max_num_ref_frames
  in.bit();  // gaps_in_frame_num_value_allowed_flag
  const std::uint64_t columns = std::uint64_t{in.ue()} + 1;
  const std::uint64_t rows = std::uint64_t{in.ue()} + 1;
  const bool frames_only = in.bit() != 0;
  if (!frames_only) in.bit();
  in.bit();  // direct_8x8_inference_flag
  std::uint64_t crop_x = 0;
  std::uint64_t crop_y = 0;
  const std::uint64_t field_step = frames_only ? 1 : 2;
  if (in.bit() != 0) {
    const auto [step_x, step_y] = chroma_step(shape.chroma_format, separate_planes);
    crop_x = std::uint64_t{in.ue()};
    crop_x = (crop_x + in.ue()) * step_x;
    crop_y = std::uint64_t{in.ue()};
    crop_y = (crop_y + in.ue()) * step_y * field_step;
  }
  if (in.overrun()) return bad(set, "cut off");
  VL_CHECK(set_size(shape, set, columns * 16, rows * 16 * field_step, crop_x, crop_y));
  return shape;
}

Result<PictureShape> parse_h265_sps(ByteView nal) {
  constexpr std::string_view set = "H.265 SPS";
  if (nal.size() < 16 || nal.size() > most_set_bytes || h265::type_of(nal) != h265::sps)
    return bad(set, fmt::format("{} bytes of type {}", nal.size(), h265::type_of(nal)));
  PictureShape shape;
  BitReader in(nal.subspan(2));
  in.skip(4);  // sps_video_parameter_set_id
  const auto more_layers = in.bits(3);
  if (more_layers > 6) return bad(set, "more than 7 temporal layers");
  shape.temporal_layers = static_cast<std::uint8_t>(more_layers + 1);
  shape.temporal_id_nested = in.bit() != 0;
  for (auto& byte : shape.profile) byte = static_cast<std::uint8_t>(in.bits(8));
  std::uint32_t has_profile = 0;
  std::uint32_t has_level = 0;
  for (std::uint32_t i = 0; i < more_layers; ++i) {
    has_profile |= in.bit() << i;
    has_level |= in.bit() << i;
  }
  if (more_layers > 0) in.skip(static_cast<int>(8 - more_layers) * 2);
  for (std::uint32_t i = 0; i < more_layers; ++i) {
    if ((has_profile >> i & 1) != 0) in.skip(88);
    if ((has_level >> i & 1) != 0) in.skip(8);
  }
  shape.id = in.ue();
  if (shape.id > 15) return bad(set, fmt::format("id {} above 15", shape.id));
  const auto chroma = in.ue();
  if (chroma > 3) return bad(set, fmt::format("chroma format {}", chroma));
  shape.chroma_format = static_cast<std::uint8_t>(chroma);
  const bool separate_planes = chroma == 3 && in.bit() != 0;
  const std::uint64_t width = in.ue();
  const std::uint64_t height = in.ue();
  std::uint64_t crop_x = 0;
  std::uint64_t crop_y = 0;
  if (in.bit() != 0) {
    const auto [step_x, step_y] = chroma_step(shape.chroma_format, separate_planes);
    crop_x = std::uint64_t{in.ue()};
    crop_x = (crop_x + in.ue()) * step_x;
    crop_y = std::uint64_t{in.ue()};
    crop_y = (crop_y + in.ue()) * step_y;
  }
  const auto luma = in.ue();
  const auto chroma_depth = in.ue();
  if (in.overrun()) return bad(set, "cut off");
  if (luma > 8 || chroma_depth > 8) return bad(set, "more than 16 bits a sample");
  shape.luma_bits = static_cast<std::uint8_t>(8 + luma);
  shape.chroma_bits = static_cast<std::uint8_t>(8 + chroma_depth);
  VL_CHECK(set_size(shape, set, width, height, crop_x, crop_y));
  return shape;
}

std::optional<std::uint32_t> h264_pps_id(ByteView nal) {
  if (nal.size() < 2 || nal.size() > most_set_bytes) return std::nullopt;
  BitReader in(nal.subspan(1));
  const auto id = in.ue();
  return in.overrun() || id > 255 ? std::nullopt : std::optional(id);
}

std::optional<std::uint32_t> h265_pps_id(ByteView nal) {
  if (nal.size() < 3 || nal.size() > most_set_bytes) return std::nullopt;
  BitReader in(nal.subspan(2));
  const auto id = in.ue();
  return in.overrun() || id > 63 ? std::nullopt : std::optional(id);
}

bool h264_sei_is_recovery_point(ByteView nal) {
  constexpr std::uint32_t recovery_point = 6;
  constexpr int most_messages = 8;
  if (nal.size() < 4) return false;
  BitReader in(nal.subspan(1, std::min<std::size_t>(nal.size() - 1, 256)));
  for (int i = 0; i < most_messages; ++i) {
    const auto number = [&] {
      std::uint32_t sum = 0;
      for (auto byte = in.bits(8);; byte = in.bits(8)) {
        sum += byte;
        if (byte != 255 || in.overrun()) return sum;
      }
    };
    const auto type = number();
    const auto size = number();
    if (in.overrun()) return false;
    if (type == recovery_point) return in.ue() == 0 && !in.overrun();
    for (std::uint32_t k = 0; k < size && !in.overrun(); ++k) in.skip(8);
  }
  return false;
}

bool h264_is_first_slice(ByteView nal) {
  return nal.size() < 2 || (nal[1] & 128) != 0;
}
bool h265_is_first_slice(ByteView nal) {
  return nal.size() < 3 || (nal[2] & 128) != 0;
}

namespace {

std::string h265_codec_string(const TrackFormat& format) {
  for (const auto& set : format.parameter_sets) {
    if (h265::type_of(set) != h265::sps) continue;
    const auto shape = parse_h265_sps(set);
    if (!shape) break;
    const auto& p = shape->profile;
    std::uint32_t compatibility = 0;  // its bits are written in reverse
    for (int i = 0; i < 32; ++i)
      compatibility |= static_cast<std::uint32_t>(p[1 + i / 8] >> (7 - i % 8) & 1) << i;
    constexpr std::array<std::string_view, 4> spaces{"", "A", "B", "C"};
    auto out = fmt::format("hvc1.{}{}.{:X}.{}{}", spaces[p[0] >> 6], p[0] & 31, compatibility,
                           (p[0] & 32) != 0 ? 'H' : 'L', p[11]);
    std::size_t last = 10;
    while (last >= 5 && p[last] == 0) --last;
    for (std::size_t i = 5; i <= last; ++i) out += fmt::format(".{:X}", p[i]);
    return out;
  }
  return {};
}

}  // namespace

std::string codec_string(const TrackFormat& format) {
  if (format.codec == Codec::h265) return h265_codec_string(format);
  if (format.codec == Codec::h264) {
    for (const auto& set : format.parameter_sets)
      if (h264::type_of(set) == h264::sps && set.size() >= 4)
        return fmt::format("avc1.{:02x}{:02x}{:02x}", set[1], set[2], set[3]);
  }
  if (format.codec == Codec::aac && !format.parameter_sets.empty() &&
      !format.parameter_sets[0].empty())
    return fmt::format("mp4a.40.{}", format.parameter_sets[0][0] >> 3);
  return {};
}

}  // namespace vl::media
