#include "scene_layouts.hpp"

#include <algorithm>
#include <cmath>

namespace vl::sim {

std::string_view name_of(Layout layout) {
  switch (layout) {
    case Layout::junction:
      return "junction";
    case Layout::straight_road:
      return "straight_road";
    case Layout::market_gate:
      return "market_gate";
    case Layout::industrial_gate:
      return "industrial_gate";
  }
  return "?";
}
std::string_view name_of(Light light) {
  return light == Light::day ? "day" : "dusk";
}

std::vector<Vec2> bend(Vec2 from, Vec2 ahead, Vec2 to) {
  // The corner where the two directions meet is the middle control point.
  const Vec2 corner = from + ahead * dot(to - from, ahead);
  std::vector<Vec2> out;
  for (int i = 0; i <= 10; ++i) {
    const float t = static_cast<float>(i) / 10;
    out.push_back(from * ((1 - t) * (1 - t)) + corner * (2 * t * (1 - t)) + to * (t * t));
  }
  return out;
}

std::uint32_t StageBuilder::asphalt() {
  return stage.world.add_coat({.surface = Surface::asphalt,
                               .colour = linear_rgb(0x77797C),
                               .seed = static_cast<std::uint32_t>(spec.seed)});
}

void StageBuilder::ground(float low_x, float high_x, float low_y, float high_y, std::uint32_t coat,
                          float z) {
  stage.world.quad({low_x, low_y, z}, {high_x, low_y, z}, {high_x, high_y, z}, {low_x, high_y, z},
                   coat);
}

void StageBuilder::pavement(const std::vector<Vec2>& corners, const std::vector<float>& radii) {
  std::vector<Vec2> outline;
  const std::size_t n = corners.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Vec2 p = corners[i];
    if (radii[i] <= 0) {
      outline.push_back(p);
      continue;
    }
    const Vec2 in = p - corners[(i + n - 1) % n], out = corners[(i + 1) % n] - p;
    const Vec2 from = p - in * (radii[i] / length(in));
    const Vec2 to = p + out * (radii[i] / length(out));
    for (int k = 0; k <= 6; ++k) {
      const float t = static_cast<float>(k) / 6;
      outline.push_back(from * ((1 - t) * (1 - t)) + p * (2 * t * (1 - t)) + to * (t * t));
    }
  }
  const auto top = stage.world.add_coat({.surface = Surface::pavement,
                                         .colour = linear_rgb(0xB3A99B),
                                         .second = linear_rgb(0x9A7F6B),
                                         .seed = static_cast<std::uint32_t>(chance.bits())});
  const auto kerb =
      stage.world.add_coat({.surface = Surface::kerb, .colour = linear_rgb(0xB9B7B0)});
  stage.world.slab(outline, 0, 0.15F, top, kerb);
}

int StageBuilder::path(Path path) {
  path.measure();
  stage.paths.push_back(std::move(path));
  return static_cast<int>(stage.paths.size() - 1);
}

void StageBuilder::flow(int on_path, VehicleKind kind, int count, float first_part) {
  for (int i = 0; i < count; ++i) {
    const float part = first_part + (static_cast<float>(i) + chance.between(-0.3F, 0.3F)) /
                                        static_cast<float>(count);
    stage.demand.push_back({on_path, kind, (part - std::floor(part)) * (spec.loop_s - 0.1F)});
  }
}

void StageBuilder::mixed_cars(int on_path, int count, float lorry_share) {
  for (int i = 0; i < count; ++i) {
    VehicleKind kind = VehicleKind::sedan;
    const float draw = chance.unit();
    if (draw < lorry_share)
      kind = chance.happens(0.7F) ? VehicleKind::lorry : VehicleKind::bus;
    else if (draw < lorry_share + 0.12F)
      kind = VehicleKind::taxi;
    else if (draw < lorry_share + 0.22F)
      kind = VehicleKind::van;
    else if (draw < lorry_share + 0.55F)
      kind = VehicleKind::suv;
    const float part =
        (static_cast<float>(i) + chance.between(0.1F, 0.7F)) / static_cast<float>(count);
    stage.demand.push_back({on_path, kind, part * (spec.loop_s - 0.1F)});
  }
}

