// The things that move: cars, lorries, buses, motorcycles with their riders, people on foot.
// Every mesh stands on z = 0 with its middle at the origin and looks along +y.
#pragma once

#include <cstdint>

#include "scene_math.hpp"
#include "scene_mesh.hpp"

namespace vl::sim {

enum class VehicleKind : std::uint8_t {
  sedan,
  taxi,
  suv,
  van,
  lorry,
  container,
  bus,
  motorcycle,
  walker
};

/// A mesh for the kind; `variant` picks load, pillion rider, mask, hat (motorcycles), the length
/// of the body (lorries) or the moment of a step (walkers).
Mesh make_vehicle(VehicleKind kind, std::uint64_t variant);

/// Colours as seen on the roads of the north: many white and grey cars, blue and red scooters.
Palette draw_palette(VehicleKind kind, Chance& chance);

float vehicle_length_m(VehicleKind kind);
constexpr int kStepMoments = 8;

}  // namespace vl::sim
