#include <gtest/gtest.h>

#include <vonglau/recording/log_format.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using testing::camera;
using testing::start_us;

GroupHead head_of(int fragments, std::vector<HeaderBytes>& sealed) {
  GroupHead head;
  head.extent = 7;
  head.number = 41;
  head.written_us = start_us;
  head.previous.fill(9);
  for (int i = 0; i < fragments; ++i) {
    auto prepared = prepare_fragment(testing::fragment(camera(i % 200), start_us));
    prepared->header.id.sequence = static_cast<std::uint64_t>(i + 1);
    prepared->header.body_hash = BodyHash::chunks;
    sealed.push_back(seal_header(prepared->header));
    head.fragments.push_back(prepared->header);
  }
  return head;
}

TEST(LogFormat, an_extents_head_comes_back_and_any_changed_bit_is_seen) {
  const ExtentHead head{testing::camera(5).camera.value, 77, 64 << 20, start_us};
  auto block = encode_extent_head(head);
  ASSERT_EQ(block.size(), log_block_bytes);
  const auto read = decode_extent_head(block);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->store, head.store);
  EXPECT_EQ(read->sequence, head.sequence);
  EXPECT_EQ(read->bytes, head.bytes);
  EXPECT_EQ(read->begun_us, head.begun_us);
  for (std::size_t at = 0; at < 96; ++at) {
    block[at] ^= 0x10;
    EXPECT_FALSE(decode_extent_head(block)) << at;
    block[at] ^= 0x10;
  }
  EXPECT_FALSE(decode_extent_head(ByteView(block).first(4095)));
}

TEST(LogFormat, a_groups_head_comes_back_with_its_fragments_and_notes) {
  std::vector<HeaderBytes> sealed;
  auto head = head_of(60, sealed);
  head.notes.gaps = {
      {camera(3), {start_us, std::nullopt, GapCause::camera_unreachable, "hỏng"}},
      {camera(4, StreamKind::sub), {start_us, start_us + 5, GapCause::disk_full, ""}}};
  head.notes.locks = {
      {LockId{camera(8).camera.value}, camera(3), start_us, start_us + 9, "V-12", 4}};
  head.notes.unlocks = {LockId{camera(9).camera.value}};
  const auto bytes = encode_group_head(head, sealed);
  ASSERT_TRUE(bytes) << bytes.error().message;
  EXPECT_EQ(bytes->size() % log_block_bytes, 0U);
  EXPECT_EQ(group_head_bytes(ByteView(*bytes).first(log_block_bytes)), bytes->size());
  const auto read = decode_group_head(*bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->hash, head.hash);
  EXPECT_EQ(read->previous, head.previous);
  EXPECT_EQ(read->extent, 7U);
  EXPECT_EQ(read->number, 41U);
  EXPECT_EQ(read->body_bytes, head.body_bytes);
  ASSERT_EQ(read->fragments.size(), 60U);
  EXPECT_EQ(read->fragments[59].id, head.fragments[59].id);
  EXPECT_EQ(read->fragments[59].chain, head.fragments[59].chain);
  EXPECT_EQ(read->fragments[59].body_hash, BodyHash::chunks);
  EXPECT_EQ(read->notes.gaps, head.notes.gaps);
  ASSERT_EQ(read->notes.locks.size(), 1U);
  EXPECT_EQ(read->notes.locks[0].reason, "V-12");
  EXPECT_EQ(read->notes.locks[0].stream, camera(3));
  EXPECT_EQ(read->notes.unlocks, head.notes.unlocks);
}

TEST(LogFormat, any_changed_byte_of_a_groups_head_is_seen) {
  std::vector<HeaderBytes> sealed;
  auto head = head_of(3, sealed);
  auto bytes = *encode_group_head(head, sealed);
  for (std::size_t at = 0; at < bytes.size(); at += at < 128 ? 1 : 97) {
    bytes[at] ^= 1;
    EXPECT_FALSE(decode_group_head(bytes)) << at;
    bytes[at] ^= 1;
  }
  EXPECT_TRUE(decode_group_head(bytes));
}

TEST(LogFormat, a_group_may_have_notes_alone) {
  GroupHead head{.extent = 1, .number = 1};
  head.notes.unlocks = {LockId{camera(9).camera.value}};
  const auto bytes = encode_group_head(head, {});
  ASSERT_TRUE(bytes);
  const auto read = decode_group_head(*bytes);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->bytes(), log_block_bytes);
  EXPECT_EQ(read->notes.unlocks.size(), 1U);
}

}  // namespace
}  // namespace vl::recording
