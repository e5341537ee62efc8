#include "sim_cameras.hpp"

#include <csignal>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>

namespace vl::app {
namespace {

// Simulated cameras are on the loopback address only; their password is no secret.
constexpr const char* user = "camera";
constexpr const char* password = "vong-lau-camera";
// Drawn and encoded as time passes: each takes about a third of a core.
constexpr std::int64_t live_cameras = 1;
// Faults are drawn for this long; a demonstration that runs longer has none after it.
constexpr double faults_until_s = 30 * 86'400;

struct CamerasOptions {
  std::size_t count = 4;
  std::size_t live = 1;
  std::uint64_t seed = 1;
  std::uint16_t port = 8554;
  std::uint16_t control_port = 0;
  std::uint16_t onvif_port = 0;
  std::uint16_t discovery_port = 3702;
  double fault_every_s = 0;
  std::string folder = "clips";
};

std::vector<std::string> codes_of(const sim::CamerasConfig& config) {
  std::vector<std::string> codes;
  for (const auto& camera : config.cameras)
    if (camera.registered) codes.push_back(camera.code);
  return codes;
}

int run_cameras(const CamerasOptions& options) {
  log::start("cameras");
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&ending, number);
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  const SystemClock clock;
  auto config = sim::demonstration_cameras(options.count, std::min(options.live, options.count),
                                           options.seed, user, password);
  sim::add_unknown_cameras(config);
  config.port = options.port;
  config.control_port = options.control_port;
  config.onvif_port = options.onvif_port;
  config.discovery_port = options.discovery_port;
  config.clip_folder = options.folder;
  const auto codes = codes_of(config);
  config.lines = sim::demonstration_network(codes).cameras_of;
  if (options.fault_every_s > 0)
    config.faults =
        sim::draw_fault_schedule(options.seed, codes, options.fault_every_s, faults_until_s);
  sim::CameraSimulator cameras(std::move(config), clock);
  if (auto started = cameras.start(); !started) return complain(started.error());
  for (const auto& camera : cameras.config().cameras)
    fmt::print("{}  {}  {}  {} {}/{}\n", camera.code, cameras.main_url(camera.code),
               cameras.sub_url(camera.code), cameras.onvif_address(camera.code), camera.user,
               camera.password);
  fmt::print("control: nc 127.0.0.1 {}\n", cameras.control_port());
  std::fflush(stdout);
  int number = 0;
  ::sigwait(&ending, &number);
  return exit_ok;
}

}  // namespace

Result<std::unique_ptr<sim::CameraSimulator>> start_demonstration_cameras(const Config& config,
                                                                          const Clock& clock) {
  const auto count = config.demonstration.cameras;
  const auto seed = static_cast<std::uint64_t>(config.demonstration.seed);
  auto cameras = sim::demonstration_cameras(static_cast<std::size_t>(count),
                                            static_cast<std::size_t>(std::min(live_cameras, count)),
                                            seed, user, password);
  if (count > 0) sim::add_unknown_cameras(cameras);
  cameras.port = static_cast<std::uint16_t>(config.demonstration.camera_port);
  cameras.control_port = static_cast<std::uint16_t>(config.demonstration.camera_port + 1);
  cameras.onvif_port = static_cast<std::uint16_t>(config.demonstration.camera_port + 2);
  cameras.discovery_port = static_cast<std::uint16_t>(config.recorder.discovery_port);
  cameras.clip_folder = config.folders.data + "/clips";
  const auto codes = codes_of(cameras);
  cameras.lines = sim::demonstration_network(codes).cameras_of;
  if (config.demonstration.fault_every_s > 0 && !codes.empty())
    cameras.faults = sim::draw_fault_schedule(
        seed, codes, config.demonstration.fault_every_s / config.demonstration.speed,
        faults_until_s);
  auto simulator = std::make_unique<sim::CameraSimulator>(std::move(cameras), clock);
  VL_CHECK(simulator->start());
  return simulator;
}

sim::CameraNetwork camera_network(const sim::CameraSimulator& cameras) {
  return sim::demonstration_network(codes_of(cameras.config()));
}

std::vector<sim::ProvinceOptions::Camera> camera_list(const sim::CameraSimulator& cameras) {
  std::vector<sim::ProvinceOptions::Camera> out;
  for (const auto& camera : cameras.config().cameras)
    if (camera.registered)
      out.push_back({camera.code, cameras.main_url(camera.code), cameras.sub_url(camera.code),
                     camera.user, camera.password,
                     camera.ptz ? cameras.onvif_address(camera.code) : ""});
  return out;
}

void add_sim_cameras(Subcommand sim) {
  auto cameras = sim.add(
      "cameras", "Simulated cameras alone: RTSP streams of drawn streets that fail on request");
  auto options = std::make_shared<CamerasOptions>();
  cameras.option("--count", options->count).shown().within(1, 200);
  cameras.option("--live", options->live, "How many show the true time, at a third of a core")
      .shown();
  cameras.option("--seed", options->seed).shown();
  cameras.option("--port", options->port, "0: chosen by the system").shown();
  cameras.option("--control-port", options->control_port, "For faults; 0: chosen").shown();
  cameras.option("--onvif-port", options->onvif_port, "0: chosen by the system").shown();
  cameras.option("--discovery-port", options->discovery_port, "0: they are not found").shown();
  cameras.option("--fault-every", options->fault_every_s, "Seconds between random faults").shown();
  cameras.option("--clips", options->folder, "Folder of drawn clips").shown();
  cameras.does([options] { return run_cameras(*options); });
}

}  // namespace vl::app
