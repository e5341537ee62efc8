// The demonstration's roads. They are drawn as straight strokes on a plane and cut where they meet;
// then the plane is bent by noise, which makes courses wind and keeps what met meeting.
//   1. trunk and provincial roads through the centres of the units they are known to pass;
//   2. roads between neighbouring centres (relative neighbourhood graph, Toussaint 1980);
//   3. streets: a grid about each ward and small town, along its main road;
//   4. lanes: villages scattered over the land, joined to each other and to the roads.
#include <algorithm>
#include <charconv>
#include <map>
#include <numbers>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/places/roads.hpp>

#include "plane.hpp"
#include "road_assembly.hpp"
#include "road_facts.hpp"

namespace vl::places {
namespace {

constexpr LatLon kOrigin{21.28, 106.4};
constexpr double kVillageSpacing_m = 1'650;
constexpr double kJoinEvery_m = 800;  // lanes may join a road at such steps
constexpr double kLaneLongest_m = 4'500;

struct Winding {
  Warp broad{{31, 9'000, 2, 0.5}, {32, 9'000, 2, 0.5}, 1'500};
  Warp fine{{33, 2'300, 3, 0.5}, {34, 2'300, 3, 0.5}, 270};
  Vec apply(Vec p) const { return fine.apply(broad.apply(p)); }
  Vec invert(Vec p) const { return broad.invert(fine.invert(p)); }
};

class Generator {
 public:
  explicit Generator(const Gazetteer& gazetteer) : gazetteer_(gazetteer) {
    for (const auto* unit : gazetteer.units().on(gazetteer.on())) {
      if (unit->kind != UnitKind::ward && unit->kind != UnitKind::commune) continue;
      units_.push_back(unit);
      centre_[unit->code] = winding_.invert(plane_.to_plane(unit->centre));
    }
  }

  RoadParts make() {
    for (const RoadFact& fact : road_facts()) known_road(fact);
    roads_between_neighbours();
    const std::size_t main_strokes = strokes_.size();
    for (const auto* unit : units_) streets(*unit);
    lanes(main_strokes);
    return assemble_roads({std::move(strokes_), std::move(drafts_)},
                          [this](Vec p) { return plane_.to_lat_lon(winding_.apply(p)); });
  }

 private:
  using Ends = std::pair<std::string_view, std::string_view>;
  static Ends ends_of(std::string_view a, std::string_view b) {
    return a < b ? Ends(a, b) : Ends(b, a);
  }

  LatLon lat_lon(Vec p) const { return plane_.to_lat_lon(winding_.apply(p)); }
  bool in_province(Vec p) const { return gazetteer_.unit_at(lat_lon(p)) != nullptr; }

