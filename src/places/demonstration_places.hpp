// The demonstration's places, made once for all tests of this room.
#pragma once

#include <memory>

#include <vonglau/places/roads.hpp>

namespace vl::places {

inline const std::shared_ptr<const Gazetteer>& demonstration_gazetteer() {
  static const auto made = std::make_shared<const Gazetteer>(Gazetteer::demonstration());
  return made;
}

inline const std::shared_ptr<const RoadNetwork>& demonstration_roads() {
  static const auto made =
      std::make_shared<const RoadNetwork>(RoadNetwork::demonstration(*demonstration_gazetteer()));
  return made;
}

}  // namespace vl::places
