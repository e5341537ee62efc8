// Any bytes as the head of an extent or of a group. Their hashes would stop nearly all of them at
// once, so they are made right first: a well-hashed but malicious head must be refused too.
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <vonglau/base/assert.hpp>
#include <vonglau/recording/log_format.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  using namespace vl::recording;
  Bytes bytes(data, data + size);
  (void)decode_extent_head(bytes);
  (void)decode_group_head(bytes);
  if (size < 128) return 0;
  bytes.resize(whole_blocks(size));
  Bytes block(bytes.begin(), bytes.begin() + log_block_bytes);
  const std::uint8_t extent[8] = {'V', 'L', 'E', 'X', 1, 0, 0, 0};
  std::memcpy(block.data(), extent, sizeof extent);
  auto hash = sha256(ByteView(block).first(64));
  std::memcpy(block.data() + 64, hash.data(), hash.size());
  if (const auto head = decode_extent_head(block)) VL_ASSERT(head->sequence != 0);

  const std::uint8_t group[8] = {'V', 'L', 'G', 'R', 1, 0, 0, 0};
  std::memcpy(bytes.data(), group, sizeof group);
  const auto head_bytes = static_cast<std::uint32_t>(bytes.size());
  std::memcpy(bytes.data() + 8, &head_bytes, sizeof head_bytes);
  std::uint32_t fragments = 0;
  std::memcpy(&fragments, bytes.data() + 12, sizeof fragments);
  for (std::uint64_t i = 0; i < fragments && 128 + (i + 1) * 176 <= bytes.size(); ++i) {
    auto* header = bytes.data() + 128 + i * 176;
    const std::uint8_t begin[8] = {'V', 'L', 'F', 'R', 1, 0, 176, 0};
    std::memcpy(header, begin, sizeof begin);
    const auto chain = sha256(ByteView(header, 144));
    std::memcpy(header + 144, chain.data(), chain.size());
  }
  Sha256 whole;
  whole.add(ByteView(bytes).first(96));
  whole.add(ByteView(bytes).subspan(128));
  hash = whole.finish();
  std::memcpy(bytes.data() + 96, hash.data(), hash.size());
  const auto head = decode_group_head(bytes);
  if (!head) return 0;
  std::uint64_t sum = 0;
  for (const auto& fragment : head->fragments) sum += fragment.body_bytes;
  VL_ASSERT(sum == head->body_bytes);
  VL_ASSERT(head->head_bytes == bytes.size());
  return 0;
}
