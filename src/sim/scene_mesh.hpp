// Triangle meshes built from a few solids, and the surfaces they are painted with.
// A mesh is built once and then only read; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "scene_font.hpp"
#include "scene_math.hpp"

namespace vl::sim {

/// What a vertex is made of. The colours of the first group come from the instance's palette,
/// so that one mesh serves cars of any colour and riders in any clothes.
enum class Part : std::uint8_t {
  paint,
  trim,
  coat,
  trousers,
  hat,
  skin,
  load,  // from the palette
  glass,
  rubber,
  chrome,
  plastic,
  seat,
  dark,
  white,
  head_light,
  tail_light,
  brake_light,
  indicator,
  count
};
using Palette = std::array<Vec3, 7>;

struct Vertex {
  Vec3 at;
  Vec3 normal;
  Part part = Part::plastic;
};

/// A painted picture: plates and signs. Display values 0..255, row by row.
struct Texture {
  int width = 0;
  int height = 0;
  std::vector<std::array<std::uint8_t, 3>> texels;
  std::array<std::uint8_t, 3>& at(int x, int y) {
    return texels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  const std::array<std::uint8_t, 3>& at(int x, int y) const {
    return texels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};
Texture blank_texture(int width, int height, std::uint32_t rgb);
/// Inks `mask` onto `texture` with its upper left corner at (x, y).
void print_text(Texture& texture, const TextMask& mask, int x, int y, std::uint32_t rgb);

/// Where a plate sits on a vehicle: a rectangle given by its centre, its half width to the
/// reader's right and its half height up.
struct PlatePlace {
  Vec3 centre, right, up;
};

struct Mesh {
  std::vector<Vertex> vertices;
  std::vector<std::array<std::uint16_t, 3>> triangles;
  std::vector<PlatePlace> plates;
  std::vector<Vec3> head_lights, tail_lights;  // centres, where glow is drawn at dusk
  float half_length = 1, half_width = 0.5F;    // footprint

  void add_triangle(Vec3 a, Vec3 b, Vec3 c, Part part);
  void add_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Part part);
};

/// Axis-aligned box.
void add_box(Mesh& mesh, Vec3 low, Vec3 high, Part part);
enum class Ends { closed, open };
/// Round bar between two points; `sides` flat faces with smooth normals.
void add_bar(Mesh& mesh, Vec3 from, Vec3 to, float from_radius, float to_radius, int sides,
             Part part, Ends ends = Ends::closed);
/// Ellipsoid, or the part of it above `cut` (-1..1 of its height).
void add_ball(Mesh& mesh, Vec3 centre, Vec3 radii, Part part, float cut = -1);
/// Wheel: tyre and hub with the axle along x.
void add_wheel(Mesh& mesh, Vec3 centre, float radius, float width);

/// A body symmetrical in x: cross sections from back to front, each a half outline from the
/// bottom outwards and up to the roof's middle line. All sections have the same number of points.
struct Section {
  float y = 0;
  std::vector<Vec2> outline;  // x >= 0, z
};
/// `part_of(gap, ring)` says what lies between sections gap and gap + 1, points ring and ring + 1.
template <class PartOf>
void add_body(Mesh& mesh, const std::vector<Section>& sections, PartOf part_of);

/// Joins vertices that are the same in place, normal and part. Call once, last.
void weld(Mesh& mesh);

/// Averages the normals of faces that meet at less than `crease_deg`. Call once at the end.
void smooth(Mesh& mesh, std::size_t first_triangle, float crease_deg);

template <class PartOf>
void add_body(Mesh& mesh, const std::vector<Section>& sections, PartOf part_of) {
  const std::size_t first = mesh.triangles.size();
  const auto point = [&](std::size_t s, std::size_t r, float side) {
    return Vec3{sections[s].outline[r].x * side, sections[s].y, sections[s].outline[r].y};
  };
  const std::size_t rings = sections.front().outline.size();
  for (std::size_t s = 0; s + 1 < sections.size(); ++s)
    for (std::size_t r = 0; r + 1 < rings; ++r) {
      const Part part = part_of(s, r);
      mesh.add_quad(point(s, r, 1), point(s + 1, r, 1), point(s + 1, r + 1, 1), point(s, r + 1, 1),
                    part);
      mesh.add_quad(point(s + 1, r, -1), point(s, r, -1), point(s, r + 1, -1),
                    point(s + 1, r + 1, -1), part);
    }
  for (const bool front : {false, true}) {
    const std::size_t s = front ? sections.size() - 1 : 0;
    for (std::size_t r = 0; r + 1 < rings; ++r) {
      const float side = front ? -1.0F : 1.0F;
      mesh.add_quad(point(s, r, -side), point(s, r, side), point(s, r + 1, side),
                    point(s, r + 1, -side),
                    part_of(s, r) == Part::glass ? Part::glass : Part::paint);
    }
  }
  smooth(mesh, first, 42);
}

}  // namespace vl::sim
