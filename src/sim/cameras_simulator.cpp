#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <vonglau/http/server.hpp>
#include <vonglau/sim/cameras.hpp>

#include "cameras_clips.hpp"
#include "cameras_control.hpp"
#include "cameras_discovery.hpp"
#include "cameras_hub.hpp"
#include "cameras_profiles.hpp"

namespace vl::sim {
namespace {

using asio::ip::tcp;

Result<void> check(const CamerasConfig& config) {
  for (const CameraSpec& camera : config.cameras) {
    const bool plain = std::ranges::all_of(camera.code, [](unsigned char c) {
      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
    });
    if (camera.code.empty() || camera.code.size() > 40 || !plain)
      return fail(CamerasError::configuration,
                  fmt::format("\"{}\" is no camera code: use letters, digits and '-'", camera.code),
                  "cameras.code");
  }
  return {};
}

Result<tcp::acceptor> listen(asio::io_context& io, const std::string& address,
                             std::uint16_t& port) {
  boost::system::error_code failed;
  const auto host = asio::ip::make_address(address, failed);
  if (failed)
    return fail(CamerasError::configuration, fmt::format("{} is no address", address), "address");
  tcp::acceptor acceptor(io);
  const tcp::endpoint endpoint(host, port);
  if (!failed) acceptor.open(endpoint.protocol(), failed);
  if (!failed) acceptor.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed) acceptor.bind(endpoint, failed);
  if (!failed) acceptor.listen(1024, failed);
  if (failed)
    return fail(CamerasError::network,
                fmt::format("cannot listen on {}:{}: {}; choose another port", address, port,
                            failed.message()),
                "port");
  port = acceptor.local_endpoint().port();
  return acceptor;
}

}  // namespace

struct CameraSimulator::Inside {
  CamerasConfig config;
  const Clock& clock;
  asio::io_context io{1};
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work;
  std::unique_ptr<ClipLibrary> clips;
  std::optional<tcp::acceptor> cameras_door, control_door;
  std::unique_ptr<Hub> hub;
  std::unique_ptr<OnvifServices> onvif;
  std::unique_ptr<ProbeListener> probes;
  std::thread thread;
  std::unique_ptr<http::Server> onvif_door;
  std::uint16_t control_port = 0;

  Inside(CamerasConfig c, const Clock& k) : config(std::move(c)), clock(k) {}

  void accept_cameras() {
    cameras_door->async_accept([this](boost::system::error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted) return;
      if (!failed) hub->accepted(std::move(socket));
      accept_cameras();
    });
  }

  // Runs `ask` on the network thread and waits for its answer.
  template <class Ask>
  auto on_thread(Ask&& ask) {
    using Answer = decltype(ask());
    if (!thread.joinable() || thread.get_id() == std::this_thread::get_id()) return ask();
    std::promise<Answer> promise;
    auto answer = promise.get_future();
    asio::post(io, [&] { promise.set_value(ask()); });
    return answer.get();
  }

  Result<void> open_onvif() {
    onvif = on_thread(
        [&] { return std::make_unique<OnvifServices>(*hub, config.clip_folder / "cameras.json"); });
    http::Router router;
    router.add(http::Method::post, "/onvif/{code}/{service}", [this](const http::Request& request) {
      return on_thread([&] { return onvif->answer(request); });
    });
    http::ServerOptions options;
    options.address = config.address;
    options.port = *config.onvif_port;
    options.io_threads = 1;
    options.worker_threads = 2;
    VL_TRY(onvif_door, http::Server::start(options, std::move(router), clock));
    return on_thread([&]() -> Result<void> {
      onvif->set_port(onvif_door->port());
      if (config.discovery_port == 0) return {};
      VL_TRY(probes, ProbeListener::open(io, config.discovery_port, *onvif));
      return {};
    });
  }
};

CameraSimulator::CameraSimulator(CamerasConfig config, const Clock& clock)
    : inside_(std::make_unique<Inside>(std::move(config), clock)) {}

CameraSimulator::~CameraSimulator() {
  stop();
}

Result<void> CameraSimulator::start() {
  Inside& in = *inside_;
  VL_CHECK(check(in.config));
  VL_TRY(in.clips,
         ClipLibrary::open(in.config.clip_folder, in.config.scenes, kMainProfile, kSubProfile));
  in.hub = std::make_unique<Hub>(in.io, in.config, in.clock, *in.clips);
  VL_CHECK(in.hub->open_live_streams());
  VL_TRY(in.cameras_door, listen(in.io, in.config.address, in.config.port));
  in.accept_cameras();
  if (in.config.control_port) {
    in.control_port = *in.config.control_port;
    VL_TRY(in.control_door, listen(in.io, "127.0.0.1", in.control_port));
    accept_control(*in.control_door, *this);
  }
  in.work.emplace(in.io.get_executor());
  in.clips->start();
  asio::post(in.io, [&in] { in.hub->start(); });
  in.thread = std::thread([&in] { in.io.run(); });
  if (in.config.onvif_port) VL_CHECK(in.open_onvif());
  return {};
}

