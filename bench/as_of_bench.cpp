// "As of" any past moment over a long history: a million events made by the real commands of
// incidents, dispatch and cameras through the journal's writer, positions as telemetry, then the
// situation at random moments as the core answers it (sequence, snapshot, fold, positions).
//
//   as_of_bench [--events 1000000] [--moments 50] [--folder /var/tmp] [--store sqlite|postgresql]
#include <algorithm>
#include <random>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/cameras/commands.hpp>
#include <vonglau/cameras/schema.hpp>
#include <vonglau/dispatch/commands.hpp>
#include <vonglau/dispatch/schema.hpp>
#include <vonglau/incidents/commands.hpp>
#include <vonglau/incidents/schema.hpp>
#include <vonglau/journal/reader.hpp>
#include <vonglau/journal/schema.hpp>
#include <vonglau/situation/history.hpp>
#include <vonglau/store/testing/private_postgres.hpp>

#include "figures.hpp"

namespace vl::bench {
namespace {

using incidents::IncidentId;
using incidents::ReportId;
using incidents::UnitId;

constexpr ProvinceId kProvince{24};
constexpr std::int64_t kSecond_us = 1'000'000;
constexpr std::size_t kUnits = 300;
constexpr std::size_t kCameras = 1'065;
constexpr std::size_t kOpenIncidents = 80;
constexpr std::size_t kWaitingReports = 30;
constexpr std::size_t kUnitsAnIncident = 5;
constexpr std::size_t kBatch = 256;

template <class T>
T must(Result<T> result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  VL_ASSERT(result.has_value());
  return std::move(*result);
}
void must(const Result<void>& result) {
  if (!result) fmt::print(stderr, "{}\n", result.error().message);
  VL_ASSERT(result.has_value());
}

/// Years of a province in a minute: what happens is drawn at random, who may do it is not asked.
class History {
 public:
  History(store::Database& database, ManualClock& clock) : clock_(clock), ids_(clock, 11) {
    journal::WriterOptions options;
    options.province = kProvince;
    writer_ = must(
        journal::Writer::open(database, clock_, options, {&incidents_, &units_, &cameras_}, none_));
    for (std::size_t i = 0; i < kUnits; ++i) {
      unit_ids_.push_back({ids_.next()});
      act(dispatch::register_unit(
          by(), unit_ids_.back(),
          {fmt::format("U-{:03}", i), dispatch::UnitKind::fire_engine, GeoPoint{21.2, 106.2}}));
    }
    free_ = unit_ids_;
    for (std::size_t i = 0; i < kCameras; ++i) {
      camera_ids_.push_back({ids_.next()});
      cameras::CameraDescription camera;
      camera.code = fmt::format("BN-{:04}", i);
      camera.name = camera.code;
      camera.main_url = "rtsp://10.0.0.1/main";
      act(cameras::register_camera({actor_, {}}, camera_ids_.back(), camera, {}));
    }
  }

  void grow_to(std::int64_t events) {
    const std::int64_t tenth = std::max<std::int64_t>(1, events / 10);
    for (std::int64_t told = 0; writer_->head().sequence < events;) {
      step();
      if (writer_->head().sequence / tenth == told) continue;
      told = writer_->head().sequence / tenth;
      fmt::print(stderr, "  {} events\n", writer_->head().sequence);
    }
    flush();
  }
  journal::Head head() const { return writer_->head(); }
  const std::vector<UnitId>& units() const { return unit_ids_; }

 private:
  struct Open {
    IncidentId id;
    std::vector<std::pair<UnitId, incidents::Milestone>> units;
  };
  dispatch::Request by() { return {actor_, {}}; }
  void act(journal::Command command) {
    waiting_.push_back(std::move(command));
    if (waiting_.size() >= kBatch) flush();
  }
  void flush() {
    const auto outcome = writer_->run(waiting_);
    for (const auto& answer : outcome.answers) must(answer);
    waiting_.clear();
    clock_.advance_us(20 * kSecond_us);
  }
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    return all[random_() % all.size()];
  }

