#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <vonglau/rtsp/sdp.hpp>

#include "lexical.hpp"

namespace vl::rtsp {

namespace {

using media::Codec;

constexpr std::size_t most_bytes = 64 * 1024;
constexpr std::size_t most_lines = 1000;
constexpr std::size_t most_media = 16;
constexpr std::size_t most_notes = 16;
constexpr std::size_t most_parameter_sets = 16;

struct Static {  // RFC 3551, section 6, the part cameras use
  std::uint8_t payload_type;
  Codec codec;
  std::string_view encoding;
  std::uint32_t clock_hz;
};
constexpr std::array static_types{Static{0, Codec::pcmu, "PCMU", 8000},
                                  Static{8, Codec::pcma, "PCMA", 8000}};

Codec codec_of(MediaKind kind, std::string_view encoding) {
  if (kind == MediaKind::video) {
    if (same_word(encoding, "H264")) return Codec::h264;
    if (same_word(encoding, "H265") || same_word(encoding, "HEVC")) return Codec::h265;
  } else if (kind == MediaKind::audio) {
    if (same_word(encoding, "mpeg4-generic")) return Codec::aac;
    if (same_word(encoding, "PCMU")) return Codec::pcmu;
    if (same_word(encoding, "PCMA")) return Codec::pcma;
  }
  return Codec::other;
}

class SdpReader {
 public:
  Result<SessionDescription> read(std::string_view text);

 private:
  void note(std::string what) {
    if (out_.notes.size() < most_notes)
      out_.notes.push_back(fmt::format("SDP line {}: {}", line_number_, what));
  }
  Result<void> read_line(char type, std::string_view value);
  Result<void> read_media(std::string_view value);
  void read_attribute(std::string_view value);
  void read_rtpmap(std::string_view value);
  void read_fmtp(std::string_view value);
  void apply_parameter(Media& media, std::string_view name, std::string_view value);
  void add_sets(Media& media, std::string_view list, std::size_t place);
  bool is_of_ours(std::string_view& value);

  SessionDescription out_;
  // Parameter sets by place (VPS, SPS, PPS), since fmtp may name them in any order.
  std::array<std::vector<Bytes>, 3> sets_;
  std::size_t line_number_ = 0;

