#include <gtest/gtest.h>

#include <vonglau/rtsp/rtp.hpp>

namespace vl::rtsp {
namespace {

TEST(Rtp, ReadsBackWhatItWrites) {
  const Bytes payload{1, 2, 3};
  RtpPacket sent{.payload_type = 96,
                 .marker = true,
                 .sequence = 65535,
                 .timestamp = 0xfffffff0,
                 .ssrc = 0x01020304,
                 .payload = payload};
  Bytes wire;
  append_rtp(wire, sent);
  const auto got = parse_rtp(wire);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_TRUE(got->marker);
  EXPECT_EQ(got->payload_type, 96);
  EXPECT_EQ(got->sequence, 65535);
  EXPECT_EQ(got->timestamp, 0xfffffff0u);
  EXPECT_EQ(got->ssrc, 0x01020304u);
  EXPECT_EQ(Bytes(got->payload.begin(), got->payload.end()), payload);
}

TEST(Rtp, StepsOverSourcesExtensionAndPadding) {
  const Bytes wire{0xb2, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,  // V2 P X CC=2
                   9,    9,    9, 9, 8, 8, 8, 8,              // two sources
                   0xab, 0xac, 0, 1, 5, 6, 7, 8,              // extension of one word
                   0x41, 0x42, 0, 0, 3};                      // payload, padding of 3
  const auto got = parse_rtp(wire);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got->csrc_count, 2);
  EXPECT_EQ(got->extension_profile, 0xabac);
  EXPECT_EQ(got->extension.size(), 4u);
  EXPECT_EQ(as_text(got->payload), "AB");
}

TEST(Rtp, RefusesWhatDoesNotFitTogether) {
  const auto refused = [](Bytes wire, std::string_view says) {
    const auto got = parse_rtp(wire);
    return !got && got.error().message.find(says) != std::string::npos;
  };
  EXPECT_TRUE(refused({0x80, 0x60}, "header"));
  EXPECT_TRUE(refused(Bytes(12, 0x40), "version"));
  Bytes wire(12);
  wire[0] = 0x8f;
  EXPECT_TRUE(refused(wire, "sources"));
  wire[0] = 0x90;
  EXPECT_TRUE(refused(wire, "extension"));
  wire[0] = 0xa0;
  wire.push_back(2);
  EXPECT_TRUE(refused(wire, "padding"));
  wire[12] = 0;
  EXPECT_TRUE(refused(wire, "padding"));
}

TEST(Rtcp, ReadsTheSenderReportOfACompoundPacket) {
  Bytes wire;
  append_receiver_report(wire, 7);
  append_sender_report(wire, {.ssrc = 5,
                              .ntp = ntp_of_wall_us(1'763'800'000'123'456),
                              .rtp_timestamp = 90'000,
                              .packets = 10,
                              .octets = 1000});
  wire.insert(wire.end(), {0x81, 203, 0, 1, 0, 0, 0, 5});
  const auto report = parse_rtcp(wire);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(report->sender_reports.size(), 1u);
  EXPECT_EQ(wall_us_of_ntp(report->sender_reports[0].ntp), 1'763'800'000'123'456);
  EXPECT_EQ(report->sender_reports[0].rtp_timestamp, 90'000u);
  EXPECT_TRUE(report->bye);
}

TEST(Rtcp, RefusesWhatIsCutOff) {
  Bytes wire;
  append_sender_report(wire, {});
  wire.pop_back();
  EXPECT_FALSE(parse_rtcp(wire));
  EXPECT_FALSE(parse_rtcp(Bytes{0x80, 200, 0}));
  EXPECT_FALSE(parse_rtcp(Bytes{0x80, 200, 0, 1, 0, 0, 0, 0}));
  EXPECT_FALSE(parse_rtcp(Bytes{0x00, 200, 0, 0}));
}

TEST(Rtcp, AClockThatWasNeverSetGivesNoWallTime) {
  EXPECT_FALSE(wall_us_of_ntp(0));
  EXPECT_FALSE(wall_us_of_ntp(std::uint64_t{100} << 32));
  for (const std::int64_t us : {1'000'000L, 1'763'800'000'999'999L, 1'763'800'000'000'000L})
    EXPECT_EQ(wall_us_of_ntp(ntp_of_wall_us(us)), us);
}

}  // namespace
}  // namespace vl::rtsp
