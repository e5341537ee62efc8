// The rules on drawn planes; tests/scenarios has them on drawn streets.
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include <vonglau/picture/judge.hpp>

namespace vl::picture {
namespace {

constexpr int wide = 384, high = 216;

/// Boxes at seeded places on a grey ground: as much like a street as this test needs.
struct Scene {
  std::vector<std::uint8_t> luma = std::vector<std::uint8_t>(wide * high, 90);
  explicit Scene(unsigned seed) {
    std::mt19937 random(seed);
    const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    for (int box = 0; box < 40; ++box) {
      const int x = pick(wide - 20), y = pick(high - 20), w = 10 + pick(60), h = 8 + pick(50);
      const auto level = static_cast<std::uint8_t>(30 + pick(190));
      for (int row = y; row < std::min(high, y + h); ++row)
        for (int column = x; column < std::min(wide, x + w); ++column)
          luma[static_cast<std::size_t>(row * wide + column)] = level;
    }
  }
  Scene& scale(double by) {
    for (auto& p : luma) p = static_cast<std::uint8_t>(16 + (p - 16) * by);
    return *this;
  }
  Scene& fill(int level) {
    std::ranges::fill(luma, static_cast<std::uint8_t>(level));
    return *this;
  }
  Scene& blur(int radius) {
    std::vector<std::uint8_t> out(luma.size());
    for (int y = 0; y < high; ++y)
      for (int x = 0; x < wide; ++x) {
        int sum = 0, n = 0;
        for (int v = std::max(0, y - radius); v <= std::min(high - 1, y + radius); v += 2)
          for (int u = std::max(0, x - radius); u <= std::min(wide - 1, x + radius); u += 2)
            sum += luma[static_cast<std::size_t>(v * wide + u)], ++n;
        out[static_cast<std::size_t>(y * wide + x)] = static_cast<std::uint8_t>(sum / n);
      }
    luma = std::move(out);
    return *this;
  }
  Look look(unsigned noise_seed, double sigma = 1.5) const {
    auto noisy = luma;
    std::mt19937 random(noise_seed);
    std::normal_distribution<double> noise(0, sigma);
    if (sigma > 0)
      for (auto& p : noisy)
        p = static_cast<std::uint8_t>(std::clamp(std::lround(p + noise(random)), 0L, 255L));
    return look_at(noisy.data(), wide, high, wide);
  }
};

class Watching : public ::testing::Test {
 protected:
  void see(const Look& look, int times = 1) {
    for (int i = 0; i < times; ++i) judge_.add(look, at_ = at_.plus_us(30'000'000));
  }
  void watch(const Scene& scene, int times, double sigma = 1.5) {
    for (int i = 0; i < times; ++i) see(scene.look(++noise_, sigma));
  }
  PictureJudge judge_;
  WallTime at_;
  unsigned noise_ = 0;
};

TEST_F(Watching, a_street_is_good_and_nothing_is_said_at_the_first_look) {
  watch(Scene(1), 1);
  EXPECT_FALSE(judge_.state());
  watch(Scene(1), 9);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Watching, a_dead_sensor_is_black_and_a_street_at_night_is_not) {
  watch(Scene(1), 8);
  watch(Scene(1).scale(0.25), 8);
  EXPECT_EQ(judge_.state(), PictureState::good);
  watch(Scene(1).fill(17), 3);
  EXPECT_EQ(judge_.state(), PictureState::black);
  watch(Scene(1), 2);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Watching, a_hand_before_the_lens_is_covered_only_when_it_stays) {
  watch(Scene(1), 8);
  watch(Scene(2).fill(120), 2);
  EXPECT_EQ(judge_.state(), PictureState::good);
  watch(Scene(2).fill(120), 1);
  EXPECT_EQ(judge_.state(), PictureState::covered);
}

TEST_F(Watching, a_picture_repeated_is_frozen_though_its_clock_goes_on) {
  watch(Scene(1), 8);
  const Look still = Scene(1).look(99);
  for (int i = 0; i < 8; ++i) {
    Look with_clock = still;
    for (std::size_t k = 0; k < 40; ++k)
      with_clock.blocks[static_cast<std::size_t>(51 * look_columns) + k] =
          static_cast<std::uint16_t>(1000 * i);
    see(with_clock);
  }
  EXPECT_EQ(judge_.state(), PictureState::frozen);
  watch(Scene(1), 2);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Watching, a_street_where_nothing_moves_is_not_frozen_while_the_sensor_has_noise) {
  watch(Scene(1), 200, 0.8);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Watching, out_of_focus_is_blurred_by_what_this_camera_used_to_give) {
  watch(Scene(1), 8);
  EXPECT_LT(Scene(1).blur(6).look(1).sharpness * 2, Scene(1).look(1).sharpness);
  watch(Scene(1).blur(6), 3);
  EXPECT_EQ(judge_.state(), PictureState::blurred);
  PictureJudge soft;  // always was so: that is how it looks
  for (unsigned i = 0; i < 12; ++i) soft.add(Scene(1).blur(6).look(i), {i * 30'000'000LL});
  EXPECT_EQ(soft.state(), PictureState::good);
}

TEST_F(Watching, a_camera_that_was_turned_is_moved_until_that_is_its_view) {
  watch(Scene(1), 10);
  watch(Scene(77), 5);
  EXPECT_EQ(judge_.state(), PictureState::moved);
  watch(Scene(1), 4);
  EXPECT_EQ(judge_.state(), PictureState::good);
  watch(Scene(77), 5);
  EXPECT_EQ(judge_.state(), PictureState::moved);
  at_ = at_.plus_us(PictureRules{}.adopt_us);
  watch(Scene(77), 10);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Watching, light_that_changes_does_not_move_a_camera) {
  watch(Scene(1), 10);
  for (int i = 0; i < 40; ++i) watch(Scene(1).scale(1.0 - 0.018 * i), 1);
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST(Look, takes_any_size_from_its_own_up) {
  for (const auto& [w, h] : {std::pair{96, 54}, std::pair{100, 60}, std::pair{2560, 1440}}) {
    const std::vector<std::uint8_t> luma(static_cast<std::size_t>(w * h), 100);
    const auto look = look_at(luma.data(), w, h, w);
    EXPECT_EQ(look.blocks[0], 6400);
    EXPECT_EQ(look.blocks[look.blocks.size() - 1], 6400);
    EXPECT_EQ(look.bright, 100);
  }
}

}  // namespace
}  // namespace vl::picture
