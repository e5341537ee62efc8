#include <vonglau/dispatch/commands.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

using dispatch::UnitId;

namespace {

struct UnitNew {
  std::string call_sign;
  dispatch::UnitKind kind{};
  std::optional<double> lat, lon;
};
BOOST_DESCRIBE_STRUCT(UnitNew, (), (call_sign, kind, lat, lon))
enum class Availability { available, unavailable };
BOOST_DESCRIBE_ENUM(Availability, available, unavailable)
struct UnitStatusNew {
  Availability status{};
};
BOOST_DESCRIBE_STRUCT(UnitStatusNew, (), (status))
struct PositionBatch {
  std::vector<dispatch::Position> positions;
};
BOOST_DESCRIBE_STRUCT(PositionBatch, (), (positions))

Result<http::Response> list_units(Core& core, const http::Request& request) {
  VL_TRY(auto session, core.readers.take());
  VL_TRY(const auto ids, ids_in_query(request));
  VL_TRY(auto rows, dispatch::units(*session, core.province));
  if (ids)
    std::erase_if(
        rows, [&](const auto& row) { return std::ranges::find(*ids, row.id.value) == ids->end(); });
  dispatch::place_units(rows, core.positions.all());
  return list_answer("units", rows);
}

Result<http::Response> run(Core& core, UnitId id, journal::Command command) {
  VL_TRY(const auto receipt, core.journal.execute(std::move(command)));
  VL_TRY(auto session, core.readers.take());
  VL_TRY(auto row, dispatch::unit(*session, core.province, id));
  std::vector<dispatch::UnitRow> one{std::move(row)};
  dispatch::place_units(one, core.positions.all());
  return answer(json::value_of(one.front()), receipt);
}

Result<http::Response> positions(Core& core, const http::Request& request) {
  VL_TRY(auto body, body_of<PositionBatch>(request));
  if (body.positions.size() > 1000)
    return fail(RouteError::too_many, "positions: at most 1000 at once", "positions");
  const auto now = core.clock.wall();
  for (std::size_t i = 0; i < body.positions.size(); ++i) {
    const auto& p = body.positions[i];
    const std::string at = "positions[" + std::to_string(i) + "]";
    auto point = point_of(p.lat, p.lon);
    if (!point)
      return fail(RouteError::bad_parameter, at + "." + point.error().message,
                  at + "." + point.error().field);
    if (p.at_us > now.plus_us(60'000'000))
      return fail(RouteError::bad_parameter, at + ".at_us: more than a minute in the future",
                  at + ".at_us");
  }
  const auto count = body.positions.size();
  core.positions.take(std::move(body.positions));
  return answer(boost::json::object{{"accepted", count}});
}

}  // namespace

void add_unit_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/units", [&](const auto& r, const auto&) { return list_units(core, r); });
  add(router, post, "/units", [&](const auto& r, const auto& c) -> Result<http::Response> {
    VL_TRY(const auto body, body_of<UnitNew>(r));
    VL_TRY(const auto point, point_of(body.lat, body.lon));
    VL_TRY(auto command, command_request(r, c));
    const UnitId id{core.ids.next()};
    return run(core, id,
               dispatch::register_unit(std::move(command), id, {body.call_sign, body.kind, point}));
  });
  add(router, post, "/units/{id}/status",
      [&](const auto& r, const auto& c) -> Result<http::Response> {
        VL_TRY(const auto id, id_in_path<UnitId>(r));
        VL_TRY(const auto body, body_of<UnitStatusNew>(r));
        VL_TRY(auto command, command_request(r, c));
        return run(core, id,
                   dispatch::set_availability(std::move(command), id,
                                              body.status == Availability::available));
      });
  add(router, post, "/units/positions",
      [&](const auto& r, const auto&) { return positions(core, r); },
      {.body_limit_bytes = 512 * 1024});
}

}  // namespace vl::routes