  // From inside the province along a bearing to its edge.
  Vec way_out(Vec from, double bearing) const {
    const double angle = bearing * std::numbers::pi / 180;
    const Vec step{std::sin(angle) * 150, std::cos(angle) * 150};
    Vec at = from;
    while (in_province(at) && length(at - from) < 60'000) at = at + step;
    return at;
  }

  std::size_t link(Vec from, Vec to, RoadClass road_class, RoadIndex road) {
    strokes_.push_back({from, to, road_class, road});
    return strokes_.size() - 1;
  }

  void known_road(const RoadFact& fact) {
    std::vector<std::string_view> stops;
    for (std::string_view rest = fact.way; !rest.empty();) {
      const auto end = std::min(rest.find(' '), rest.size());
      stops.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    const auto index = static_cast<RoadIndex>(drafts_.size());
    RoadDraft draft;
    draft.road.name = fact.name;
    draft.road.road_class = fact.road_class;
    if (fact.start_km >= 0) draft.road.start_m = fact.start_km * 1000;
    for (std::size_t i = 1; i < stops.size(); ++i) {
      const bool out = stops[i][0] == '@';
      const bool in = stops[i - 1][0] == '@';
      if (in || out) {
        const auto& inner = centre_.at(in ? stops[i] : stops[i - 1]);
        double bearing = 0;
        const std::string_view number = (in ? stops[i - 1] : stops[i]).substr(1);
        std::from_chars(number.data(), number.data() + number.size(), bearing);
        const Vec outer = way_out(inner, bearing);
        const auto stroke = in ? link(outer, inner, fact.road_class, index)
                               : link(inner, outer, fact.road_class, index);
        draft.strokes.emplace_back(stroke, false);
        continue;
      }
      const Ends key = ends_of(stops[i - 1], stops[i]);
      auto [at, fresh] = links_.try_emplace(key, strokes_.size());
      if (fresh) link(centre_.at(key.first), centre_.at(key.second), fact.road_class, index);
      draft.strokes.emplace_back(at->second, key.first != stops[i - 1]);
    }
    drafts_.push_back(std::move(draft));
  }

  void roads_between_neighbours() {
    for (std::size_t i = 0; i < units_.size(); ++i) {
      for (std::size_t j = i + 1; j < units_.size(); ++j) {
        const Vec a = centre_.at(units_[i]->code);
        const Vec b = centre_.at(units_[j]->code);
        const double apart = length(a - b);
        const bool between = std::ranges::any_of(units_, [&](const auto* other) {
          const Vec c = centre_.at(other->code);
          return std::max(length(c - a), length(c - b)) < apart * 0.999;
        });
        const Ends key = ends_of(units_[i]->code, units_[j]->code);
        if (between || links_.contains(key)) continue;
        const auto index = static_cast<RoadIndex>(drafts_.size());
        RoadDraft draft;
        draft.road.name = fmt::format("Đường {} – {}", units_[i]->name, units_[j]->name);
        draft.road.road_class = RoadClass::provincial;
        links_[key] = link(a, b, RoadClass::provincial, index);
        draft.strokes.emplace_back(links_[key], false);
        drafts_.push_back(std::move(draft));
      }
    }
  }

  // Half the number of streets each way; 0 for a place without any.
  int street_count(const AdministrativeUnit& unit) const {
    if (std::ranges::find(city_codes(), unit.code) != city_codes().end()) return 8;
    if (std::ranges::find(town_codes(), unit.code) != town_codes().end()) return 3;
    return unit.kind == UnitKind::ward ? 5 : 0;
  }

  void streets(const AdministrativeUnit& unit) {
    const int half = street_count(unit);
    if (half == 0) return;
    const Vec centre = centre_.at(unit.code);
    const Vec along = main_direction(centre);
    const Vec across{-along.y, along.x};
    const auto seed = static_cast<std::uint64_t>(std::stoi(unit.code));
    const auto offset = [&](int line, std::uint64_t salt) {
      return (line + (lattice_random(line, 0, seed + salt) - 0.5) * 0.35) * 215.0;
    };
    // A street runs between two cross streets; how far, is ragged, so that the town has no corners.
    const auto reach = [&](int line, std::uint64_t salt) {
      const double round =
          std::sqrt(std::max(0.0, 1.0 - std::pow(std::abs(line) / (half + 0.6), 2)));
      return static_cast<int>(
          std::lround(half * round + lattice_random(line, 1, seed + salt) - 0.8));
    };
    int named = 0;
    for (const bool lengthwise : {true, false}) {
      for (int line = -half; line <= half; ++line) {
        if (lengthwise && line == 0) continue;  // that is the main road
        const int low = -reach(line, lengthwise ? 100 : 200);
        const int high = reach(line, lengthwise ? 300 : 400);
        if (high - low < 2) continue;
        const double side = offset(line, lengthwise ? 500 : 600);
        const double from = offset(low, lengthwise ? 600 : 500);
        const double to = offset(high, lengthwise ? 600 : 500);
        const Vec base = centre + (lengthwise ? across : along) * side;
        const Vec way = lengthwise ? along : across;
        add_street(base + way * from, base + way * to, seed, named++);
      }
    }
    town_.push_back({centre, (half + 1) * 215.0});
  }

  Vec main_direction(Vec centre) const {
    for (const Stroke& stroke : strokes_) {
      if (stroke.from != centre && stroke.to != centre) continue;
      const Vec way = stroke.to - stroke.from;
      return way * (1 / length(way));
    }
    return {1, 0};
  }

  void add_street(Vec from, Vec to, std::uint64_t seed, int number) {
    const auto names = street_names();
    // Another beginning for each town and a step that visits every name once.
    const std::size_t at = (seed * 7 + static_cast<std::size_t>(number) * 13) % names.size();
    const auto index = static_cast<RoadIndex>(drafts_.size());
    RoadDraft draft;
    draft.road.name = fmt::format("Đường {}", names[at]);
    draft.road.road_class = RoadClass::street;
    draft.strokes.emplace_back(link(from, to, RoadClass::street, index), false);
    drafts_.push_back(std::move(draft));
  }

  struct Stop {
    Vec at;
    bool village = false;
  };

  std::vector<Vec> villages() const {
    std::vector<Vec> out;
    const double row_m = kVillageSpacing_m * std::sqrt(3) / 2;
    for (int row = -45; row <= 45; ++row) {
      for (int column = -45; column <= 45; ++column) {
        const double jitter_x = lattice_random(column, row, 41) - 0.5;
        const double jitter_y = lattice_random(column, row, 42) - 0.5;
        const Vec at{(column + (row % 2 != 0 ? 0.5 : 0) + jitter_x * 0.6) * kVillageSpacing_m,
                     (row + jitter_y * 0.6) * row_m};
        const auto* unit = gazetteer_.unit_at(lat_lon(at));
        if (unit == nullptr) continue;
        // Large units are mountains: fewer villages.
        const double share = std::clamp(42 / unit->area_km2.value_or(40), 0.18, 1.0);
        if (lattice_random(column, row, 43) > share) continue;
        if (std::ranges::any_of(town_,
                                [&](const Town& t) { return length(t.centre - at) < t.radius_m; }))
          continue;
        out.push_back(at);
      }
    }
    return out;
  }

  void lanes(std::size_t main_strokes) {
    std::vector<Stop> stops;
    for (std::size_t s = 0; s < main_strokes; ++s) {
      const Vec from = strokes_[s].from;
      const Vec way = strokes_[s].to - from;
      const int steps = std::max(1, static_cast<int>(length(way) / kJoinEvery_m));
      for (int k = 0; k <= steps; ++k)
        stops.push_back({from + way * (static_cast<double>(k) / steps), false});
    }
    const std::size_t joins = stops.size();
    for (const Vec village : villages()) {
      const bool beside_road =
          std::any_of(stops.begin(), stops.begin() + static_cast<std::ptrdiff_t>(joins),
                      [&](const Stop& s) { return length(s.at - village) < 500; });
      if (!beside_road) stops.push_back({village, true});
    }
    for (std::size_t i = joins; i < stops.size(); ++i) lanes_of(stops, i);
  }

  // The lanes of one village in the relative neighbourhood graph of all stops.
  void lanes_of(const std::vector<Stop>& stops, std::size_t i) {
    const Vec a = stops[i].at;
    std::vector<std::size_t> near;
    for (std::size_t j = 0; j < stops.size(); ++j)
      if (j != i && length(stops[j].at - a) < kLaneLongest_m) near.push_back(j);
    for (const std::size_t j : near) {
      if (stops[j].village && j < i) continue;  // drawn by the other
      const Vec b = stops[j].at;
      const double apart = length(a - b);
      const bool between = std::ranges::any_of(near, [&](std::size_t k) {
        const Vec c = stops[k].at;
        return k != j && std::max(length(c - a), length(c - b)) < apart;
      });
      if (!between) link(a, b, RoadClass::lane, kNoRoad);
    }
  }

  struct Town {
    Vec centre;
    double radius_m;
  };

  const Gazetteer& gazetteer_;
  const Plane plane_{kOrigin};
  const Winding winding_;
  std::vector<const AdministrativeUnit*> units_;
  std::map<std::string_view, Vec> centre_;
  std::vector<Stroke> strokes_;
  std::map<Ends, std::size_t> links_;
  std::vector<RoadDraft> drafts_;
  std::vector<Town> town_;
};

}  // namespace

RoadNetwork RoadNetwork::demonstration(const Gazetteer& gazetteer) {
  return RoadNetwork(Generator(gazetteer).make());
}

}  // namespace vl::places
