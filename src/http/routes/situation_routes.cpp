#include <vonglau/cameras/schema.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/routes/operations.hpp>

#include "body.hpp"

namespace vl::routes {

namespace bj = boost::json;

namespace {

// How far back a unit's position still says where it was.
constexpr std::int64_t kPositionAge_us = 30LL * 60 * 1'000'000;
constexpr std::int64_t kBin_us = 5LL * 60 * 1'000'000;

struct CameraCount {
  std::int64_t online = 0;
  std::int64_t offline = 0;
  std::int64_t total = 0;
  std::vector<Uuid> offline_ids;
  void add(const Uuid& id, std::string_view state) {
    ++total;
    if (state == "online") ++online;
    if (state == "offline") {
      ++offline;
      offline_ids.push_back(id);
    }
  }
};
BOOST_DESCRIBE_STRUCT(CameraCount, (), (online, offline, total, offline_ids))

struct Picture {
  std::int64_t sequence = 0;
  WallTime at_us;
  std::int64_t waiting_reports = 0;
  std::vector<incidents::IncidentRow> open_incidents;
  std::vector<dispatch::UnitRow> units;
  CameraCount cameras;
  std::vector<incidents::ReportRow> reports;
};
BOOST_DESCRIBE_STRUCT(Picture, (),
                      (sequence, at_us, waiting_reports, open_incidents, units, cameras, reports))

Result<Picture> picture_now(Core& core, store::Session& session) {
  Picture out;
  VL_CHECK(session.begin_read());
  VL_TRY(const auto head, journal::read_head(session, core.province));
  out.sequence = head.sequence;
  out.at_us = core.clock.wall();
  VL_TRY(out.open_incidents, incidents::incidents(session, core.province, "open", 1000));
  VL_TRY(out.units, dispatch::units(session, core.province));
  VL_TRY(out.reports, incidents::reports(session, core.province, "waiting", 1000));
  VL_TRY(const auto cameras, cameras::cameras(session, core.province));
  session.rollback();
  for (const auto& camera : cameras) out.cameras.add(camera.id.value, camera.state);
  dispatch::place_units(out.units, core.positions.all());
  out.waiting_reports = static_cast<std::int64_t>(out.reports.size());
  return out;
}

Result<Picture> picture_as_of(Core& core, store::Session& session, WallTime at) {
  Picture out;
  VL_TRY(out.sequence, journal::sequence_at(session, core.province, at));
  out.at_us = at;
  VL_TRY(auto telemetry, core.telemetry_readers.take());
  VL_TRY(auto then, core.history.at(session, *telemetry, out.sequence));
  for (auto& [id, row] : then.incidents) out.open_incidents.push_back(std::move(row));
  std::ranges::sort(out.open_incidents, std::greater{}, &incidents::IncidentRow::number);
  std::vector<dispatch::UnitId> ids;
  for (auto& [id, row] : then.units) {
    ids.push_back(row.id);
    out.units.push_back(std::move(row));
  }
  VL_TRY(const auto positions,
         dispatch::positions_at(*telemetry, core.province, ids, at, at.plus_us(-kPositionAge_us)));
  dispatch::place_units(out.units, positions);
  std::ranges::sort(out.units, {}, &dispatch::UnitRow::call_sign);
  for (auto& [id, row] : then.reports)
    if (row.state == "waiting") out.reports.push_back(std::move(row));
  std::ranges::sort(out.reports, {}, &incidents::ReportRow::number);
  out.waiting_reports = static_cast<std::int64_t>(out.reports.size());
  for (const auto& [id, camera] : then.cameras) out.cameras.add(id, camera.state);
  return out;
}

Result<http::Response> situation(Core& core, const http::Request& request) {
  VL_TRY(const auto as_of, number_in_query(request, "as_of_us", 0, INT64_MAX));
  VL_TRY(auto session, core.readers.take());
  if (as_of) {
    VL_TRY(const auto then, picture_as_of(core, *session, {*as_of}));
    return answer(json::value_of(then));
  }
  VL_TRY(const auto now, picture_now(core, *session));
  return answer(json::value_of(now));
}

Result<http::Response> activity(Core& core, const http::Request& request) {
  VL_TRY(const auto hours, number_in_query(request, "hours", 1, 168));
  const std::int64_t now = core.clock.wall().us;
  const std::int64_t last = now / kBin_us;
  const std::int64_t first = last - hours.value_or(24) * 12 + 1;
  std::vector<std::pair<std::int64_t, std::int64_t>> bins(
      static_cast<std::size_t>(last - first + 1));
  VL_TRY(auto session, core.readers.take());
  const auto count = [&](std::string_view sql, auto member) {
    return session->query(sql, {core.province, first * kBin_us}, [&](const store::Row& row) {
      const auto at = row.integer(0) / kBin_us - first;
      if (at >= 0 && at < static_cast<std::int64_t>(bins.size()))
        bins[static_cast<std::size_t>(at)].*member += 1;
      return true;
    });
  };
  using Bin = std::pair<std::int64_t, std::int64_t>;
  VL_CHECK(count("SELECT received_us FROM reports WHERE province_id = $1 AND received_us >= $2",
                 &Bin::first));
  VL_CHECK(count("SELECT opened_us FROM incidents WHERE province_id = $1 AND opened_us >= $2",
                 &Bin::second));
  bj::array out;
  for (std::size_t i = 0; i < bins.size(); ++i)
    out.push_back(bj::object{{"start_us", (first + static_cast<std::int64_t>(i)) * kBin_us},
                             {"reports", bins[i].first},
                             {"incidents", bins[i].second}});
  return answer(bj::object{{"bins", std::move(out)}});
}

}  // namespace

void add_situation_routes(http::Router& router, Core& core) {
  using enum http::Method;
  add(router, get, "/situation", [&](const auto& r, const auto&) { return situation(core, r); });
  add(router, get, "/situation/activity",
      [&](const auto& r, const auto&) { return activity(core, r); });
}

}  // namespace vl::routes