  void receive() {
    incidents::ReportReceived report;
    report.category = static_cast<incidents::IncidentCategory>(random_() % 15);
    report.severity = static_cast<incidents::Severity>(random_() % 3);
    report.point = GeoPoint{21.0 + static_cast<double>(random_() % 500) / 1000.0,
                            106.0 + static_cast<double>(random_() % 500) / 1000.0};
    report.unit_code = "07210";
    reports_.push_back({ids_.next()});
    act(incidents::receive_report(by(), reports_.back(), report, {}));
  }
  void open() {
    const ReportId report = reports_.front();
    reports_.erase(reports_.begin());
    act(incidents::claim_report(by(), report));
    if (random_() % 3 == 0) {
      act(incidents::close_report(by(), report, incidents::Closure::information_only));
      return;
    }
    open_.push_back({{ids_.next()}, {}});
    act(incidents::open_incident_from(by(), report, open_.back().id, {}));
    assign(open_.back());
  }
  void assign(Open& incident) {
    if (free_.empty() || incident.units.size() >= kUnitsAnIncident) return;
    incident.units.emplace_back(take(free_), incidents::Milestone::assigned);
    act(dispatch::assign_unit(by(), incident.id, incident.units.back().first));
  }
  void advance(Open& incident) {
    if (incident.units.empty()) return;
    const auto at = random_() % incident.units.size();
    auto& [unit, milestone] = incident.units[at];
    milestone = static_cast<incidents::Milestone>(static_cast<int>(milestone) + 1);
    act(dispatch::reach_milestone(by(), incident.id, unit, milestone));
    if (milestone != incidents::Milestone::released) return;
    free_.push_back(unit);
    incident.units.erase(incident.units.begin() + static_cast<std::ptrdiff_t>(at));
  }
  void close() {
    const Open incident = take(open_);
    for (const auto& [unit, milestone] : incident.units) {
      act(dispatch::reach_milestone(by(), incident.id, unit, incidents::Milestone::released));
      free_.push_back(unit);
    }
    act(incidents::close_incident(by(), incident.id, incidents::Outcome::resolved, {}, {}));
    closed_.push_back(incident.id);
    if (closed_.size() > 100) closed_.erase(closed_.begin());
  }
  template <class T>
  T take(std::vector<T>& all) {
    std::swap(all[random_() % all.size()], all.back());
    T taken = std::move(all.back());
    all.pop_back();
    return taken;
  }
  void note(const Open& incident) {
    act(incidents::add_note(by(), incident.id, ids_.next(), {ids_.next(), ids_.next(), {}}, {}));
  }
  void reopen() {
    if (closed_.empty()) return;
    act(incidents::reopen_incident(by(), closed_.back(), {ids_.next(), ids_.next(), {}}, {}));
    open_.push_back({closed_.back(), {}});
    closed_.pop_back();
  }
  void step() {
    Open* const some = open_.empty() ? nullptr : &open_[random_() % open_.size()];
    switch (random_() % 12) {
      case 0:
      case 1:
        if (reports_.size() < kWaitingReports) receive();
        break;
      case 2:
        if (!reports_.empty() && open_.size() < kOpenIncidents) open();
        break;
      case 3:
        if (open_.size() > kOpenIncidents / 2) close();
        break;
      case 4:
        if (some) note(*some);
        break;
      case 5:
        if (some) assign(*some);
        break;
      case 6:
      case 7:
      case 8:
        if (some) advance(*some);
        break;
      case 9:
        if (random_() % 20 == 0) reopen();
        break;
      default:
        flap();
    }
  }
  void flap() {
    cameras::NodeReport report;
    report.camera = one_of(camera_ids_);
    report.at = clock_.wall();
    report.kind =
        random_() % 2 == 0 ? cameras::NodeReport::Kind::online : cameras::NodeReport::Kind::offline;
    act(cameras::take_reports({actor_, {}}, {report}));
  }

