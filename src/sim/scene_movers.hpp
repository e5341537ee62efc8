// Draws what moves onto a canvas: bodies, their shadows, plates, lights and their glow.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "scene_canvas.hpp"
#include "scene_light.hpp"
#include "scene_mesh.hpp"
#include "scene_plate.hpp"

namespace vl::sim {

/// One thing on the road, with everything that does not change while it moves.
struct Actor {
  const Mesh* mesh = nullptr;
  Palette palette;
  Texture plate_one_line, plate_two_lines;
  bool motorcycle = false;
};

struct Placed {
  const Actor* actor = nullptr;
  Vec2 at, ahead{0, 1};
  float lift = 0;
  bool braking = false;
};

class MoverPainter {
 public:
  MoverPainter(Canvas& canvas, const World& world, const Lighting& light, const SunMap* sun);

  /// Shadows first, all of them, so that no shadow falls on a body drawn before.
  void draw_shadow(const Placed& placed);
  void draw_body(const Placed& placed);
  /// A flat disc or bar that shines (signals, countdown digits).
  void draw_glowing_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Vec3 display_colour);
  /// Glow around a light, hidden with it. Radius in samples.
  void draw_flare(Vec3 at, Vec3 display_colour, float radius);
  void draw_flares(const Placed& placed);

 private:
  struct Lit {
    Vec3 at;            // camera space
    Vec3 colour;        // display values
    ScreenVertex seen;  // where it is on the screen, if it is before the camera
  };
  void fill_shadow(const std::vector<Vec3>& corners);
  void draw_contact(const Placed& placed);
  void draw_beam(const Placed& placed);
  void draw_plate(const Placed& placed, const PlatePlace& place);
  void fill(const Lit& a, const Lit& b, const Lit& c);
  void scale_ground(const std::array<Vec3, 4>& corners, const std::array<float, 4>& amount,
                    Vec3 tint);
  void touch(const std::vector<ScreenVertex>& corners);
  Vec3 light_on(const PartLook& look, Vec3 at, Vec3 normal, float sunlit, Vec3 lamps) const;
  Vec3 world_of(const Placed& placed, Vec3 p) const;

  Canvas& canvas_;
  const World& world_;
  const Lighting& light_;
  const SunMap* sun_;
  float shade_;  // display value of shaded ground over sunlit ground
  std::vector<Lit> lit_;
  std::vector<ScreenVertex> corners_;
};

}  // namespace vl::sim
