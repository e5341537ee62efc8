// RFC 7798 without decoding order numbers (sprop-max-don-diff=0): single units, AP, FU.
#include <array>

#include <fmt/format.h>

#include "access_unit.hpp"

namespace vl::rtsp {

namespace {

constexpr std::uint8_t aggregation = 48;
constexpr std::uint8_t fragmentation = 49;
constexpr std::size_t nal_header_bytes = 2;

class H265Depacketiser final : public Depacketiser {
 public:
  H265Depacketiser(const Media& media, DepacketiserOutput& out) : out_(out), unit_(media, out) {}

  void packet(const RtpPacket& packet, const PacketTime& time) override {
    unit_.at(time);
    const auto payload = packet.payload;
    if (payload.empty()) return;
    const auto type = media::h265::type_of(payload);
    if (payload.size() <= nal_header_bytes) {
      malformed("H.265 payload without content");
    } else if (type == fragmentation) {
      fragment(payload);
    } else if (unit_.is_in_fragment()) {
      malformed(fmt::format("a unit of type {} inside a fragmented one", type));
    } else if (type < aggregation) {
      unit_.unit(payload);
    } else if (type == aggregation) {
      aggregate(payload.subspan(nal_header_bytes));
    } else {
      malformed(fmt::format("H.265 payload of type {}, which we do not take", type));
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
      if (length <= nal_header_bytes || length > rest.size() - 2)
        return malformed("the units of an aggregation packet do not fill it");
      unit_.unit(rest.subspan(2, length));
      rest = rest.subspan(2 + length);
    }
  }

  void fragment(ByteView payload) {
    if (payload.size() < 4) return malformed("FU without content");
    const bool starts = (payload[2] & 128) != 0;
    const bool ends = (payload[2] & 64) != 0;
    if (starts == unit_.is_in_fragment() || (starts && ends)) {
      if (!unit_.is_damaged()) malformed("FU out of turn");
      return;
    }
    if (starts) {
      const std::array header{
          static_cast<std::uint8_t>((payload[0] & 0x81) | ((payload[2] & 63) << 1)), payload[1]};
      unit_.begin_fragmented(header, payload.subspan(3));
    } else {
      unit_.add_fragment(payload.subspan(3));
    }
    if (ends) unit_.end_fragmented();
  }

  DepacketiserOutput& out_;
  AccessUnit unit_;
};

}  // namespace

std::unique_ptr<Depacketiser> make_h265_depacketiser(const Media& media, DepacketiserOutput& out) {
  return std::make_unique<H265Depacketiser>(media, out);
}

}  // namespace vl::rtsp
