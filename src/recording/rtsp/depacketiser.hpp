// What the payload formats have in common: packets in order go in, whole samples come out.
// Private to this room.
#pragma once

#include <memory>

#include <vonglau/media/sample.hpp>
#include <vonglau/rtsp/rtp.hpp>
#include <vonglau/rtsp/sdp.hpp>
#include <vonglau/rtsp/track_receiver.hpp>

namespace vl::rtsp {

/// When a packet's content is to be shown, and when it came.
struct PacketTime {
  std::int64_t pts = 0;
  std::int64_t wall_us = 0;
};

/// Where a depacketiser puts what it finds.
class DepacketiserOutput {
 public:
  virtual ~DepacketiserOutput() = default;
  virtual void sample(const PacketTime& time, bool is_key, media::SampleBytes&& bytes,
                      const std::shared_ptr<const media::TrackFormat>& format) = 0;
  virtual void left_out_sample() = 0;
  virtual void problem(ProblemKind kind, std::string detail) = 0;
};

class Depacketiser {
 public:
  virtual ~Depacketiser() = default;
  /// The payload must stay where it is until keep().
  virtual void packet(const RtpPacket& packet, const PacketTime& time) = 0;
  virtual void keep() {}
  /// Packets are missing between the last and the next.
  virtual void lost() = 0;
  virtual void finish() = 0;
};

std::unique_ptr<Depacketiser> make_h264_depacketiser(const Media& media, DepacketiserOutput& out);
std::unique_ptr<Depacketiser> make_h265_depacketiser(const Media& media, DepacketiserOutput& out);
std::unique_ptr<Depacketiser> make_audio_depacketiser(const Media& media, DepacketiserOutput& out);

}  // namespace vl::rtsp
