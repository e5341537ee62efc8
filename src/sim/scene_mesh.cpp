#include "scene_mesh.hpp"

#include <cmath>
#include <cstddef>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace vl::sim {

Texture blank_texture(int width, int height, std::uint32_t rgb) {
  Texture texture{width, height, {}};
  const std::array<std::uint8_t, 3> texel{static_cast<std::uint8_t>(rgb >> 16),
                                          static_cast<std::uint8_t>(rgb >> 8),
                                          static_cast<std::uint8_t>(rgb)};
  texture.texels.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), texel);
  return texture;
}

void print_text(Texture& texture, const TextMask& mask, int x, int y, std::uint32_t rgb) {
  for (int my = 0; my < mask.height; ++my)
    for (int mx = 0; mx < mask.width; ++mx) {
      const int tx = x + mx, ty = y + my;
      if (tx < 0 || ty < 0 || tx >= texture.width || ty >= texture.height) continue;
      const int ink = mask.at(mx, my);
      auto& texel = texture.at(tx, ty);
      for (int c = 0; c < 3; ++c) {
        const int colour = static_cast<int>(rgb >> (16 - 8 * c) & 255);
        auto& value = texel[static_cast<std::size_t>(c)];
        value = static_cast<std::uint8_t>((value * (255 - ink) + colour * ink) / 255);
      }
    }
}

void Mesh::add_triangle(Vec3 a, Vec3 b, Vec3 c, Part part) {
  const Vec3 area = cross(b - a, c - a);
  if (dot(area, area) < 1e-12F) return;
  const Vec3 normal = normalize(area);
  const auto first = static_cast<std::uint16_t>(vertices.size());
  for (const Vec3 p : {a, b, c}) vertices.push_back({p, normal, part});
  triangles.push_back(
      {first, static_cast<std::uint16_t>(first + 1), static_cast<std::uint16_t>(first + 2)});
}

void Mesh::add_quad(Vec3 a, Vec3 b, Vec3 c, Vec3 d, Part part) {
  add_triangle(a, b, c, part);
  add_triangle(a, c, d, part);
}

void add_box(Mesh& mesh, Vec3 low, Vec3 high, Part part) {
  const Vec3 a{low.x, low.y, low.z}, b{high.x, low.y, low.z};
  const Vec3 c{high.x, high.y, low.z}, d{low.x, high.y, low.z};
  const Vec3 e{low.x, low.y, high.z}, f{high.x, low.y, high.z};
  const Vec3 g{high.x, high.y, high.z}, h{low.x, high.y, high.z};
  mesh.add_quad(a, b, f, e, part);
  mesh.add_quad(b, c, g, f, part);
  mesh.add_quad(c, d, h, g, part);
  mesh.add_quad(d, a, e, h, part);
  mesh.add_quad(e, f, g, h, part);
  mesh.add_quad(d, c, b, a, part);
}

void add_bar(Mesh& mesh, Vec3 from, Vec3 to, float from_radius, float to_radius, int sides,
             Part part, Ends ends) {
  const std::size_t first = mesh.triangles.size();
  const Vec3 axis = normalize(to - from);
  const Vec3 helper = std::abs(axis.z) < 0.9F ? Vec3{0, 0, 1} : Vec3{1, 0, 0};
  const Vec3 u = normalize(cross(axis, helper)), v = cross(axis, u);
  const auto rim = [&](Vec3 centre, float radius, int i) {
    const float angle = 2 * kPi * static_cast<float>(i) / static_cast<float>(sides);
    return centre + u * (radius * std::cos(angle)) + v * (radius * std::sin(angle));
  };
  for (int i = 0; i < sides; ++i) {
    const Vec3 a = rim(from, from_radius, i), b = rim(from, from_radius, i + 1);
    const Vec3 c = rim(to, to_radius, i + 1), d = rim(to, to_radius, i);
    mesh.add_quad(a, b, c, d, part);
    if (ends == Ends::open) continue;
    mesh.add_triangle(from, b, a, part);
    mesh.add_triangle(to, d, c, part);
  }
  smooth(mesh, first, 62);
}

