// The tables of facts behind UnitRegister: what Bac Ninh's units are and were called. Private to
// this room; static storage, any thread.
#pragma once

#include <span>
#include <string_view>

namespace vl::places {

struct UnitFact {
  std::string_view code;
  std::string_view full_name;
  std::string_view former_province;  // code before 1 July 2025
  double area_km2;
  double lat;
  double lon;
};
std::span<const UnitFact> unit_facts();

struct FormerCommuneFact {
  std::string_view code;
  std::string_view full_name;
  std::string_view district;   // code of the district on the unit's last day
  std::string_view successor;  // code of the unit of 1 July 2025 into which it went
};
std::span<const FormerCommuneFact> former_commune_facts();

/// A district (huyện, thị xã, thành phố) or a province for one stretch of time. A unit that was
/// raised, cut or enlarged has one row for each stretch.
struct FormerDistrictFact {
  std::string_view code;
  std::string_view full_name;
  std::string_view province;
  std::string_view valid_from;  // YYYY-MM-DD
  std::string_view valid_to;
  std::string_view successors;  // codes, space separated; "*": the units of its communes
  std::string_view seat;        // code of the unit of 1 July 2025 in which its seat lies
};
std::span<const FormerDistrictFact> former_district_facts();

}  // namespace vl::places
