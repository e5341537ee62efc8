#include <gtest/gtest.h>

#include <vonglau/rtsp/replay.hpp>

namespace vl::rtsp {
namespace {

TEST(ClockRanges, AreWrittenToTheMillisecondAndReadBack) {
  constexpr std::int64_t at_us = 1'795'391'700'250'000;
  EXPECT_EQ(clock_text(at_us), "20261122T235500.250Z");
  EXPECT_EQ(wall_us_of_clock("20261122T235500.250Z"), at_us);
  EXPECT_EQ(wall_us_of_clock("20261122T235500Z"), at_us - 250'000);
  EXPECT_EQ(wall_us_of_clock("19700101T000000.000001Z"), 1);
  for (const auto* bad :
       {"", "20261122T235500", "20261322T235500Z", "20260230T000000Z", "20261122T245500Z",
        "20261122 235500Z", "20261122T235500.Z", "20261122T235500.12x4Z", "2026112xT235500Z",
        "20261122T235500.1234567890123456789012345Z"})
    EXPECT_FALSE(wall_us_of_clock(bad)) << bad;
  const auto range = parse_clock_range(" clock=20261122T235500Z-20261122T235501.5Z");
  ASSERT_TRUE(range);
  EXPECT_EQ(*range->to_us - range->from_us, 1'500'000);
  EXPECT_FALSE(parse_clock_range("clock=20261122T235500Z-")->to_us);
  EXPECT_FALSE(parse_clock_range("npt=0.000-"));
  EXPECT_FALSE(parse_clock_range("clock=20261122T235501Z-20261122T235500Z"));
  EXPECT_FALSE(parse_clock_range("clock=20261122T235501Z-soon"));
}

TEST(ReplayExtensions, AreReadFromPacketsThatHaveThemWhole) {
  Bytes packet{0x90, 96, 0, 7, 0, 0, 0, 9, 0, 0, 0, 1};
  append_replay_extension(packet, {.ntp = 0x0102030405060708,
                                   .clean_point = true,
                                   .ends_section = false,
                                   .terminal = true,
                                   .discontinuity = true,
                                   .cseq = 5});
  packet.push_back(0x65);
  const auto parsed = parse_rtp(packet);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(parsed->payload.size(), 1u);
  const auto extension = replay_extension(*parsed);
  ASSERT_TRUE(extension);
  EXPECT_EQ(extension->ntp, 0x0102030405060708u);
  EXPECT_TRUE(extension->clean_point && extension->terminal && extension->discontinuity);
  EXPECT_FALSE(extension->ends_section);
  EXPECT_EQ(extension->cseq, 5);
  packet[12] = 0xBE;  // another extension
  EXPECT_FALSE(replay_extension(*parse_rtp(packet)));
  packet[12] = 0xAB;
  packet[15] = 1;  // cut short
  EXPECT_FALSE(replay_extension(*parse_rtp(packet)));
}

}  // namespace
}  // namespace vl::rtsp
