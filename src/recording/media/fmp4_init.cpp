// The init segment: what a decoder must know before the first sample.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/media/fmp4.hpp>

#include "box_writer.hpp"
#include "sample_description.hpp"

namespace vl::media {

namespace {

std::vector<ByteView> sets_of(const TrackFormat& format, std::uint8_t type) {
  std::vector<ByteView> out;
  for (const auto& set : format.parameter_sets) {
    const auto is = format.codec == Codec::h264 ? h264::type_of(set) : h265::type_of(set);
    if (is == type && set.size() < 65536) out.push_back(set);
  }
  return out;
}

void write_sets(BoxWriter& w, const std::vector<ByteView>& sets) {
  for (const auto set : sets) {
    w.u16(static_cast<std::uint32_t>(set.size()));
    w.bytes(set);
  }
}

/// ISO/IEC 14496-15, section 5.3.3.1.
Result<void> write_avcc(BoxWriter& w, const TrackFormat& format) {
  const auto sps = sets_of(format, h264::sps);
  const auto pps = sets_of(format, h264::pps);
  if (sps.empty() || pps.empty() || sps.size() > 31 || pps.size() > 255)
    return fail(MediaError::unsupported, "H.264 needs SPS and PPS", "parameter_sets");
  VL_TRY(const auto shape, parse_h264_sps(sps[0]));
  const auto box = w.box("avcC");
  w.u8(1);
  w.bytes(sps[0].subspan(1, 3));
  w.u8(0xff);  // lengths of 4 bytes
  w.u8(0xe0 | static_cast<std::uint32_t>(sps.size()));
  write_sets(w, sps);
  w.u8(static_cast<std::uint32_t>(pps.size()));
  write_sets(w, pps);
  const auto profile = shape.profile[0];
  if (profile != 66 && profile != 77 && profile != 88) {
    w.u8(0xfc | shape.chroma_format);
    w.u8(0xf8U | (shape.luma_bits - 8U));
    w.u8(0xf8U | (shape.chroma_bits - 8U));
    w.u8(0);
  }
  return {};
}

/// ISO/IEC 14496-15, section 8.3.3.1.
Result<void> write_hvcc(BoxWriter& w, const TrackFormat& format) {
  const std::array<std::uint8_t, 3> kinds{h265::vps, h265::sps, h265::pps};
  const auto sps = sets_of(format, h265::sps);
  for (const auto kind : kinds)
    if (sets_of(format, kind).empty())
      return fail(MediaError::unsupported, "H.265 needs VPS, SPS and PPS", "parameter_sets");
  VL_TRY(const auto shape, parse_h265_sps(sps[0]));
  const auto box = w.box("hvcC");
  w.u8(1);
  w.bytes(shape.profile);
  w.u16(0xf000);  // no minimum of segmentation
  w.u8(0xfc);     // parallelism not said
  w.u8(0xfc | shape.chroma_format);
  w.u8(0xf8U | (shape.luma_bits - 8U));
  w.u8(0xf8U | (shape.chroma_bits - 8U));
  w.u16(0);  // average rate not said
  w.u8(static_cast<std::uint32_t>(shape.temporal_layers << 3 | shape.temporal_id_nested << 2 | 3));
  w.u8(3);
  for (const auto kind : kinds) {
    const auto sets = sets_of(format, kind);
    w.u8(0x80U | kind);
    w.u16(static_cast<std::uint32_t>(sets.size()));
    write_sets(w, sets);
  }
  return {};
}

Result<void> write_video_entry(BoxWriter& w, const TrackFormat& format) {
  const bool is_h264 = format.codec == Codec::h264;
  const auto entry = w.box(is_h264 ? "avc1" : "hvc1");
  w.zeros(6);
  w.u16(1);  // data reference
  w.zeros(16);
  w.u16(format.width);
  w.u16(format.height);
  w.u32(0x480000);  // 72 dpi, as always
  w.u32(0x480000);
  w.u32(0);
  w.u16(1);  // one picture a sample
  w.zeros(32);
  w.u16(0x18);
  w.u16(0xffff);
  return is_h264 ? write_avcc(w, format) : write_hvcc(w, format);
}

/// ISO/IEC 14496-1, section 7.2.6.5, with the AudioSpecificConfig inside.
Result<void> write_esds(BoxWriter& w, const TrackFormat& format) {
  if (format.parameter_sets.empty() || format.parameter_sets[0].empty() ||
      format.parameter_sets[0].size() > 64)
    return fail(MediaError::unsupported, "AAC needs its config", "parameter_sets");
  const auto& config = format.parameter_sets[0];
  const auto n = static_cast<std::uint32_t>(config.size());
  const auto box = w.box("esds", 0, 0);
  w.u8(3), w.u8(23 + n), w.u16(0), w.u8(0);
  w.u8(4), w.u8(15 + n), w.u8(0x40), w.u8(0x15), w.zeros(3), w.u32(0), w.u32(0);
  w.u8(5), w.u8(n), w.bytes(config);
  w.u8(6), w.u8(1), w.u8(2);
  return {};
}

Result<void> write_audio_entry(BoxWriter& w, const TrackFormat& format) {
  const auto entry = w.box(format.codec == Codec::aac    ? "mp4a"
                           : format.codec == Codec::pcmu ? "ulaw"
                                                         : "alaw");
  w.zeros(6);
  w.u16(1);
  w.zeros(8);
  w.u16(std::max(1U, format.channels));
  w.u16(16);
  w.zeros(4);
  w.u32(std::min(format.clock_hz, 65'535U) << 16);
  return format.codec == Codec::aac ? write_esds(w, format) : Result<void>{};
}

Result<void> write_sample_table(BoxWriter& w, const TrackFormat& format) {
  const auto table = w.box("stbl");
  VL_CHECK(write_sample_description(w, format));
  for (const auto* name : {"stts", "stsc", "stco"}) {
    const auto empty = w.box(name, 0, 0);
    w.u32(0);
  }
  const auto sizes = w.box("stsz", 0, 0);
  w.u32(0);
  w.u32(0);
  return {};
}

Result<void> write_media(BoxWriter& w, const TrackFormat& format) {
  const auto media = w.box("mdia");
  {
    const auto header = w.box("mdhd", 0, 0);
    w.u32(0), w.u32(0);
    w.u32(format.clock_hz);
    w.u32(0);
    w.u16(0x55c4);  // "und"
    w.u16(0);
  }
  write_handler(w, format);
  const auto information = w.box("minf");
  write_media_head(w, format);
  return write_sample_table(w, format);
}

Result<void> write_track(BoxWriter& w, const Fmp4Track& track) {
  const auto& format = *track.format;
  const auto box = w.box("trak");
  {
    const auto header = w.box("tkhd", 0, 7);
    w.u32(0), w.u32(0);
    w.u32(track.track + 1U);
    w.zeros(16);  // reserved, duration, reserved
    w.u32(0);     // layer, alternate group
    w.u16(is_audio(format.codec) ? 0x100 : 0);
    w.u16(0);
    identity_matrix(w);
    w.u32(format.width << 16);
    w.u32(format.height << 16);
  }
  return write_media(w, format);
}

Result<void> write_movie(BoxWriter& w, std::span<const Fmp4Track> tracks) {
  const auto movie = w.box("moov");
  {
    const auto header = w.box("mvhd", 0, 0);
    w.u32(0), w.u32(0);
    w.u32(1000);
    w.u32(0);
    w.u32(0x10000);
    w.u16(0x100);
    w.zeros(10);
    identity_matrix(w);
    w.zeros(24);
    w.u32(0xffff'ffff);
  }
  for (const auto& track : tracks) VL_CHECK(write_track(w, track));
  const auto extends = w.box("mvex");
  for (const auto& track : tracks) {
    const auto defaults = w.box("trex", 0, 0);
    w.u32(track.track + 1U);
    w.u32(1);
    w.zeros(12);
  }
  return {};
}

Result<void> write_sample_entry(BoxWriter& w, const TrackFormat& format) {
  return is_video(format.codec) ? write_video_entry(w, format) : write_audio_entry(w, format);
}

}  // namespace

void identity_matrix(BoxWriter& w) {
  for (const std::uint32_t v : {0x10000U, 0U, 0U, 0U, 0x10000U, 0U, 0U, 0U, 0x40000000U}) w.u32(v);
}

Result<void> check_track_format(const TrackFormat& format) {
  if (format.codec == Codec::other || format.clock_hz == 0)
    return fail(MediaError::unsupported, "a track of no known codec has no place in MP4");
  if (format.width > 65'535 || format.height > 65'535)
    return fail(MediaError::unsupported, "a picture of more than 65535 a side");
  return {};
}

Result<void> write_sample_description(BoxWriter& w, const TrackFormat& format) {
  const auto description = w.box("stsd", 0, 0);
  w.u32(1);
  return write_sample_entry(w, format);
}

void write_handler(BoxWriter& w, const TrackFormat& format) {
  const auto handler = w.box("hdlr", 0, 0);
  w.u32(0);
  w.text(is_video(format.codec) ? "vide" : "soun");
  w.zeros(13);
}

void write_media_head(BoxWriter& w, const TrackFormat& format) {
  if (is_video(format.codec)) {
    const auto header = w.box("vmhd", 0, 1);
    w.zeros(8);
  } else {
    const auto header = w.box("smhd", 0, 0);
    w.zeros(4);
  }
  const auto data = w.box("dinf");
  const auto references = w.box("dref", 0, 0);
  w.u32(1);
  const auto here = w.box("url ", 0, 1);
}

Result<Bytes> init_segment(std::span<const Fmp4Track> tracks) {
  for (const auto& track : tracks) {
    VL_ASSERT(track.format != nullptr);
    VL_CHECK(check_track_format(*track.format));
  }
  Bytes out;
  BoxWriter w(out);
  {
    const auto type = w.box("ftyp");
    w.text("iso5");
    w.u32(512);
    w.text("iso5iso6mp41");
  }
  VL_CHECK(write_movie(w, tracks));
  return out;
}

}  // namespace vl::media
