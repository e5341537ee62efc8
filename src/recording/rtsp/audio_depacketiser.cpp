// Sound: AAC as RFC 3640 has it (mpeg4-generic), G.711 as RFC 3551 has it.
#include <algorithm>

#include <fmt/format.h>

#include "depacketiser.hpp"

namespace vl::rtsp {

namespace {

constexpr std::int64_t aac_frame_ticks = 1024;
constexpr std::size_t most_aac_frame_bytes = 8192;
constexpr std::size_t room_bytes = 8192;  // a second of sound or so

std::shared_ptr<const media::TrackFormat> format_of(const Media& media) {
  auto format = std::make_shared<media::TrackFormat>();
  format->codec = media.codec;
  format->clock_hz = media.clock_hz;
  format->channels = media.channels;
  format->parameter_sets = media.parameter_sets;
  return format;
}

class G711Depacketiser final : public Depacketiser {
 public:
  G711Depacketiser(const Media& media, DepacketiserOutput& out)
      : out_(out), format_(format_of(media)) {}
  void packet(const RtpPacket& packet, const PacketTime& time) override {
    if (packet.payload.empty()) return;
    out_.sample(time, true, room_.lay(packet.payload), format_);
  }
  void lost() override {}
  void finish() override {}

 private:
  DepacketiserOutput& out_;
  std::shared_ptr<const media::TrackFormat> format_;
  media::SampleRoom room_{room_bytes};
};

class AacDepacketiser final : public Depacketiser {
 public:
  AacDepacketiser(const Media& media, DepacketiserOutput& out)
      : out_(out),
        format_(format_of(media)),
        size_bits_(media.au_size_bits),
        header_bits_(std::size_t{media.au_size_bits} + media.au_index_bits) {}

  void packet(const RtpPacket& packet, const PacketTime& time) override {
    const auto payload = packet.payload;
    if (payload.empty()) return;
    const std::size_t headers_bits =
        payload.size() < 2 ? 0 : std::size_t{payload[0]} << 8 | payload[1];
    const auto headers_bytes = (headers_bits + 7) / 8;
    if (headers_bits == 0 || headers_bits % header_bits_ != 0 || headers_bytes > payload.size() - 2)
      return malformed("the AU headers of an AAC packet do not fit");
    const auto headers = payload.subspan(2, headers_bytes);
    auto rest = payload.subspan(2 + headers_bytes);
    const auto count = headers_bits / header_bits_;
    for (std::size_t i = 0; i < count; ++i) {
      const auto size = size_at(headers, i * header_bits_);
      if (count == 1 && size > rest.size()) return fragment(rest, size, packet.marker, time);
      if (size == 0 || size > rest.size())
        return malformed("the AAC frames of a packet do not fill it");
      emit(rest.first(size), {time.pts + static_cast<std::int64_t>(i) * aac_frame_ticks,
                              time.wall_us + static_cast<std::int64_t>(i) * aac_frame_ticks *
                                                 1'000'000 / format_->clock_hz});
      rest = rest.subspan(size);
    }
    partial_.clear();
  }
  void lost() override { partial_.clear(); }
  void finish() override {}

 private:
  void malformed(std::string what) {
    out_.problem(ProblemKind::malformed_packet, std::move(what));
    partial_.clear();
  }

  std::size_t size_at(ByteView headers, std::size_t bit) const {
    std::size_t value = 0;
    for (std::size_t i = bit; i < bit + size_bits_; ++i)
      value = value << 1 | (headers[i / 8] >> (7 - i % 8) & 1U);
    return value;
  }

  /// One frame cut over several packets of the same time (RFC 3640, section 3.2.3.2).
  void fragment(ByteView part, std::size_t whole, bool is_last, const PacketTime& time) {
    if (whole > most_aac_frame_bytes) return malformed(fmt::format("AAC frame of {} bytes", whole));
    if (time.pts != partial_pts_) partial_.clear();
    partial_pts_ = time.pts;
    partial_.insert(partial_.end(), part.begin(), part.end());
    if (partial_.size() > whole) return malformed("more of an AAC frame than it should have");
    if (!is_last && partial_.size() < whole) return;
    if (partial_.size() == whole) emit(partial_, time);
    partial_.clear();
  }

  void emit(ByteView frame, const PacketTime& time) {
    out_.sample(time, true, room_.lay(frame), format_);
  }

  DepacketiserOutput& out_;
  std::shared_ptr<const media::TrackFormat> format_;
  media::SampleRoom room_{room_bytes};
  std::size_t size_bits_;
  std::size_t header_bits_;
  Bytes partial_;
  std::int64_t partial_pts_ = 0;
};

}  // namespace

std::unique_ptr<Depacketiser> make_audio_depacketiser(const Media& media, DepacketiserOutput& out) {
  if (media.codec == media::Codec::aac) return std::make_unique<AacDepacketiser>(media, out);
  return std::make_unique<G711Depacketiser>(media, out);
}

}  // namespace vl::rtsp