void add_ball(Mesh& mesh, Vec3 centre, Vec3 radii, Part part, float cut) {
  const std::size_t first = mesh.triangles.size();
  constexpr int kRings = 4, kSides = 8;
  const float low = std::asin(std::clamp(cut, -1.0F, 1.0F));
  const auto at = [&](int ring, int side) {
    const float up = low + (kPi / 2 - low) * static_cast<float>(ring) / kRings;
    const float around = 2 * kPi * static_cast<float>(side) / kSides;
    return centre + Vec3{radii.x * std::cos(up) * std::cos(around),
                         radii.y * std::cos(up) * std::sin(around), radii.z * std::sin(up)};
  };
  for (int ring = 0; ring < kRings; ++ring)
    for (int side = 0; side < kSides; ++side)
      mesh.add_quad(at(ring, side), at(ring, side + 1), at(ring + 1, side + 1), at(ring + 1, side),
                    part);
  smooth(mesh, first, 80);
}

void add_wheel(Mesh& mesh, Vec3 centre, float radius, float width) {
  const Vec3 half{width / 2, 0, 0};
  add_bar(mesh, centre - half, centre + half, radius, radius, 11, Part::rubber);
  const Vec3 hub{width / 2 + 0.015F, 0, 0};
  add_bar(mesh, centre - hub, centre + hub, radius * 0.6F, radius * 0.6F, 8, Part::chrome);
}

void smooth(Mesh& mesh, std::size_t first_triangle, float crease_deg) {
  using Key = std::tuple<int, int, int>;
  const auto key_of = [](Vec3 p) {
    return Key{static_cast<int>(std::lround(p.x * 1000)), static_cast<int>(std::lround(p.y * 1000)),
               static_cast<int>(std::lround(p.z * 1000))};
  };
  struct Face {
    Vec3 normal;
    float area;
  };
  std::map<Key, std::vector<Face>> meeting;
  const auto face_of = [&](const std::array<std::uint16_t, 3>& t) {
    const Vec3 area = cross(mesh.vertices[t[1]].at - mesh.vertices[t[0]].at,
                            mesh.vertices[t[2]].at - mesh.vertices[t[0]].at);
    return Face{normalize(area), length(area)};
  };
  for (std::size_t i = first_triangle; i < mesh.triangles.size(); ++i)
    for (const auto corner : mesh.triangles[i])
      meeting[key_of(mesh.vertices[corner].at)].push_back(face_of(mesh.triangles[i]));
  const float limit = std::cos(crease_deg * kPi / 180);
  for (std::size_t i = first_triangle; i < mesh.triangles.size(); ++i) {
    const Face own = face_of(mesh.triangles[i]);
    for (const auto corner : mesh.triangles[i]) {
      Vec3 sum;
      for (const Face& face : meeting[key_of(mesh.vertices[corner].at)])
        if (dot(face.normal, own.normal) > limit) sum = sum + face.normal * face.area;
      mesh.vertices[corner].normal = normalize(sum);
    }
  }
}

void weld(Mesh& mesh) {
  using Key = std::tuple<float, float, float, int, int, int, Part>;
  std::map<Key, std::uint16_t> known;
  std::vector<Vertex> kept;
  std::vector<std::uint16_t> now_at(mesh.vertices.size());
  for (std::size_t i = 0; i < mesh.vertices.size(); ++i) {
    const Vertex& v = mesh.vertices[i];
    const auto rounded = [](float n) { return static_cast<int>(std::lround(n * 50)); };
    const Key key{
        v.at.x, v.at.y, v.at.z, rounded(v.normal.x), rounded(v.normal.y), rounded(v.normal.z),
        v.part};
    const auto [found, fresh] = known.try_emplace(key, static_cast<std::uint16_t>(kept.size()));
    if (fresh) kept.push_back(v);
    now_at[i] = found->second;
  }
  for (auto& triangle : mesh.triangles)
    for (auto& corner : triangle) corner = now_at[corner];
  mesh.vertices = std::move(kept);
}

}  // namespace vl::sim
