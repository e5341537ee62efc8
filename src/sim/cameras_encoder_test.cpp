#include "cameras_encoder.hpp"

#include <gtest/gtest.h>

namespace vl::sim {
namespace {

Picture grey(const VideoProfile& profile) {
  Picture out;
  out.width = profile.width;
  out.height = profile.height;
  const auto pixels = static_cast<std::size_t>(profile.width) * profile.height;
  out.luma.assign(pixels, 120);
  out.cb.assign(pixels / 4, 128);
  out.cr.assign(pixels / 4, 128);
  return out;
}

TEST(CamerasEncoder, a_live_picture_leaves_it_before_the_next_one_comes) {
  VideoProfile profile{.width = 320, .height = 192, .live = true};
  auto encoder = H264Encoder::open(profile);
  ASSERT_TRUE(encoder) << encoder.error().message;
  const auto picture = grey(profile);
  for (std::size_t i = 1; i <= 40; ++i) {
    std::vector<CodedPicture> out;
    ASSERT_TRUE((*encoder)->encode(picture, i == 20, out));
    ASSERT_EQ(out.size(), 1u) << "picture " << i;
    if (i == 1 || i == 20) EXPECT_TRUE(out.front().key) << i;
  }
}

TEST(CamerasEncoder, an_encoder_that_looks_ahead_gives_the_rest_when_it_finishes) {
  VideoProfile profile{.width = 320, .height = 192};
  auto encoder = H264Encoder::open(profile);
  ASSERT_TRUE(encoder) << encoder.error().message;
  const auto picture = grey(profile);
  std::vector<CodedPicture> out;
  for (int i = 0; i < 30; ++i) ASSERT_TRUE((*encoder)->encode(picture, false, out));
  EXPECT_LT(out.size(), 30u);
  ASSERT_TRUE((*encoder)->finish(out));
  EXPECT_EQ(out.size(), 30u);
}

}  // namespace
}  // namespace vl::sim
