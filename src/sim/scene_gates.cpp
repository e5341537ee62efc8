// The two gates: of a market, and of an industrial park.
#include <array>
#include <cmath>

#include "scene_layouts.hpp"

namespace vl::sim {
namespace {

constexpr float kStreetNear = 9, kStreetFar = 17;  // the street before the market runs along x

void market_arch(StageBuilder& b) {
  World& w = b.stage.world;
  const auto pillar = w.plain(0xD8C08A), trim = w.plain(0x9C3B2C);
  for (const float x : {-5.2F, 5.2F}) {
    w.box({x - 0.55F, 20.4F, 0.1F}, {x + 0.55F, 21.5F, 5.6F}, pillar);
    w.box({x - 0.7F, 20.3F, 0.1F}, {x + 0.7F, 21.6F, 0.7F}, trim);
    w.box({x - 0.7F, 20.3F, 5.4F}, {x + 0.7F, 21.6F, 5.7F}, trim);
  }
  w.box({-6.1F, 20.6F, 4.3F}, {6.1F, 21.3F, 5.9F}, pillar);
  const auto tile = w.add_coat({.surface = Surface::tin, .colour = linear_rgb(0xA8452F)});
  w.quad({-6.9F, 19.9F, 5.85F}, {6.9F, 19.9F, 5.85F}, {6.2F, 20.95F, 6.75F}, {-6.2F, 20.95F, 6.75F},
         tile);
  w.quad({6.9F, 22, 5.85F}, {-6.9F, 22, 5.85F}, {-6.2F, 20.95F, 6.75F}, {6.2F, 20.95F, 6.75F},
         tile);
  w.board("CHỢ VỌNG ĐÔNG", {0, 20.55F, 5.1F}, {1, 0, 0}, 8.6F, 1.25F, 0xA3231F, 0xFFE07A,
          b.dusk() ? 0.8F : 0);
  w.board("KÍNH CHÀO QUÝ KHÁCH", {0, 20.53F, 4.42F}, {1, 0, 0}, 6, 0.42F, 0xD8C08A, 0x7A2A20, 0);
}

void market_inside(StageBuilder& b) {
  World& w = b.stage.world;
  const auto floor =
      w.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0x9A958B), .seed = 31});
  b.ground(-5.2F, 5.2F, 20, 90, floor, 0.16F);
  constexpr std::array<std::uint32_t, 6> kCloth{0xB83A32, 0x2F6FA6, 0x3E8A55,
                                                0xD8A437, 0x7C4A8C, 0xD0632F};
  for (float y = 24; y < 74; y += 3.1F)
    for (const float side : {-1.0F, 1.0F}) {
      build_stall(w, {side * 3.6F, y}, {0, 1}, b.chance);
      build_umbrella(w, {side * 3.6F, y}, 1.5F, b.chance.between(2.1F, 2.5F),
                     kCloth[static_cast<std::size_t>(b.chance.below(kCloth.size()))]);
      if (b.chance.happens(0.8F))
        b.bystander({side * 4.7F, y + b.chance.between(-0.8F, 0.8F)}, {-side, 0});
      if (b.chance.happens(0.7F))
        b.bystander({side * 2.3F, y + b.chance.between(-1, 1)}, {side, b.chance.between(-1, 1)});
      if (b.dusk()) w.lamps.push_back({{side * 3.2F, y, 2.0F}, {1.3F, 1.1F, 0.75F}, 4.5F, 7});
    }
  build_shed(w, {{-24, 76}, {1, 0}}, 48, 40, 7, 0xC9CDC6, 0x5E86A4);
  build_house_row(w, {{-6.2F, 23}, {0, 1}}, 50, 3, b.dusk(), b.chance);
  build_house_row(w, {{6.2F, 73}, {0, -1}}, 50, 3, b.dusk(), b.chance);
}

