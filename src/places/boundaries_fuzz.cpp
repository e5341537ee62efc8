// A boundary file from anywhere: whatever is taken is a proper outline of a unit, once.
#include <cstddef>
#include <cstdint>
#include <set>

#include <vonglau/base/assert.hpp>
#include <vonglau/places/boundaries.hpp>

#include "rings.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl::places;
  static const UnitRegister units = UnitRegister::bac_ninh();
  constexpr Date kOn = std::chrono::January / 1 / 2026;
  BoundaryLimits limits;
  limits.positions = 2'000;
  limits.features = 50;
  const auto imported =
      import_boundaries({reinterpret_cast<const char*>(data), size}, units, kOn, limits);
  if (!imported) {
    VL_ASSERT(!imported.error().message.empty());
    return 0;
  }
  std::set<std::string> codes;
  for (const UnitOutline& outline : imported->outlines.units) {
    VL_ASSERT(units.find(outline.code, kOn) != nullptr);
    VL_ASSERT(codes.insert(outline.code).second);
    for (const Polygon& polygon : outline.polygons) {
      VL_ASSERT(!polygon.empty());
      for (const Ring& ring : polygon) VL_ASSERT(!ring_fault(ring));
    }
  }
  for (const RefusedFeature& refused : imported->refused) VL_ASSERT(!refused.reason.empty());
  const OutlineIndex index(imported->outlines, units, kOn);
  for (const UnitOutline& outline : imported->outlines.units)
    index.code_at(outline.polygons.front().front().front());
  return 0;
}
