#include <fmt/format.h>

#include <vonglau/rtsp/rtp.hpp>

namespace vl::rtsp {

namespace {

constexpr std::size_t rtp_header_bytes = 12;
constexpr std::uint8_t sender_report_type = 200;
constexpr std::uint8_t receiver_report_type = 201;
constexpr std::uint8_t bye_type = 203;
constexpr std::int64_t seconds_1900_to_1970 = 2'208'988'800;

std::uint16_t u16(ByteView b, std::size_t at) {
  return static_cast<std::uint16_t>(b[at] << 8 | b[at + 1]);
}
std::uint32_t u32(ByteView b, std::size_t at) {
  return std::uint32_t{u16(b, at)} << 16 | u16(b, at + 2);
}
void append_u16(Bytes& out, std::uint32_t v) {
  out.push_back(static_cast<std::uint8_t>(v >> 8));
  out.push_back(static_cast<std::uint8_t>(v));
}
void append_u32(Bytes& out, std::uint32_t v) {
  append_u16(out, v >> 16);
  append_u16(out, v & 0xffff);
}

}  // namespace

Result<RtpPacket> parse_rtp(ByteView packet) {
  const auto bad = [&](std::string_view what) {
    return fail(RtspError::malformed,
                fmt::format("RTP packet of {} bytes: {}", packet.size(), what));
  };
  if (packet.size() < rtp_header_bytes) return bad("shorter than its header of 12");
  if (packet[0] >> 6 != 2) return bad(fmt::format("version {}, not 2", packet[0] >> 6));
  RtpPacket out;
  out.csrc_count = packet[0] & 15;
  out.marker = (packet[1] & 128) != 0;
  out.payload_type = packet[1] & 127;
  out.sequence = u16(packet, 2);
  out.timestamp = u32(packet, 4);
  out.ssrc = u32(packet, 8);
  std::size_t begin = rtp_header_bytes + std::size_t{out.csrc_count} * 4;
  std::size_t end = packet.size();
  if ((packet[0] & 16) != 0) {
    if (begin + 4 > end) return bad("its header extension is cut off");
    const auto length = std::size_t{u16(packet, begin + 2)} * 4;
    if (begin + 4 + length > end) return bad("its header extension is cut off");
    out.extension_profile = u16(packet, begin);
    out.extension = packet.subspan(begin + 4, length);
    begin += 4 + length;
  }
  if (begin > end) return bad("its list of contributing sources is cut off");
  if ((packet[0] & 32) != 0) {
    const std::size_t padding = packet[end - 1];
    if (padding == 0 || padding > end - begin)
      return bad(fmt::format("padding of {} does not fit", padding));
    end -= padding;
  }
  out.payload = packet.subspan(begin, end - begin);
  return out;
}

void append_rtp(Bytes& out, const RtpPacket& packet) {
  out.push_back(0x80);
  out.push_back(static_cast<std::uint8_t>((packet.marker ? 128 : 0) | (packet.payload_type & 127)));
  append_u16(out, packet.sequence);
  append_u32(out, packet.timestamp);
  append_u32(out, packet.ssrc);
  out.insert(out.end(), packet.payload.begin(), packet.payload.end());
}

Result<RtcpReport> parse_rtcp(ByteView packet) {
  RtcpReport out;
  if (packet.size() < 4) return fail(RtspError::malformed, "RTCP packet shorter than 4 bytes");
  for (auto rest = packet; !rest.empty();) {
    if (rest.size() < 4 || rest[0] >> 6 != 2)
      return fail(RtspError::malformed, fmt::format("RTCP: no packet of version 2 at byte {}",
                                                    packet.size() - rest.size()));
    const auto length = (std::size_t{u16(rest, 2)} + 1) * 4;
    if (length > rest.size())
      return fail(RtspError::malformed, fmt::format("RTCP: the packet at byte {} is cut off",
                                                    packet.size() - rest.size()));
    if (rest[1] == sender_report_type) {
      if (length < 28)
        return fail(RtspError::malformed, "RTCP: sender report shorter than 28 bytes");
      out.sender_reports.push_back({u32(rest, 4), std::uint64_t{u32(rest, 8)} << 32 | u32(rest, 12),
                                    u32(rest, 16), u32(rest, 20), u32(rest, 24)});
    }
    out.bye |= rest[1] == bye_type;
    rest = rest.subspan(length);
  }
  return out;
}

void append_sender_report(Bytes& out, const SenderReport& report) {
  out.insert(out.end(), {0x80, sender_report_type, 0, 6});
  append_u32(out, report.ssrc);
  append_u32(out, static_cast<std::uint32_t>(report.ntp >> 32));
  append_u32(out, static_cast<std::uint32_t>(report.ntp));
  append_u32(out, report.rtp_timestamp);
  append_u32(out, report.packets);
  append_u32(out, report.octets);
}

void append_receiver_report(Bytes& out, std::uint32_t own_ssrc) {
  out.insert(out.end(), {0x80, receiver_report_type, 0, 1});
  append_u32(out, own_ssrc);
}

std::optional<std::int64_t> wall_us_of_ntp(std::uint64_t ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32) - seconds_1900_to_1970;
  if (seconds <= 0) return std::nullopt;
  const auto fraction_us = static_cast<std::int64_t>(((ntp & 0xffff'ffff) * 1'000'000) >> 32);
  return seconds * 1'000'000 + fraction_us;
}

std::uint64_t ntp_of_wall_us(std::int64_t wall_us) {
  const auto us = static_cast<std::uint64_t>(wall_us + seconds_1900_to_1970 * 1'000'000);
  return us / 1'000'000 << 32 | ((us % 1'000'000 << 32) + 999'999) / 1'000'000;
}

}  // namespace vl::rtsp
