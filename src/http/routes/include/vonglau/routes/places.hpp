// The places of a running core: units, outlines, roads and search, replaced as a whole when
// boundaries are imported or cameras get other names. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include <vonglau/places/gazetteer.hpp>
#include <vonglau/places/roads.hpp>
#include <vonglau/places/search.hpp>

namespace vl::routes {

struct PlacesNow {
  std::shared_ptr<const places::Gazetteer> gazetteer;
  std::shared_ptr<const places::RoadNetwork> roads;  // null: the site has none yet
  std::shared_ptr<const places::PlaceSearch> search;
  std::shared_ptr<const std::string> outlines_geojson;
  std::shared_ptr<const std::string> roads_geojson;
};

class Places {
 public:
  Places(std::shared_ptr<const places::Gazetteer> gazetteer,
         std::shared_ptr<const places::RoadNetwork> roads);
  PlacesNow now() const;
  void replace_gazetteer(std::shared_ptr<const places::Gazetteer> gazetteer);
  void name_cameras(std::vector<places::NamedPlace> cameras);

 private:
  void build();  // with the mutex held
  mutable std::mutex mutex_;
  std::vector<places::NamedPlace> names_;
  PlacesNow now_;
};

}  // namespace vl::routes
