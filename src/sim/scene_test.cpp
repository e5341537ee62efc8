#include <algorithm>
#include <cmath>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vonglau/sim/scene.hpp>

#include "scene_font.hpp"
#include "scene_layouts.hpp"
#include "scene_plate.hpp"
#include "scene_traffic.hpp"

namespace vl::sim {
namespace {

constexpr int kWide = 320, kHigh = 180;

std::string hash_of(const Picture& p) {
  Sha256 hash;
  hash.add(p.luma);
  hash.add(p.cb);
  hash.add(p.cr);
  return to_hex(hash.finish());
}

Picture draw(SceneRenderer& renderer, double time_s) {
  Picture picture;
  renderer.render(time_s, picture);
  return picture;
}

std::shared_ptr<const Scene> scene_of(Layout layout, Light light, std::uint64_t seed) {
  return std::make_shared<Scene>(SceneSpec{layout, light, seed, 12});
}

double difference(const Picture& a, const Picture& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.luma.size(); ++i) sum += std::abs(int{a.luma[i]} - int{b.luma[i]});
  return sum / static_cast<double>(a.luma.size());
}

TEST(Scene, the_same_seed_gives_the_same_picture_and_another_seed_another) {
  SceneRenderer first(scene_of(Layout::junction, Light::day, 7), kWide, kHigh, 1);
  SceneRenderer second(scene_of(Layout::junction, Light::day, 7), kWide, kHigh, 1);
  SceneRenderer other(scene_of(Layout::junction, Light::day, 8), kWide, kHigh, 1);
  EXPECT_EQ(hash_of(draw(first, 3.2)), hash_of(draw(second, 3.2)));
  EXPECT_NE(hash_of(draw(first, 3.2)), hash_of(draw(other, 3.2)));
}

TEST(Scene, a_frame_does_not_depend_on_the_frames_drawn_before_it) {
  const auto scene = scene_of(Layout::market_gate, Light::dusk, 3);
  SceneRenderer fresh(scene, kWide, kHigh, 1), used(scene, kWide, kHigh, 1);
  for (const double time : {0.0, 9.0, 4.5, 4.6}) draw(used, time);
  EXPECT_EQ(hash_of(draw(fresh, 6.0)), hash_of(draw(used, 6.0)));
}

TEST(Scene, every_layout_and_light_is_a_picture_with_things_in_it_that_move) {
  for (const Layout layout :
       {Layout::junction, Layout::straight_road, Layout::market_gate, Layout::industrial_gate})
    for (const Light light : {Light::day, Light::dusk}) {
      SCOPED_TRACE(std::string(name_of(layout)) + " " + std::string(name_of(light)));
      SceneRenderer renderer(scene_of(layout, light, 5), kWide, kHigh, 1);
      const Picture a = draw(renderer, 2), b = draw(renderer, 3);
      const auto [low, high] = std::ranges::minmax(a.luma);
      EXPECT_GT(high - low, 120);
      EXPECT_GT(difference(a, b), 1.0);
    }
}

TEST(Scene, a_turned_picture_shows_what_a_renderer_of_that_view_draws) {
  const auto scene = scene_of(Layout::junction, Light::day, 7);
  const SceneView views[] = {{12, 0, 1}, {0, -6, 1}, {-5, 3, 2.5F}};
  SceneRenderer straight(scene, kWide, kHigh, 1);
  const Picture drawn = draw(straight, 2.0);
  for (const SceneView& view : views) {
    SceneRenderer there(scene, kWide, kHigh, 1, view);
    const Picture wanted = draw(there, 2.0);
    Picture turned;
    straight.turn(drawn, view, turned);
    // What was not in the old picture is smeared, so they agree in part; far more than unturned.
    EXPECT_LT(difference(turned, wanted), difference(drawn, wanted) * 0.8)
        << view.pan_deg << " " << view.tilt_deg << " " << view.zoom;
    EXPECT_GT(difference(drawn, wanted), 4.0);
  }
  Picture same;
  straight.turn(drawn, {}, same);
  EXPECT_LT(difference(same, drawn), 1.5);
}

TEST(Scene, motion_has_no_seam_where_the_loop_closes) {
  SceneRenderer renderer(scene_of(Layout::junction, Light::day, 7), kWide, kHigh, 1);
  const double step = 1.0 / 15;
  double usual = 0;
  Picture before = draw(renderer, 5.0);
  for (int i = 1; i <= 8; ++i) {
    const Picture now = draw(renderer, 5.0 + step * i);
    usual = std::max(usual, difference(before, now));
    before = now;
  }
  EXPECT_LT(difference(draw(renderer, 12.0 - step), draw(renderer, 12.0)), 1.6 * usual);
  EXPECT_EQ(hash_of(draw(renderer, 0)), hash_of(draw(renderer, 12.0)));
}

TEST(SceneTraffic, nobody_drives_through_the_one_ahead_or_over_a_red_light) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Chance chance(seed);
    const SceneSpec spec{Layout::junction, Light::day, seed, 16};
    const Stage stage = build_stage(spec, chance);
    const auto movers =
        simulate_traffic(stage.paths, stage.demand, stage.signals, spec.loop_s, chance);
    ASSERT_GT(movers.size(), 45U);
    int crossed = 0;
    for (const Mover& m : movers) {
      const Path& path = stage.paths[static_cast<std::size_t>(m.path)];
      for (std::size_t i = 1; i < m.track_m.size(); ++i) {
        ASSERT_GE(m.track_m[i], m.track_m[i - 1]) << "backwards";
        if (path.stop_m < 0 || m.track_m[i - 1] >= path.stop_m || m.track_m[i] < path.stop_m)
          continue;
        // Whoever enters on amber may still be crossing half a second later.
        const float at_s = m.enter_s + static_cast<float>(i) * kTrackStep_s - 0.5F;
        const float phase = std::fmod(at_s + spec.loop_s, spec.loop_s) / spec.loop_s;
        EXPECT_NE(stage.signals.aspect(path.signal, phase), Aspect::red);
        ++crossed;
      }
      for (const Mover& n : movers) {
        if (&n == &m || n.path != m.path) continue;
        for (float age = 0; age < m.duration_s(); age += 0.5F) {
          const float other = std::fmod(m.enter_s + age - n.enter_s + 4 * spec.loop_s, spec.loop_s);
          const float ahead = n.distance_m(other) - m.distance_m(age);
          if (other > n.duration_s() || ahead < 0) continue;
          ASSERT_GT(ahead, vehicle_length_m(n.kind) * 0.95F) << "on path " << m.path;
        }
      }
    }
    EXPECT_GT(crossed, 20);
  }
}