void StageBuilder::parked_motorcycles(Vec2 from, Vec2 step, Vec2 ahead, int count) {
  for (int i = 0; i < count; ++i) {
    Mesh whole = make_vehicle(VehicleKind::motorcycle, 0);
    // The rider is gone: his parts are the coat, trousers, hat and skin.
    std::erase_if(whole.triangles, [&](const auto& t) {
      const Part part = whole.vertices[t[0]].part;
      const bool high_dark = part == Part::white || part == Part::skin || part == Part::coat;
      return high_dark || part == Part::trousers || part == Part::hat;
    });
    stage.world.mesh(whole, from + step * static_cast<float>(i), ahead,
                     draw_palette(VehicleKind::motorcycle, chance), 0.15F);
  }
}

void StageBuilder::parked_car(VehicleKind kind, Vec2 at, Vec2 ahead) {
  stage.world.mesh(make_vehicle(kind, chance.bits()), at, ahead, draw_palette(kind, chance), 0);
}

void StageBuilder::bystander(Vec2 at, Vec2 ahead) {
  const auto look = static_cast<std::uint64_t>(chance.below(60)) * kStepMoments;
  stage.world.mesh(make_vehicle(VehicleKind::walker, look), at, ahead,
                   draw_palette(VehicleKind::walker, chance), 0.15F);
}

void StageBuilder::walk(Vec2 from, Vec2 to) {
  const float distance = length(to - from);
  const int lane = 1000 + static_cast<int>(stage.paths.size());
  const int on = path({.points = {from, to},
                       .lane = lane,
                       .speed_ms = std::min(1.3F, distance / (spec.loop_s * 0.9F))});
  stage.demand.push_back({on, VehicleKind::walker, chance.unit() * (spec.loop_s - 0.1F)});
}

Stage build_stage(const SceneSpec& spec, Chance& chance) {
  Stage stage;
  StageBuilder builder{stage, spec, chance};
  switch (spec.layout) {
    case Layout::junction:
      build_junction(builder);
      break;
    case Layout::straight_road:
      build_straight_road(builder);
      break;
    case Layout::market_gate:
      build_market_gate(builder);
      break;
    case Layout::industrial_gate:
      build_industrial_gate(builder);
      break;
  }
  stage.world.index_lamps();
  return stage;
}

namespace {

constexpr float kCross = 27;  // y of the cross road's middle line

void junction_ground(StageBuilder& b) {
  World& w = b.stage.world;
  b.ground(-160, 160, -30, 220, b.asphalt());
  for (const float side : {-1.0F, 1.0F}) {
    const auto block = [&](float y0, float y1, bool round_far, bool round_near) {
      const float x0 = 7.5F, x1 = 120;
      std::vector<Vec2> corners{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}};
      std::vector<float> radii{round_near ? 5.0F : 0.0F, 0, 0, round_far ? 5.0F : 0.0F};
      if (side < 0) {
        corners = {{-x1, y0}, {-x0, y0}, {-x0, y1}, {-x1, y1}};
        radii = {0, round_near ? 5.0F : 0.0F, round_far ? 5.0F : 0.0F, 0};
      }
      b.pavement(corners, radii);
    };
    block(-30, kCross - 6, true, false);
    block(kCross + 6, 200, false, true);
  }
  Markings paint(w);
  for (const float x : {-0.11F, 0.11F}) {
    paint.line({x, -25}, {x, kCross - 10.6F}, 0.11F, true);
    paint.line({x, kCross + 10.6F}, {x, 150}, 0.11F, true);
  }
  for (const float side : {-1.0F, 1.0F}) {
    paint.dashes({side * 3.7F, -25}, {side * 3.7F, kCross - 10.6F}, 0.12F, 2, 2.5F);
    paint.dashes({side * 3.7F, kCross + 10.6F}, {side * 3.7F, 150}, 0.12F, 2, 2.5F);
    paint.dashes({side * 10.6F, kCross}, {side * 90, kCross}, 0.12F, 2, 2, true);
    paint.zebra({-7.4F, kCross + side * 8.2F}, {7.4F, kCross + side * 8.2F}, {0, 1}, 2.6F);
    paint.zebra({side * 9.2F, kCross - 5.9F}, {side * 9.2F, kCross + 5.9F}, {1, 0}, 2.4F);
  }
  paint.line({0.2F, kCross - 10.3F}, {7.4F, kCross - 10.3F}, 0.35F);
  paint.line({-7.4F, kCross + 10.3F}, {-0.2F, kCross + 10.3F}, 0.35F);
  paint.line({-11.2F, kCross - 5.9F}, {-11.2F, kCross - 0.1F}, 0.35F);
  paint.line({11.2F, kCross + 0.1F}, {11.2F, kCross + 5.9F}, 0.35F);
  for (const float x : {1.9F, 5.5F}) paint.arrow({x, kCross - 14}, {0, 1});
  for (const float x : {-1.9F, -5.5F}) paint.arrow({x, kCross + 14}, {0, -1});
}

