#include <cstring>

#include <gtest/gtest.h>

#include <vonglau/recording/content_hash.hpp>

namespace vl::recording {
namespace {

Bytes body_of(std::size_t bytes, std::uint32_t seed) {
  Bytes out(bytes);
  for (auto& byte : out)
    byte = static_cast<std::uint8_t>((seed = seed * 1664525 + 1013904223) >> 24);
  return out;
}

/// Written from the page alone, with nothing but SHA-256.
Digest expected_root(ByteView body) {
  Bytes text{'V', 'L', 'C', 'T', 1};
  for (int i = 0; i < 8; ++i) text.push_back(static_cast<std::uint8_t>(body.size() >> (8 * i)));
  for (std::size_t at = 0; at < body.size(); at += 61440) {
    const auto chunk = sha256(body.subspan(at, std::min<std::size_t>(61440, body.size() - at)));
    text.insert(text.end(), chunk.begin(), chunk.end());
  }
  return sha256(text);
}

TEST(ContentHash, is_what_the_page_says_for_every_length_around_a_chunk) {
  ContentHasher hasher;
  RecordProperty("side_by_side", hasher.side_by_side());
  for (const std::size_t bytes : {0, 1, 55, 56, 63, 64, 65, 61439, 61440, 61441, 122880, 200'003}) {
    const auto body = body_of(bytes, static_cast<std::uint32_t>(bytes));
    EXPECT_EQ(hasher.root(body), expected_root(body)) << bytes;
  }
}

TEST(ContentHash, of_many_bodies_at_once_is_that_of_each) {
  ContentHasher hasher;
  std::vector<Bytes> bodies;
  for (std::uint32_t i = 0; i < 300; ++i) bodies.push_back(body_of(i * 977 % 150'000, i));
  const std::vector<ByteView> views(bodies.begin(), bodies.end());
  const auto roots = hasher.roots(views);
  ASSERT_EQ(roots.size(), bodies.size());
  for (std::size_t i = 0; i < bodies.size(); ++i)
    EXPECT_EQ(roots[i], expected_root(bodies[i])) << i;
}

TEST(ContentHash, changes_with_any_bit_and_with_any_byte_less) {
  ContentHasher hasher;
  auto body = body_of(130'000, 7);
  const auto root = hasher.root(body);
  for (const std::size_t at : {std::size_t{0}, std::size_t{61'440}, body.size() - 1}) {
    body[at] ^= 1;
    EXPECT_NE(hasher.root(body), root) << at;
    body[at] ^= 1;
  }
  EXPECT_NE(hasher.root(ByteView(body).first(body.size() - 1)), root);
  // A body made of the hashes of another's chunks does not have that one's root.
  Bytes hashes;
  for (std::size_t at = 0; at < body.size(); at += content_chunk_bytes) {
    const auto chunk =
        sha256(ByteView(body).subspan(at, std::min(content_chunk_bytes, body.size() - at)));
    hashes.insert(hashes.end(), chunk.begin(), chunk.end());
  }
  EXPECT_NE(hasher.root(hashes), root);
}

}  // namespace
}  // namespace vl::recording
