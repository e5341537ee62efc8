// Whether pictures are judged rightly on drawn streets: day, dusk and night, still and moving, and
// each way of being spoilt.
#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include <vonglau/picture/decoder.hpp>
#include <vonglau/picture/judge.hpp>
#include <vonglau/sim/spoil.hpp>

namespace vl {
namespace {

using picture::PictureJudge;
using picture::PictureState;
using sim::FaultKind;

class Street {
 public:
  explicit Street(sim::SceneSpec spec = {})
      : renderer_(std::make_shared<const sim::Scene>(spec), 640, 360, 1) {}

  sim::Picture at(double time_s) {
    sim::Picture out;
    renderer_.render(time_s, out);
    return out;
  }

 private:
  sim::SceneRenderer renderer_;
};

void darken(sim::Picture& picture, double by) {
  for (auto& p : picture.luma) p = static_cast<std::uint8_t>(16 + (p - 16) * by);
}
void add_noise(sim::Picture& picture, unsigned seed, double sigma) {
  std::mt19937 random(seed);
  std::normal_distribution<double> noise(0, sigma);
  for (auto& p : picture.luma)
    p = static_cast<std::uint8_t>(std::clamp(std::lround(p + noise(random)), 1L, 254L));
}

class Pictures : public ::testing::Test {
 protected:
  void see(sim::Picture picture, double sigma = 1.2) {
    add_noise(picture, ++seed_, sigma);
    judge_.add(picture::look_at(picture.luma.data(), picture.width, picture.height, picture.width),
               at_ = at_.plus_us(20'000'000));
  }
  void street(int looks) {
    for (int i = 0; i < looks; ++i) see(street_.at(3.7 * ++time_));
  }
  void spoilt(FaultKind kind, int looks) {
    for (int i = 0; i < looks; ++i) {
      auto picture = street_.at(3.7 * ++time_);
      sim::spoil(picture, kind);
      see(std::move(picture));
    }
  }

  Street street_;
  PictureJudge judge_;
  WallTime at_;
  unsigned seed_ = 0;
  int time_ = 0;
};

TEST_F(Pictures, of_a_street_are_good_and_spoilt_ones_are_named_and_good_again) {
  street(10);
  EXPECT_EQ(judge_.state(), PictureState::good);
  const std::pair<FaultKind, PictureState> kinds[] = {{FaultKind::black, PictureState::black},
                                                      {FaultKind::cover, PictureState::covered},
                                                      {FaultKind::blur, PictureState::blurred},
                                                      {FaultKind::move, PictureState::moved}};
  for (const auto& [kind, state] : kinds) {
    spoilt(kind, 5);
    EXPECT_EQ(judge_.state(), state) << name_of(kind);
    street(4);
    EXPECT_EQ(judge_.state(), PictureState::good) << "after " << name_of(kind);
  }
}

TEST_F(Pictures, of_a_street_that_gets_dark_stay_good) {
  street(10);
  for (int i = 0; i < 40; ++i) {
    auto picture = street_.at(3.7 * ++time_);
    darken(picture, 1.0 - 0.02 * i);  // down to a fifth: noise grows as the light goes
    see(std::move(picture), 1.2 + 0.06 * i);
  }
  EXPECT_EQ(judge_.state(), PictureState::good);
}

TEST_F(Pictures, of_a_street_where_nothing_moves_are_not_frozen_but_a_repeated_one_is) {
  for (int i = 0; i < 30; ++i) see(street_.at(5), 0.8);
  EXPECT_EQ(judge_.state(), PictureState::good) << "a sensor's noise moves every block";
  auto still = street_.at(5);
  add_noise(still, 1, 0.8);
  for (int i = 0; i < 8; ++i) {
    auto again = still;
    sim::burn_clock(again, 1'000'000 + i * 20'000);  // the encoder's clock goes on
    see(std::move(again), 0);
  }
  EXPECT_EQ(judge_.state(), PictureState::frozen);
}

TEST_F(Pictures, of_every_layout_by_day_and_dusk_are_good) {
  for (const auto layout : {sim::Layout::junction, sim::Layout::straight_road,
                            sim::Layout::market_gate, sim::Layout::industrial_gate})
    for (const auto light : {sim::Light::day, sim::Light::dusk}) {
      Street other({layout, light, 3, 16});
      PictureJudge judge;
      for (int i = 0; i < 12; ++i) {
        auto picture = other.at(3.1 * i);
        add_noise(picture, static_cast<unsigned>(i), 1.2);
        judge.add(
            picture::look_at(picture.luma.data(), picture.width, picture.height, picture.width),
            {i * 20'000'000LL});
      }
      EXPECT_EQ(judge.state(), PictureState::good) << name_of(layout) << ' ' << name_of(light);
    }
}

}  // namespace
}  // namespace vl