void junction_sides(StageBuilder& b) {
  World& w = b.stage.world;
  const bool dusk = b.dusk();
  build_house_row(w, {{-12.5F, -2}, {0, 1}}, kCross - 12, 4, dusk, b.chance);
  build_house_row(w, {{12.5F, kCross - 13}, {0, -1}}, kCross - 8, 4, dusk, b.chance);
  build_house_row(w, {{-70, kCross + 11}, {1, 0}}, 57, 4, dusk, b.chance);
  build_house_row(w, {{13, kCross + 11}, {1, 0}}, 60, 4, dusk, b.chance);
  build_house_row(w, {{-12.5F, kCross + 24.5F}, {0, 1}}, 110, 4, dusk, b.chance);
  build_house_row(w, {{12.5F, kCross + 135}, {0, -1}}, 110, 4, dusk, b.chance);
  for (float y = 3; y < kCross - 9; y += 8.5F)
    build_tree(w, {-8.7F, y}, b.chance.between(5.5F, 7), b.chance);
  for (float y = kCross + 13; y < 120; y += 9) {
    build_tree(w, {-8.7F, y}, b.chance.between(5.5F, 7.5F), b.chance);
    build_tree(w, {8.7F, y + 3}, b.chance.between(5.5F, 7.5F), b.chance);
  }
  const std::vector<Vec2> left{
      {-9.3F, -8}, {-9.3F, 16}, {-9.4F, kCross + 12}, {-9.4F, 66}, {-9.4F, 98}};
  build_power_line(w, left, {-1, 0}, b.chance);
  for (const float y : {kCross + 16.0F, kCross + 46, kCross + 76}) {
    build_street_lamp(w, {8.2F, y}, {-2.2F, 0}, dusk);
    build_street_lamp(w, {-8.2F, y + 4}, {2.2F, 0}, dusk);
  }
  build_street_lamp(w, {-8.2F, 9}, {2.2F, 0}, dusk);
  b.parked_motorcycles({-11, 6}, {0, 0.75F}, {1, 0.2F}, 7);
  b.parked_motorcycles({16, kCross + 9.4F}, {0.75F, 0}, {0.1F, -1}, 8);
  b.parked_motorcycles({-30, kCross + 9.4F}, {0.75F, 0}, {0.1F, -1}, 9);
  for (int i = 0; i < 7; ++i) {
    b.bystander({b.chance.between(14, 34), kCross + b.chance.between(7.5F, 9)},
                {b.chance.between(-1, 1), -1});
    b.bystander({b.chance.between(-34, -14), kCross + b.chance.between(7.5F, 9)},
                {b.chance.between(-1, 1), -1});
  }
  build_umbrella(w, {-16, kCross + 8.4F}, 1.4F, 2.2F, 0x2C6E9E);
  build_stall(w, {-16, kCross + 8.3F}, {1, 0}, b.chance);
}

