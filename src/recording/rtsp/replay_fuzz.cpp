// Ranges of wall-clock time and the extension of a replay's packets.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/replay.hpp>

using namespace vl;
using namespace vl::rtsp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  if (const auto range = parse_clock_range(as_text(bytes))) {
    VL_ASSERT(range->from_us >= 0 && (!range->to_us || *range->to_us > range->from_us));
    const auto again = wall_us_of_clock(clock_text(range->from_us));
    VL_ASSERT(again && *again == range->from_us / 1000 * 1000);
  }
  const auto packet = parse_rtp(bytes);
  if (!packet) return 0;
  const auto extension = replay_extension(*packet);
  if (!extension) return 0;
  Bytes written;
  append_replay_extension(written, *extension);
  RtpPacket same;
  same.extension_profile = ReplayExtension::profile;
  same.extension = ByteView(written).subspan(4);
  const auto again = replay_extension(same);
  VL_ASSERT(again && again->ntp == extension->ntp && again->cseq == extension->cseq &&
            again->terminal == extension->terminal && again->clean_point == extension->clean_point);
  return 0;
}
