#include <array>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/merkle.hpp>

namespace vl::evidence {

namespace {

Digest node_hash(const Digest& left, const Digest& right) {
  std::array<std::uint8_t, 65> bytes;
  bytes[0] = 1;
  std::copy(left.begin(), left.end(), bytes.begin() + 1);
  std::copy(right.begin(), right.end(), bytes.begin() + 33);
  return sha256(bytes);
}

}  // namespace

Digest leaf_hash(ByteView entry) {
  const std::array<std::uint8_t, 1> prefix{0};
  Sha256 hash;
  hash.add(prefix);
  hash.add(entry);
  return hash.finish();
}

// A level's odd last node goes up unchanged: the same tree as the standard's recursion, which
// splits at the largest power of two.
MerkleTree::MerkleTree(std::vector<Digest> leaves) {
  if (leaves.empty()) return;
  levels_.push_back(std::move(leaves));
  while (levels_.back().size() > 1) {
    const auto& below = levels_.back();
    std::vector<Digest> level;
    level.reserve((below.size() + 1) / 2);
    for (std::size_t i = 0; i + 1 < below.size(); i += 2)
      level.push_back(node_hash(below[i], below[i + 1]));
    if (below.size() % 2 == 1) level.push_back(below.back());
    levels_.push_back(std::move(level));
  }
}

Digest MerkleTree::root() const {
  return levels_.empty() ? sha256({}) : levels_.back().front();
}

std::vector<Digest> MerkleTree::path(std::uint64_t index) const {
  VL_ASSERT(index < size());
  std::vector<Digest> out;
  for (const auto& level : levels_) {
    const auto neighbour = index ^ 1;
    if (neighbour < level.size()) out.push_back(level[neighbour]);
    index /= 2;
  }
  return out;
}

std::size_t path_length(std::uint64_t index, std::uint64_t size) {
  std::size_t out = 0;
  for (auto last = size == 0 ? 0 : size - 1; last > 0; index /= 2, last /= 2)
    if (index % 2 == 1 || index < last) ++out;
  return out;
}

bool path_is_valid(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                   std::span<const Digest> path, const Digest& root) {
  if (index >= size) return false;
  auto last = size - 1;
  Digest hash = leaf;
  for (const auto& step : path) {
    if (last == 0) return false;
    if (index % 2 == 1 || index == last) {
      hash = node_hash(step, hash);
      // An odd last node has come up through levels in which it had no neighbour.
      while (index % 2 == 0 && index != 0) index /= 2, last /= 2;
    } else {
      hash = node_hash(hash, step);
    }
    index /= 2;
    last /= 2;
  }
  return last == 0 && hash == root;
}

}  // namespace vl::evidence
