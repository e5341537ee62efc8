#include "geojson_text.hpp"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace vl::places {
namespace {

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  out += '"';
}

// Five decimals without trailing zeros: a third of these files would be zeros otherwise.
void append_degrees(std::string& out, double degrees) {
  auto units = std::llround(degrees * 1e5);
  if (units < 0) {
    out += '-';
    units = -units;
  }
  fmt::format_to(std::back_inserter(out), "{}", units / 100'000);
  auto rest = units % 100'000;
  if (rest == 0) return;
  int digits = 5;
  for (; rest % 10 == 0; rest /= 10) --digits;
  fmt::format_to(std::back_inserter(out), ".{:0{}}", rest, digits);
}

}  // namespace

void GeoJsonText::begin_feature() {
  out_ += first_feature_ ? R"({"type":"Feature","properties":{)"
                         : ",\n"
                           R"({"type":"Feature","properties":{)";
  first_feature_ = false;
  first_property_ = true;
}

void GeoJsonText::property_name(std::string_view name) {
  if (!first_property_) out_ += ',';
  first_property_ = false;
  append_quoted(out_, name);
  out_ += ':';
}

void GeoJsonText::property(std::string_view name, std::string_view value) {
  property_name(name);
  append_quoted(out_, value);
}

void GeoJsonText::property(std::string_view name, bool value) {
  property_name(name);
  out_ += value ? "true" : "false";
}

void GeoJsonText::property(std::string_view name, int value) {
  property_name(name);
  out_ += std::to_string(value);
}

void GeoJsonText::begin_geometry(std::string_view type) {
  out_ += R"(},"geometry":{"type":)";
  append_quoted(out_, type);
  out_ += R"(,"coordinates":)";
}

void GeoJsonText::position(LatLon p) {
  out_ += '[';
  append_degrees(out_, p.lon);
  out_ += ',';
  append_degrees(out_, p.lat);
  out_ += ']';
}

void GeoJsonText::positions(std::span<const LatLon> points) {
  out_ += '[';
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i > 0) out_ += ',';
    position(points[i]);
  }
  out_ += ']';
}

void GeoJsonText::polygon(std::span<const std::vector<LatLon>> rings) {
  out_ += '[';
  for (std::size_t i = 0; i < rings.size(); ++i) {
    if (i > 0) out_ += ',';
    positions(rings[i]);
  }
  out_ += ']';
}

void GeoJsonText::point(LatLon p) {
  begin_geometry("Point");
  position(p);
  out_ += "}}";
}

void GeoJsonText::line(std::span<const LatLon> points) {
  begin_geometry("LineString");
  positions(points);
  out_ += "}}";
}

void GeoJsonText::multi_line(std::span<const std::vector<LatLon>> lines) {
  if (lines.size() == 1) return line(lines.front());
  begin_geometry("MultiLineString");
  polygon(lines);
  out_ += "}}";
}

void GeoJsonText::multi_polygon(std::span<const std::vector<std::vector<LatLon>>> polygons) {
  if (polygons.size() == 1) {
    begin_geometry("Polygon");
    polygon(polygons.front());
  } else {
    begin_geometry("MultiPolygon");
    out_ += '[';
    for (std::size_t i = 0; i < polygons.size(); ++i) {
      if (i > 0) out_ += ',';
      polygon(polygons[i]);
    }
    out_ += ']';
  }
  out_ += "}}";
}

std::string GeoJsonText::finish() {
  out_ += "]}\n";
  return std::move(out_);
}

}  // namespace vl::places
