// Which roads there are and through which communes and wards they lead. Private to this room.
#pragma once

#include <span>
#include <string_view>

#include <vonglau/places/roads.hpp>

namespace vl::places {

/// The way is a list of unit codes; "@90" at either end means: out of the province on a bearing of
/// 90 degrees.
struct RoadFact {
  std::string_view name;
  RoadClass road_class;
  std::string_view way;
  double start_km;  // on its posts at the first end; below zero: no posts
};
std::span<const RoadFact> road_facts();

/// Streets that nearly every Vietnamese town has, named after people and events of history.
std::span<const std::string_view> street_names();

/// Communes that have a small town: seats of former districts and old townships.
std::span<const std::string_view> town_codes();
/// Wards that are the middle of a city.
std::span<const std::string_view> city_codes();

}  // namespace vl::places
