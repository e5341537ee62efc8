// Any bytes as a stored fragment. The hashes would stop nearly all of them at once, so they are
// made right first: what is tested is that a well-hashed but malicious fragment is refused too.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/fragment_format.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  using namespace vl::recording;
  Bytes bytes(data, data + size);
  (void)decode_fragment(bytes);
  if (size < fragment_header_bytes) return 0;
  const std::uint8_t head[8] = {'V', 'L', 'F', 'R', 1, 0, 176, 0};
  std::memcpy(bytes.data(), head, sizeof head);
  bytes[26] = 1;
  const auto body_bytes = static_cast<std::uint32_t>(size - fragment_header_bytes);
  std::memcpy(bytes.data() + 56, &body_bytes, sizeof body_bytes);
  const auto hash = sha256(ByteView(bytes).subspan(fragment_header_bytes));
  std::memcpy(bytes.data() + 80, hash.data(), hash.size());
  const auto chain = sha256(ByteView(bytes).first(144));
  std::memcpy(bytes.data() + 144, chain.data(), chain.size());
  const auto fragment = decode_fragment(bytes);
  if (!fragment) return 0;
  VL_ASSERT(!fragment->samples.empty());
  std::size_t sum = 0;
  for (const auto& sample : fragment->samples) {
    VL_ASSERT(sample.format != nullptr);
    sum += sample.bytes.size();
  }
  VL_ASSERT(sum <= body_bytes);
  return 0;
}