void market_front(StageBuilder& b) {
  World& w = b.stage.world;
  const bool dusk = b.dusk();
  build_house_row(w, {{-64, 20.6F}, {1, 0}}, 57.5F, 4, dusk, b.chance);
  build_house_row(w, {{6.5F, 20.6F}, {1, 0}}, 60, 4, dusk, b.chance);
  for (const float x : {-22.0F, -12.5F, 12.5F, 23.0F})
    build_tree(w, {x, 18.2F}, b.chance.between(4.6F, 5.8F), b.chance);
  const std::vector<Vec2> poles{{-36, 18.0F}, {-8.6F, 18.0F}, {17, 18.0F}, {44, 18.0F}};
  build_power_line(w, poles, {0, 1}, b.chance);
  build_street_lamp(w, {8.2F, 17.8F}, {0, -2}, dusk);
  build_street_lamp(w, {-18, 17.8F}, {0, -2}, dusk);
  constexpr std::array<std::uint32_t, 4> kCloth{0xB83A32, 0x2F6FA6, 0xD8A437, 0x3E8A55};
  for (int i = 0; i < 4; ++i) {
    const float x =
        i < 2 ? -10.0F + 2.9F * static_cast<float>(i) : 7.6F + 3.1F * static_cast<float>(i - 2);
    build_umbrella(w, {x, 18.6F}, 1.3F, 2.1F, kCloth[static_cast<std::size_t>(i)]);
    build_stall(w, {x, 18.7F}, {1, 0}, b.chance);
    b.bystander({x + 0.3F, 19.7F}, {0, -1});
    b.bystander({x - 0.5F, 17.8F}, {0.2F, 1});
  }
  b.parked_motorcycles({-17.5F, 18.9F}, {0.72F, 0}, {0.1F, -1}, 6);
  b.parked_motorcycles({14.4F, 18.9F}, {0.72F, 0}, {0.1F, -1}, 9);
}

void market_traffic(StageBuilder& b) {
  int lane = 0;
  const auto along = [&](float y, bool right, float speed) {
    Path p{.points = {{right ? -46.0F : 46.0F, y}, {right ? 46.0F : -46.0F, y}},
           .lane = lane++,
           .speed_ms = speed};
    return b.path(p);
  };
  b.mixed_cars(along(11.4F, true, 6), 1, 0.2F);
  b.mixed_cars(along(14.6F, false, 6), 1, 0.1F);
  const int near_strip = lane;
  for (const float y : {9.7F, 10.4F})
    b.flow(along(y, true, 6.5F), VehicleKind::motorcycle, 4, b.chance.unit());
  for (const float y : {15.6F, 16.4F})
    b.flow(along(y, false, 6.5F), VehicleKind::motorcycle, 4, b.chance.unit());
  // Out of the far strip into the market, and out of the market into it.
  Path in{.points = {{46, 16.4F}},
          .lane = near_strip + 3,
          .split_m = 46 - 5.5F,
          .speed_ms = 6,
          .slow_from_m = 36,
          .slow_to_m = 70,
          .slow_ms = 2.6F};
  for (const Vec2 p : bend({5, 16.4F}, {-1, 0}, {1.0F, 21})) in.points.push_back(p);
  in.points.push_back({0.8F, 52});
  b.flow(b.path(in), VehicleKind::motorcycle, 2, 0.2F);
  for (int i = 0; i < 5; ++i) {
    const float x = b.chance.between(-1.4F, 1.4F), y = b.chance.between(22, 40);
    b.walk({x, y}, {x + b.chance.between(-0.4F, 0.4F), y + 15});
    b.walk({-x, y + 14}, {-x, y});
  }
  b.walk({-2.5F, 7.2F}, {-2.0F, 22.5F});
  b.walk({3.0F, 22}, {2.4F, 7.0F});
  b.walk({-18, 17.6F}, {-5.8F, 17.7F});
  b.walk({21, 17.5F}, {6.0F, 17.6F});
}

}  // namespace

void build_market_gate(StageBuilder& b) {
  World& w = b.stage.world;
  b.ground(-160, 160, -30, 30, b.asphalt());
  b.ground(-160, 160, 30, 200,
           w.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0x8F8B82), .seed = 4}));
  b.pavement({{-100, kStreetFar}, {100, kStreetFar}, {100, 90}, {-100, 90}}, {0, 0, 0, 0});
  b.pavement({{-100, -30}, {100, -30}, {100, kStreetNear - 0.6F}, {-100, kStreetNear - 0.6F}},
             {0, 0, 0, 0});
  Markings paint(w);
  paint.dashes({-60, 13}, {60, 13}, 0.12F, 2, 2, true);
  paint.zebra({0, kStreetNear - 0.4F}, {0, kStreetFar}, {0, 1}, 3.6F);
  market_arch(b);
  market_inside(b);
  market_front(b);
  market_traffic(b);
  b.parked_motorcycles({3.4F, 6.6F}, {0.8F, 0}, {0, 1}, 7);
  b.stage.camera = {{-2.6F, -3.5F, 6.4F}, {0.4F, 18, 1.6F}, 60};
}

