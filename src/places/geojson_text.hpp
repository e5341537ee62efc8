// Writes a GeoJSON FeatureCollection (RFC 7946) as text, coordinates with five decimals. Private to
// this room: this is our own output, whose names need no escaping beyond JSON's.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/places/geometry.hpp>

namespace vl::places {

/// Feature by feature: begin_feature, properties, then one geometry.
class GeoJsonText {
 public:
  void begin_feature();
  void property(std::string_view name, std::string_view value);
  void property(std::string_view name, const char* value) {
    property(name, std::string_view(value));
  }
  void property(std::string_view name, bool value);
  void property(std::string_view name, int value);
  void point(LatLon p);
  void line(std::span<const LatLon> points);
  void multi_line(std::span<const std::vector<LatLon>> lines);
  /// A Polygon where there is only one.
  void multi_polygon(std::span<const std::vector<std::vector<LatLon>>> polygons);
  std::string finish();

 private:
  void property_name(std::string_view name);
  void begin_geometry(std::string_view type);
  void position(LatLon p);
  void positions(std::span<const LatLon> points);
  void polygon(std::span<const std::vector<LatLon>> rings);

  std::string out_ = R"({"type":"FeatureCollection","features":[)";
  bool first_feature_ = true;
  bool first_property_ = true;
};

}  // namespace vl::places
