#include "picture_bytes.hpp"

#include <deque>
#include <random>

#include <gtest/gtest.h>

namespace vl::rtsp {
namespace {

void append_length(Bytes& to, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8)
    to.push_back(static_cast<std::uint8_t>(length >> shift));
}

TEST(PictureBytes, a_picture_is_its_units_after_their_lengths_whenever_they_were_kept) {
  std::mt19937 chance(7);
  media::SampleRoom room(8000);
  std::vector<std::pair<media::SampleBytes, Bytes>> whole_before;
  for (int round = 0; round < 500; ++round) {
    PictureBytes picture;
    Bytes wanted;
    std::deque<Bytes> lying;  // gone after keep()
    const auto lie = [&](std::size_t bytes) -> ByteView {
      auto& one = lying.emplace_back(bytes);
      for (auto& byte : one) byte = static_cast<std::uint8_t>(chance());
      return one;
    };
    for (auto units = chance() % 5; units > 0; --units) {
      Bytes unit{static_cast<std::uint8_t>(chance()), static_cast<std::uint8_t>(chance())};
      picture.begin_unit();
      picture.add_header(unit);
      for (auto parts = chance() % 6; parts > 0; --parts) {
        const auto part = lie(chance() % 2000);
        unit.insert(unit.end(), part.begin(), part.end());
        picture.add(part);
        if (chance() % 4 == 0) {
          picture.keep();
          lying.clear();
        }
      }
      picture.end_unit();
      EXPECT_EQ(picture.unit_size(), unit.size());
      Bytes beginning(chance() % 3000);
      beginning.resize(picture.copy_unit(beginning));
      const auto shown = std::min(beginning.size(), unit.size());
      EXPECT_EQ(beginning, Bytes(unit.begin(), unit.begin() + static_cast<std::ptrdiff_t>(shown)));
      append_length(wanted, unit.size());
      wanted.insert(wanted.end(), unit.begin(), unit.end());
    }
    EXPECT_EQ(picture.size(), wanted.size());
    const auto whole = picture.take(room);
    EXPECT_EQ(whole, media::SampleBytes(wanted));
    whole_before.push_back({whole, wanted});
    EXPECT_EQ(picture.size(), 0U);
  }
  // What is laid later leaves what was laid before as it is.
  for (const auto& [laid, wanted] : whole_before) EXPECT_EQ(laid, media::SampleBytes(wanted));
}

}  // namespace
}  // namespace vl::rtsp
