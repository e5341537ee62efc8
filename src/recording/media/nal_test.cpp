#include <gtest/gtest.h>

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

#include "bit_reader.hpp"

namespace vl::media {
namespace {

Bytes hex(std::string_view text) {
  return *from_hex(text);
}

// Parameter sets written by x264 and x265 for pictures of known size.
struct Known {
  std::string_view sps;
  std::uint32_t width, height, bits, chroma;
  std::string_view codec;
};

class H264Sps : public testing::TestWithParam<Known> {};
TEST_P(H264Sps, TellsTheSizeThatTheEncoderWasGiven) {
  const auto shape = parse_h264_sps(hex(GetParam().sps));
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->width, GetParam().width);
  EXPECT_EQ(shape->height, GetParam().height);
  EXPECT_EQ(shape->luma_bits, GetParam().bits);
  EXPECT_EQ(shape->chroma_format, GetParam().chroma);
  EXPECT_EQ(codec_string({.codec = Codec::h264, .parameter_sets = {hex(GetParam().sps)}}),
            GetParam().codec);
}
INSTANTIATE_TEST_SUITE_P(
    Encoders, H264Sps,
    testing::Values(
        Known{"6764001eacd940a02ff97011000003000100000300320f162d96", 640, 360, 8, 1,
              "avc1.64001e"},
        Known{"67640028acd940780227e5c044000003000400000300c83c60c658", 1920, 1080, 8, 1,
              "avc1.640028"},
        Known{"6742c01fd9005005bb011000000300100000030320f1832480", 1280, 720, 8, 1, "avc1.42c01f"},
        Known{"674d400deca0b04b6022000003000200000300641e28532c", 352, 288, 8, 1, "avc1.4d400d"},
        Known{"677a0028bcd94078044fcb808800000300080000030190f8b16cb0", 1920, 1080, 8, 2,
              "avc1.7a0028"}));

class H265Sps : public testing::TestWithParam<Known> {};
TEST_P(H265Sps, TellsTheSizeThatTheEncoderWasGiven) {
  const auto shape = parse_h265_sps(hex(GetParam().sps));
  ASSERT_TRUE(shape) << shape.error().message;
  EXPECT_EQ(shape->width, GetParam().width);
  EXPECT_EQ(shape->height, GetParam().height);
  EXPECT_EQ(shape->luma_bits, GetParam().bits);
  EXPECT_EQ(codec_string({.codec = Codec::h265, .parameter_sets = {hex(GetParam().sps)}}),
            GetParam().codec);
}
INSTANTIATE_TEST_SUITE_P(
    Encoders, H265Sps,
    testing::Values(Known{"42010101600000030090000003000003003fa00502016965959a4932bc05a020"
                          "00000300200000030321",
                          640, 360, 8, 1, "hvc1.1.6.L63.90"},
                    Known{"420101016000000300900000030000030078a003c08010e596566924caf0168080000003"
                          "008000000c84",
                          1920, 1080, 8, 1, "hvc1.1.6.L120.90"},
                    Known{"420101022000000300900000030000030078a003c08010e4d96566924caf016808000003"
                          "000800000300c840",
                          1920, 1080, 10, 1, "hvc1.2.4.L120.90"}));

TEST(Sps, CutAnywhereGivesAnErrorOrTheSameSize) {
  for (const auto* text : {"67640028acd940780227e5c044000003000400000300c83c60c658",
                           "420101016000000300900000030000030078a003c08010e596566924caf01680800000"
                           "03008000000c84"}) {
    const auto whole = hex(text);
    for (std::size_t length = 0; length < whole.size(); ++length) {
      const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      const auto shape = whole[0] == 0x67 ? parse_h264_sps(part) : parse_h265_sps(part);
      if (shape) EXPECT_EQ(shape->width, 1920u);
      if (length < 9) EXPECT_FALSE(shape);
    }
  }
}

/// Writes Exp-Golomb numbers, for sets that no encoder would write.
class Bits {
 public:
  void bit(bool b) {
    if (count_ % 8 == 0) bytes_.push_back(0);
    if (b) bytes_.back() |= static_cast<std::uint8_t>(128 >> count_ % 8);
    ++count_;
  }
  void ue(std::uint64_t value) {
    int length = 0;
    while ((value + 1) >> (length + 1) != 0) ++length;
    for (int i = 0; i < length; ++i) bit(false);
    for (int i = length; i >= 0; --i) bit(((value + 1) >> i & 1) != 0);
  }
  /// With emulation prevention, as in a NAL unit.
  Bytes escaped() const {
    Bytes out;
    int zeros = 0;
    for (const auto byte : bytes_) {
      if (zeros >= 2 && byte <= 3) out.push_back(3), zeros = 0;
      out.push_back(byte);
      zeros = byte == 0 ? zeros + 1 : 0;
    }
    return out;
  }

