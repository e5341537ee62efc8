// The four places a simulated camera can look at.
#pragma once

#include <vector>

#include <vonglau/sim/scene.hpp>

#include "scene_build.hpp"
#include "scene_traffic.hpp"
#include "scene_world.hpp"

namespace vl::sim {

struct CameraView {
  Vec3 at, target;
  float field_deg = 56;  // horizontal
};

/// Everything a layout decides; the renderer only reads it.
struct Stage {
  World world;
  CameraView camera;
  std::vector<Path> paths;
  std::vector<Demand> demand;
  SignalPlan signals;
  std::vector<SignalHead> heads;
};

Stage build_stage(const SceneSpec& spec, Chance& chance);

/// Parts the layouts share (scene_layouts.cpp and scene_gates.cpp).
struct StageBuilder {
  Stage& stage;
  const SceneSpec& spec;
  Chance& chance;

  bool dusk() const { return spec.light == Light::dusk; }
  std::uint32_t asphalt();
  void ground(float low_x, float high_x, float low_y, float high_y, std::uint32_t coat,
              float z = 0);
  /// A raised pavement; corners given counter-clockwise, each with its own rounding radius.
  void pavement(const std::vector<Vec2>& corners, const std::vector<float>& radii);
  int path(Path path);
  /// `count` vehicles spread over the loop with a jitter.
  void flow(int path, VehicleKind kind, int count, float first_part);
  void mixed_cars(int path, int count, float lorry_share);
  void parked_motorcycles(Vec2 from, Vec2 step, Vec2 ahead, int count);
  void parked_car(VehicleKind kind, Vec2 at, Vec2 ahead);
  void bystander(Vec2 at, Vec2 ahead);
  void walk(Vec2 from, Vec2 to);
};

void build_junction(StageBuilder& b);
void build_straight_road(StageBuilder& b);
void build_market_gate(StageBuilder& b);
void build_industrial_gate(StageBuilder& b);

/// Quarter bend from `from` heading `ahead` to `to`, as a polyline.
std::vector<Vec2> bend(Vec2 from, Vec2 ahead, Vec2 to);

}  // namespace vl::sim
