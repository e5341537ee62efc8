#include <string>

#include <gtest/gtest.h>

#include <vonglau/evidence/merkle.hpp>
#include <vonglau/evidence/proofs.hpp>

namespace vl::evidence {
namespace {

std::vector<Digest> leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash(as_bytes(std::to_string(i))));
  return out;
}

Digest hash_of(const Digest& left, const Digest& right) {
  Bytes bytes{1};
  bytes.insert(bytes.end(), left.begin(), left.end());
  bytes.insert(bytes.end(), right.begin(), right.end());
  return sha256(bytes);
}

/// RFC 9162, section 2.1.1, as it is written there.
Digest standard_root(std::span<const Digest> entries) {
  if (entries.size() == 1) return entries[0];
  std::size_t split = 1;
  while (split * 2 < entries.size()) split *= 2;
  return hash_of(standard_root(entries.first(split)), standard_root(entries.subspan(split)));
}

TEST(Merkle, HasTheRootThatTheStandardDefinesForEverySize) {
  for (std::size_t count = 1; count <= 70; ++count) {
    const auto all = leaves(count);
    EXPECT_EQ(MerkleTree(all).root(), standard_root(all)) << count;
  }
  EXPECT_EQ(to_hex(MerkleTree({}).root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, ProvesEveryLeafAndNoOther) {
  for (const std::size_t count : {1u, 2u, 3u, 5u, 8u, 13u, 64u, 65u}) {
    const auto all = leaves(count);
    const MerkleTree tree(all);
    for (std::size_t i = 0; i < count; ++i) {
      SCOPED_TRACE(std::to_string(i) + " of " + std::to_string(count));
      auto path = tree.path(i);
      EXPECT_EQ(path.size(), path_length(i, count));
      EXPECT_TRUE(path_is_valid(all[i], i, count, path, tree.root()));
      EXPECT_FALSE(path_is_valid(all[i], count, count, path, tree.root()));
      EXPECT_FALSE(path_is_valid(leaf_hash(as_bytes("x")), i, count, path, tree.root()));
      EXPECT_FALSE(path_is_valid(all[i], i, count, path, Digest{}));
      if (count > 1) EXPECT_FALSE(path_is_valid(all[i], i ^ 1, count, path, tree.root()));
      for (auto& step : path) {
        step[7] ^= 1;
        EXPECT_FALSE(path_is_valid(all[i], i, count, path, tree.root()));
        step[7] ^= 1;
      }
      path.push_back(Digest{});
      EXPECT_FALSE(path_is_valid(all[i], i, count, path, tree.root()));
    }
  }
}

TEST(Proofs, AreReadAsTheyWereWrittenAndNothingElseIs) {
  for (const std::size_t count : {1u, 2u, 7u, 100u}) {
    const MerkleTree tree(leaves(count));
    auto bytes = proofs_of(tree);
    const auto read = read_proofs(bytes, count);
    ASSERT_TRUE(read) << read.error().message;
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ((*read)[i], tree.path(i));
    EXPECT_FALSE(read_proofs(bytes, count + 1));
    EXPECT_FALSE(read_proofs(ByteView(bytes).first(bytes.size() - 1), count));
    bytes.push_back(0);
    EXPECT_FALSE(read_proofs(bytes, count));
  }
}

}  // namespace
}  // namespace vl::evidence
