#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <vonglau/base/text.hpp>
#include <vonglau/places/boundaries.hpp>

#include "json_cursor.hpp"
#include "rings.hpp"

namespace vl::places {
namespace {

// Property names that hold a unit's code or name, best first, without case and underscores.
constexpr std::string_view kCodeNames[] = {"code",    "unitcode", "wardcode", "maxa", "madvhc",
                                           "madonvi", "gsocode",  "mahc",     "ma"};
constexpr std::string_view kNameNames[] = {"fullname", "tendaydu", "name", "wardname",
                                           "tenxa",    "tendonvi", "ten"};

struct Found {
  std::size_t rank = 1'000;  // place in the list of names; lower is better
  std::string value;
};

struct Feature {
  std::string geometry_type;
  bool has_geometry = false;
  // Coordinates of whatever nesting: positions in lists in lists. A Polygon has one polygon.
  int nesting = -1;
  std::vector<Polygon> polygons;
  std::size_t rings = 0;
  Found code;
  Found name;
  std::string fault;  // the first
  void blame(std::string what) {
    if (fault.empty()) fault = std::move(what);
  }
};

std::string plain_name(std::string_view property) {
  std::string out;
  for (const char c : fold_vietnamese(property))
    if (c != '_' && c != ' ' && c != '-') out += c;
  return out;
}

// Names are compared by their words without marks.
std::string plain_words(std::string_view name) {
  const std::string folded = fold_vietnamese(name);
  return fmt::format("{}", fmt::join(words_of(folded), " "));
}

class Importer {
 public:
  Importer(std::string_view text, const UnitRegister& units, Date on, const BoundaryLimits& limits)
      : json_(text, limits.depth), units_(units), on_(on), limits_(limits) {}

  bool run() {
    std::string key;
    std::string type;
    bool features_seen = false;
    bool first = true;
    if (!json_.open('{')) return false;
    while (json_.more('}', first)) {
      if (!json_.key(key)) return false;
      if (key == "type") {
        if (!json_.string(type)) return false;
      } else if (key == "features") {
        features_seen = true;
        if (!features()) return false;
      } else if (!json_.skip()) {
        return false;
      }
    }
    if (!json_.ok() || !json_.finish()) return false;
    if (type != "FeatureCollection" || !features_seen)
      return json_.fail("the document is not a FeatureCollection with features");
    std::ranges::sort(import_.outlines.units, {}, &UnitOutline::code);
    return true;
  }

  BoundaryImport take() { return std::move(import_); }
  bool too_large() const { return too_large_; }
  const JsonCursor& json() const { return json_; }

 private:
  bool limit(std::string_view what) {
    too_large_ = true;
    return json_.fail(what);
  }

  bool features() {
    bool first = true;
    if (!json_.open('[')) return false;
    while (json_.more(']', first)) {
      if (count_ == limits_.features)
        return limit(fmt::format("there are more than {} features", limits_.features));
      Feature feature;
      if (!read(feature)) return false;
      if (auto reason = place(feature)) import_.refused.push_back({count_, std::move(*reason)});
      ++count_;
    }
    return json_.ok();
  }

  bool read(Feature& feature) {
    std::string key;
    std::string type;
    bool first = true;
    if (!json_.open('{')) return false;
    while (json_.more('}', first)) {
      if (!json_.key(key)) return false;
      const char next = json_.peek();
      bool read_well = true;
      if (key == "type" && next == '"')
        read_well = json_.string(type);
      else if (key == "properties" && next == '{')
        read_well = properties(feature);
      else if (key == "geometry" && next == '{')
        read_well = geometry(feature);
      else
        read_well = json_.skip();
      if (!read_well) return false;
    }
    if (type != "Feature") feature.blame("is not a Feature");
    return json_.ok();
  }

