#include <algorithm>
#include <chrono>

#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

bj::object unit_json(const places::AdministrativeUnit& unit) {
  bj::array successors;
  for (const auto& code : unit.successor_codes) successors.push_back(bj::string(code));
  bj::object out{{"code", unit.code},
                 {"name", unit.name},
                 {"full_name", unit.full_name},
                 {"kind", places::text_of(unit.kind)},
                 {"valid_from", places::text_of(unit.valid_from)},
                 {"successor_codes", std::move(successors)},
                 {"lat", unit.centre.lat},
                 {"lon", unit.centre.lon}};
  if (unit.valid_to) out["valid_to"] = places::text_of(*unit.valid_to);
  if (unit.area_km2) out["area_km2"] = *unit.area_km2;
  return out;
}

places::Date today(const Core& core) {
  // The province's day, UTC+7 all year.
  const auto local = std::chrono::sys_time<std::chrono::microseconds>(
      std::chrono::microseconds(core.clock.wall().us) + std::chrono::hours(7));
  return std::chrono::floor<std::chrono::days>(local);
}

Result<http::Response> units(Core& core, const http::Request& request) {
  places::Date on = today(core);
  if (const auto text = request.query_value("on")) {
    VL_TRY(on, places::parse_date(*text));
  }
  const auto now = core.places.now();
  bj::array out;
  for (const auto* unit : now.gazetteer->units().on(on)) out.push_back(unit_json(*unit));
  return answer(bj::object{{"units", std::move(out)}});
}

http::Response geojson(std::shared_ptr<const std::string> text) {
  return http::Response::bytes(http::SharedBytes(std::move(text)), "application/geo+json")
      .revalidated();
}

Result<http::Response> search(Core& core, const http::Request& request) {
  const auto query = request.query_value("q");
  // Bytes that go on a character are not counted.
  const auto characters =
      query ? std::ranges::count_if(
                  *query, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; })
            : 0;
  if (characters < 1 || characters > 120)
    return fail(RouteError::bad_parameter, "q: 1 to 120 characters of what to look for", "q");
  VL_TRY(const auto limit, number_in_query(request, "limit", 1, 20));
  bj::array out;
  for (const auto& found :
       core.places.now().search->find(*query, static_cast<std::size_t>(limit.value_or(8)))) {
    bj::object one{{"kind", places::text_of(found.kind)},
                   {"label", found.label},
                   {"detail", found.detail},
                   {"lat", found.at.lat},
                   {"lon", found.at.lon}};
    if (!found.unit_code.empty()) one["unit_code"] = found.unit_code;
    out.push_back(std::move(one));
  }
  return answer(bj::object{{"results", std::move(out)}});
}

Result<http::Response> at(Core& core, const http::Request& request) {
  const auto number = [&](std::string_view name) -> Result<double> {
    const auto text = request.query_value(name);
    if (text) {
      auto value = json::parse(*text);
      if (value && value->is_number()) return value->to_number<double>();
    }
    return fail(RouteError::bad_parameter, std::string(name) + ": give degrees", std::string(name));
  };
  VL_TRY(const double lat, number("lat"));
  VL_TRY(const double lon, number("lon"));
  VL_CHECK(point_of(lat, lon));
  bj::object out;
  const auto now = core.places.now();
  if (const auto* unit = now.gazetteer->unit_at({lat, lon})) out["unit"] = unit_json(*unit);
  return answer(out);
}

}  // namespace

void add_place_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/places/units", [&](const auto& r, const auto&) { return units(core, r); });
  add(router, get, "/places/outlines.geojson",
      [&](const auto&, const auto&) -> Result<http::Response> {
        return geojson(core.places.now().outlines_geojson);
      });
  add(router, get, "/places/roads.geojson",
      [&](const auto&, const auto&) -> Result<http::Response> {
        return geojson(core.places.now().roads_geojson);
      });
  add(router, get, "/places/search", [&](const auto& r, const auto&) { return search(core, r); });
  add(router, get, "/places/at", [&](const auto& r, const auto&) { return at(core, r); });
}

}  // namespace vl::routes
