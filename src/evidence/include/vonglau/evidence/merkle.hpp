// The Merkle tree of RFC 9162, section 2.1: one hash over many entries, and for each entry the
// few hashes that prove it is among them. Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <vonglau/base/bytes.hpp>

namespace vl::evidence {

/// SHA-256 of a zero byte and the entry.
Digest leaf_hash(ByteView entry);

class MerkleTree {
 public:
  explicit MerkleTree(std::vector<Digest> leaves);
  std::uint64_t size() const { return levels_.empty() ? 0 : levels_[0].size(); }
  /// SHA-256 of nothing for an empty tree.
  Digest root() const;
  /// From the leaf's neighbour upwards. `index` is below size().
  std::vector<Digest> path(std::uint64_t index) const;

 private:
  std::vector<std::vector<Digest>> levels_;  // leaves first
};

/// How many hashes the path of this leaf has.
std::size_t path_length(std::uint64_t index, std::uint64_t size);
/// RFC 9162, section 2.1.3.2. False for an index that is not below `size`.
bool path_is_valid(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                   std::span<const Digest> path, const Digest& root);

}  // namespace vl::evidence
