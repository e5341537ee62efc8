#include "cameras_packets.hpp"

#include <algorithm>
#include <string>

namespace vl::sim {
namespace {

constexpr std::size_t kFrameHeader = 4, kRtpHeader = 12;
constexpr std::uint8_t kFuA = 28, kFillerNal = 12;
constexpr std::uint8_t kMarker = 0x80;

void put16(Bytes& out, std::size_t at, std::uint32_t value) {
  out[at] = static_cast<std::uint8_t>(value >> 8), out[at + 1] = static_cast<std::uint8_t>(value);
}
void put32(Bytes& out, std::size_t at, std::uint32_t value) {
  put16(out, at, value >> 16), put16(out, at + 2, value);
}

// Room for the headers; `payload` bytes follow.
std::size_t begin_packet(Bytes& wire, std::size_t payload, bool marker) {
  const std::size_t at = wire.size();
  wire.resize(at + kFrameHeader + kRtpHeader);
  wire[at] = '$';
  put16(wire, at + 2, static_cast<std::uint32_t>(kRtpHeader + payload));
  wire[at + 4] = 0x80;
  wire[at + 5] = static_cast<std::uint8_t>(kPayloadType | (marker ? kMarker : 0));
  return at;
}

}  // namespace

Unit packetise(const CodedPicture& picture) {
  Unit unit;
  unit.key = picture.key;
  for (std::size_t n = 0; n < picture.nal_units.size(); ++n) {
    const Bytes& nal = picture.nal_units[n];
    const bool last_nal = n + 1 == picture.nal_units.size();
    if (nal.size() <= kPayloadLimit) {
      unit.packets.push_back(
          static_cast<std::uint32_t>(begin_packet(unit.wire, nal.size(), last_nal)));
      unit.wire.insert(unit.wire.end(), nal.begin(), nal.end());
      continue;
    }
    constexpr std::size_t kPart = kPayloadLimit - 2;  // FU indicator and header
    for (std::size_t from = 1; from < nal.size(); from += kPart) {
      const std::size_t part = std::min(kPart, nal.size() - from);
      const bool first = from == 1, last = from + part == nal.size();
      unit.packets.push_back(
          static_cast<std::uint32_t>(begin_packet(unit.wire, part + 2, last && last_nal)));
      unit.wire.push_back(static_cast<std::uint8_t>((nal[0] & 0xE0) | kFuA));
      unit.wire.push_back(
          static_cast<std::uint8_t>((first ? 0x80 : 0) | (last ? 0x40 : 0) | (nal[0] & 0x1F)));
      const auto begin = nal.begin() + static_cast<std::ptrdiff_t>(from);
      unit.wire.insert(unit.wire.end(), begin, begin + static_cast<std::ptrdiff_t>(part));
    }
  }
  return unit;
}

void fill_in(Bytes& wire, std::size_t at, std::uint32_t timestamp, RtpSource& source) {
  wire[at + 1] = source.channel;
  put16(wire, at + 6, source.next_sequence++);
  put32(wire, at + 8, timestamp);
  put32(wire, at + 12, source.ssrc);
}

void append_filler(Bytes& wire, std::size_t bytes, std::uint32_t timestamp, RtpSource& source) {
  for (std::size_t left = std::max<std::size_t>(bytes, 2); left > 0;) {
    // Never leaves a single byte over: a unit needs its header and its stop bit.
    const std::size_t part = left == kPayloadLimit + 1 ? left - 2 : std::min(left, kPayloadLimit);
    left -= part;
    const std::size_t at = begin_packet(wire, part, left == 0);
    fill_in(wire, at, timestamp, source);
    // Filler data: its header, bytes of 0xFF, and the stop bit (H.264, 7.3.2.7).
    wire.push_back(kFillerNal);
    wire.insert(wire.end(), part - 2, 0xFF);
    wire.push_back(0x80);
  }
}

Bytes absurd_parameter_set() {
  // Baseline, level 5.1, 4,000 x 4,000 macroblocks; frames only, nothing else (H.264, 7.3.2.1).
  std::string bits = "010000100000000000110011";
  const auto golomb = [&](std::uint32_t value) {
    std::string digits;
    for (auto rest = value + 1; rest > 0; rest /= 2) digits.insert(0, 1, rest % 2 != 0 ? '1' : '0');
    bits += std::string(digits.size() - 1, '0') + digits;
  };
  for (const std::uint32_t value : {0U, 0U, 2U, 1U}) golomb(value);
  bits += '0';
  for (const std::uint32_t value : {3999U, 3999U}) golomb(value);
  bits += "11001";
  while (bits.size() % 8 != 0) bits += '0';
  Bytes out{0x67};
  for (std::size_t at = 0; at < bits.size(); at += 8) {
    unsigned byte = 0;
    for (std::size_t i = 0; i < 8; ++i) byte = byte * 2 + (bits[at + i] == '1' ? 1 : 0);
    out.push_back(static_cast<std::uint8_t>(byte));
  }
  return out;
}

int nal_type_of(ByteView frame) {
  constexpr std::size_t head = kFrameHeader + kRtpHeader;
  if (frame.size() < head + 2) return 0;
  const int type = frame[head] & 31;
  return type == kFuA ? frame[head + 1] & 31 : type;
}

Bytes with_replay_extension(ByteView frame, const rtsp::ReplayExtension& extension) {
  constexpr std::size_t head = kFrameHeader + kRtpHeader;
  Bytes out(frame.begin(), frame.begin() + head);
  rtsp::append_replay_extension(out, extension);
  out.insert(out.end(), frame.begin() + head, frame.end());
  out[kFrameHeader] |= 0x10;
  put16(out, 2, static_cast<std::uint32_t>(out.size() - kFrameHeader));
  return out;
}

void clear_marker(Bytes& wire, std::size_t at) {
  wire[at + 5] = static_cast<std::uint8_t>(wire[at + 5] & ~kMarker);
}

}  // namespace vl::sim
