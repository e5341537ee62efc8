// Coded pictures as RTP packets in interleaved frames (RFC 6184; RFC 2326, section 10.12), made
// once and shared by every session that sends them; a session only fills in its own numbers.
#pragma once

#include <cstdint>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/rtsp/replay.hpp>

#include "cameras_encoder.hpp"

namespace vl::sim {

constexpr std::size_t kPayloadLimit = 1400;
constexpr std::uint8_t kPayloadType = 96;
constexpr std::uint32_t kRtpHz = 90'000;

/// The frames of one picture, ready to send but for channel, sequence, timestamp and source.
struct Unit {
  bool key = false;
  Bytes wire;
  std::vector<std::uint32_t> packets;  // where each frame begins in `wire`

  std::size_t end_of(std::size_t packet) const {
    return packet + 1 < packets.size() ? packets[packet + 1] : wire.size();
  }
};

Unit packetise(const CodedPicture& picture);

/// A session's own numbers.
struct RtpSource {
  std::uint8_t channel = 0;
  std::uint16_t next_sequence = 0;
  std::uint32_t ssrc = 0;
};

/// Writes them into a copied frame of `wire` beginning at `at`, and moves the sequence on.
void fill_in(Bytes& wire, std::size_t at, std::uint32_t timestamp, RtpSource& source);

/// An SPS of pictures that no camera has: 64,000 wide and high.
Bytes absurd_parameter_set();
/// The kind of the NAL unit that a frame's packet begins or goes on with.
int nal_type_of(ByteView frame);
/// The frame, which has been filled in, with the extension of a replay.
Bytes with_replay_extension(ByteView frame, const rtsp::ReplayExtension& extension);

/// Frames of filler data (NAL type 12) of about `bytes`, to follow a picture; the last carries the
/// marker, which the picture's own last packet then must not.
void append_filler(Bytes& wire, std::size_t bytes, std::uint32_t timestamp, RtpSource& source);
void clear_marker(Bytes& wire, std::size_t at);

}  // namespace vl::sim