TEST(SceneTraffic, most_of_what_is_asked_for_gets_through_whatever_the_seed) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    Chance chance(seed);
    const SceneSpec spec{Layout::junction, Light::day, seed, 16};
    const Stage stage = build_stage(spec, chance);
    const auto movers =
        simulate_traffic(stage.paths, stage.demand, stage.signals, spec.loop_s, chance);
    EXPECT_GT(movers.size(), stage.demand.size() * 8 / 10);
  }
}

TEST(ScenePlate, follows_the_grammar_and_the_colours) {
  const std::regex car(
      "(1[124-9]|[23]\\d|4[0137-9]|[5-7]\\d|8[0-689]|9[02345789])"
      "[A-HK-NPSTUVXYZ]-\\d{3}\\.\\d{2}");
  const std::regex motorcycle(
      "(1[124-9]|[23]\\d|4[0137-9]|[5-7]\\d|8[0-689]|9[02345789])"
      "-[A-HK-NPSTUVXYZ]([1-9]|[A-FHK-NPRSTUVXYZ])-\\d{3}\\.\\d{2}");
  Chance chance(1);
  std::set<std::string> seen;
  for (int i = 0; i < 400; ++i) {
    const Plate private_car = draw_plate(VehicleKind::suv, chance);
    EXPECT_TRUE(std::regex_match(private_car.one_line(), car)) << private_car.one_line();
    EXPECT_NE(private_car.colour, PlateColour::yellow);
    EXPECT_EQ(draw_plate(VehicleKind::taxi, chance).colour, PlateColour::yellow);
    const Plate scooter = draw_plate(VehicleKind::motorcycle, chance);
    EXPECT_TRUE(std::regex_match(scooter.one_line(), motorcycle)) << scooter.one_line();
    seen.insert(scooter.one_line());
  }
  EXPECT_GT(seen.size(), 390U);
}