namespace {

constexpr float kGate = 36;

void park_gate(StageBuilder& b) {
  World& w = b.stage.world;
  const bool dusk = b.dusk();
  const auto stone =
      w.add_coat({.surface = Surface::concrete, .colour = linear_rgb(0xC9C4B8), .seed = 61});
  for (const float x : {-12.5F, 12.5F})
    w.box({x - 1.1F, kGate - 0.9F, 0}, {x + 1.1F, kGate + 0.9F, 7.4F}, stone);
  w.box({-14.2F, kGate - 0.8F, 6.2F}, {14.2F, kGate + 0.8F, 8.6F}, w.plain(0x2A5F9E));
  w.board("KHU CÔNG NGHIỆP VỌNG LÂU", {0, kGate - 0.84F, 7.45F}, {1, 0, 0}, 24, 1.9F, 0x2A5F9E,
          0xFFFFFF, dusk ? 0.9F : 0);
  // The guards' house between the two ways, with barriers to both sides.
  const auto wall = w.plain(0xE4E2DA), roof = w.plain(0x7C8790);
  w.box({-1.4F, kGate - 1.6F, 0.2F}, {1.4F, kGate + 2.2F, 3.0F}, wall);
  w.box({-2.0F, kGate - 2.3F, 3.0F}, {2.0F, kGate + 2.9F, 3.25F}, roof);
  const auto window = w.add_coat(
      {.surface = Surface::glow, .colour = linear_rgb(0x3C4A55), .glow = dusk ? 1.6F : 0.0F});
  w.quad({-1.1F, kGate - 1.63F, 1.2F}, {1.1F, kGate - 1.63F, 1.2F}, {1.1F, kGate - 1.63F, 2.4F},
         {-1.1F, kGate - 1.63F, 2.4F}, window);
  if (dusk) w.lamps.push_back({{0, kGate - 3, 2.8F}, {1.6F, 1.4F, 1.1F}, 9, 9});
  const auto red = w.plain(0xC23A30), white = w.plain(0xF0F0EC);
  for (const float side : {-1.0F, 1.0F}) {
    w.box({side * 2.3F - 0.2F, kGate - 2.4F, 0}, {side * 2.3F + 0.2F, kGate - 2.0F, 1.1F},
          w.plain(0xD9A02E));
    for (int i = 0; i < 8; ++i) {  // raised arm, leaning outwards
      const float t0 = static_cast<float>(i) * 0.55F, t1 = t0 + 0.55F;
      const Vec3 foot{side * 2.3F, kGate - 2.2F, 1.0F}, lean{side * 0.42F, 0, 0.9F};
      w.bar(foot + lean * t0, foot + lean * t1, 0.06F, 0.06F, 5, i % 2 == 0 ? red : white);
    }
    b.bystander({side * 2.7F, kGate - 4}, {-side * 0.4F, -1});
    build_wall(w, {side * 13.8F, kGate}, {side * 90, kGate}, 2.2F, 0xD6CDB6);
  }
}

void park_inside(StageBuilder& b) {
  World& w = b.stage.world;
  build_shed(w, {{-64, kGate + 26}, {1, 0}}, 46, 70, 9.5F, 0xD5DADC, 0x4E7FA8);
  build_shed(w, {{18, kGate + 30}, {1, 0}}, 48, 70, 10.5F, 0xDDD9CC, 0x8FA0A8);
  build_shed(w, {{-44, kGate + 110}, {1, 0}}, 88, 60, 14, 0xC8D2D8, 0x6D8797);
  w.board("XƯỞNG A1", {-41, kGate + 25.7F, 8.2F}, {1, 0, 0}, 9, 1.8F, 0x1F5B94, 0xFFFFFF,
          b.dusk() ? 0.7F : 0);
  w.board("XƯỞNG B2", {42, kGate + 29.7F, 9.0F}, {1, 0, 0}, 9, 1.8F, 0x2F7A4A, 0xFFFFFF,
          b.dusk() ? 0.7F : 0);
  const auto grass =
      w.add_coat({.surface = Surface::grass, .colour = linear_rgb(0x6C9048), .seed = 41});
  for (const float side : {-1.0F, 1.0F}) {
    const float a = side * 13.2F, c = side * 100;
    b.ground(std::min(a, c), std::max(a, c), -30, kGate - 0.3F, grass, 0.05F);
    b.ground(std::min(a, c), std::max(a, c), kGate + 0.3F, kGate + 22, grass, 0.05F);
    for (float y = 2; y < kGate - 4; y += 7.5F)
      build_palm(w, {side * 15, y}, b.chance.between(5, 6.4F), b.chance);
    for (float x = 22; x < 60; x += 9)
      build_tree(w, {side * x, kGate - 5}, b.chance.between(5, 6.5F), b.chance);
    for (float y = kGate + 8; y < kGate + 100; y += 12)
      build_tree(w, {side * 14.4F, y}, b.chance.between(5, 6.5F), b.chance);
    for (const float y : {12.0F, kGate + 14, kGate + 44})
      build_street_lamp(w, {side * 12.6F, y}, {-side * 2.2F, 0}, b.dusk());
  }
  for (int i = 0; i < 7; ++i)
    b.parked_car(i % 3 == 0 ? VehicleKind::suv : VehicleKind::sedan,
                 {-21.0F - 2.9F * static_cast<float>(i), kGate + 15}, {0, 1});
  b.parked_car(VehicleKind::container, {26, kGate + 17}, {1, 0});
  b.parked_motorcycles({18, kGate + 7}, {0.8F, 0}, {0, 1}, 14);
}

}  // namespace

