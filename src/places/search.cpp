#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include <vonglau/base/text.hpp>
#include <vonglau/places/search.hpp>

#include "name_index.hpp"
#include "query_text.hpp"

namespace vl::places {
namespace {

// Order among names that match alike.
double prior(RoadClass road_class) {
  switch (road_class) {
    case RoadClass::trunk:
      return 0.3;
    case RoadClass::provincial:
      return 0.2;
    case RoadClass::street:
      return 0.1;
    case RoadClass::lane:
      return 0;
  }
  return 0;
}
constexpr double kUnitPrior = 0.6;
constexpr double kFormerUnitPrior = 0.4;
constexpr double kSupersededPrior = 0.2;
constexpr std::size_t kSuccessorsInDetail = 5;
constexpr double kCameraPrior = 0.05;
constexpr double kJunctionPrior = -0.2;

// Words at the beginning of a name that say only what kind of thing it is.
std::size_t core_of(const std::vector<std::string>& words) {
  const auto is = [&](std::size_t i, std::string_view word) {
    return i < words.size() && words[i] == word;
  };
  if (words.size() < 2) return 0;
  if ((is(0, "thi") && (is(1, "xa") || is(1, "tran"))) || (is(0, "thanh") && is(1, "pho")))
    return words.size() > 2 ? 2 : 0;
  for (const auto* kind : {"phuong", "xa", "huyen", "tinh", "duong"})
    if (is(0, kind)) return 1;
  return 0;
}

std::string date_text(Date date) {
  return fmt::format("{:02}/{:02}/{:04}", static_cast<unsigned>(date.day()),
                     static_cast<unsigned>(date.month()), static_cast<int>(date.year()));
}

// "Đường Lý Thái Tổ" is "Lý Thái Tổ" at a junction.
std::string_view short_name(std::string_view road) {
  constexpr std::string_view kStreet = "Đường ";
  return road.starts_with(kStreet) ? road.substr(kStreet.size()) : road;
}

}  // namespace

std::string_view text_of(PlaceKind kind) {
  switch (kind) {
    case PlaceKind::unit:
      return "unit";
    case PlaceKind::road:
      return "road";
    case PlaceKind::junction:
      return "junction";
    case PlaceKind::camera:
      return "camera";
    case PlaceKind::coordinates:
      return "coordinates";
    case PlaceKind::kilometre_post:
      return "kilometre_post";
  }
  return "";
}

struct PlaceSearch::Index {
  std::shared_ptr<const Gazetteer> gazetteer;
  std::shared_ptr<const RoadNetwork> roads;
  std::vector<FoundPlace> places;
  std::vector<const AdministrativeUnit*> former;  // beside places; null for anything else
  std::vector<std::string> road_words;            // each road's name in one word, "" where not
  NameIndex names;
  NameIndex junctions;
  std::vector<std::uint32_t> junction_places;

  void add(FoundPlace place, double weight, const AdministrativeUnit* former_unit = nullptr) {
    const auto words = place_words(place.label);
    const std::size_t core = core_of(words);
    if (place.kind == PlaceKind::junction) {
      junctions.add(words, core, weight);
      junction_places.push_back(static_cast<std::uint32_t>(places.size()));
    }
    names.add(words, core, weight);
    places.push_back(std::move(place));
    former.push_back(former_unit);
  }

  void locate(FoundPlace& place) const {
    if (const auto* unit = gazetteer->unit_at(place.at)) {
      place.unit_code = unit->code;
      place.detail = unit->full_name;
    }
  }