  void close_media();
};

Result<SessionDescription> SdpReader::read(std::string_view text) {
  if (text.size() > most_bytes)
    return fail(RtspError::too_large, fmt::format("SDP above {} bytes", most_bytes));
  while (!text.empty()) {
    auto line = cut(text, '\n');
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (++line_number_ > most_lines)
      return fail(RtspError::too_large, fmt::format("SDP above {} lines", most_lines));
    line = trim(line);
    if (line.empty()) continue;
    if (line.size() < 2 || line[1] != '=')
      note("not of the form x=...: " + quoted(line));
    else
      VL_CHECK(read_line(line[0], trim(line.substr(2))));
  }
  close_media();
  if (out_.media.empty())
    return fail(RtspError::malformed, "SDP without any m= line: nothing to record");
  return std::move(out_);
}

Result<void> SdpReader::read_line(char type, std::string_view value) {
  if (type == 'm') return read_media(value);
  if (type == 's' && out_.media.empty()) out_.name = std::string(value.substr(0, 200));
  if (type == 'a') read_attribute(value);
  return {};
}

Result<void> SdpReader::read_media(std::string_view value) {
  close_media();
  if (out_.media.size() == most_media)
    return fail(RtspError::too_large, fmt::format("SDP with more than {} media", most_media));
  Media media;
  const auto kind = cut(value, ' ');
  if (kind == "video") media.kind = MediaKind::video;
  if (kind == "audio") media.kind = MediaKind::audio;
  cut(value, ' ');  // the port says nothing over RTSP
  media.protocol = std::string(cut(value, ' ').substr(0, 32));
  const auto format = cut(value, ' ');
  if (const auto type = number_of<std::uint8_t>(format); type && *type < 128) {
    media.payload_type = *type;
    for (const auto& known : static_types) {
      if (known.payload_type != *type || media.kind != MediaKind::audio) continue;
      media.codec = known.codec;
      media.encoding = std::string(known.encoding);
      media.clock_hz = known.clock_hz;
    }
  } else if (media.kind != MediaKind::other) {
    note("m= has no payload type 0 to 127: " + quoted(format));
    media.kind = MediaKind::other;
  }
  out_.media.push_back(std::move(media));
  return {};
}

void SdpReader::close_media() {
  if (out_.media.empty()) return;
  auto& sets = out_.media.back().parameter_sets;
  for (auto& place : sets_) {
    for (auto& set : place) sets.push_back(std::move(set));
    place.clear();
  }
}

void SdpReader::read_attribute(std::string_view value) {
  const auto name = trim(cut(value, ':'));
  value = trim(value);
  if (same_word(name, "control")) {
    (out_.media.empty() ? out_.control : out_.media.back().control) =
        std::string(value.substr(0, 2048));
  } else if (same_word(name, "range")) {
    if (out_.range.empty()) out_.range = std::string(value.substr(0, 200));
  } else if (out_.media.empty()) {
    return;
  } else if (same_word(name, "rtpmap")) {
    read_rtpmap(value);
  } else if (same_word(name, "fmtp")) {
    read_fmtp(value);
  } else if (same_word(name, "framerate")) {
    const auto rate = number_of<double>(value);
    if (rate && *rate > 0 && *rate <= 1000)
      out_.media.back().framerate = *rate;
    else
      note("a=framerate is no rate: " + quoted(value));
  }
}

/// "96 rest": whether 96 is this media's payload type; leaves the rest.
bool SdpReader::is_of_ours(std::string_view& value) {
  const auto type = number_of<unsigned>(cut(value, ' '));
  value = trim(value);
  return type && *type == out_.media.back().payload_type;
}

void SdpReader::read_rtpmap(std::string_view value) {
  auto& media = out_.media.back();
  const auto whole = value;
  if (!is_of_ours(value)) return;
  const auto encoding = cut(value, '/');
  const auto clock = number_of<std::uint32_t>(cut(value, '/'));
  const auto channels = number_of<std::uint32_t>(trim(value));
  if (!clock || *clock < 1000 || *clock > 1'000'000) {
    note("a=rtpmap has no clock rate of 1000 to 1000000: " + quoted(whole));
    return;
  }
  media.encoding = std::string(encoding.substr(0, 32));
  media.codec = codec_of(media.kind, encoding);
  media.clock_hz = *clock;
  media.channels = channels && *channels >= 1 && *channels <= 8 ? *channels : 1;
}

void SdpReader::read_fmtp(std::string_view value) {
  auto& media = out_.media.back();
  if (!is_of_ours(value)) return;
  media.fmtp = std::string(value.substr(0, 8192));
  while (!value.empty()) {
    auto parameter = trim(cut(value, ';'));
    const auto name = trim(cut(parameter, '='));
    apply_parameter(media, name, trim(parameter));
  }
}

void SdpReader::apply_parameter(Media& media, std::string_view name, std::string_view value) {
  if (same_word(name, "sprop-vps")) return add_sets(media, value, 0);
  if (same_word(name, "sprop-sps")) return add_sets(media, value, 1);
  if (same_word(name, "sprop-pps")) return add_sets(media, value, 2);
  // H.264 gives SPS and PPS in one list, told apart by their own type.
  if (same_word(name, "sprop-parameter-sets")) return add_sets(media, value, 1);
  if (same_word(name, "config") && media.kind == MediaKind::audio) {
    auto config = from_hex(value.substr(0, 256));
    if (config && !config->empty())
      sets_[0] = {std::move(*config)};
    else
      note("fmtp config is not hexadecimal: " + quoted(value));
    return;
  }
  const auto bits = [&](std::uint8_t& target) {
    const auto number = number_of<std::uint8_t>(value);
    if (number && *number <= 32)
      target = *number;
    else
      note(fmt::format("fmtp {} must be 0 to 32, got {}", name, quoted(value)));
  };
  if (same_word(name, "sizelength")) bits(media.au_size_bits);
  if (same_word(name, "indexlength")) bits(media.au_index_bits);
}

void SdpReader::add_sets(Media& media, std::string_view list, std::size_t place) {
  if (media.kind != MediaKind::video) return;
  while (!list.empty()) {
    const auto one = trim(cut(list, ','));
    if (one.empty()) continue;
    auto set = from_base64(one);
    const auto count = sets_[0].size() + sets_[1].size() + sets_[2].size();
    if (!set || set->empty())
      note("a parameter set is not base64: " + quoted(one));
    else if (count == most_parameter_sets)
      return note(fmt::format("more than {} parameter sets", most_parameter_sets));
    else
      sets_[place].push_back(std::move(*set));
  }
}

}  // namespace

Result<SessionDescription> parse_sdp(std::string_view text) {
  return SdpReader().read(text);
}

std::string write_sdp(const SessionDescription& description) {
  std::string out =
      fmt::format("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns={}\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n",
                  description.name.empty() ? "-" : description.name);
  if (!description.control.empty()) out += fmt::format("a=control:{}\r\n", description.control);
  if (!description.range.empty()) out += fmt::format("a=range:{}\r\n", description.range);
  for (const auto& media : description.media) {
    const auto kind = media.kind == MediaKind::video   ? "video"
                      : media.kind == MediaKind::audio ? "audio"
                                                       : "application";
    out += fmt::format("m={} 0 {} {}\r\n", kind,
                       media.protocol.empty() ? "RTP/AVP" : media.protocol, media.payload_type);
    if (!media.encoding.empty())
      out +=
          fmt::format("a=rtpmap:{} {}/{}{}\r\n", media.payload_type, media.encoding, media.clock_hz,
                      media.channels > 1 ? fmt::format("/{}", media.channels) : "");
    std::string sets;
    for (const auto& set : media.parameter_sets) {
      if (media.codec == Codec::h264) {
        sets += (sets.empty() ? ";sprop-parameter-sets=" : ",") + to_base64(set);
      } else if (media.codec == Codec::h265 && !set.empty()) {
        const auto type = (set[0] >> 1) & 63;
        sets += (type == 32   ? ";sprop-vps="
                 : type == 33 ? ";sprop-sps="
                              : ";sprop-pps=") +
                to_base64(set);
      } else if (media.codec == Codec::aac) {
        sets += ";config=" + to_hex(set);
      }
    }
    auto fmtp = media.fmtp + (media.fmtp.empty() && !sets.empty() ? sets.substr(1) : sets);
    if (!fmtp.empty()) out += fmt::format("a=fmtp:{} {}\r\n", media.payload_type, fmtp);
    if (media.framerate > 0) out += fmt::format("a=framerate:{:g}\r\n", media.framerate);
    if (!media.control.empty()) out += fmt::format("a=control:{}\r\n", media.control);
  }
  return out;
}

std::string resolve_control(std::string_view base, std::string_view control) {
  if (control.empty() || control == "*") return std::string(base);
  if (starts_with_word(control, "rtsp://") || starts_with_word(control, "rtsps://"))
    return std::string(control);
  std::string out(base);
  if (!out.ends_with('/')) out += '/';
  while (control.starts_with('/')) control.remove_prefix(1);
  return out += control;
}

}  // namespace vl::rtsp
