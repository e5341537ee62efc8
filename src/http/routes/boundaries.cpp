#include <vonglau/journal/typed_event.hpp>
#include <vonglau/routes/boundaries.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

struct BoundariesImported {
  static constexpr std::string_view kType = "boundary.imported";
  static constexpr std::uint32_t kVersion = 1;
  Digest sha256{};  // of the file
  std::int64_t imported = 0;
  std::int64_t refused = 0;
};
BOOST_DESCRIBE_STRUCT(BoundariesImported, (), (sha256, imported, refused))

std::shared_ptr<const places::Gazetteer> with(const places::Gazetteer& known,
                                              const places::Outlines& fresh) {
  return std::make_shared<const places::Gazetteer>(
      known.units(), places::replace_outlines(known.outlines(), fresh, known.units(), known.on()),
      known.on());
}

Result<http::Response> import(Core& core, const http::Request& request, const Caller& caller) {
  VL_TRY(const auto command, command_request(request, caller));
  const auto known = core.places.now().gazetteer;
  VL_TRY(const auto taken, places::import_boundaries(request.body, known->units(), known->on()));
  bj::array refused;
  for (const auto& one : taken.refused)
    refused.push_back(bj::object{{"feature", one.feature}, {"reason", one.reason}});
  const auto count = static_cast<std::int64_t>(taken.outlines.units.size());
  bj::object out{{"imported", count}, {"refused", refused}};
  if (count == 0) return answer(out);
  const BoundariesImported event{sha256(request.body_bytes()), count,
                                 static_cast<std::int64_t>(refused.size())};
  VL_TRY(const auto receipt,
         core.journal.execute(
             {command.actor, "places.import_boundaries", command.idempotency_key,
              [&](journal::Decision& d) -> Result<std::string> {
                const Uuid stream = core.ids.next();
                VL_CHECK(d.record(journal::draft_of("place", stream, event)));
                d.also_write([&, stream](store::Session& s) {
                  return s.post(
                      "INSERT INTO place_boundaries (province_id, import_id, imported_us,"
                      " geojson) VALUES ($1, $2, $3, $4)",
                      {core.province, stream, d.now(), request.body});
                });
                return "";
              }}));
  core.places.replace_gazetteer(with(*known, taken.outlines));
  return answer(out, receipt);
}

}  // namespace

store::MigrationSet boundary_migrations() {
  return {"places",
          {{1, "boundaries", R"(
CREATE TABLE place_boundaries (
  province_id {integer} NOT NULL,
  import_id {bytes} NOT NULL,
  imported_us {integer} NOT NULL,
  geojson {text} NOT NULL,
  PRIMARY KEY (province_id, import_id)
){strict};
)",
            "", ""}}};
}

Result<std::shared_ptr<const places::Gazetteer>> load_gazetteer(store::Session& session,
                                                                ProvinceId province) {
  auto gazetteer = std::make_shared<const places::Gazetteer>(places::Gazetteer::demonstration());
  Result<void> taken;
  VL_CHECK(session.query(
      "SELECT geojson FROM place_boundaries WHERE province_id = $1"
      " ORDER BY imported_us, import_id",
      {province}, [&](const store::Row& row) {
        auto outlines = places::import_boundaries(row.text(0), gazetteer->units(), gazetteer->on());
        if (!outlines) {
          taken = fail(std::move(outlines).error());
          return false;
        }
        gazetteer = with(*gazetteer, outlines->outlines);
        return true;
      }));
  VL_CHECK(taken);
  return gazetteer;
}

void add_boundary_route(http::Router& router, Core& core) {
  add(router, http::Method::post, "/places/boundaries",
      [&](const auto& r, const auto& c) { return import(core, r, c); },
      {.body_limit_bytes = places::BoundaryLimits{}.bytes});
}

}  // namespace vl::routes
