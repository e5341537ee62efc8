// `vonglau sim`: the demonstration's simulated province, a client of the centre like any other.
#include <csignal>
#include <memory>

#include <vonglau/base/log.hpp>
#include <vonglau/sim/province.hpp>
#include <vonglau/supervise/notify.hpp>

#include "api_client.hpp"
#include "demonstration_people.hpp"
#include "sim_cameras.hpp"
#include "subcommands.hpp"

namespace vl::app {
namespace {

int run_sim(const Invocation& call) {
  auto config = call.config();
  if (!config) return complain(config.error(), exit_config);
  if (!config->demonstration.enabled)
    return complain({code_of(ConfigError::wrong_value),
                     "this is a real site: the simulation would put invented reports into its "
                     "journal",
                     "demonstration.enabled"},
                    exit_config);
  log::start("simulation", config->log.level == LogLevel::debug);
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);

  const SystemClock clock;
  const auto& person = simulator_person().sign_in;
  ApiClient api(config->core_local_url(), config->authority_folder() + "/authority.crt",
                person.login, person.password);
  auto gazetteer = std::make_shared<const places::Gazetteer>(places::Gazetteer::demonstration());
  auto roads =
      std::make_shared<const places::RoadNetwork>(places::RoadNetwork::demonstration(*gazetteer));
  sim::ProvinceOptions options;
  options.seed = static_cast<std::uint64_t>(config->demonstration.seed);
  options.speed = config->demonstration.speed;
  // Cameras first: they stream before the centre hears of them. Without them the rest goes on.
  auto cameras = start_demonstration_cameras(*config, clock);
  if (cameras) {
    options.cameras = camera_list(**cameras);
    options.topology = camera_network(**cameras).table;
  } else {
    log::error("simulation.no_cameras", {{"why", cameras.error().message}});
  }
  sim::SimulatedProvince province(options, api, gazetteer, roads, clock);
  supervise::tell_ready();
  bool prepared = false;
  const timespec turn{1, 0};
  do {
    Result<void> done;
    if (!prepared) {
      done = province.prepare();
      prepared = done.has_value();
    } else {
      done = province.step();
    }
    if (!done)
      log::warn("simulation.centre_away",
                {{"code", std::string(done.error().code.name)}, {"why", done.error().message}});
    supervise::tell_alive();
  } while (::sigtimedwait(&ending, nullptr, &turn) < 0);
  return exit_ok;
}

}  // namespace

void add_sim(Subcommand app, const Invocation& call) {
  auto sim = app.add("sim", "The demonstration's simulated province (started by serve)");
  add_sim_cameras(sim);
  sim.does([&call] { return run_sim(call); });
}

}  // namespace vl::app
