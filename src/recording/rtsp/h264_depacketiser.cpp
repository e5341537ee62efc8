// RFC 6184 with packetization modes 0 and 1: single units, STAP-A, FU-A.
#include <fmt/format.h>

#include "access_unit.hpp"

namespace vl::rtsp {

namespace {

constexpr std::uint8_t stap_a = 24;
constexpr std::uint8_t fu_a = 28;
constexpr std::uint8_t last_single = 23;

class H264Depacketiser final : public Depacketiser {
 public:
  H264Depacketiser(const Media& media, DepacketiserOutput& out) : out_(out), unit_(media, out) {}

  void packet(const RtpPacket& packet, const PacketTime& time) override {
    unit_.at(time);
    const auto payload = packet.payload;
    if (payload.empty()) return;  // padding alone: some cameras' sign of life
    const std::uint8_t type = payload[0] & 31;
    if (type == fu_a) {
      fragment(payload);
    } else if (unit_.is_in_fragment()) {
      malformed(fmt::format("a unit of type {} inside a fragmented one", type));
    } else if (type >= 1 && type <= last_single) {
      unit_.unit(payload);
    } else if (type == stap_a) {
      aggregate(payload.subspan(1));
    } else {
      malformed(fmt::format("H.264 payload of type {}, which we do not take", type));
    }
    if (packet.marker) unit_.marker();
  }
  void lost() override { unit_.lost(); }
  void finish() override { unit_.finish(); }
  void keep() override { unit_.keep(); }

 private:
  void malformed(std::string what) {
    out_.problem(ProblemKind::malformed_packet, std::move(what));
    unit_.damaged();
  }

  void aggregate(ByteView rest) {
    while (!rest.empty()) {
      const std::size_t length = rest.size() < 2 ? 0 : std::size_t{rest[0]} << 8 | rest[1];
      if (length == 0 || length > rest.size() - 2)
        return malformed("the units of a STAP-A do not fill it");
      unit_.unit(rest.subspan(2, length));
      rest = rest.subspan(2 + length);
    }
  }

  void fragment(ByteView payload) {
    if (payload.size() < 3) return malformed("FU-A without content");
    const bool starts = (payload[1] & 128) != 0;
    const bool ends = (payload[1] & 64) != 0;
    if (starts == unit_.is_in_fragment() || (starts && ends)) {
      // After a loss its start is missing as a matter of course.
      if (!unit_.is_damaged()) malformed("FU-A out of turn");
      return;
    }
    if (starts) {
      const auto header = static_cast<std::uint8_t>((payload[0] & 0xe0) | (payload[1] & 31));
      unit_.begin_fragmented(ByteView(&header, 1), payload.subspan(2));
    } else {
      unit_.add_fragment(payload.subspan(2));
    }
    if (ends) unit_.end_fragmented();
  }

  DepacketiserOutput& out_;
  AccessUnit unit_;
};

}  // namespace

std::unique_ptr<Depacketiser> make_h264_depacketiser(const Media& media, DepacketiserOutput& out) {
  return std::make_unique<H264Depacketiser>(media, out);
}

}  // namespace vl::rtsp