void build_industrial_gate(StageBuilder& b) {
  World& w = b.stage.world;
  b.ground(-160, 160, -30, 240, b.asphalt());
  const auto kerb = w.add_coat({.surface = Surface::kerb, .colour = linear_rgb(0xB9B7B0)});
  const auto top = w.add_coat({.surface = Surface::pavement,
                               .colour = linear_rgb(0xA9A59C),
                               .second = linear_rgb(0x98938A),
                               .seed = 5});
  w.slab({{-2.4F, kGate - 8}, {2.4F, kGate - 8}, {2.4F, kGate + 6}, {-2.4F, kGate + 6}}, 0, 0.2F,
         top, kerb);
  w.slab({{12, -30}, {13.4F, -30}, {13.4F, kGate}, {12, kGate}}, 0, 0.15F, top, kerb);
  w.slab({{-13.4F, -30}, {-12, -30}, {-12, kGate}, {-13.4F, kGate}}, 0, 0.15F, top, kerb);
  park_gate(b);
  park_inside(b);
  Markings paint(w);
  for (const float x : {-0.15F, 0.15F}) paint.line({x, -25}, {x, kGate - 9}, 0.13F, true);
  for (const float side : {-1.0F, 1.0F}) {
    paint.line({side * 11.6F, -25}, {side * 11.6F, kGate - 2}, 0.14F);
    paint.dashes({side * 7.2F, -25}, {side * 7.2F, kGate - 9}, 0.13F, 2, 3);
    paint.line({side * 2.6F, kGate - 5.5F}, {side * 11.5F, kGate - 5.5F}, 0.35F);
    paint.arrow({side * 4.8F, 14}, {0, side});
  }
  int lane = 0;
  for (const float side : {-1.0F, 1.0F}) {
    const auto along = [&](float x, float speed) {
      const float near = -30, far = 120;
      Path p{.points = {{side * x, side > 0 ? near : far}, {side * x, side > 0 ? far : near}},
             .lane = lane++,
             .speed_ms = speed};
      const float gate_m = side > 0 ? kGate - near : far - kGate;
      p.slow_from_m = gate_m - 9, p.slow_to_m = gate_m + 5, p.slow_ms = 3.2F;
      return b.path(p);
    };
    const int heavy = along(5.0F, 8.5F);
    b.flow(heavy, side > 0 ? VehicleKind::container : VehicleKind::lorry, 1, 0.1F);
    b.flow(heavy, side > 0 ? VehicleKind::lorry : VehicleKind::bus, 1, 0.5F);
    b.flow(heavy, side > 0 ? VehicleKind::van : VehicleKind::suv, 1, 0.82F);
    for (const float x : {8.4F, 9.6F, 10.8F})
      b.flow(along(x, 8), VehicleKind::motorcycle, 4, b.chance.unit());
  }
  b.walk({-14, 30}, {-13, 14});
  b.stage.camera = {{4.5F, -10, 7.4F}, {-0.6F, 26, 2.2F}, 56};
}

}  // namespace vl::sim
