// Builders of streets: shop houses, sheds, gates, trees, poles, lamps, signals, markings.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "scene_math.hpp"
#include "scene_world.hpp"

namespace vl::sim {

/// A frontage: `along` reads left to right for somebody standing in the street before it.
struct Frontage {
  Vec2 origin;
  Vec2 along;
  Vec2 out() const { return {along.y, -along.x}; }
  Vec3 at(float u, float w, float z) const {
    const Vec2 p = origin + along * u + out() * w;
    return {p.x, p.y, z};
  }
};

void build_shop_house(World& world, const Frontage& front, float u, float width, int storeys,
                      bool dusk, Chance& chance);
/// Fills `length` metres with houses of 4 to 6 m, leaving a gap here and there.
void build_house_row(World& world, const Frontage& front, float length, int max_storeys, bool dusk,
                     Chance& chance);
void build_shed(World& world, const Frontage& front, float width, float depth, float height,
                std::uint32_t wall_rgb, std::uint32_t roof_rgb);
void build_tree(World& world, Vec2 at, float height, Chance& chance);
void build_palm(World& world, Vec2 at, float height, Chance& chance);
/// Concrete poles with cables along the line of points, sagging between them.
void build_power_line(World& world, std::span<const Vec2> poles, Vec2 towards_houses,
                      Chance& chance);
void build_street_lamp(World& world, Vec2 at, Vec2 over_road, bool dusk);
void build_wall(World& world, Vec2 from, Vec2 to, float height, std::uint32_t rgb);
void build_umbrella(World& world, Vec2 at, float radius, float height, std::uint32_t rgb);
void build_stall(World& world, Vec2 at, Vec2 along, Chance& chance);

/// Paint on the road: lines, stop lines, zebra crossings, arrows.
class Markings {
 public:
  explicit Markings(World& world);
  void line(Vec2 from, Vec2 to, float width, bool yellow = false);
  void dashes(Vec2 from, Vec2 to, float width, float dash, float gap, bool yellow = false);
  void zebra(Vec2 from, Vec2 to, Vec2 walking, float depth);
  void arrow(Vec2 tip, Vec2 ahead);

 private:
  World& world_;
  std::uint32_t white_, yellow_;
};

/// The lit faces of one signal head, looked up by the renderer.
struct SignalHead {
  int group = 0;
  Vec3 red, amber, green;  // centres of the lenses
  Vec3 facing;             // unit vector towards the drivers
  Vec3 counter;            // centre of the countdown, which shows whole seconds
  float radius = 0.16F;
};
/// Pole at `at`, arm over the road along `over_road` (length = reach), facing `facing`.
SignalHead build_signal(World& world, Vec2 at, Vec2 over_road, Vec2 facing, int group);

}  // namespace vl::sim
