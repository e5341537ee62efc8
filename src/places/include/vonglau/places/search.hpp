// From what somebody types to a place: units of today and of before, roads, junctions of roads,
// kilometre posts, coordinates, and names that other rooms add (cameras).
//
// A PlaceSearch is made once, never changes, and may be read by any thread; when names change, make
// another and put it in its place (some 0.2 s for 20,000 names). A query looks at its first 200
// bytes and takes less than 2 ms over 20,000 names.
//
// Understood: with or without diacritics (composed or not), p. x. tt. tp. tx. h. for the kinds of
// units, QL and TL or ĐT with or without a space, "Km 123+400 QL1A", "21.28, 106.21", degrees with
// minutes and seconds, "ngã tư ... giao ...", and small slips of typing.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/places/gazetteer.hpp>
#include <vonglau/places/roads.hpp>

namespace vl::places {

enum class PlaceKind { unit, road, junction, camera, coordinates, kilometre_post };
/// "unit", "road", "junction", "camera", "coordinates" or "kilometre_post".
std::string_view text_of(PlaceKind kind);

/// A name that another room adds. `reference` is given back with the result.
struct NamedPlace {
  PlaceKind kind = PlaceKind::camera;
  std::string name;
  LatLon at;
  std::string reference;
};

struct FoundPlace {
  PlaceKind kind = PlaceKind::unit;
  std::string label;  // "Phường Bắc Giang", "QL1A × ĐT295B", "Km 123+400 QL1A"
  std::string
      detail;  // the unit in which it lies; of a former unit, until when and what follows it
  LatLon at;
  std::string unit_code;  // of the ward or commune of today; "" outside the province
  std::string reference;  // of a NamedPlace
};

/// "21.28, 106.21" in degrees, latitude first unless the numbers can only be meant the other way
/// round, with N S E W (or B N Đ T) after them or not; or degrees, minutes and seconds. Nothing
/// where the text is anything else.
std::optional<LatLon> parse_coordinates(std::string_view text);

class PlaceSearch {
 public:
  static constexpr std::size_t kMaxQueryBytes = 480;  // 120 characters of UTF-8

  /// `roads` may be null (a site without a road network yet).
  PlaceSearch(std::shared_ptr<const Gazetteer> gazetteer, std::shared_ptr<const RoadNetwork> roads,
              std::vector<NamedPlace> names = {});
  ~PlaceSearch();
  PlaceSearch(PlaceSearch&&) noexcept;
  PlaceSearch& operator=(PlaceSearch&&) noexcept;

  /// Best first, at most `limit`. After a former unit come the units in which its land lies today.
  std::vector<FoundPlace> find(std::string_view query, std::size_t limit = 12) const;

 private:
  struct Index;
  std::unique_ptr<const Index> index_;
};

}  // namespace vl::places
