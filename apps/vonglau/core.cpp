// `vonglau core`: the journal's one writer and the server of the API and the interface.
#include <csignal>
#include <thread>

#include <fmt/format.h>
#include <malloc.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/http/metrics.hpp>
#include <vonglau/http/server.hpp>
#include <vonglau/http/static_files.hpp>
#include <vonglau/routes/boundaries.hpp>
#include <vonglau/routes/contributions.hpp>
#include <vonglau/routes/gate.hpp>
#include <vonglau/routes/operations.hpp>
#include <vonglau/routes/people.hpp>
#include <vonglau/supervise/notify.hpp>
#include <vonglau/supervise/supervisor.hpp>

#include "centre.hpp"
#include "demonstration_people.hpp"
#include "housekeeping.hpp"
#include "site.hpp"
#include "subcommands.hpp"
#include "version.hpp"

namespace vl::app {
namespace {

// How often a root is signed: the promise is every 10 s or less.
constexpr std::int64_t kRootInterval_us = 5'000'000;

http::Handler pages(const Config& config, const std::string& program) {
  const auto folder = web_folder(config, program);
  auto files = folder.empty() ? fail(http::HttpError::file, "the interface has not been built")
                              : http::StaticFiles::load(folder);
  if (files)
    return http::StaticFiles::handler(std::make_shared<const http::StaticFiles>(std::move(*files)));
  log::warn("core.no_pages", {{"why", files.error().message}});
  return [](const http::Request&) {
    return http::Response::text(
        "The core runs. Its interface has not been built: run `npm ci && npm run build` in web/ "
        "or set core.web in vonglau.toml.\n",
        503);
  };
}

/// Everything between the opened centre and the server.
class Service {
 public:
  static Result<std::unique_ptr<Service>> start(Centre& centre, const std::string& program) {
    std::unique_ptr<Service> service(new Service(centre));
    VL_CHECK(service->prepare(program));
    return service;
  }
  ~Service() {
    if (server_) server_->stop();
  }
  std::uint16_t port() const { return server_->port(); }
  void keep_house() { housekeeping_->turn(*server_); }

 private:
  explicit Service(Centre& centre)
      : centre_(centre), history_(centre.config().province_id(), centre.upcasters()) {}
  Result<void> prepare(const std::string& program);
  Result<void> make_core();
  http::Router routes(const std::string& program);

