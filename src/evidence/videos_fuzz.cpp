// Any well-hashed fragment, made into videos twice over: refused, or the same both times.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/videos.hpp>
#include <vonglau/recording/fragment_format.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  using namespace vl::evidence;
  if (size < recording::fragment_header_bytes) return 0;
  Bytes bytes(data, data + size);
  const std::uint8_t head[8] = {'V', 'L', 'F', 'R', 1, 0, 176, 0};
  std::memcpy(bytes.data(), head, sizeof head);
  bytes[26] = 1;
  const auto body_bytes = static_cast<std::uint32_t>(size - recording::fragment_header_bytes);
  std::memcpy(bytes.data() + 56, &body_bytes, sizeof body_bytes);
  const auto hash = sha256(ByteView(bytes).subspan(recording::fragment_header_bytes));
  std::memcpy(bytes.data() + 80, hash.data(), hash.size());
  const auto chain = sha256(ByteView(bytes).first(144));
  std::memcpy(bytes.data() + 144, chain.data(), chain.size());
  const auto fragment = recording::decode_fragment(bytes);
  if (!fragment) return 0;
  VideoMaker maker("video/01");
  for (int i = 0; i < 2; ++i)
    if (!maker.add(*fragment)) return 0;
  const auto planned = maker.plan();
  if (!planned) return 0;
  std::vector<std::uint64_t> sizes(planned->size());
  const auto sink = [&](std::size_t video, ByteView piece) -> Result<void> {
    VL_ASSERT(video < sizes.size());
    sizes[video] += piece.size();
    return {};
  };
  for (int i = 0; i < 2; ++i) VL_ASSERT(maker.write(*fragment, sink));
  for (std::size_t i = 0; i < sizes.size(); ++i) VL_ASSERT(sizes[i] == (*planned)[i].bytes);
  return 0;
}