  ManualClock& clock_;
  SeededIdSource ids_;
  std::mt19937 random_{7};
  const journal::Actor actor_ = journal::Actor::person(ids_.next());
  incidents::IncidentTables incidents_;
  dispatch::UnitTables units_;
  cameras::CameraTables cameras_;
  journal::Upcasters none_;
  std::unique_ptr<journal::Writer> writer_;
  std::vector<journal::Command> waiting_;
  std::vector<UnitId> unit_ids_;
  std::vector<cameras::CameraId> camera_ids_;
  std::vector<ReportId> reports_;  // waiting
  std::vector<Open> open_;
  std::vector<UnitId> free_;
  std::vector<IncidentId> closed_;
};

/// Positions of all units every 5 s around each moment that will be asked for: telemetry of a
/// whole history would be some hundred million rows, which other measurements have.
void write_positions(store::Session& telemetry, const std::vector<UnitId>& units, WallTime moment) {
  std::vector<dispatch::Position> positions;
  for (std::int64_t back = 0; back < 120; back += 5)
    for (const auto& unit : units)
      positions.push_back({unit, moment.plus_us(-back * kSecond_us), 21.2, 106.2, 90.0, 40.0});
  must(dispatch::write_positions(telemetry, kProvince, positions));
}

struct Bases {
  std::string province;
  std::string telemetry;
};

/// One incident as of a moment, as the core answers it, in ms.
double one_incident(store::Database& database, IncidentId id, WallTime moment) {
  const double start = now_s();
  const auto reader = must(database.open_reader());
  must(incidents::incident(*reader, kProvince, id));
  journal::EventRange range;
  range.stream = journal::StreamKey{"incident", id.value};
  range.to = must(journal::sequence_at(*reader, kProvince, moment));
  const journal::Upcasters none;
  std::vector<journal::Event> events;
  must(journal::read_events(*reader, kProvince, range, &none, [&](journal::Event&& event) {
    events.push_back(std::move(event));
    return true;
  }));
  VL_ASSERT(situation::incident_after(events).has_value());
  return (now_s() - start) * 1000;
}

void measure(const Bases& bases, std::int64_t events, std::int64_t moments,
             std::vector<std::vector<std::string>>& rows, const std::string& name) {
  ManualClock clock;
  const WallTime first = clock.wall();
  const auto database = must(store::open_database(bases.province));
  const auto telemetry = must(store::open_database(bases.telemetry));
  auto writer_session = must(database->open_session());
  auto telemetry_session = must(telemetry->open_session());
  const store::MigrationSet sets[] = {journal::migrations(), incidents::migrations(),
                                      dispatch::migrations(), cameras::migrations()};
  const store::MigrationSet telemetry_sets[] = {situation::snapshot_migrations(),
                                                dispatch::telemetry_migrations()};
  must(store::migrate(*writer_session, sets, clock));
  must(store::migrate(*telemetry_session, telemetry_sets, clock));

  const double loading = now_s();
  History history(*database, clock);
  history.grow_to(events);
  const double loaded = now_s();
  const journal::Upcasters none;
  const situation::History situations(kProvince, none);
  const auto snapshots =
      must(situations.keep_up(*writer_session, *telemetry_session, history.head().sequence));
  const double kept_up = now_s();

  std::mt19937_64 random(3);
  std::vector<WallTime> asked;
  for (std::int64_t i = 0; i < moments; ++i)
    asked.push_back(first.plus_us(static_cast<std::int64_t>(
        random() % static_cast<std::uint64_t>(clock.wall().us - first.us))));
  for (const auto& moment : asked) write_positions(*telemetry_session, history.units(), moment);
  telemetry_session.reset();

  std::vector<double> times;
  std::vector<double> incident_times;
  std::size_t shown = 0;
  for (const auto& moment : asked) {
    const double start = now_s();
    const auto reader = must(database->open_reader());
    const auto telemetry_reader = must(telemetry->open_reader());
    const auto sequence = must(journal::sequence_at(*reader, kProvince, moment));
    const auto then = must(situations.at(*reader, *telemetry_reader, sequence));
    std::vector<UnitId> ids;
    for (const auto& [id, unit] : then.units) ids.push_back({id});
    const auto positions = must(dispatch::positions_at(*telemetry_reader, kProvince, ids, moment,
                                                       moment.plus_us(-30 * 60 * kSecond_us)));
    times.push_back((now_s() - start) * 1000);
    shown += then.incidents.size() + then.reports.size() + positions.size();
    if (!then.incidents.empty()) {
      incident_times.push_back(one_incident(*database, {then.incidents.begin()->first}, moment));
    }
  }
  VL_ASSERT(shown > 0);
  const auto row = [&](const char* what, std::vector<double>& all) {
    rows.push_back(
        {fmt::format("{}, {}", what, name), std::to_string(history.head().sequence),
         fmt::format("{:.0f}", static_cast<double>(history.head().sequence) / (loaded - loading)),
         fmt::format("{} in {:.0f} s", snapshots, kept_up - loaded), std::to_string(all.size()),
         fmt::format("{:.1f}", percentile(all, 0.5)), fmt::format("{:.1f}", percentile(all, 0.99)),
         fmt::format("{:.1f}", all.back())});
  };
  row("situation", times);
  row("one incident", incident_times);
}

int run(int argc, char** argv) {
  const Arguments arguments(argc, argv, {"events", "moments", "folder", "store"});
  const auto events = arguments.number("events", 1'000'000);
  const auto moments = arguments.number("moments", 50);
  const auto store = arguments.text("store", "");
  const ScratchFolder scratch(arguments.text("folder", "/var/tmp"));
  ::setenv("TMPDIR", scratch.path().c_str(), 1);
  fmt::print("{}\n\n", machine(scratch.path()));
  std::vector<std::vector<std::string>> rows{
      {"as of", "events", "loaded/s", "snapshots", "moments", "p50 ms", "p99 ms", "max ms"}};
  if (store != "postgresql")
    measure(
        {"sqlite:" + scratch.path() + "/province.db", "sqlite:" + scratch.path() + "/telemetry.db"},
        events, moments, rows, "SQLite");
  if (store != "sqlite" && !store::testing::PrivatePostgres::missing()) {
    const store::testing::PrivatePostgres server;
    measure({server.address("province"), server.address("province")}, events, moments, rows,
            "PostgreSQL");
  }
  fmt::print("{}", table(rows));
  return 0;
}

}  // namespace
}  // namespace vl::bench

int main(int argc, char** argv) {
  return vl::bench::run(argc, argv);
}
