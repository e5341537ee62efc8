// Administrative units with the dates between which they exist, and what became of them.
//
// A UnitRegister is made once, never changes, and may be read by any thread. It is small (some
// hundreds of units), so queries walk it.
//
// A code names one unit on one date only: codes were given again on 1 July 2025 (24 was Bac Giang
// and is Bac Ninh), so a code without a date names nothing.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/result.hpp>
#include <vonglau/places/geometry.hpp>

namespace vl::places {

using Date = std::chrono::year_month_day;

enum class PlacesError {
  bad_date,
  bad_geojson,
  too_large,
  no_road,
  no_route,
};
constexpr ErrorCode code_of(PlacesError e) {
  switch (e) {
    case PlacesError::bad_date:
      return {Category::invalid, "places.bad_date"};
    case PlacesError::bad_geojson:
      return {Category::invalid, "places.bad_geojson"};
    case PlacesError::too_large:
      return {Category::too_large, "places.too_large"};
    case PlacesError::no_road:
      return {Category::not_found, "places.no_road"};
    case PlacesError::no_route:
      return {Category::not_found, "places.no_route"};
  }
  return {};
}

/// "YYYY-MM-DD"; a day that does not exist is refused.
Result<Date> parse_date(std::string_view text);
std::string text_of(Date date);

enum class UnitKind { ward, commune, township, district, province };
/// "ward", "commune", "township", "district" or "province".
std::string_view text_of(UnitKind kind);

struct AdministrativeUnit {
  std::string code;
  std::string name;       // "Bắc Giang"
  std::string full_name;  // "Phường Bắc Giang"
  UnitKind kind = UnitKind::commune;
  Date valid_from{};
  std::optional<Date> valid_to;  // the last day; empty while the unit exists
  std::string parent_code;       // on the unit's last (or the present) day; "" at the top
  std::vector<std::string> successor_codes;  // units of the day after valid_to
  LatLon centre;                             // of a former unit: that of its seat's unit today
  std::optional<double> area_km2;            // where known

  bool valid_on(Date date) const { return valid_from <= date && (!valid_to || date <= *valid_to); }
};

class UnitRegister {
 public:
  /// Bac Ninh: 99 communes and wards, and what stood before 1 July 2025.
  static UnitRegister bac_ninh();

  /// Units sorted by code and first day; asserts that no code names two units on one day.
  explicit UnitRegister(std::vector<AdministrativeUnit> units);

  const std::vector<AdministrativeUnit>& all() const { return units_; }
  std::vector<const AdministrativeUnit*> on(Date date) const;
  const AdministrativeUnit* find(std::string_view code, Date date) const;
  /// The unit of that code which still exists.
  const AdministrativeUnit* find_current(std::string_view code) const;
  /// The units of the day after the unit's last; none while it exists.
  std::vector<const AdministrativeUnit*> successors(const AdministrativeUnit& unit) const;
  /// Follows successors to the units which exist today: those in which the unit's land lies.
  std::vector<const AdministrativeUnit*> present_units(const AdministrativeUnit& unit) const;
  std::vector<const AdministrativeUnit*> predecessors(const AdministrativeUnit& unit) const;

 private:
  std::vector<AdministrativeUnit> units_;
};

}  // namespace vl::places
