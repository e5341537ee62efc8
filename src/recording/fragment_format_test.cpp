#include <gtest/gtest.h>

#include <vonglau/recording/fragment_format.hpp>

#include "test_footage.hpp"

namespace vl::recording {
namespace {

using namespace testing;

Bytes stored(const NewFragment& fragment, std::uint64_t sequence = 1, Digest chain = {}) {
  const auto encoded = encode_fragment(fragment, sequence, chain);
  EXPECT_TRUE(encoded) << encoded.error().message;
  Bytes out(encoded->header_bytes.begin(), encoded->header_bytes.end());
  out.insert(out.end(), encoded->tables.begin(), encoded->tables.end());
  for (const auto& one : fragment.samples)
    out.insert(out.end(), one->bytes.begin(), one->bytes.end());
  EXPECT_EQ(out.size(), encoded->bytes());
  return out;
}

TEST(FragmentFormat, GivesBackEverySampleAsItWas) {
  auto fragment_in = fragment(camera(1, StreamKind::sub), start_us);
  auto sound = std::make_shared<media::Sample>();
  sound->track = 1;
  sound->is_key = true;
  sound->pts = -5;
  sound->wall_us = start_us + 1;
  sound->bytes = Bytes{1, 2, 3};
  sound->format =
      std::make_shared<media::TrackFormat>(media::TrackFormat{.codec = media::Codec::aac,
                                                              .clock_hz = 16'000,
                                                              .channels = 2,
                                                              .parameter_sets = {{0x14, 8}}});
  fragment_in.samples.push_back(sound);
  const auto out = decode_fragment(stored(fragment_in, 42));
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->id, (FragmentId{camera(1, StreamKind::sub), 42}));
  EXPECT_EQ(out->session, 1u);
  EXPECT_EQ(out->start_us, start_us);
  EXPECT_EQ(out->end_us, start_us + 500'000);
  EXPECT_TRUE(out->starts_with_key);
  ASSERT_EQ(out->samples.size(), 6u);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto& a = *fragment_in.samples[i];
    const auto& b = out->samples[i];
    EXPECT_EQ(a.track, b.track);
    EXPECT_EQ(a.is_key, b.is_key);
    EXPECT_EQ(a.pts, b.pts);
    EXPECT_EQ(a.wall_us, b.wall_us);
    EXPECT_EQ(a.camera_us, b.camera_us);
    EXPECT_EQ(a.bytes, b.bytes);
    EXPECT_EQ(*a.format, *b.format);
  }
}

TEST(FragmentFormat, ChainsEachFragmentToTheOneBefore) {
  const auto first = encode_fragment(fragment(camera(1), start_us), 1, {});
  const auto second = encode_fragment(fragment(camera(1), start_us), 2, first->header.chain);
  const auto other = encode_fragment(fragment(camera(1), start_us), 2, {});
  EXPECT_EQ(first->header.hash, second->header.hash);
  EXPECT_NE(second->header.chain, other->header.chain);
  EXPECT_EQ(decode_header(second->header_bytes)->previous_chain, first->header.chain);
}

TEST(FragmentFormat, AnyByteChangedIsFound) {
  const auto good = stored(fragment(camera(1), start_us, 20));
  for (std::size_t at = 0; at < good.size(); ++at) {
    auto bad = good;
    bad[at] ^= 0x10;
    EXPECT_FALSE(decode_fragment(bad)) << "at byte " << at;
  }
}

TEST(FragmentFormat, AnyLengthButTheWholeIsRefused) {
  const auto good = stored(fragment(camera(1), start_us, 20));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(decode_fragment(Bytes(good.begin(), good.begin() + static_cast<long>(length))));
}

TEST(FragmentFormat, RefusesToStoreWhatHasNoPlace) {
  const auto refused = [](NewFragment one) {
    const auto encoded = encode_fragment(one, 1, {});
    return !encoded && encoded.error().code == code_of(RecordingError::invalid);
  };
  auto one = fragment(camera(1), start_us);
  one.samples.clear();
  EXPECT_TRUE(refused(one));
  one = fragment(camera(1), start_us);
  one.end_us = one.start_us - 1;
  EXPECT_TRUE(refused(one));
  one = fragment(camera(1), start_us);
  one.samples[2] = nullptr;
  EXPECT_TRUE(refused(one));
  one = fragment(camera(1), start_us);
  for (int i = 0; i < 20; ++i) {
    auto changed = std::make_shared<media::Sample>(*one.samples[0]);
    changed->format = std::make_shared<media::TrackFormat>(*changed->format);
    one.samples.push_back(changed);
  }
  EXPECT_TRUE(refused(one)) << "20 changes of format in a fragment";
}

}  // namespace
}  // namespace vl::recording
