#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/places/units.hpp>

#include "facts.hpp"

namespace vl::places {
namespace {

using std::chrono::sys_days;

constexpr Date kReform = std::chrono::July / 1 / 2025;  // two tiers begin
constexpr Date kLastOfThreeTiers = std::chrono::June / 30 / 2025;
constexpr Date kFormerCommunesFrom = std::chrono::January / 1 / 2025;
constexpr Date kProvincesFrom = std::chrono::January / 1 / 1997;

struct KindPrefix {
  std::string_view prefix;
  UnitKind kind;
};
constexpr KindPrefix kKinds[] = {
    {"Phường ", UnitKind::ward},       {"Xã ", UnitKind::commune},
    {"Thị trấn ", UnitKind::township}, {"Huyện ", UnitKind::district},
    {"Thị xã ", UnitKind::district},   {"Thành phố ", UnitKind::district},
    {"Tỉnh ", UnitKind::province},
};

AdministrativeUnit named(std::string_view code, std::string_view full_name) {
  AdministrativeUnit unit;
  unit.code = code;
  unit.full_name = full_name;
  for (const auto& [prefix, kind] : kKinds) {
    if (!full_name.starts_with(prefix)) continue;
    unit.kind = kind;
    unit.name = full_name.substr(prefix.size());
  }
  VL_ASSERT(!unit.name.empty());
  return unit;
}

Date fact_date(std::string_view text) {
  const auto date = parse_date(text);
  VL_ASSERT(date.has_value());
  return *date;
}

std::vector<std::string> split_codes(std::string_view text) {
  std::vector<std::string> codes;
  while (!text.empty()) {
    const auto space = std::min(text.find(' '), text.size());
    codes.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return codes;
}

using Centres = std::map<std::string_view, LatLon>;

void add_present_units(std::vector<AdministrativeUnit>& units, Centres& centres) {
  double area_km2 = 0;
  for (const UnitFact& fact : unit_facts()) {
    AdministrativeUnit unit = named(fact.code, fact.full_name);
    unit.valid_from = kReform;
    unit.parent_code = "24";
    unit.centre = {fact.lat, fact.lon};
    unit.area_km2 = fact.area_km2;
    area_km2 += fact.area_km2;
    centres[fact.code] = unit.centre;
    units.push_back(std::move(unit));
  }
  AdministrativeUnit province = named("24", "Tỉnh Bắc Ninh");
  province.valid_from = kReform;
  province.centre = centres.at("07210");
  province.area_km2 = area_km2;
  units.push_back(std::move(province));
}

void add_former_provinces(std::vector<AdministrativeUnit>& units, const Centres& centres) {
  struct Row {
    std::string_view code, full_name, seat;
  };
  for (const Row& row :
       {Row{"24", "Tỉnh Bắc Giang", "07210"}, Row{"27", "Tỉnh Bắc Ninh", "09187"}}) {
    AdministrativeUnit unit = named(row.code, row.full_name);
    unit.valid_from = kProvincesFrom;
    unit.valid_to = kLastOfThreeTiers;
    unit.successor_codes = {"24"};
    unit.centre = centres.at(row.seat);
    double area_km2 = 0;
    for (const UnitFact& fact : unit_facts())
      if (fact.former_province == row.code) area_km2 += fact.area_km2;
    unit.area_km2 = area_km2;
    units.push_back(std::move(unit));
  }
}

void add_former_communes(std::vector<AdministrativeUnit>& units, const Centres& centres) {
  for (const FormerCommuneFact& fact : former_commune_facts()) {
    AdministrativeUnit unit = named(fact.code, fact.full_name);
    unit.valid_from = kFormerCommunesFrom;
    unit.valid_to = kLastOfThreeTiers;
    unit.parent_code = fact.district;
    unit.successor_codes = {std::string(fact.successor)};
    unit.centre = centres.at(fact.successor);
    units.push_back(std::move(unit));
  }
}

void add_former_districts(std::vector<AdministrativeUnit>& units, const Centres& centres) {
  std::map<std::string_view, std::set<std::string>> by_communes;
  for (const FormerCommuneFact& fact : former_commune_facts())
    by_communes[fact.district].emplace(fact.successor);
  for (const FormerDistrictFact& fact : former_district_facts()) {
    AdministrativeUnit unit = named(fact.code, fact.full_name);
    unit.valid_from = fact_date(fact.valid_from);
    unit.valid_to = fact_date(fact.valid_to);
    unit.parent_code = fact.province;
    if (fact.successors == "*") {
      const auto& codes = by_communes[fact.code];
      unit.successor_codes.assign(codes.begin(), codes.end());
    } else {
      unit.successor_codes = split_codes(fact.successors);
    }
    unit.centre = centres.at(fact.seat);
    units.push_back(std::move(unit));
  }
}

}  // namespace

Result<Date> parse_date(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  const auto number = [](std::string_view part, auto& out) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), out);
    return error == std::errc() && end == part.data() + part.size() && part.front() != '-';
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-' && number(text.substr(0, 4), year) &&
      number(text.substr(5, 2), month) && number(text.substr(8, 2), day)) {
    const Date date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (date.ok()) return date;
  }
  return fail(PlacesError::bad_date, "must be a day as YYYY-MM-DD, for example 2025-07-01");
}