  std::string fate(const AdministrativeUnit& unit) const;
  void add_units();
  void add_roads();
  void add_junctions();
  FoundPlace present(const AdministrativeUnit& unit, std::string_view detail) const;
  std::vector<FoundPlace> kilometres(const KilometreQuery& query) const;
  void append(std::vector<FoundPlace>& out, std::uint32_t place, std::size_t limit) const;
};

FoundPlace PlaceSearch::Index::present(const AdministrativeUnit& unit,
                                       std::string_view detail) const {
  FoundPlace place{PlaceKind::unit, unit.full_name, std::string(detail), unit.centre, "", ""};
  if (unit.kind == UnitKind::province) {
    if (const auto* seat = gazetteer->unit_at(unit.centre)) place.unit_code = seat->code;
  } else {
    place.unit_code = unit.code;
  }
  return place;
}

// "– 30/06/2025 → Xã Tân Yên, Xã Nhã Nam": without words, for readers of either language.
std::string PlaceSearch::Index::fate(const AdministrativeUnit& unit) const {
  std::string text = fmt::format("– {}", date_text(*unit.valid_to));
  const auto next = gazetteer->units().successors(unit);
  for (std::size_t i = 0; i < next.size() && i < kSuccessorsInDetail; ++i)
    text += (i == 0 ? " → " : ", ") + next[i]->full_name;
  if (next.size() > kSuccessorsInDetail)
    text += fmt::format(", +{}", next.size() - kSuccessorsInDetail);
  return text;
}

void PlaceSearch::Index::add_units() {
  const UnitRegister& units = gazetteer->units();
  for (const auto* unit : units.on(gazetteer->on())) {
    const auto* parent = units.find(unit->parent_code, gazetteer->on());
    add(present(*unit, parent != nullptr ? parent->full_name : ""), kUnitPrior);
  }
  for (const AdministrativeUnit& unit : units.all()) {
    if (!unit.valid_to) continue;
    // Raised or cut and still there under its code: only the last stretch leads on to today.
    const auto next = units.successors(unit);
    const auto same = std::ranges::find(next, unit.code, &AdministrativeUnit::code);
    const bool goes_on = same != next.end() && (*same)->kind == unit.kind && (*same)->valid_to;
    if (goes_on && (*same)->full_name == unit.full_name) continue;  // one entry for both
    FoundPlace place{PlaceKind::unit, unit.full_name, fate(unit), unit.centre, "", ""};
    if (const auto* at = gazetteer->unit_at(unit.centre)) place.unit_code = at->code;
    add(std::move(place), goes_on ? kSupersededPrior : kFormerUnitPrior, goes_on ? nullptr : &unit);
  }
}

void PlaceSearch::Index::add_roads() {
  for (const Road& road : roads->roads()) {
    const auto course = roads->course_of(road);
    FoundPlace place{
        PlaceKind::road, road.name, "", point_along(course, road.length_m / 2), "", ""};
    locate(place);
    auto words = place_words(road.name);
    road_words.push_back(words.size() == 1 ? words.front() : "");
    add(std::move(place), prior(road.road_class));
  }
}

void PlaceSearch::Index::add_junctions() {
  for (const Junction& junction : roads->junctions()) {
    FoundPlace place{PlaceKind::junction, "", "", roads->nodes()[junction.node], "", ""};
    double weight = kJunctionPrior;
    for (const RoadIndex r : junction.roads) {
      if (!place.label.empty()) place.label += " × ";
      place.label += short_name(roads->roads()[r].name);
      weight = std::max(weight, kJunctionPrior + prior(roads->roads()[r].road_class) / 2);
    }
    locate(place);
    add(std::move(place), weight);
  }
}

PlaceSearch::PlaceSearch(std::shared_ptr<const Gazetteer> gazetteer,
                         std::shared_ptr<const RoadNetwork> roads, std::vector<NamedPlace> names) {
  auto index = std::make_unique<Index>();
  index->gazetteer = std::move(gazetteer);
  index->roads = std::move(roads);
  index->add_units();
  if (index->roads) {
    index->add_roads();
    index->add_junctions();
  }
  for (NamedPlace& name : names) {
    FoundPlace place{name.kind, std::move(name.name), "", name.at, "", std::move(name.reference)};
    index->locate(place);
    index->add(std::move(place), kCameraPrior);
  }
  index->names.finish();
  index->junctions.finish();
  index_ = std::move(index);
}

PlaceSearch::~PlaceSearch() = default;
PlaceSearch::PlaceSearch(PlaceSearch&&) noexcept = default;
PlaceSearch& PlaceSearch::operator=(PlaceSearch&&) noexcept = default;

std::vector<FoundPlace> PlaceSearch::Index::kilometres(const KilometreQuery& query) const {
  std::vector<FoundPlace> out;
  if (!roads) return out;
  const auto words = place_words(query.rest);
  for (RoadIndex r = 0; r < roads->roads().size(); ++r) {
    const Road& road = roads->roads()[r];
    if (!road.start_m) continue;
    const bool meant = std::ranges::all_of(
        words, [&](const std::string& word) { return road_words[r].starts_with(word); });
    const auto at = meant ? roads->at_kilometre(r, query.metres) : std::nullopt;
    if (!at) continue;
    const auto metres = std::lround(query.metres);
    FoundPlace place{PlaceKind::kilometre_post, "", "", *at, "", ""};
    place.label = metres % 1000 == 0
                      ? fmt::format("Km {} {}", metres / 1000, road.name)
                      : fmt::format("Km {}+{:03} {}", metres / 1000, metres % 1000, road.name);
    locate(place);
    out.push_back(std::move(place));
  }
  return out;
}

void PlaceSearch::Index::append(std::vector<FoundPlace>& out, std::uint32_t place,
                                std::size_t limit) const {
  const auto push = [&](FoundPlace found) {
    const bool known = std::ranges::any_of(out, [&](const FoundPlace& other) {
      return other.kind == found.kind && other.label == found.label && other.at == found.at &&
             other.reference == found.reference;
    });
    if (!known && out.size() < limit) out.push_back(std::move(found));
  };
  push(places[place]);
  if (former[place] == nullptr) return;
  for (const auto* unit : gazetteer->units().present_units(*former[place]))
    if (unit->kind != UnitKind::province)
      push(present(*unit, fmt::format("← {}", former[place]->full_name)));
}

std::vector<FoundPlace> PlaceSearch::find(std::string_view query, std::size_t limit) const {
  query = query.substr(0, kMaxQueryBytes);
  std::vector<FoundPlace> out;
  if (limit == 0) return out;
  if (const auto point = parse_coordinates(query)) {
    out.push_back({PlaceKind::coordinates, fmt::format("{:.5f}, {:.5f}", point->lat, point->lon),
                   "", *point, "", ""});
    index_->locate(out.back());
    return out;
  }
  std::string rest(query);
  if (const auto kilometre = parse_kilometre(query)) {
    out = index_->kilometres(*kilometre);
    if (out.size() > limit) out.resize(limit);
    if (!out.empty()) return out;
    rest = kilometre->rest;  // no such post: at least the road
  }
  const auto words = place_words(rest);
  auto found = index_->names.find(words, limit);
  if (const auto roads = junction_words(words)) {
    for (const NameMatch& match : index_->junctions.find(*roads, limit))
      found.push_back({index_->junction_places[match.name], match.score});
    std::ranges::sort(found, std::greater(), &NameMatch::score);
  }
  for (const NameMatch& match : found) index_->append(out, match.name, limit);
  return out;
}

}  // namespace vl::places