TEST(SceneFont, draws_every_vietnamese_letter_and_no_two_alike) {
  const std::vector<std::string> letters{
      "A", "À", "Á", "Ả", "Ã", "Ạ", "Ă", "Ằ", "Ắ", "Ẳ", "Ẵ", "Ặ", "Â", "Ầ", "Ấ", "Ẩ", "Ẫ", "Ậ",
      "E", "È", "É", "Ẻ", "Ẽ", "Ẹ", "Ê", "Ề", "Ế", "Ể", "Ễ", "Ệ", "I", "Ì", "Í", "Ỉ", "Ĩ", "Ị",
      "O", "Ò", "Ó", "Ỏ", "Õ", "Ọ", "Ô", "Ồ", "Ố", "Ổ", "Ỗ", "Ộ", "Ơ", "Ờ", "Ớ", "Ở", "Ỡ", "Ợ",
      "U", "Ù", "Ú", "Ủ", "Ũ", "Ụ", "Ư", "Ừ", "Ứ", "Ử", "Ữ", "Ự", "Y", "Ỳ", "Ý", "Ỷ", "Ỹ", "Ỵ",
      "B", "C", "D", "Đ", "G", "H", "K", "L", "M", "N", "P", "Q", "R", "S", "T", "V", "X"};
  std::set<std::vector<std::uint8_t>> shapes;
  for (const std::string& letter : letters) {
    const TextMask mask = draw_text(letter, {24, 0.12F, 1});
    EXPECT_GT(std::ranges::max(mask.ink), 200) << letter;
    EXPECT_TRUE(shapes.insert(mask.ink).second) << letter << " looks like another";
  }
  EXPECT_EQ(draw_text("đ", {24, 0.12F, 1}).ink, draw_text("Đ", {24, 0.12F, 1}).ink);
}

TEST(SceneClock, is_read_back_from_the_picture_and_a_damaged_one_is_not) {
  for (const int width : {640, 1280, 1920}) {
    Picture picture;
    picture.resize(width, width * 9 / 16);
    for (const std::int64_t ms : {0LL, 1'763'800'123'456LL, (1LL << 48) - 1}) {
      burn_clock(picture, ms);
      EXPECT_EQ(read_clock(picture.luma.data(), width, width * 9 / 16, width), ms);
    }
    const int square = width / 80, left = 8 * square, top = width * 9 / 16 - 2 * square;
    for (int y = top; y < top + square; ++y)
      for (int x = left + 20 * square; x < left + 21 * square; ++x) {
        auto& luma = picture.luma[static_cast<std::size_t>(y * width + x)];
        luma = static_cast<std::uint8_t>(251 - luma);
      }
    EXPECT_EQ(read_clock(picture.luma.data(), width, width * 9 / 16, width), std::nullopt);
  }
}

TEST(SceneCaption, changes_with_the_second_and_only_in_its_corner) {
  Picture plain;
  plain.resize(1280, 720);
  Picture one = plain, two = plain;
  burn_caption(one, "BN-CAM-001", WallTime{1'763'800'000'000'000});
  burn_caption(two, "BN-CAM-001", WallTime{1'763'800'001'000'000});
  EXPECT_NE(one.luma, plain.luma);
  EXPECT_NE(one.luma, two.luma);
  EXPECT_TRUE(
      std::equal(one.luma.begin() + 1280 * 70, one.luma.end(), plain.luma.begin() + 1280 * 70));
}

}  // namespace
}  // namespace vl::sim
