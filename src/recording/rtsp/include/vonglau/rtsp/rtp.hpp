// RTP and RTCP packets (RFC 3550). Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

struct RtpPacket {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint8_t csrc_count = 0;
  std::uint16_t extension_profile = 0;  // meaningful when `extension` is not empty
  ByteView extension;                   // into the packet, without its own header
  ByteView payload;                     // into the packet, without padding
};

/// Fails with `malformed`, naming what does not fit. Shows parts of `packet`, copies nothing.
Result<RtpPacket> parse_rtp(ByteView packet);
/// Appends header and payload; csrc_count, extension and padding are not written.
void append_rtp(Bytes& out, const RtpPacket& packet);

/// The wall clock of a sender report is NTP's: 32.32 seconds since 1900.
struct SenderReport {
  std::uint32_t ssrc = 0;
  std::uint64_t ntp = 0;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
};

struct RtcpReport {
  std::vector<SenderReport> sender_reports;
  bool bye = false;
};

/// A compound packet; other kinds of packet in it are passed over.
Result<RtcpReport> parse_rtcp(ByteView packet);
void append_sender_report(Bytes& out, const SenderReport& report);
/// A receiver report without blocks, which some cameras want as a sign of life.
void append_receiver_report(Bytes& out, std::uint32_t own_ssrc);

/// Microseconds since 1970; nothing for 0 or a time before 1970 (a clock never set).
std::optional<std::int64_t> wall_us_of_ntp(std::uint64_t ntp);
std::uint64_t ntp_of_wall_us(std::int64_t wall_us);

}  // namespace vl::rtsp