  Centre& centre_;
  http::Metrics metrics_;
  situation::History history_;
  std::unique_ptr<SigningKey> ticket_key_;
  std::unique_ptr<SigningKey> exports_key_;
  std::unique_ptr<journal::RootKeeper> roots_;
  std::unique_ptr<routes::WatchHub> watch_;
  std::unique_ptr<routes::ExportDesk> exports_;
  std::unique_ptr<routes::NodeHub> nodes_;
  std::unique_ptr<routes::ControlDesk> control_;
  std::unique_ptr<routes::LivePositions> positions_;
  std::unique_ptr<routes::HealthBoard> health_;
  std::unique_ptr<routes::Places> places_;
  std::unique_ptr<routes::Core> core_;
  std::unique_ptr<routes::Standings> standings_;
  std::unique_ptr<routes::PeopleParts> people_;
  std::unique_ptr<Housekeeping> housekeeping_;
  std::unique_ptr<http::Server> server_;
};

Result<void> Service::make_core() {
  const Config& config = centre_.config();
  auto& journal = centre_.journal();
  const ProvinceId province = config.province_id();
  VL_TRY(auto root_key, SigningKey::load_or_create(config.signing_key_file()));
  const Bytes root_public = root_key.public_key();
  VL_TRY(auto log, journal::RootLog::open(config.folders.anchor, province));
  roots_ = std::make_unique<journal::RootKeeper>(
      std::move(log), std::move(root_key), centre_.clock(), [&] { return journal.head(); },
      kRootInterval_us);
  VL_TRY(auto ticket_key, SigningKey::load_or_create(config.folders.keys + "/tickets.key"));
  ticket_key_ = std::make_unique<SigningKey>(std::move(ticket_key));
  watch_ = std::make_unique<routes::WatchHub>(journal.tail());
  nodes_ = std::make_unique<routes::NodeHub>(province, centre_.clock(), journal, centre_.readers(),
                                             centre_.vault());
  VL_TRY(auto exports_key, SigningKey::load_or_create(config.exports_key_file()));
  exports_key_ = std::make_unique<SigningKey>(std::move(exports_key));
  exports_ = std::make_unique<routes::ExportDesk>(routes::ExportDesk::Parts{
      province, config.province.name, "Vọng Lâu " + std::string(version), *exports_key_,
      *ticket_key_, centre_.clock(), centre_.ids(), centre_.vault(),
      [this](const Uuid& person) {
        const auto row = centre_.accounts().find(access::PersonId{person});
        return row ? row->display_name : person.text();
      },
      [this](std::shared_ptr<const std::string> text) { watch_->tell_all("export", text); }});
  nodes_->set_exports(*exports_);
  control_ = std::make_unique<routes::ControlDesk>(province, centre_.clock(), journal,
                                                   centre_.readers());
  positions_ = std::make_unique<routes::LivePositions>(
      centre_.telemetry(), province, [&](std::span<const dispatch::Position> positions) {
        watch_->tell_all("unit", routes::telemetry_text(positions));
      });
  health_ = std::make_unique<routes::HealthBoard>(
      centre_.telemetry(), province, centre_.clock(),
      [&](WallTime at, std::span<const node::CameraHealth> cameras) {
        watch_->tell_all("camera", routes::health_text(at, cameras));
      });
  VL_TRY(auto reader, centre_.readers().take());
  VL_TRY(auto gazetteer, routes::load_gazetteer(*reader, province));
  auto roads = config.demonstration.enabled ? std::make_shared<const places::RoadNetwork>(
                                                  places::RoadNetwork::demonstration(*gazetteer))
                                            : nullptr;
  places_ = std::make_unique<routes::Places>(std::move(gazetteer), std::move(roads));
  core_.reset(new routes::Core{province,
                               config.province.name,
                               config.demonstration.enabled,
                               std::string(version),
                               centre_.clock(),
                               centre_.ids(),
                               journal,
                               centre_.upcasters(),
                               *roots_,
                               config.folders.anchor,
                               root_public,
                               centre_.database(),
                               centre_.readers(),
                               centre_.telemetry_readers(),
                               centre_.vault(),
                               history_,
                               *positions_,
                               *health_,
                               *watch_,
                               *nodes_,
                               *places_,
                               *ticket_key_,
                               "",
                               supervise::socket_path(config.run_folder()),
                               exports_.get(),
                               control_.get()});
  VL_TRY(core_->enrolment_key, enrolment_key(config));
  return {};
}

http::Router Service::routes(const std::string& program) {
  http::Router router;
  router.set_gate(routes::make_gate(*core_, centre_.sessions(), *standings_));
  routes::add_session_routes(router, *core_, *people_);
  routes::add_people_routes(router, *core_, *people_);
  routes::add_report_routes(router, *core_);
  routes::add_incident_routes(router, *core_);
  routes::add_unit_routes(router, *core_);
  routes::add_situation_routes(router, *core_);
  routes::add_camera_routes(router, *core_);
  routes::add_device_routes(router, *core_);
  routes::add_player_routes(router, *core_);
  routes::add_mark_route(router, *core_);
  routes::add_fleet_routes(router, *core_);
  routes::add_export_routes(router, *core_);
  routes::add_wall_routes(router, *core_);
  routes::add_contribution_routes(router, *core_);
  routes::add_place_routes(router, *core_);
  routes::add_boundary_route(router, *core_);
  routes::add_node_routes(router, *core_);
  routes::add_process_routes(router, *core_);
  routes::add_journal_routes(router, *core_);
  routes::add_watch_route(router, *core_);
  router.add(http::Method::get, "/healthz",
             [](const auto&) { return http::Response::json(R"({"status":"ok"})"); });
  router.add(http::Method::get, "/readyz", [this](const auto&) {
    return centre_.journal().healthy() ? http::Response::json(R"({"status":"ok"})")
                                       : http::Response::json(R"({"status":"store away"})", 503);
  });
  router.add(http::Method::get, "/metrics", [this](const auto&) { return metrics_.response(); });
  router.set_fallback(pages(centre_.config(), program));
  return router;
}

Result<void> Service::prepare(const std::string& program) {
  const Config& config = centre_.config();
  VL_CHECK(make_core());
  standings_ =
      std::make_unique<routes::Standings>(centre_.journal().tail(), centre_.readers(),
                                          config.province_id(), config.access.second_factor);
  people_.reset(new routes::PeopleParts{centre_.accounts(), centre_.sessions(), *standings_, {}});
  if (config.demonstration.enabled) {
    VL_CHECK(create_demonstration_people(centre_.accounts()));
    for (const auto& person : demonstration_people())
      if (person.shown) people_->sign_ins.push_back(person.sign_in);
  }
  VL_TRY(auto reader, centre_.readers().take());
  VL_TRY(const auto units, dispatch::units(*reader, config.province_id()));
  std::vector<dispatch::UnitId> ids;
  for (const auto& unit : units) ids.push_back(unit.id);
  VL_CHECK(positions_->load(ids, centre_.clock().wall()));
  housekeeping_ = std::make_unique<Housekeeping>(centre_, *core_, metrics_);

  http::ServerOptions options;
  options.address = config.core.listen;
  options.port = static_cast<std::uint16_t>(config.core.port);
  VL_TRY(options.tls, tls_files(config, "core", centre_.clock()));
  options.connections = static_cast<std::size_t>(config.limits.connections);
  options.requests_per_s = static_cast<double>(config.limits.requests_per_s);
  options.request_burst = options.requests_per_s * 2;
  VL_TRY(options.connect_origins, housekeeping_->media_origins());
  VL_TRY(server_, http::Server::start(options, routes(program), centre_.clock(), &metrics_));
  return {};
}

int run_core(const Invocation& call) {
  auto config = call.config();
  if (!config) return complain(config.error(), exit_config);
  log::start("core", config->log.level == LogLevel::debug);
  // What a batch of commands frees the next one needs: not given back to the system each time.
  ::mallopt(M_TRIM_THRESHOLD, 64 << 20);
  // Signals come to this thread alone; the others inherit the mask.
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const SystemClock clock;
  auto centre = Centre::open(*config, clock, [] { ::raise(SIGTERM); });
  if (!centre) return complain(centre.error());
  auto service = Service::start(**centre, call.program);
  if (!service) return complain(service.error());
  supervise::tell_ready();
  log::info("core.serves", {{"address", config->core_url()}});
  const timespec turn{1, 0};
  while (::sigtimedwait(&ending, nullptr, &turn) < 0) {
    (*service)->keep_house();
    supervise::tell_alive();
  }
  log::info("core.stopping");
  return exit_ok;
}

}  // namespace

void add_core(Subcommand app, const Invocation& call) {
  app.add("core", "The journal, the API and the interface (started by serve)").does([&call] {
    return run_core(call);
  });
}

}  // namespace vl::app
