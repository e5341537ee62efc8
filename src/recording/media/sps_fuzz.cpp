// Any bytes as parameter sets of either codec.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  if (size == 0) return 0;
  Bytes nal(data, data + size);
  const bool h264 = data[0] % 2 == 0;
  nal[0] = h264 ? 0x67 : 0x42;
  const auto shape = h264 ? media::parse_h264_sps(nal) : media::parse_h265_sps(nal);
  if (shape) {
    VL_ASSERT(shape->width >= media::least_side && shape->width <= media::most_side);
    VL_ASSERT(shape->height >= media::least_side && shape->height <= media::most_side);
    const auto name = media::codec_string(
        {.codec = h264 ? media::Codec::h264 : media::Codec::h265, .parameter_sets = {nal}});
    VL_ASSERT(!name.empty());
  }
  (void)media::h264_pps_id(nal);
  (void)media::h265_pps_id(nal);
  (void)media::h264_sei_is_recovery_point(nal);
  (void)media::h264_is_first_slice(nal);
  (void)media::h265_is_first_slice(nal);
  return 0;
}