void CameraSimulator::stop() {
  Inside& in = *inside_;
  if (in.onvif_door) in.onvif_door->stop(500);  // its workers wait for the thread
  if (in.thread.joinable()) {
    asio::post(in.io, [&in] {
      boost::system::error_code ignored;
      in.cameras_door->close(ignored);
      if (in.control_door) in.control_door->close(ignored);
      if (in.probes) in.probes->close();
      in.hub->stop();
      in.work.reset();
      in.io.stop();
    });
    in.thread.join();
  }
  in.clips.reset();
}

std::uint16_t CameraSimulator::port() const {
  return inside_->config.port;
}
std::uint16_t CameraSimulator::control_port() const {
  return inside_->control_port;
}
std::uint16_t CameraSimulator::onvif_port() const {
  return inside_->onvif_door ? inside_->onvif_door->port() : 0;
}
std::string CameraSimulator::onvif_address(std::string_view code) const {
  return fmt::format("http://{}:{}/onvif/{}/device_service", inside_->config.address, onvif_port(),
                     code);
}
const CamerasConfig& CameraSimulator::config() const {
  return inside_->config;
}

std::string CameraSimulator::main_url(std::string_view code) const {
  return fmt::format("rtsp://{}:{}/{}/main", inside_->config.address, port(), code);
}
std::string CameraSimulator::sub_url(std::string_view code) const {
  return fmt::format("rtsp://{}:{}/{}/sub", inside_->config.address, port(), code);
}

std::optional<std::string> CameraSimulator::replay_url(std::string_view code) const {
  const auto& cameras = inside_->config.cameras;
  const auto found = std::ranges::find(cameras, code, &CameraSpec::code);
  if (found == cameras.end() || found->storage_s == 0 || found->live) return std::nullopt;
  return fmt::format("rtsp://{}:{}/{}/replay", inside_->config.address, port(), code);
}

Result<void> CameraSimulator::set_fault(std::string_view code, const Fault& fault) {
  return inside_->on_thread([&]() -> Result<void> {
    if (code == "all") {
      for (auto& [one, camera] : inside_->hub->cameras()) {
        if (fault.kind == FaultKind::none)
          inside_->hub->clear(camera);
        else if (!spoils_picture(fault.kind) || !camera.spec.live)
          inside_->hub->apply(camera, fault);
      }
      return {};
    }
    Camera* camera = inside_->hub->find(code);
    if (camera == nullptr)
      return fail(CamerasError::unknown_camera, fmt::format("there is no camera {}", code), "code");
    if (spoils_picture(fault.kind) && camera->spec.live)
      return fail(CamerasError::bad_command, "a live camera's picture is not spoilt", "kind");
    if (fault.kind == FaultKind::none)
      inside_->hub->clear(*camera);
    else
      inside_->hub->apply(*camera, fault);
    return {};
  });
}

Result<void> CameraSimulator::set_line(std::string_view line, bool up, double duration_s) {
  const auto& lines = config().lines;
  const auto found = lines.find(std::string(line));
  if (found == lines.end())
    return fail(CamerasError::unknown_camera, fmt::format("there is no line {}", line));
  for (const auto& code : found->second)
    VL_CHECK(up ? clear_fault(code) : set_fault(code, {FaultKind::stall, 0, duration_s}));
  return {};
}

Result<void> CameraSimulator::clear_fault(std::string_view code) {
  return set_fault(code, Fault{});
}

std::vector<CameraStatus> CameraSimulator::status() const {
  return inside_->on_thread([&] {
    std::vector<CameraStatus> out;
    for (const auto& [code, camera] : inside_->hub->cameras()) {
      CameraStatus status = camera.counters;
      status.fault = camera.fault.kind;
      status.connections = camera.connections.size();
      status.playing = playing_on(camera);
      out.push_back(std::move(status));
    }
    return out;
  });
}

std::size_t CameraSimulator::whole_clips() const {
  return inside_->clips->whole_count();
}
std::size_t CameraSimulator::loaded_clips() const {
  return inside_->clips->loaded_count();
}

}  // namespace vl::sim
