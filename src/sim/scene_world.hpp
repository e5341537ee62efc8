// Everything in a scene that stands still: faces with a coat of paint, textures, lamps. Built
// by the layouts, then only read by the renderer. Any thread once built.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "scene_math.hpp"
#include "scene_mesh.hpp"

namespace vl::sim {

enum class Surface : std::uint8_t {
  plain,
  asphalt,
  marking,
  pavement,
  kerb,
  facade,
  foliage,
  grass,
  tin,
  awning,
  sign,
  glow,
  concrete
};

struct Coat {
  Surface surface = Surface::plain;
  Vec3 colour{0.5F, 0.5F, 0.5F};
  Vec3 second{0.3F, 0.3F, 0.3F};
  std::uint32_t seed = 0;
  int texture = -1;  // of a sign
  float width_m = 1, height_m = 1;
  int storeys = 1;
  float glow = 0;     // light it gives off at dusk
  bool thin = false;  // a cable: no shadow that a camera would see
};

struct Face {
  Vec3 origin, along, up;  // u and v are metres along these unit vectors
  Vec3 normal;
  std::uint32_t coat = 0;
};

struct StillTriangle {
  Vec3 a, b, c;
  std::uint32_t face = 0;
};

struct Lamp {
  Vec3 at;
  Vec3 colour;
  float reach_m = 12;
  float flare_px = 0;  // radius of its flare at dusk for a picture 720 high, 0 for none
};

struct World {
  std::vector<Coat> coats;
  std::vector<Face> faces;
  std::vector<StillTriangle> triangles;
  std::vector<Texture> textures;
  std::vector<Lamp> lamps;  // burn at dusk only
  std::vector<std::vector<std::uint16_t>> lamps_by_cell;

  /// Call once when all lamps are there.
  void index_lamps();
  /// The lamps that may reach a place; all others certainly do not.
  std::span<const std::uint16_t> lamps_near(Vec3 at) const;

  std::uint32_t add_coat(const Coat& coat);
  std::uint32_t plain(std::uint32_t rgb);
  void quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, std::uint32_t coat);
  void triangle(Vec3 a, Vec3 b, Vec3 c, std::uint32_t coat);
  /// All sides but the one underneath.
  void box(Vec3 low, Vec3 high, std::uint32_t coat);
  /// A box turned about its middle: `ahead` is its unit y axis.
  void block(Vec2 middle, Vec2 ahead, Vec3 size, float bottom, std::uint32_t coat);
  void bar(Vec3 from, Vec3 to, float from_radius, float to_radius, int sides, std::uint32_t coat);
  /// Convex outline, counter-clockwise from above, with a kerb all round.
  void slab(const std::vector<Vec2>& outline, float bottom, float top, std::uint32_t top_coat,
            std::uint32_t side_coat);
  void mesh(const Mesh& mesh, Vec2 at, Vec2 ahead, const Palette& palette, float lift = 0);
  /// A board with text: `middle` of its face, reading along `along`, facing along x up.
  void board(std::string_view text, Vec3 middle, Vec3 along, float width, float height,
             std::uint32_t ground, std::uint32_t ink, float glow);
};

/// What a part of a mesh looks like with these colours.
struct PartLook {
  Vec3 colour;
  float gloss = 0;
  Vec3 light;  // given off
};
PartLook look_of(Part part, const Palette& palette, bool dusk, bool braking);

}  // namespace vl::sim
