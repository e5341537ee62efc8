#include "scene_people.hpp"

#include <cmath>

#include "scene_vehicles.hpp"

namespace vl::sim {
namespace {

enum class Headgear { helmet, conical, none };

void add_head(Mesh& mesh, Vec3 at, Headgear gear, bool mask) {
  add_ball(mesh, at, {0.095F, 0.105F, 0.125F}, Part::skin);
  if (mask) add_ball(mesh, at + Vec3{0, 0.025F, -0.045F}, {0.09F, 0.095F, 0.06F}, Part::white);
  if (gear == Headgear::helmet) {
    add_ball(mesh, at + Vec3{0, -0.01F, 0.02F}, {0.135F, 0.155F, 0.15F}, Part::hat, 0.0F);
    add_bar(mesh, at + Vec3{0, 0.1F, 0.03F}, at + Vec3{0, 0.2F, 0.015F}, 0.1F, 0.05F, 6, Part::hat);
  } else if (gear == Headgear::conical) {
    add_bar(mesh, at + Vec3{0, 0, 0.05F}, at + Vec3{0, 0, 0.24F}, 0.26F, 0.01F, 12, Part::load);
  } else {
    add_ball(mesh, at + Vec3{0, -0.015F, 0.02F}, {0.105F, 0.118F, 0.125F}, Part::dark, 0.05F);
  }
}

void add_limb(Mesh& mesh, Vec3 a, Vec3 b, Vec3 c, float thick, Part upper, Part lower) {
  add_bar(mesh, a, b, thick, thick * 0.85F, 6, upper, Ends::open);
  add_bar(mesh, b, c, thick * 0.85F, thick * 0.65F, 6, lower, Ends::open);
}

void add_torso(Mesh& mesh, Vec3 hips, Vec3 shoulders, Part part) {
  const auto ring = [&](Vec3 c, float x, float y) {
    std::array<Vec3, 8> out;
    for (int i = 0; i < 8; ++i) {
      const float a = 2 * kPi * static_cast<float>(i) / 8;
      out[static_cast<std::size_t>(i)] = c + Vec3{x * std::cos(a), y * std::sin(a), 0};
    }
    return out;
  };
  const std::size_t first = mesh.triangles.size();
  const std::array rings{ring(hips, 0.15F, 0.13F), ring(mix(hips, shoulders, 0.45F), 0.16F, 0.125F),
                         ring(mix(hips, shoulders, 0.9F), 0.20F, 0.12F),
                         ring(shoulders + Vec3{0, 0, 0.06F}, 0.07F, 0.07F)};
  for (std::size_t r = 0; r + 1 < rings.size(); ++r)
    for (std::size_t i = 0; i < 8; ++i)
      mesh.add_quad(rings[r][i], rings[r][(i + 1) % 8], rings[r + 1][(i + 1) % 8], rings[r + 1][i],
                    part);
  smooth(mesh, first, 70);
}

void add_rider(Mesh& mesh, float y, bool drives, bool mask) {
  const Vec3 hips{0, y, 0.86F}, shoulders{0, y + (drives ? 0.12F : 0.04F), 1.36F};
  add_torso(mesh, hips, shoulders, Part::coat);
  add_head(mesh, shoulders + Vec3{0, 0.05F, 0.24F}, Headgear::helmet, mask);
  for (const float side : {-1.0F, 1.0F}) {
    const Vec3 shoulder = shoulders + Vec3{side * 0.19F, 0, -0.02F};
    if (drives)
      add_limb(mesh, shoulder, {side * 0.31F, y + 0.28F, 1.10F}, {side * 0.31F, y + 0.55F, 1.05F},
               0.055F, Part::coat, Part::coat);
    else
      add_limb(mesh, shoulder, {side * 0.24F, y + 0.14F, 1.06F}, {side * 0.12F, y + 0.34F, 1.06F},
               0.05F, Part::coat, Part::skin);
    add_limb(mesh, hips + Vec3{side * 0.1F, 0, 0}, {side * 0.19F, y + 0.40F, 0.78F},
             {side * 0.17F, y + 0.26F, 0.36F}, 0.08F, Part::trousers, Part::trousers);
    add_box(mesh, {side * 0.17F - 0.045F, y + 0.2F, 0.27F},
            {side * 0.17F + 0.045F, y + 0.44F, 0.36F}, Part::dark);
  }
}

void add_scooter(Mesh& mesh) {
  for (const float y : {0.63F, -0.60F}) {
    add_bar(mesh, {-0.05F, y, 0.28F}, {0.05F, y, 0.28F}, 0.28F, 0.28F, 11, Part::rubber);
    add_bar(mesh, {-0.06F, y, 0.28F}, {0.06F, y, 0.28F}, 0.18F, 0.18F, 8, Part::chrome);
  }
  add_body(mesh,  // rear fairing and tail
           {{-0.92F, {{0, 0.62F}, {0.06F, 0.63F}, {0.07F, 0.72F}, {0, 0.76F}}},
            {-0.60F, {{0, 0.52F}, {0.14F, 0.54F}, {0.15F, 0.68F}, {0, 0.76F}}},
            {-0.10F, {{0, 0.40F}, {0.13F, 0.44F}, {0.13F, 0.62F}, {0, 0.70F}}},
            {0.12F, {{0, 0.38F}, {0.09F, 0.40F}, {0.09F, 0.50F}, {0, 0.54F}}}},
           [](std::size_t, std::size_t) { return Part::paint; });
  add_body(mesh,  // leg shield up to the handlebar
           {{0.20F, {{0, 0.34F}, {0.12F, 0.36F}, {0.14F, 0.42F}, {0, 0.46F}}},
            {0.36F, {{0, 0.36F}, {0.20F, 0.44F}, {0.21F, 0.70F}, {0, 0.78F}}},
            {0.46F, {{0, 0.52F}, {0.18F, 0.60F}, {0.17F, 0.90F}, {0, 0.96F}}},
            {0.56F, {{0, 0.62F}, {0.08F, 0.66F}, {0.07F, 0.88F}, {0, 0.92F}}}},
           [](std::size_t, std::size_t) { return Part::paint; });
  add_ball(mesh, {0, 0.42F, 1.02F}, {0.15F, 0.12F, 0.09F}, Part::paint);
  add_bar(mesh, {-0.34F, 0.30F, 1.04F}, {0.34F, 0.30F, 1.04F}, 0.018F, 0.018F, 5, Part::dark,
          Ends::open);
  for (const float side : {-1.0F, 1.0F}) {
    add_bar(mesh, {side * 0.24F, 0.32F, 1.05F}, {side * 0.30F, 0.34F, 1.22F}, 0.01F, 0.01F, 4,
            Part::dark, Ends::open);
    add_box(mesh, {side * 0.31F - 0.06F, 0.33F, 1.21F}, {side * 0.31F + 0.06F, 0.35F, 1.29F},
            Part::plastic);
    add_bar(mesh, {side * 0.075F, 0.44F, 0.8F}, {side * 0.075F, 0.63F, 0.28F}, 0.025F, 0.025F, 5,
            Part::chrome, Ends::open);
  }
  add_bar(mesh, {-0.065F, 0.63F, 0.34F}, {0.065F, 0.63F, 0.34F}, 0.26F, 0.26F, 10, Part::paint);
  add_box(mesh, {-0.11F, -0.78F, 0.74F}, {0.11F, 0.06F, 0.82F}, Part::seat);
  add_box(mesh, {-0.10F, -0.22F, 0.26F}, {0.10F, 0.18F, 0.42F}, Part::plastic);
  add_bar(mesh, {0.14F, -0.1F, 0.26F}, {0.15F, -0.85F, 0.36F}, 0.04F, 0.055F, 7, Part::chrome);
  mesh.add_quad({0.10F, 0.545F, 0.98F}, {-0.10F, 0.545F, 0.98F}, {-0.08F, 0.53F, 1.07F},
                {0.08F, 0.53F, 1.07F}, Part::head_light);
  mesh.head_lights.push_back({0, 0.56F, 1.02F});
  mesh.add_quad({-0.09F, -0.935F, 0.66F}, {0.09F, -0.935F, 0.66F}, {0.08F, -0.93F, 0.74F},
                {-0.08F, -0.93F, 0.74F}, Part::tail_light);
  mesh.add_quad({-0.05F, -0.94F, 0.67F}, {0.05F, -0.94F, 0.67F}, {0.05F, -0.935F, 0.73F},
                {-0.05F, -0.935F, 0.73F}, Part::brake_light);
  mesh.tail_lights.push_back({0, -0.95F, 0.7F});
  add_box(mesh, {-0.10F, -0.93F, 0.44F}, {0.10F, -0.90F, 0.66F}, Part::dark);
  mesh.plates.push_back({{0, -0.945F, 0.545F}, {0.095F, 0, 0}, {0, 0, 0.07F}});
}

}  // namespace

Mesh make_motorcycle(std::uint64_t variant) {
  Mesh mesh;
  add_scooter(mesh);
  const auto load = variant % 8;
  add_rider(mesh, load == 1 || load == 2 ? -0.18F : -0.25F, true, variant / 8 % 2 == 0);
  if (load == 1 || load == 2) add_rider(mesh, -0.55F, false, variant / 16 % 2 == 0);
  if (load == 3) add_box(mesh, {-0.24F, -0.98F, 0.84F}, {0.24F, -0.50F, 1.34F}, Part::load);
  if (load == 4)
    for (const float side : {-1.0F, 1.0F})
      add_ball(mesh, {side * 0.3F, -0.62F, 0.66F}, {0.2F, 0.3F, 0.3F}, Part::load);
  mesh.half_length = 0.95F, mesh.half_width = 0.36F;
  return mesh;
}

Mesh make_walker(std::uint64_t variant) {
  Mesh mesh;
  const float moment = 2 * kPi * static_cast<float>(variant % kStepMoments) / kStepMoments;
  const auto look = variant / kStepMoments;
  const float swing = 0.26F * std::sin(moment);
  const Vec3 hips{0, 0, 0.88F}, shoulders{0, 0.03F, 1.36F};
  add_torso(mesh, hips, shoulders, Part::coat);
  const Headgear gear = look % 3 == 0 ? Headgear::conical : Headgear::none;
  add_head(mesh, shoulders + Vec3{0, 0.02F, 0.24F}, gear, look % 4 == 1);
  for (const float side : {-1.0F, 1.0F}) {
    const float step = swing * side;
    add_limb(mesh, hips + Vec3{side * 0.09F, 0, 0}, {side * 0.1F, step * 0.6F + 0.05F, 0.48F},
             {side * 0.1F, step - (step < 0 ? 0.08F : 0), 0.08F}, 0.08F, Part::trousers,
             Part::trousers);
    add_box(mesh, {side * 0.1F - 0.04F, step - 0.06F, 0},
            {side * 0.1F + 0.04F, step + 0.16F, 0.08F}, Part::dark);
    add_limb(mesh, shoulders + Vec3{side * 0.19F, 0, -0.02F}, {side * 0.24F, -step * 0.4F, 1.1F},
             {side * 0.23F, -step * 0.9F + 0.06F, 0.86F}, 0.05F, Part::coat, Part::skin);
  }
  if (look % 5 == 2) add_box(mesh, {0.2F, -0.12F, 0.5F}, {0.34F, 0.14F, 0.8F}, Part::trim);
  mesh.half_length = 0.25F, mesh.half_width = 0.25F;
  return mesh;
}

Palette draw_palette(VehicleKind kind, Chance& chance) {
  const auto pick = [&](std::initializer_list<std::uint32_t> colours) {
    return linear_rgb(colours.begin()[chance.below(static_cast<int>(colours.size()))]);
  };
  Palette p;
  switch (kind) {
    case VehicleKind::motorcycle:
      p[0] = pick({0xB01E28, 0x1E3A8A, 0x202226, 0xE4E6E8, 0x8C9196, 0x1F6FB2, 0x7A1420, 0x2F5D50});
      break;
    case VehicleKind::taxi:
      p[0] = pick({0x2FA36B, 0xF2F4F5, 0xF2F4F5, 0xF0C419});
      break;
    case VehicleKind::bus:
      p[0] = pick({0xE9ECEE, 0xD9B23A, 0x3D7EB8});
      break;
    case VehicleKind::lorry:
    case VehicleKind::container:
      p[0] = pick({0x2A5DA8, 0xE8EAEC, 0x2E7D52, 0xC23A2B, 0x3C78C4});
      break;
    default:
      p[0] = pick({0xF0F2F3, 0xE8EAEC, 0xB9BDC1, 0x6E747A, 0x25282C, 0x17181A, 0x7D1B22, 0x20365E,
                   0x8A6B4A, 0xF0F2F3});
  }
  p[1] = pick({0xC8372D, 0x2563A8, 0x2E8B57, 0xE0A52E, 0x9AA1A7});
  p[2] = pick({0xE9E6DF, 0x3E5C8A, 0x9B2F3A, 0x4A4F55, 0x2E6E5E, 0xC9B28A, 0x7C5A94, 0xD98F45,
               0x5B8CB8, 0x24272B});
  p[3] = pick({0x22252A, 0x2F3B52, 0x4B4A45, 0x39312B, 0x55606B});
  p[4] = pick({0xE6E8EA, 0xB8342C, 0x2C57A0, 0x2B2D31, 0xE7A22F, 0x7FA8C9, 0x2F7B50, 0xD8A0B0});
  p[5] = pick({0xC79A78, 0xB98862, 0xD4A985});
  switch (kind) {
    case VehicleKind::motorcycle:
      p[6] = pick({0x2FA36B, 0xE0702C, 0x6B4A2F, 0xD9D2C3});
      break;
    case VehicleKind::walker:
      p[6] = linear_rgb(0xD9C79A);
      break;
    case VehicleKind::container:
      p[6] = pick({0xA8482F, 0x2C5A8C, 0x55606B, 0x3A7050});
      break;
    default:
      p[6] = pick({0xE6E8EA, 0xC9CED2, 0xB7A98C, 0x8FA6B8});
      break;
  }
  return p;
}

}  // namespace vl::sim
