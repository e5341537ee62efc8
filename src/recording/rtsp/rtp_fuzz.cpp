// RTP and RTCP packets of every codec we take. Input: one byte for the codec, then records of
// a control byte, a length byte and a payload, so that headers need not be found by chance.
// Two receivers take the same: one has every packet to itself, the other several that last until
// keep(). They must give the same samples.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>

#include <vonglau/base/assert.hpp>
#include <vonglau/media/nal.hpp>
#include <vonglau/rtsp/track_receiver.hpp>

using namespace vl;
using namespace vl::rtsp;

namespace {

struct Checker final : SampleSink {
  std::int64_t samples = 0;
  std::deque<media::Sample> given;
  void on_sample(media::Sample&& sample) override {
    ++samples;
    VL_ASSERT(sample.format != nullptr);
    VL_ASSERT(samples > 1 || sample.is_key);
    VL_ASSERT(!sample.bytes.empty() && sample.bytes.size() <= most_sample_bytes);
    if (media::is_video(sample.format->codec))
      VL_ASSERT(media::for_each_nal(sample.bytes, [](ByteView nal) { VL_ASSERT(!nal.empty()); }));
    given.push_back(std::move(sample));
  }
  void on_problem(const Problem& problem) override { VL_ASSERT(problem.count > 0); }
};

void compare(Checker& a, Checker& b) {
  VL_ASSERT(a.given.size() == b.given.size());
  for (; !a.given.empty(); a.given.pop_front(), b.given.pop_front())
    VL_ASSERT(a.given.front().bytes == b.given.front().bytes &&
              a.given.front().pts == b.given.front().pts);
}

Media media_of(std::uint8_t choice) {
  constexpr std::array codecs{media::Codec::h264, media::Codec::h265, media::Codec::aac,
                              media::Codec::pcmu};
  Media media;
  media.codec = codecs[choice % codecs.size()];
  media.payload_type = 96;
  if (media.codec == media::Codec::h264 && (choice & 4) != 0)
    media.parameter_sets = {*from_hex("6742c01fd9005005bb011000000300100000030320f1832480"),
                            *from_hex("68cb83cb20")};
  if (media.codec == media::Codec::aac) media.parameter_sets = {{0x14, 0x08}};
  return media;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Checker sink;
  Checker gathering_sink;
  TrackReceiver receiver(media_of(data[0]), 0, sink);
  TrackReceiver gathering(media_of(data[0]), 0, gathering_sink);
  std::deque<Bytes> lasting;
  const std::size_t most_lasting = data[0] / 16;
  const auto give = [&](Bytes packet, std::int64_t now_us) {
    receiver.on_rtp(packet, {now_us}, {now_us});
    const auto& there = lasting.emplace_back(std::move(packet));
    gathering.on_rtp(there, {now_us}, {now_us}, true);
    if (lasting.size() <= most_lasting) return;
    gathering.keep();
    lasting.clear();
    compare(sink, gathering_sink);
  };
  RtpPacket packet{.payload_type = 96, .sequence = 65'530, .timestamp = 0xffff'ff00};
  std::int64_t now_us = 1'000'000;
  for (std::size_t at = 1; at + 2 <= size;) {
    const auto control = data[at];
    const auto length = std::min<std::size_t>(data[at + 1], size - at - 2);
    const Bytes payload(data + at + 2, data + at + 2 + length);
    at += 2 + length;
    now_us += 1000;
    if ((control & 8) != 0) {
      give(payload, now_us);
      continue;
    }
    if ((control & 16) != 0) {
      receiver.on_rtcp(payload, {now_us}, {now_us});
      gathering.on_rtcp(payload, {now_us}, {now_us});
      continue;
    }
    packet.marker = (control & 1) != 0;
    if ((control & 2) != 0) packet.timestamp += 3600;
    if ((control & 4) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence + 2);
    if ((control & 32) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence - 3);
    if ((control & 64) != 0) packet.timestamp += 0x4000'0000;
    if ((control & 128) != 0) ++packet.ssrc;
    packet.payload = payload;
    Bytes wire;
    append_rtp(wire, packet);
    ++packet.sequence;
    give(std::move(wire), now_us);
  }
  receiver.finish();
  gathering.finish();
  compare(sink, gathering_sink);
  return 0;
}
