// Any text as a session description; what was understood must survive being written again.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/rtsp/sdp.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = vl::as_text(vl::ByteView(data, size));
  const auto sdp = vl::rtsp::parse_sdp(text);
  if (!sdp) return 0;
  const auto again = vl::rtsp::parse_sdp(vl::rtsp::write_sdp(*sdp));
  if (again) VL_ASSERT(again->media.size() == sdp->media.size());
  for (const auto& media : sdp->media) (void)vl::rtsp::resolve_control("rtsp://c/", media.control);
  return 0;
}