void junction_traffic(StageBuilder& b) {
  b.stage.signals.groups = {{0.0F, 0.46F, 0.54F}, {0.60F, 0.87F, 0.95F}};
  const auto straight = [&](Vec2 from, Vec2 to, float stop, int lane, int group, float speed) {
    return b.path(
        {.points = {from, to}, .lane = lane, .stop_m = stop, .signal = group, .speed_ms = speed});
  };
  const float start = -24, end = 112;
  int lane = 0;
  b.mixed_cars(straight({1.9F, start}, {1.9F, end}, kCross - 11.6F - start, lane++, 0, 9.5F), 4,
               0.12F);
  b.mixed_cars(straight({-1.9F, end}, {-1.9F, start}, end - kCross - 11.6F, lane++, 0, 9.5F), 4,
               0.12F);
  for (const float x : {4.4F, 5.5F, 6.6F}) {
    b.flow(straight({x, start}, {x, end}, kCross - 11.4F - start, lane++, 0, 9),
           VehicleKind::motorcycle, 5, b.chance.unit());
    b.flow(straight({-x, end}, {-x, start}, end - kCross - 11.4F, lane++, 0, 9),
           VehicleKind::motorcycle, 6, b.chance.unit());
  }
  for (const float side : {-1.0F, 1.0F}) {
    const float y = kCross + side * 1.7F;  // heading -x on the far side, +x on the near one
    b.mixed_cars(straight({side * 60, y}, {-side * 60, y}, 60 - 12.4F, lane++, 1, 8.5F), 2, 0.1F);
    for (const float off : {3.7F, 4.9F}) {
      const float my = kCross + side * off;
      b.flow(straight({side * 60, my}, {-side * 60, my}, 60 - 12.0F, lane++, 1, 8),
             VehicleKind::motorcycle, 4, b.chance.unit());
    }
  }
  // Right turns out of the outermost strip, in the lane of that strip until they leave it.
  Path turn{.points = {{6.6F, start}},
            .lane = 6,
            .stop_m = kCross - 11.4F - start,
            .signal = 0,
            .speed_ms = 8};
  for (const Vec2 p : bend({6.6F, kCross - 9}, {0, 1}, {13, kCross - 4.3F}))
    turn.points.push_back(p);
  turn.points.push_back({60, kCross - 4.3F});
  turn.split_m = kCross - 8 - start;
  turn.slow_from_m = kCross - 12 - start, turn.slow_to_m = kCross - start;
  b.flow(b.path(turn), VehicleKind::motorcycle, 2, 0.1F);
  b.walk({-10.5F, kCross - 8.2F}, {-8.6F, kCross + 9});
  b.walk({12, kCross + 8.6F}, {27, kCross + 8.2F});
  b.walk({-10.4F, 15}, {-9.8F, -2});
}

}  // namespace

void build_junction(StageBuilder& b) {
  junction_ground(b);
  junction_sides(b);
  junction_traffic(b);
  World& w = b.stage.world;
  b.stage.heads.push_back(build_signal(w, {8.6F, kCross + 7.4F}, {-3.6F, 0}, {0, -1}, 0));
  b.stage.heads.push_back(build_signal(w, {-8.6F, kCross + 7.4F}, {1.2F, 0}, {0, -1}, 0));
  b.stage.heads.push_back(build_signal(w, {-9.2F, kCross - 7.2F}, {0, 1.6F}, {1, 0}, 1));
  b.stage.camera = {{5.2F, -9.5F, 7.6F}, {-1.2F, 18, 0.2F}, 58};
}

namespace {

void straight_sides(StageBuilder& b) {
  World& w = b.stage.world;
  const bool dusk = b.dusk();
  build_house_row(w, {{-18.5F, 20}, {0, 1}}, 75, 3, dusk, b.chance);
  build_house_row(w, {{18.5F, 150}, {0, -1}}, 118, 3, dusk, b.chance);
  const auto grass =
      w.add_coat({.surface = Surface::grass, .colour = linear_rgb(0x6E8A45), .seed = 21});
  b.ground(-200, -14.6F, -30, 20, grass, 0.02F);
  b.ground(-200, -34, 20, 260, grass, 0.02F);
  b.ground(36, 200, -30, 260, grass, 0.02F);
  for (float y = -6; y < 130; y += 10) {
    build_tree(w, {-13.4F, y + b.chance.between(-1, 1)}, b.chance.between(5, 7.5F), b.chance);
    build_tree(w, {13.4F, y + 4 + b.chance.between(-1, 1)}, b.chance.between(5, 7.5F), b.chance);
  }
  std::vector<Vec2> poles;
  for (float y = 0; y < 150; y += 30) poles.push_back({14.4F, y});
  build_power_line(w, poles, {1, 0}, b.chance);
  for (float y = 10; y < 150; y += 28)
    build_street_lamp(w, {0, y}, {-2.4F, 0}, dusk), build_street_lamp(w, {0, y}, {2.4F, 0}, dusk);
  // A sign gantry far enough to read and not to hide the road.
  const auto steel = w.plain(0x7D8488);
  for (const float x : {-12.2F, 12.2F}) w.bar({x, 62, 0}, {x, 62, 7.6F}, 0.18F, 0.16F, 8, steel);
  w.bar({-12.2F, 62, 7.2F}, {12.2F, 62, 7.2F}, 0.14F, 0.14F, 6, steel);
  w.board("TRUNG TÂM", {-6.2F, 61.8F, 6.9F}, {1, 0, 0}, 5, 1.9F, 0x1659A8, 0xFFFFFF,
          dusk ? 0.35F : 0);
  w.board("QL.1A", {5.6F, 61.8F, 6.9F}, {1, 0, 0}, 3.6F, 1.9F, 0x1659A8, 0xFFFFFF,
          dusk ? 0.35F : 0);
  w.board("ĐI CHẬM - GIỮ KHOẢNG CÁCH", {22, 34, 6}, {0.8F, -0.6F, 0}, 8, 2.4F, 0xF2EEE2, 0x1F5FA8,
          dusk ? 0.8F : 0);
  for (const float x : {20.2F, 23.8F}) w.bar({x, 34.6F, 0}, {x, 34.6F, 5}, 0.12F, 0.12F, 6, steel);
}

}  // namespace

