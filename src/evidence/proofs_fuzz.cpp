// Any bytes as the proofs of a tree, whose number of leaves they may name themselves.
#include <cstddef>
#include <cstdint>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/proofs.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl;
  using namespace vl::evidence;
  const ByteView bytes(data, size);
  std::uint64_t leaves = 0;
  for (std::size_t i = 0; i < 8 && 8 + i < size; ++i)
    leaves |= std::uint64_t{bytes[8 + i]} << (8 * i);
  if (leaves > 100'000) return 0;  // as a manifest may have
  const auto paths = read_proofs(bytes, leaves);
  if (!paths) return 0;
  VL_ASSERT(paths->size() == leaves);
  for (std::uint64_t i = 0; i < leaves; ++i)
    VL_ASSERT(!path_is_valid(Digest{}, i, leaves, (*paths)[i], Digest{1}));
  return 0;
}
