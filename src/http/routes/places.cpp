#include <vonglau/routes/places.hpp>

namespace vl::routes {

Places::Places(std::shared_ptr<const places::Gazetteer> gazetteer,
               std::shared_ptr<const places::RoadNetwork> roads) {
  now_.gazetteer = std::move(gazetteer);
  now_.roads = std::move(roads);
  now_.roads_geojson = std::make_shared<const std::string>(
      now_.roads ? now_.roads->geojson() : R"({"type":"FeatureCollection","features":[]})");
  const std::scoped_lock lock(mutex_);
  build();
}

void Places::build() {
  now_.outlines_geojson = std::make_shared<const std::string>(now_.gazetteer->outlines_geojson());
  now_.search = std::make_shared<const places::PlaceSearch>(now_.gazetteer, now_.roads, names_);
}

PlacesNow Places::now() const {
  const std::scoped_lock lock(mutex_);
  return now_;
}

void Places::replace_gazetteer(std::shared_ptr<const places::Gazetteer> gazetteer) {
  const std::scoped_lock lock(mutex_);
  now_.gazetteer = std::move(gazetteer);
  build();
}

void Places::name_cameras(std::vector<places::NamedPlace> cameras) {
  const std::scoped_lock lock(mutex_);
  names_ = std::move(cameras);
  now_.search = std::make_shared<const places::PlaceSearch>(now_.gazetteer, now_.roads, names_);
}

}  // namespace vl::routes