std::string text_of(Date date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string_view text_of(UnitKind kind) {
  switch (kind) {
    case UnitKind::ward:
      return "ward";
    case UnitKind::commune:
      return "commune";
    case UnitKind::township:
      return "township";
    case UnitKind::district:
      return "district";
    case UnitKind::province:
      return "province";
  }
  return "";
}

UnitRegister UnitRegister::bac_ninh() {
  std::vector<AdministrativeUnit> units;
  Centres centres;
  add_present_units(units, centres);
  add_former_provinces(units, centres);
  add_former_districts(units, centres);
  add_former_communes(units, centres);
  return UnitRegister(std::move(units));
}

UnitRegister::UnitRegister(std::vector<AdministrativeUnit> units) : units_(std::move(units)) {
  std::ranges::sort(units_, [](const auto& a, const auto& b) {
    return std::tie(a.code, a.valid_from) < std::tie(b.code, b.valid_from);
  });
  for (std::size_t i = 1; i < units_.size(); ++i) {
    const auto& earlier = units_[i - 1];
    if (earlier.code != units_[i].code) continue;
    VL_ASSERT(earlier.valid_to && *earlier.valid_to < units_[i].valid_from);
  }
}

std::vector<const AdministrativeUnit*> UnitRegister::on(Date date) const {
  std::vector<const AdministrativeUnit*> found;
  for (const auto& unit : units_)
    if (unit.valid_on(date)) found.push_back(&unit);
  return found;
}

const AdministrativeUnit* UnitRegister::find(std::string_view code, Date date) const {
  auto at = std::ranges::lower_bound(units_, code, {}, &AdministrativeUnit::code);
  for (; at != units_.end() && at->code == code; ++at)
    if (at->valid_on(date)) return &*at;
  return nullptr;
}

const AdministrativeUnit* UnitRegister::find_current(std::string_view code) const {
  auto at = std::ranges::lower_bound(units_, code, {}, &AdministrativeUnit::code);
  for (; at != units_.end() && at->code == code; ++at)
    if (!at->valid_to) return &*at;
  return nullptr;
}

std::vector<const AdministrativeUnit*> UnitRegister::successors(
    const AdministrativeUnit& unit) const {
  std::vector<const AdministrativeUnit*> found;
  if (!unit.valid_to) return found;
  const Date next_day{sys_days(*unit.valid_to) + std::chrono::days(1)};
  for (const auto& code : unit.successor_codes)
    if (const auto* successor = find(code, next_day)) found.push_back(successor);
  return found;
}

std::vector<const AdministrativeUnit*> UnitRegister::present_units(
    const AdministrativeUnit& unit) const {
  if (!unit.valid_to) return {&unit};
  std::vector<const AdministrativeUnit*> present;
  std::vector<const AdministrativeUnit*> open = {&unit};
  while (!open.empty()) {
    const auto* next = open.back();
    open.pop_back();
    for (const auto* successor : successors(*next)) {
      if (successor->valid_to)
        open.push_back(successor);
      else if (std::ranges::find(present, successor) == present.end())
        present.push_back(successor);
    }
  }
  std::ranges::sort(present, {}, &AdministrativeUnit::code);
  return present;
}

std::vector<const AdministrativeUnit*> UnitRegister::predecessors(
    const AdministrativeUnit& unit) const {
  std::vector<const AdministrativeUnit*> found;
  for (const auto& earlier : units_) {
    const auto next = successors(earlier);
    if (std::ranges::find(next, &unit) != next.end()) found.push_back(&earlier);
  }
  return found;
}

}  // namespace vl::places
