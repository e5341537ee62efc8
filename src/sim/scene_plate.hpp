// Invented registration numbers and the plates that show them. Formats and colours follow
// Circular 79/2024/TT-BCA and QCVN 08:2024/BCA; province codes Circular 51/2025, Annex 02.
#pragma once

#include <cstdint>
#include <string>

#include "scene_math.hpp"
#include "scene_mesh.hpp"
#include "scene_vehicles.hpp"

namespace vl::sim {

enum class PlateColour : std::uint8_t { white, yellow, blue };

struct Plate {
  std::string upper;  // "99A" of a car, "99-AA" of a motorcycle
  std::string lower;  // "123.45"
  PlateColour colour = PlateColour::white;
  std::string one_line() const { return upper + "-" + lower; }
};

/// Mostly the province's own codes, some of its neighbours'. The numbers name nobody: they are
/// drawn, and serials run in ranges chosen by the seed.
Plate draw_plate(VehicleKind kind, Chance& chance);

/// 520 x 110 mm (one line) or 190 x 140 / 330 x 165 mm (two lines).
Texture paint_plate(const Plate& plate, bool two_lines, bool motorcycle);

}  // namespace vl::sim