  bool properties(Feature& feature) {
    std::string key;
    std::string value;
    bool first = true;
    json_.open('{');
    while (json_.more('}', first)) {
      if (!json_.key(key)) return false;
      const char next = json_.peek();
      if (next == '"') {
        if (!json_.string(value)) return false;
      } else if (next == '-' || (next >= '0' && next <= '9')) {
        double number = 0;
        if (!json_.number(number)) return false;
        // Codes lose their leading zeros where a program took them for numbers.
        if (number < 0 || number > 99'999 || number != std::floor(number)) continue;
        value = number < 100 ? fmt::format("{:02.0f}", number) : fmt::format("{:05.0f}", number);
      } else {
        if (!json_.skip()) return false;
        continue;
      }
      const std::string name = plain_name(key);
      keep(feature.code, kCodeNames, name, value);
      keep(feature.name, kNameNames, name, value);
    }
    return json_.ok();
  }

  static void keep(Found& found, std::span<const std::string_view> names, std::string_view name,
                   const std::string& value) {
    const auto rank = static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
    if (rank < names.size() && rank < found.rank && !value.empty()) found = {rank, value};
  }

  bool geometry(Feature& feature) {
    std::string key;
    bool first = true;
    feature.has_geometry = true;
    const auto before = opened_;
    json_.open('{');
    while (json_.more('}', first)) {
      if (!json_.key(key)) return false;
      const char next = json_.peek();
      bool read_well = true;
      if (key == "type" && next == '"')
        read_well = json_.string(feature.geometry_type);
      else if (key == "coordinates" && next == '[')
        read_well = coordinates(feature, 0);
      else
        read_well = json_.skip();
      if (!read_well) return false;
    }
    // Lists without positions would otherwise go unnoticed, and a hole become an outer ring.
    const std::size_t ring_level = feature.nesting == 3 ? 2 : 1;
    if (feature.nesting >= 2 && opened_[ring_level] - before[ring_level] != feature.rings)
      feature.blame("has a ring of fewer than four positions");
    if (feature.nesting == 3 && opened_[1] - before[1] != feature.polygons.size())
      feature.blame("has a polygon without rings");
    return json_.ok();
  }

  // Lists in lists down to positions, at whose level the nesting becomes known (the type may come
  // after the coordinates): 2 in a Polygon, 3 in a MultiPolygon.
  bool coordinates(Feature& feature, int level) {
    bool first = true;
    if (!json_.open('[')) return false;
    const char next = json_.peek();
    if (next == '-' || (next >= '0' && next <= '9')) return position(feature, level);
    ++opened_[static_cast<std::size_t>(std::min(level, 3))];
    while (json_.more(']', first)) {
      if (json_.peek() != '[') {
        feature.blame("has coordinates that are not numbers");
        if (!json_.skip()) return false;
      } else if (!coordinates(feature, level + 1)) {
        return false;
      }
    }
    return json_.ok();
  }

  bool position(Feature& feature, int level) {
    double numbers[2] = {0, 0};
    std::size_t n = 0;
    bool first = true;
    while (json_.more(']', first)) {
      const char next = json_.peek();
      double number = 0;
      if (next != '-' && (next < '0' || next > '9')) {
        feature.blame("has coordinates that are not numbers");
        if (!json_.skip()) return false;
        continue;
      }
      if (!json_.number(number)) return false;
      if (n < 2) numbers[n] = number;
      ++n;
    }
    if (!json_.ok()) return false;
    if (++positions_ > limits_.positions)
      return limit(fmt::format("there are more than {} positions", limits_.positions));
    if (n < 2 || n > 4) feature.blame("has a position that is not longitude, latitude");
    if (feature.nesting < 0) feature.nesting = level;
    if (feature.nesting != level) feature.blame("has coordinates of mixed depth");
    if (feature.fault.empty()) add(feature, {numbers[1], numbers[0]});
    return true;
  }

  void add(Feature& feature, LatLon point) {
    if (!is_valid(point)) {
      const bool turned = is_valid({point.lon, point.lat});
      return feature.blame(fmt::format(
          "has the position {}, {}, which is not on the earth{}", point.lon, point.lat,
          turned ? ": longitude comes first in GeoJSON" : ": coordinates must be WGS 84 degrees"));
    }
    if (feature.nesting != 2 && feature.nesting != 3)
      return feature.blame("is not a Polygon or MultiPolygon");
    const bool multi = feature.nesting == 3;
    const std::size_t polygon = multi ? opened_[1] : opened_[0];
    const std::size_t ring = multi ? opened_[2] : opened_[1];
    if (feature.polygons.empty() || polygon != polygon_) feature.polygons.emplace_back();
    if (feature.polygons.back().empty() || ring != ring_) {
      if (++feature.rings > limits_.rings)
        return feature.blame(fmt::format("has more than {} rings", limits_.rings));
      feature.polygons.back().emplace_back();
    }
    polygon_ = polygon;
    ring_ = ring;
    Ring& points = feature.polygons.back().back();
    if (points.size() == limits_.ring_positions)
      return feature.blame(
          fmt::format("has a ring of more than {} positions: simplify it", limits_.ring_positions));
    points.push_back(point);
  }

  // Takes the feature, or says why not.
  std::optional<std::string> place(Feature& feature) {
    if (!feature.fault.empty()) return std::move(feature.fault);
    if (!feature.has_geometry) return "has no geometry";
    const bool fits = (feature.geometry_type == "Polygon" && feature.nesting == 2) ||
                      (feature.geometry_type == "MultiPolygon" && feature.nesting == 3);
    if (!fits) return "is not a Polygon or MultiPolygon";
    std::string reason;
    const AdministrativeUnit* unit = unit_of(feature, reason);
    if (unit == nullptr) return reason;
    if (!taken_.insert(unit->code).second)
      return fmt::format("repeats {} ({}), which an earlier feature gave", unit->full_name,
                         unit->code);
    auto fault = shape_fault(feature, *unit);
    if (fault) {
      taken_.erase(unit->code);
      return fault;
    }
    import_.outlines.units.push_back({unit->code, std::move(feature.polygons)});
    return std::nullopt;
  }

  const AdministrativeUnit* unit_of(const Feature& feature, std::string& reason) const {
    const std::string& code = feature.code.value;
    const std::string name = plain_words(feature.name.value);
    if (code.empty() && name.empty()) {
      reason = "has neither a code nor a name among its properties";
      return nullptr;
    }
    std::vector<const AdministrativeUnit*> fitting;
    for (const auto* unit : units_.on(on_)) {
      if (unit->kind != UnitKind::ward && unit->kind != UnitKind::commune &&
          unit->kind != UnitKind::province)
        continue;
      const bool named = name == plain_words(unit->full_name) || name == plain_words(unit->name);
      if (code.empty() ? named : unit->code == code) fitting.push_back(unit);
    }
    if (fitting.empty()) {
      reason = fmt::format("names no unit of {}: {}", text_of(on_),
                           code.empty() ? feature.name.value : "code " + code);
    } else if (fitting.size() > 1) {
      // "Bắc Ninh" alone is a province; a full name tells units of one name apart.
      std::erase_if(fitting, [&](const auto* u) { return plain_words(u->full_name) != name; });
      if (fitting.size() == 1) return fitting.front();
      reason = fmt::format("has a name that several units bear: {}", feature.name.value);
    } else if (const auto* unit = fitting.front(); !code.empty() && !name.empty() &&
                                                   name != plain_words(unit->full_name) &&
                                                   name != plain_words(unit->name)) {
      reason = fmt::format("has code {}, which is {} since {}, but is named {}", code,
                           unit->full_name, text_of(unit->valid_from), feature.name.value);
    } else {
      return unit;
    }
    return nullptr;
  }

  std::optional<std::string> shape_fault(Feature& feature, const AdministrativeUnit& unit) const {
    Bounds bounds;
    for (Polygon& polygon : feature.polygons) {
      for (Ring& ring : polygon) {
        ring.erase(std::unique(ring.begin(), ring.end()), ring.end());
        if (auto fault = ring_fault(ring)) return fault;
        const bool outer = &ring == &polygon.front();
        if ((signed_area_km2(ring) > 0) != outer) std::ranges::reverse(ring);
        for (const LatLon p : ring) bounds.add(p);
      }
      const Polygon outer = {polygon.front()};
      for (std::size_t hole = 1; hole < polygon.size(); ++hole)
        for (const LatLon p : polygon[hole])
          if (!contains(outer, p))
            return fmt::format("has a hole that leaves its outer ring near {:.5f}, {:.5f}", p.lat,
                               p.lon);
    }
    if (bounds.empty()) return "has no positions";
    const LatLon nearest{std::clamp(unit.centre.lat, bounds.south, bounds.north),
                         std::clamp(unit.centre.lon, bounds.west, bounds.east)};
    const double away_km = distance_m(nearest, unit.centre) / 1000;
    if (away_km > limits_.centre_away_km)
      return fmt::format("lies {:.0f} km from the centre of {}: is it another unit, or not WGS 84?",
                         away_km, unit.full_name);
    return std::nullopt;
  }

  JsonCursor json_;
  const UnitRegister& units_;
  const Date on_;
  const BoundaryLimits& limits_;
  BoundaryImport import_;
  std::size_t count_ = 0;
  std::size_t positions_ = 0;
  bool too_large_ = false;
  std::array<std::size_t, 4> opened_{};  // lists of coordinates opened so far, by level
  std::size_t polygon_ = 0;
  std::size_t ring_ = 0;
  std::set<std::string> taken_;
};

}  // namespace

Result<BoundaryImport> import_boundaries(std::string_view geojson, const UnitRegister& units,
                                         Date on, const BoundaryLimits& limits) {
  if (geojson.size() > limits.bytes)
    return fail(
        PlacesError::too_large,
        fmt::format("the file is larger than {} bytes: simplify its outlines", limits.bytes));
  if (geojson.starts_with("\xef\xbb\xbf")) geojson.remove_prefix(3);
  Importer importer(geojson, units, on, limits);
  if (importer.run()) return importer.take();
  const JsonCursor& json = importer.json();
  const auto line = 1 + std::ranges::count(geojson.substr(0, json.at()), '\n');
  return fail(importer.too_large() ? PlacesError::too_large : PlacesError::bad_geojson,
              fmt::format("{} (line {}, byte {})", json.fault(), line, json.at()));
}

}  // namespace vl::places
