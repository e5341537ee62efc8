// proofs.bin of an export: for each fragment the path that proves it to be in the signed tree, so
// that one fragment can be shown to somebody without the others (docs/design/export.md). Pure.
//
//   "VLPR" | u32 1 | u64 leaves | for each leaf its path, 32 bytes a step; little-endian
//
// How long each path is follows from its place (path_length()): there is nothing to trust.
#pragma once

#include <vonglau/evidence/error.hpp>
#include <vonglau/evidence/merkle.hpp>

namespace vl::evidence {

Bytes proofs_of(const MerkleTree& tree);
/// One path for each leaf. `malformed` unless the bytes are those of a tree of `leaves`.
Result<std::vector<std::vector<Digest>>> read_proofs(ByteView bytes, std::uint64_t leaves);

}  // namespace vl::evidence