void build_straight_road(StageBuilder& b) {
  World& w = b.stage.world;
  b.ground(-160, 160, -30, 260, b.asphalt());
  b.pavement({{12, -30}, {60, -30}, {60, 240}, {12, 240}}, {0, 0, 0, 0});
  b.pavement({{-60, -30}, {-12, -30}, {-12, 240}, {-60, 240}}, {0, 0, 0, 0});
  const auto kerb = w.add_coat({.surface = Surface::kerb, .colour = linear_rgb(0xB9B7B0)});
  const auto grass =
      w.add_coat({.surface = Surface::grass, .colour = linear_rgb(0x5F8440), .seed = 9});
  w.slab({{-0.8F, 2}, {0.8F, 2}, {0.8F, 240}, {-0.8F, 240}}, 0, 0.28F, grass, kerb);
  for (float y = 3; y < 150; y += 1.1F) {  // clipped bushes on the reserve
    const auto bush = w.add_coat({.surface = Surface::foliage,
                                  .colour = linear_rgb(0x4F7437) * b.chance.between(0.8F, 1.25F),
                                  .seed = static_cast<std::uint32_t>(b.chance.bits())});
    w.block({b.chance.between(-0.1F, 0.1F), y}, {0, 1}, {0.8F, 0.9F, b.chance.between(0.4F, 0.65F)},
            0.28F, bush);
  }
  straight_sides(b);
  Markings paint(w);
  int lane = 0;
  for (const float side : {-1.0F, 1.0F}) {
    paint.line({side * 1.1F, -25}, {side * 1.1F, 200}, 0.14F, true);
    paint.line({side * 11.6F, -25}, {side * 11.6F, 200}, 0.14F);
    paint.dashes({side * 4.6F, -25}, {side * 4.6F, 200}, 0.14F, 3, 4.5F);
    paint.line({side * 8.1F, -25}, {side * 8.1F, 200}, 0.16F);
    for (float y = 16; y < 120; y += 42)
      for (const float x : {2.9F, 6.4F}) paint.arrow({side * x, y}, {0, side});
    const auto along = [&](float x, float speed) {
      Path p{.points = {{side * x, side > 0 ? -26.0F : 170.0F},
                        {side * x, side > 0 ? 170.0F : -26.0F}},
             .lane = lane++,
             .speed_ms = speed};
      return b.path(p);
    };
    b.mixed_cars(along(2.9F, 14.5F), 5, 0.05F);
    b.mixed_cars(along(6.4F, 12), 4, 0.55F);
    for (const float x : {9.0F, 10.1F, 11.1F})
      b.flow(along(x, 10.5F), VehicleKind::motorcycle, 5, b.chance.unit());
  }
  b.parked_motorcycles({16.8F, 36}, {0, 0.8F}, {-1, 0.15F}, 8);
  for (int i = 0; i < 5; ++i)
    b.bystander({b.chance.between(15, 17.5F), b.chance.between(30, 60)},
                {-1, b.chance.between(-1, 1)});
  b.walk({15.5F, 26}, {15.2F, 44});
  b.stage.camera = {{-1.2F, -11, 7.4F}, {-1.6F, 24, 0.6F}, 50};
}

}  // namespace vl::sim