 private:
  Bytes bytes_;
  int count_ = 0;
};

Bytes baseline_sps(std::uint64_t columns, std::uint64_t rows) {
  Bits bits;
  for (const std::uint64_t value : {0, 0, 0, 0, 1}) bits.ue(value);
  bits.bit(false);
  bits.ue(columns - 1);
  bits.ue(rows - 1);
  bits.bit(true);   // frames only
  bits.bit(true);   // direct 8x8
  bits.bit(false);  // no cropping
  bits.bit(false);
  bits.bit(true);
  Bytes out{0x67, 66, 0, 30};
  const auto rest = bits.escaped();
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

TEST(Sps, AbsurdSizesAreRefused) {
  EXPECT_EQ(parse_h264_sps(baseline_sps(80, 45))->width, 1280u);
  for (const auto& [columns, rows] : std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{
           {2000, 10}, {10, 2000}, {1000, 1000}, {0xffff'fff0, 0xffff'fff0}}) {
    const auto shape = parse_h264_sps(baseline_sps(columns, rows));
    ASSERT_FALSE(shape);
    EXPECT_EQ(shape.error().code.name, "media.unsupported") << shape.error().message;
  }
}

TEST(BitReader, TakesOutEmulationPreventionAndStopsAtTheEnd) {
  const Bytes bytes{0, 0, 3, 1, 0, 0, 3};
  BitReader in(bytes);
  EXPECT_EQ(in.bits(24), 1u);
  EXPECT_EQ(in.bits(16), 0u);
  EXPECT_FALSE(in.overrun());
  EXPECT_EQ(in.bits(8), 0u);
  EXPECT_TRUE(in.overrun());
}

TEST(BitReader, ReadsExpGolombNumbersOfEverySize) {
  for (const std::uint64_t value :
       {0ULL, 1ULL, 2ULL, 7ULL, 254ULL, 65535ULL, 0x7fff'fffeULL, 0xffff'fffeULL}) {
    Bits bits;
    bits.ue(value);
    const auto bytes = bits.escaped();
    BitReader in(bytes);
    EXPECT_EQ(in.ue(), value);
    EXPECT_FALSE(in.overrun());
  }
  const Bytes zeros(16, 0);
  BitReader in(zeros);
  EXPECT_EQ(in.ue(), 0u);
  EXPECT_TRUE(in.overrun());
}

TEST(Sei, ARecoveryPointOfNoFramesIsAPlaceToBegin) {
  EXPECT_TRUE(h264_sei_is_recovery_point(hex("060601c480")));
  EXPECT_TRUE(
      h264_sei_is_recovery_point(hex("0605020102"
                                     "0601c480")));             // behind another message
  EXPECT_FALSE(h264_sei_is_recovery_point(hex("0606014480")));  // after 1 or more frames
  EXPECT_FALSE(h264_sei_is_recovery_point(hex("0605ffffffff")));
}

TEST(Nal, LengthsThatDoNotAddUpAreFound) {
  int count = 0;
  EXPECT_TRUE(for_each_nal(hex("0000000241420000000143"), [&](ByteView) { ++count; }));
  EXPECT_EQ(count, 2);
  EXPECT_FALSE(for_each_nal(hex("00000002414200000002"
                                "43"),
                            [](ByteView) {}));
  EXPECT_FALSE(for_each_nal(hex("000000"), [](ByteView) {}));
}

}  // namespace
}  // namespace vl::media
