#include "scene_vehicles.hpp"

#include <cstddef>
#include <vector>

#include "scene_people.hpp"

namespace vl::sim {
namespace {

// One row of a car's side view: where, underside, shoulder (half width, height), roof (same).
struct Station {
  float y, bottom, shoulder_x, shoulder_z, roof_x, roof_z;
};

std::vector<Section> sections_of(const std::vector<Station>& stations) {
  std::vector<Section> out;
  for (const Station& s : stations)
    out.push_back({s.y,
                   {{0, s.bottom},
                    {s.shoulder_x - 0.10F, s.bottom},
                    {s.shoulder_x - 0.02F, s.bottom + 0.16F},
                    {s.shoulder_x, (s.bottom + s.shoulder_z) / 2 + 0.06F},
                    {s.shoulder_x - 0.03F, s.shoulder_z},
                    {s.roof_x, s.roof_z - 0.03F},
                    {s.roof_x * 0.6F, s.roof_z},
                    {0, s.roof_z + 0.01F}}});
  return out;
}

// `glass_from`..`glass_to`: gaps between stations whose sides are windows; `screens`: gaps whose
// top is a windscreen.
struct Glazing {
  std::size_t from, to, rear_screen, wind_screen;
};

void add_shell(Mesh& mesh, const std::vector<Station>& stations, const Glazing& glazing) {
  add_body(mesh, sections_of(stations), [&](std::size_t gap, std::size_t ring) {
    if (ring <= 1) return Part::dark;
    const bool pillar = gap + 1 < stations.size() && stations[gap + 1].y - stations[gap].y < 0.12F;
    if (ring == 4 && gap >= glazing.from && gap < glazing.to && !pillar) return Part::glass;
    if (ring >= 5 && (gap == glazing.rear_screen || gap == glazing.wind_screen)) return Part::glass;
    return Part::paint;
  });
}

void add_wheels(Mesh& mesh, float track_x, float front_y, float rear_y, float radius) {
  for (const float x : {-track_x, track_x})
    for (const float y : {front_y, rear_y}) {
      add_wheel(mesh, {x, y, radius}, radius, 0.22F);
      const float out = x > 0 ? 1.0F : -1.0F;
      add_bar(mesh, {x - out * 0.1F, y, radius + 0.03F}, {x + out * 0.107F, y, radius + 0.03F},
              radius + 0.07F, radius + 0.07F, 14, Part::dark);
    }
}

void add_lamp(Mesh& mesh, Vec3 centre, float half_x, float half_z, Part part, bool front) {
  const float side = front ? 1.0F : -1.0F;
  const Vec3 r{-half_x * side, 0, 0}, u{0, -0.02F * side, half_z};
  mesh.add_quad(centre - r - u, centre + r - u, centre + r + u, centre - r + u, part);
  if (part == Part::head_light) mesh.head_lights.push_back(centre);
  if (part == Part::tail_light) mesh.tail_lights.push_back(centre);
}

void add_plate(Mesh& mesh, Vec3 centre, float half_x, float half_z, bool front) {
  const float side = front ? -1.0F : 1.0F;
  mesh.plates.push_back({centre, {half_x * side, 0, 0}, {0, 0, half_z}});
}

void add_car_lights(Mesh& mesh, float front_y, float rear_y, float x, float front_z, float rear_z) {
  for (const float side : {-1.0F, 1.0F}) {
    add_lamp(mesh, {side * x, front_y, front_z}, 0.17F, 0.075F, Part::head_light, true);
    add_lamp(mesh, {side * (x + 0.04F), rear_y, rear_z}, 0.15F, 0.09F, Part::tail_light, false);
    add_lamp(mesh, {side * (x - 0.15F), rear_y - 0.004F, rear_z - 0.03F}, 0.10F, 0.05F,
             Part::brake_light, false);
  }
}

void add_mirrors(Mesh& mesh, float x, float y, float z) {
  for (const float side : {-1.0F, 1.0F})
    add_ball(mesh, {side * (x + 0.09F), y, z}, {0.12F, 0.07F, 0.08F}, Part::paint);
}

Mesh make_sedan(bool taxi) {
  Mesh mesh;
  add_shell(mesh,
            {{-2.24F, 0.38F, 0.74F, 0.72F, 0.62F, 0.78F},
             {-2.16F, 0.24F, 0.84F, 0.88F, 0.70F, 0.97F},
             {-1.75F, 0.20F, 0.88F, 0.93F, 0.70F, 1.02F},
             {-1.30F, 0.18F, 0.89F, 0.94F, 0.66F, 1.10F},
             {-0.70F, 0.18F, 0.89F, 0.94F, 0.58F, 1.42F},
             {-0.12F, 0.18F, 0.89F, 0.93F, 0.59F, 1.47F},
             {-0.04F, 0.18F, 0.89F, 0.93F, 0.59F, 1.47F},
             {0.40F, 0.18F, 0.89F, 0.92F, 0.57F, 1.43F},
             {1.15F, 0.18F, 0.89F, 0.90F, 0.66F, 1.00F},
             {1.85F, 0.20F, 0.86F, 0.80F, 0.62F, 0.90F},
             {2.14F, 0.24F, 0.80F, 0.66F, 0.58F, 0.76F},
             {2.25F, 0.36F, 0.68F, 0.54F, 0.50F, 0.60F}},
            {.from = 3, .to = 8, .rear_screen = 3, .wind_screen = 7});
  add_wheels(mesh, 0.79F, 1.38F, -1.30F, 0.32F);
  add_car_lights(mesh, 2.255F, -2.262F, 0.56F, 0.64F, 0.82F);
  add_box(mesh, {-0.42F, 2.2F, 0.30F}, {0.42F, 2.262F, 0.44F}, Part::dark);
  add_box(mesh, {-0.34F, 2.2F, 0.56F}, {0.34F, 2.262F, 0.66F}, Part::dark);
  add_box(mesh, {-0.78F, -2.27F, 0.28F}, {0.78F, -2.2F, 0.44F}, Part::plastic);
  add_mirrors(mesh, 0.84F, 0.86F, 0.98F);
  add_plate(mesh, {0, 2.285F, 0.49F}, 0.26F, 0.055F, true);
  add_plate(mesh, {0, -2.275F, 0.62F}, 0.26F, 0.055F, false);
  if (taxi) {
    add_box(mesh, {-0.30F, -0.18F, 1.47F}, {0.30F, 0.06F, 1.64F}, Part::white);
    add_box(mesh, {-0.895F, -0.9F, 0.52F}, {-0.885F, 0.9F, 0.64F}, Part::trim);
    add_box(mesh, {0.885F, -0.9F, 0.52F}, {0.895F, 0.9F, 0.64F}, Part::trim);
  }
  mesh.half_length = 2.25F, mesh.half_width = 0.88F;
  return mesh;
}

Mesh make_suv() {
  Mesh mesh;
  add_shell(mesh,
            {{-2.24F, 0.42F, 0.80F, 0.84F, 0.66F, 0.92F},
             {-2.18F, 0.28F, 0.90F, 1.04F, 0.72F, 1.22F},
             {-2.02F, 0.26F, 0.93F, 1.08F, 0.70F, 1.66F},
             {-1.30F, 0.24F, 0.94F, 1.08F, 0.70F, 1.74F},
             {-0.25F, 0.24F, 0.94F, 1.07F, 0.70F, 1.76F},
             {-0.15F, 0.24F, 0.94F, 1.07F, 0.70F, 1.76F},
             {0.35F, 0.24F, 0.94F, 1.06F, 0.68F, 1.70F},
             {1.05F, 0.24F, 0.94F, 1.05F, 0.74F, 1.18F},
             {1.90F, 0.26F, 0.91F, 0.98F, 0.70F, 1.08F},
             {2.18F, 0.30F, 0.86F, 0.82F, 0.66F, 0.92F},
             {2.26F, 0.44F, 0.74F, 0.66F, 0.58F, 0.72F}},
            {.from = 2, .to = 7, .rear_screen = 1, .wind_screen = 6});
  add_wheels(mesh, 0.83F, 1.38F, -1.36F, 0.37F);
  add_car_lights(mesh, 2.285F, -2.27F, 0.60F, 0.80F, 1.02F);
  add_box(mesh, {-0.40F, 2.22F, 0.66F}, {0.40F, 2.28F, 0.82F}, Part::dark);
  add_box(mesh, {-0.70F, 2.2F, 0.36F}, {0.70F, 2.275F, 0.50F}, Part::plastic);
  add_mirrors(mesh, 0.88F, 0.80F, 1.14F);
  add_plate(mesh, {0, 2.295F, 0.57F}, 0.26F, 0.055F, true);
  add_plate(mesh, {0, -2.255F, 0.74F}, 0.165F, 0.0825F, false);
  mesh.half_length = 2.26F, mesh.half_width = 0.94F;
  return mesh;
}

Mesh make_van() {
  Mesh mesh;
  add_shell(mesh,
            {{-2.68F, 0.42F, 0.88F, 1.10F, 0.76F, 1.90F},
             {-2.60F, 0.30F, 0.97F, 1.15F, 0.80F, 2.16F},
             {-1.20F, 0.28F, 0.98F, 1.15F, 0.82F, 2.24F},
             {0.20F, 0.28F, 0.98F, 1.15F, 0.82F, 2.24F},
             {0.30F, 0.28F, 0.98F, 1.15F, 0.82F, 2.24F},
             {1.30F, 0.28F, 0.98F, 1.14F, 0.80F, 2.14F},
             {2.20F, 0.28F, 0.97F, 1.10F, 0.82F, 1.24F},
             {2.58F, 0.32F, 0.90F, 0.92F, 0.76F, 1.02F},
             {2.68F, 0.44F, 0.80F, 0.72F, 0.64F, 0.80F}},
            {.from = 1, .to = 6, .rear_screen = 99, .wind_screen = 5});
  add_wheels(mesh, 0.87F, 1.70F, -1.60F, 0.34F);
  add_car_lights(mesh, 2.655F, -2.69F, 0.66F, 0.84F, 1.0F);
  add_box(mesh, {-0.66F, -2.71F, 1.3F}, {0.66F, -2.66F, 1.86F}, Part::glass);
  add_plate(mesh, {0, 2.705F, 0.56F}, 0.26F, 0.055F, true);
  add_plate(mesh, {0, -2.705F, 0.7F}, 0.165F, 0.0825F, false);
  mesh.half_length = 2.68F, mesh.half_width = 0.98F;
  return mesh;
}

void add_lorry_cab(Mesh& mesh, float front_y, float height) {
  const float y0 = front_y - 1.7F;
  const std::size_t first = mesh.triangles.size();
  add_body(mesh,
           {{y0,
             {{0, 0.5F},
              {1.02F, 0.5F},
              {1.08F, 1.3F},
              {1.02F, height - 0.15F},
              {0.9F, height},
              {0, height}}},
            {front_y - 0.5F,
             {{0, 0.5F},
              {1.02F, 0.5F},
              {1.08F, 1.3F},
              {1.02F, height - 0.15F},
              {0.9F, height},
              {0, height}}},
            {front_y - 0.22F,
             {{0, 0.5F},
              {1.02F, 0.5F},
              {1.07F, 1.3F},
              {0.98F, height - 0.25F},
              {0.86F, height - 0.16F},
              {0, height - 0.14F}}},
            {front_y,
             {{0, 0.5F}, {1.0F, 0.5F}, {1.04F, 1.25F}, {1.02F, 1.3F}, {0.98F, 1.34F}, {0, 1.36F}}}},
           [&](std::size_t gap, std::size_t ring) {
             if (ring == 0) return Part::dark;
             if (gap == 2 && ring >= 3) return Part::glass;
             if (gap >= 1 && ring == 2) return Part::glass;
             return Part::paint;
           });
  smooth(mesh, first, 30);
  add_box(mesh, {-1.06F, front_y - 0.1F, 0.42F}, {1.06F, front_y + 0.1F, 0.70F}, Part::plastic);
  add_box(mesh, {-0.7F, front_y - 0.02F, 0.86F}, {0.7F, front_y + 0.03F, 1.12F}, Part::dark);
  for (const float side : {-1.0F, 1.0F}) {
    add_lamp(mesh, {side * 0.84F, front_y + 0.12F, 0.58F}, 0.15F, 0.08F, Part::head_light, true);
    add_box(mesh, {side * 1.17F - 0.08F, front_y - 0.34F, 1.45F},
            {side * 1.17F + 0.08F, front_y - 0.26F, 1.9F}, Part::dark);
    add_box(mesh, {side * 1.10F - 0.08F, front_y - 0.34F, 1.86F},
            {side * 1.10F + 0.08F, front_y - 0.3F, 1.9F}, Part::dark);
  }
  add_plate(mesh, {0, front_y + 0.12F, 0.58F}, 0.26F, 0.055F, true);
}

void add_lorry_tail(Mesh& mesh, float rear_y) {
  add_box(mesh, {-1.05F, rear_y - 0.05F, 0.55F}, {1.05F, rear_y + 0.05F, 0.72F}, Part::dark);
  for (const float side : {-1.0F, 1.0F}) {
    add_lamp(mesh, {side * 0.82F, rear_y - 0.07F, 0.64F}, 0.17F, 0.07F, Part::tail_light, false);
    add_lamp(mesh, {side * 0.52F, rear_y - 0.07F, 0.64F}, 0.10F, 0.07F, Part::brake_light, false);
  }
  add_plate(mesh, {0, rear_y - 0.08F, 0.66F}, 0.165F, 0.0825F, false);
}

Mesh make_lorry(std::uint64_t variant) {
  Mesh mesh;
  const bool open = variant % 3 == 1;
  add_lorry_cab(mesh, 3.4F, 2.25F);
  add_box(mesh, {-0.5F, -3.3F, 0.6F}, {0.5F, 2.4F, 0.85F}, Part::dark);
  if (open) {
    add_box(mesh, {-1.12F, -3.3F, 0.9F}, {1.12F, 1.55F, 1.05F}, Part::trim);
    for (const float x : {-1.12F, 1.06F})
      add_box(mesh, {x, -3.3F, 1.05F}, {x + 0.06F, 1.55F, 1.62F}, Part::trim);
    add_box(mesh, {-1.12F, -3.3F, 1.05F}, {1.12F, -3.24F, 1.62F}, Part::trim);
    add_box(mesh, {-1.0F, -3.1F, 1.05F}, {1.0F, 1.4F, 1.86F}, Part::load);
  } else {
    add_box(mesh, {-1.18F, -3.35F, 0.92F}, {1.18F, 1.6F, 2.95F}, Part::load);
    add_box(mesh, {-1.2F, -3.36F, 1.5F}, {1.2F, 1.0F, 1.72F}, Part::trim);
    add_box(mesh, {-0.02F, -3.375F, 0.95F}, {0.02F, -3.34F, 2.9F}, Part::dark);
  }
  for (const float x : {-0.95F, 0.95F})
    for (const float y : {2.35F, -1.9F}) add_wheel(mesh, {x, y, 0.45F}, 0.45F, 0.3F);
  add_lorry_tail(mesh, -3.4F);
  mesh.half_length = 3.45F, mesh.half_width = 1.15F;
  return mesh;
}

Mesh make_container() {
  Mesh mesh;
  add_lorry_cab(mesh, 7.2F, 3.0F);
  add_box(mesh, {-0.5F, -7.0F, 0.95F}, {0.5F, 6.2F, 1.25F}, Part::dark);
  add_box(mesh, {-1.22F, -7.1F, 1.3F}, {1.22F, 4.8F, 3.9F}, Part::load);
  for (float y = -7.0F; y < 4.7F; y += 0.6F)
    for (const float x : {-1.25F, 1.21F})
      add_box(mesh, {x, y, 1.36F}, {x + 0.04F, y + 0.3F, 3.84F}, Part::load);
  for (const float x : {-0.55F, 0.0F, 0.55F})
    add_box(mesh, {x - 0.03F, -7.14F, 1.35F}, {x + 0.03F, -7.1F, 3.8F}, Part::chrome);
  for (const float x : {-0.98F, 0.98F})
    for (const float y : {6.3F, 3.0F, 1.8F, -3.6F, -4.8F, -6.0F})
      add_wheel(mesh, {x, y, 0.5F}, 0.5F, 0.34F);
  add_lorry_tail(mesh, -7.15F);
  mesh.half_length = 7.25F, mesh.half_width = 1.25F;
  return mesh;
}

Mesh make_bus() {
  Mesh mesh;
  const auto outline = [](float inset, float top) {
    return std::vector<Vec2>{{0, 0.35F},
                             {1.2F - inset, 0.35F},
                             {1.25F - inset, 0.6F},
                             {1.25F - inset, 1.35F},
                             {1.22F - inset, top - 0.7F},
                             {1.2F - inset, top - 0.25F},
                             {1.0F - inset, top},
                             {0, top + 0.03F}};
  };
  std::vector<Section> sections{{-5.6F, outline(0.08F, 2.95F)}, {-5.45F, outline(0, 3.1F)}};
  for (float y = -4.9F; y < 4.9F; y += 1.6F) {
    sections.push_back({y, outline(0, 3.1F)});
    sections.push_back({y + 0.1F, outline(0, 3.1F)});
  }
  sections.push_back({5.3F, outline(0, 3.1F)});
  sections.push_back({5.6F, outline(0.08F, 2.95F)});
  const std::size_t last = sections.size() - 2;
  add_body(mesh, sections, [&](std::size_t gap, std::size_t ring) {
    if (ring == 0) return Part::dark;
    if (ring == 3 && gap > 0 && gap < last && gap % 2 == 1) return Part::glass;
    if (ring == 3 && (gap == 0 || gap == last)) return Part::glass;
    if (ring == 2) return Part::trim;
    return Part::paint;
  });
  add_box(mesh, {-1.1F, 5.6F, 1.25F}, {1.1F, 5.64F, 2.4F}, Part::glass);
  add_box(mesh, {-0.8F, 5.6F, 2.5F}, {0.8F, 5.63F, 2.8F}, Part::dark);
  add_box(mesh, {-0.95F, -5.64F, 1.7F}, {0.95F, -5.6F, 2.5F}, Part::glass);
  for (const float x : {-1.08F, 1.08F})
    for (const float y : {3.4F, -3.0F}) add_wheel(mesh, {x, y, 0.48F}, 0.48F, 0.3F);
  add_car_lights(mesh, 5.66F, -5.66F, 0.9F, 0.75F, 1.0F);
  add_plate(mesh, {0, 5.67F, 0.6F}, 0.26F, 0.055F, true);
  add_plate(mesh, {0, -5.67F, 0.75F}, 0.165F, 0.0825F, false);
  mesh.half_length = 5.65F, mesh.half_width = 1.25F;
  return mesh;
}

}  // namespace

Mesh make_vehicle(VehicleKind kind, std::uint64_t variant) {
  switch (kind) {
    case VehicleKind::sedan:
      return make_sedan(false);
    case VehicleKind::taxi:
      return make_sedan(true);
    case VehicleKind::suv:
      return make_suv();
    case VehicleKind::van:
      return make_van();
    case VehicleKind::lorry:
      return make_lorry(variant);
    case VehicleKind::container:
      return make_container();
    case VehicleKind::bus:
      return make_bus();
    case VehicleKind::motorcycle:
      return make_motorcycle(variant);
    case VehicleKind::walker:
      return make_walker(variant);
  }
  return {};
}

float vehicle_length_m(VehicleKind kind) {
  switch (kind) {
    case VehicleKind::sedan:
    case VehicleKind::taxi:
    case VehicleKind::suv:
      return 4.5F;
    case VehicleKind::van:
      return 5.4F;
    case VehicleKind::lorry:
      return 6.9F;
    case VehicleKind::container:
      return 14.5F;
    case VehicleKind::bus:
      return 11.3F;
    case VehicleKind::motorcycle:
      return 1.9F;
    case VehicleKind::walker:
      return 0.5F;
  }
  return 1;
}

}  // namespace vl::sim
