#include <gtest/gtest.h>

#include <vonglau/media/sample_room.hpp>

namespace vl::media {
namespace {

TEST(SampleRoom, samples_lie_one_after_another_and_large_ones_by_themselves) {
  SampleRoom room(4096);
  const auto one = room.lay(Bytes(1000, 1));
  const auto large = room.lay(Bytes(1025, 2));
  const auto two = room.lay(Bytes(1000, 3));
  EXPECT_EQ(two.data(), one.data() + one.size());
  EXPECT_EQ(large, SampleBytes(Bytes(1025, 2)));
  for (int i = 0; i < 3; ++i) (void)room.lay(Bytes(1000, 4));  // the third is in the next piece
  EXPECT_EQ(one, SampleBytes(Bytes(1000, 1)));
  EXPECT_EQ(two, SampleBytes(Bytes(1000, 3)));
}

TEST(SampleRoom, what_was_laid_stays_when_the_room_is_gone) {
  SampleBytes kept;
  {
    SampleRoom room(4096);
    kept = room.lay(Bytes(100, 7));
    (void)room.lay(Bytes(100, 8));
  }
  EXPECT_EQ(kept, SampleBytes(Bytes(100, 7)));
}

TEST(SampleBytes, follow_those_that_end_where_they_begin_in_the_same_memory) {
  SampleRoom room(4096);
  const auto one = room.lay(Bytes(100, 1));
  const auto two = room.lay(Bytes(100, 2));
  const auto three = room.lay(Bytes(100, 3));
  EXPECT_TRUE(two.follows(one));
  EXPECT_TRUE(three.follows(two));
  EXPECT_FALSE(three.follows(one));
  EXPECT_FALSE(one.follows(two));
  EXPECT_FALSE(SampleBytes(Bytes(4, 1)).follows(one));
  EXPECT_FALSE(SampleBytes().follows(SampleBytes()));
}

}  // namespace
}  // namespace vl::media
