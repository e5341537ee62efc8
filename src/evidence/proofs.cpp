#include <array>
#include <bit>
#include <cstring>

#include <vonglau/evidence/proofs.hpp>

namespace vl::evidence {

namespace {

static_assert(std::endian::native == std::endian::little, "stored numbers are little-endian");
constexpr std::size_t proofs_head_bytes = 16;

std::array<std::uint8_t, proofs_head_bytes> proofs_head(std::uint64_t leaves) {
  std::array<std::uint8_t, proofs_head_bytes> out{'V', 'L', 'P', 'R', 1};
  std::memcpy(out.data() + 8, &leaves, sizeof leaves);
  return out;
}

}  // namespace

Bytes proofs_of(const MerkleTree& tree) {
  const auto head = proofs_head(tree.size());
  Bytes out(head.begin(), head.end());
  for (std::uint64_t i = 0; i < tree.size(); ++i)
    for (const auto& step : tree.path(i)) out.insert(out.end(), step.begin(), step.end());
  return out;
}

Result<std::vector<std::vector<Digest>>> read_proofs(ByteView bytes, std::uint64_t leaves) {
  const auto bad = [](const char* what) {
    return fail(EvidenceError::malformed, std::string("proofs.bin: ") + what);
  };
  const auto head = proofs_head(leaves);
  if (bytes.size() < head.size() || !std::equal(head.begin(), head.end(), bytes.begin()))
    return bad("it is not that of this export");
  if (leaves > bytes.size()) return bad("it is cut off");  // or a lone leaf, whose path is empty
  std::vector<std::vector<Digest>> out(leaves);
  std::size_t at = head.size();
  for (std::uint64_t i = 0; i < leaves; ++i) {
    out[i].resize(path_length(i, leaves));
    for (auto& step : out[i]) {
      if (bytes.size() - at < step.size()) return bad("it is cut off");
      std::memcpy(step.data(), bytes.data() + at, step.size());
      at += step.size();
    }
  }
  if (at != bytes.size()) return bad("it goes on after its end");
  return out;
}

}  // namespace vl::evidence
