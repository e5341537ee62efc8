#include <algorithm>
#include <cmath>
#include <numbers>

#include <vonglau/places/outlines.hpp>

#include "geojson_text.hpp"

namespace vl::places {
namespace {

constexpr std::size_t kCells = 128;  // along each side of the index

// Whether the ray from the point to the east crosses the segment. Written so that a segment gives
// the same answer from either end: two units that share it never both claim a point, nor neither.
bool crosses(LatLon point, LatLon a, LatLon b) {
  if (b.lat < a.lat) std::swap(a, b);
  if (point.lat < a.lat || point.lat >= b.lat) return false;
  return (b.lon - a.lon) * (point.lat - a.lat) > (point.lon - a.lon) * (b.lat - a.lat);
}

}  // namespace

double signed_area_km2(const Ring& ring) {
  if (ring.size() < 4) return 0;
  const LatLon origin = ring.front();
  const double per_lat = 111.19493;
  const double per_lon = per_lat * std::cos(origin.lat * std::numbers::pi / 180);
  double twice = 0;
  for (std::size_t i = 1; i < ring.size(); ++i) {
    const LatLon a = ring[i - 1];
    const LatLon b = ring[i];
    twice +=
        (a.lon - origin.lon) * (b.lat - origin.lat) - (b.lon - origin.lon) * (a.lat - origin.lat);
  }
  return twice / 2 * per_lat * per_lon;
}

double area_km2(const UnitOutline& outline) {
  double sum = 0;
  for (const Polygon& polygon : outline.polygons)
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const double area = std::abs(signed_area_km2(polygon[i]));
      sum += i == 0 ? area : -area;
    }
  return sum;
}

bool contains(const Polygon& polygon, LatLon point) {
  bool inside = false;
  for (const Ring& ring : polygon)
    for (std::size_t i = 1; i < ring.size(); ++i)
      if (crosses(point, ring[i - 1], ring[i])) inside = !inside;
  return inside;
}

std::string outlines_geojson(const Outlines& outlines, const UnitRegister& units, Date on) {
  GeoJsonText text;
  for (const UnitOutline& outline : outlines.units) {
    const auto* unit = units.find(outline.code, on);
    if (unit == nullptr) continue;
    text.begin_feature();
    text.property("code", unit->code);
    text.property("name", unit->name);
    text.property("full_name", unit->full_name);
    text.property("kind", text_of(unit->kind));
    text.property("generated", outline.generated);
    text.multi_polygon(outline.polygons);
  }
  return text.finish();
}

Outlines replace_outlines(Outlines base, const Outlines& imported, const UnitRegister& units,
                          Date on) {
  const auto has = [&](const UnitOutline& old) {
    return std::ranges::find(imported.units, old.code, &UnitOutline::code) != imported.units.end();
  };
  std::erase_if(base.units, [&](const UnitOutline& old) {
    const auto* unit = units.find(old.code, on);
    const bool province = unit != nullptr && unit->kind == UnitKind::province;
    return has(old) || (province && old.generated && !imported.units.empty());
  });
  base.units.insert(base.units.end(), imported.units.begin(), imported.units.end());
  std::ranges::sort(base.units, {}, &UnitOutline::code);
  return base;
}

OutlineIndex::OutlineIndex(const Outlines& outlines, const UnitRegister& units, Date on)
    : cells_(kCells * kCells) {
  for (const UnitOutline& outline : outlines.units) {
    const auto* unit = units.find(outline.code, on);
    if (unit == nullptr || unit->kind == UnitKind::province) continue;
    Entry entry{outline.code, outline.generated, {}, outline.polygons};
    for (const Polygon& polygon : outline.polygons)
      for (const LatLon p : polygon.front()) {
        entry.bounds.add(p);
        bounds_.add(p);
      }
    if (!entry.bounds.empty()) entries_.push_back(std::move(entry));
  }
  std::ranges::sort(entries_, {}, [](const Entry& e) { return std::pair(e.generated, e.code); });
  for (std::uint32_t e = 0; e < entries_.size(); ++e) {
    const Bounds& box = entries_[e].bounds;
    const std::size_t low = cell_of(box.south, box.west);
    const std::size_t high = cell_of(box.north, box.east);
    for (std::size_t row = low / kCells; row <= high / kCells; ++row)
      for (std::size_t column = low % kCells; column <= high % kCells; ++column)
        cells_[row * kCells + column].push_back(e);
  }
}

std::size_t OutlineIndex::cell_of(double lat, double lon) const {
  const auto part = [](double at, double low, double high) {
    const double share = high > low ? (at - low) / (high - low) : 0;
    return static_cast<std::size_t>(std::clamp(share * kCells, 0.0, kCells - 1.0));
  };
  return part(lat, bounds_.south, bounds_.north) * kCells + part(lon, bounds_.west, bounds_.east);
}

std::optional<std::string_view> OutlineIndex::code_at(LatLon point) const {
  if (!bounds_.contains(point)) return std::nullopt;
  for (const std::uint32_t e : cells_[cell_of(point.lat, point.lon)]) {
    const Entry& entry = entries_[e];
    if (!entry.bounds.contains(point)) continue;
    for (const Polygon& polygon : entry.polygons)
      if (contains(polygon, point)) return entry.code;
  }
  return std::nullopt;
}

}  // namespace vl::places
