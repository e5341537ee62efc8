#include "cameras_hub.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <vonglau/base/log.hpp>

#include "cameras_connection.hpp"
#include "cameras_profiles.hpp"

namespace vl::sim {
namespace {

constexpr std::chrono::milliseconds kHouseEvery{100};

bool happens_once(FaultKind kind) {
  return kind == FaultKind::reset || kind == FaultKind::rtp_jump || kind == FaultKind::clock_jump ||
         kind == FaultKind::garbage || kind == FaultKind::timestamp_wrap;
}

// Copies, because cutting a connection takes it off the camera's list.
std::vector<std::shared_ptr<Connection>> connections_of(const Camera& camera) {
  std::vector<std::shared_ptr<Connection>> out;
  for (Connection* connection : camera.connections) out.push_back(connection->shared_from_this());
  return out;
}

}  // namespace

std::size_t playing_on(const Camera& camera) {
  return static_cast<std::size_t>(
      std::ranges::count_if(camera.connections, [](const Connection* c) { return c->playing(); }));
}

Hub::Hub(asio::io_context& io, CamerasConfig& config, const Clock& clock, ClipLibrary& clips)
    : io_(io),
      config_(config),
      clock_(clock),
      clips_(clips),
      chance_(config.seed ^ 0xCA3E7AULL),
      pace_(io),
      house_(io) {
  std::size_t number = 0;
  for (const CameraSpec& spec : config.cameras) {
    Camera& camera = cameras_[spec.code];
    camera.spec = spec;
    camera.number = number++;
    camera.counters.code = spec.code;
    camera.clock_shift_s = spec.clock_offset_s;
    if (spec.ptz && spec.live) camera.head = std::make_shared<PtzHead>(clock);
    if (spec.storage_s > 0 && !spec.live) camera.storage.emplace(spec.storage_s);
  }
  std::ranges::sort(config_.faults, {}, &ScheduledFault::at_s);
}

Hub::~Hub() = default;

Result<void> Hub::open_live_streams() {
  for (auto& [code, camera] : cameras_) {
    if (!camera.spec.live) continue;
    const SceneSpec scene = config_.scenes[camera.spec.clip % config_.scenes.size()];
    const auto open = [&](StreamKind kind, VideoProfile profile) {
      profile.live = true;
      return LiveStream::open(
          scene, profile, code, clock_,
          [this, &camera, kind](auto unit) {
            asio::post(io_, [this, &camera, kind, unit = std::move(unit)] {
              deliver(camera, kind, unit);
            });
          },
          camera.head);
    };
    VL_TRY(camera.live_main, open(StreamKind::main, kMainProfile));
    VL_TRY(camera.live_sub, open(StreamKind::sub, kSubProfile));
  }
  return {};
}

void Hub::start() {
  started_us_ = clock_.mono().us;
  keep_house();
}

void Hub::stop() {
  stopped_ = true;
  pace_.cancel();
  house_.cancel();
  for (const auto& connection : std::map(connections_)) connection.second->close();
  for (auto& [code, camera] : cameras_) camera.live_main.reset(), camera.live_sub.reset();
}

Camera* Hub::find(std::string_view code) {
  const auto found = cameras_.find(code);
  return found == cameras_.end() ? nullptr : &found->second;
}

std::string Hub::base_url() const {
  return fmt::format("rtsp://{}:{}", config_.address, config_.port);
}

void Hub::apply(Camera& camera, const Fault& fault) {
  log::info("sim.fault",
            {{"camera", camera.spec.code}, {"kind", std::string(name_of(fault.kind))}});
  const Fault whole = fault;
  switch (whole.kind) {
    case FaultKind::rtp_jump:
      camera.rtp_shift_s += whole.amount != 0 ? whole.amount : 3600;
      break;
    case FaultKind::clock_jump:
      camera.clock_shift_s += whole.amount != 0 ? whole.amount : -3600;
      break;
    case FaultKind::garbage:
      for (const auto& connection : connections_of(camera))
        connection->send_garbage(
            static_cast<std::size_t>(std::max(1.0, whole.amount != 0 ? whole.amount : 4096)));
      break;
    case FaultKind::timestamp_wrap:
      camera.wraps_at_us =
          clock_.mono().us + static_cast<std::int64_t>((whole.amount > 0 ? whole.amount : 2) * 1e6);
      for (const auto& connection : connections_of(camera))
        connection->wrap_at(*camera.wraps_at_us);
      break;
    case FaultKind::reset:
    case FaultKind::refuse:
    case FaultKind::power:
    case FaultKind::wrong_password:
    case FaultKind::bad_sdp:
    case FaultKind::no_parameter_sets:
    case FaultKind::absurd_size:
      for (const auto& connection : connections_of(camera)) connection->cut();
      break;
    default:
      break;
  }
  if (happens_once(whole.kind)) return;
  camera.fault = whole;
  keep_storage(camera, clock_.mono().us);
  camera.fault_ends_us = whole.duration_s > 0
                             ? clock_.mono().us + static_cast<std::int64_t>(whole.duration_s * 1e6)
                             : 0;
}

void Hub::clear(Camera& camera) {
  camera.fault = {};
  camera.fault_ends_us = 0;
  keep_storage(camera, clock_.mono().us);
}

const StreamClip& Hub::wanted_clip(const Camera& camera, StreamKind kind) {
  const Clip& clip = clips_.playable(camera.spec.clip);
  // Until it has been drawn the camera shows what it showed.
  const Clip* spoilt =
      spoils_picture(camera.fault.kind) ? spoilt_.of(clip, camera.fault.kind) : nullptr;
  if (spoilt != nullptr) return kind == StreamKind::sub ? spoilt->sub : spoilt->main;
  const bool small = kind == StreamKind::sub || camera.has(FaultKind::resolution);
  return small ? clip.sub : clip.main;
}

/// The card goes on while the line is down; without power it does not.
void Hub::keep_storage(Camera& camera, std::int64_t now_us) {
  if (!camera.storage) return;
  const auto* clip =
      camera.has(FaultKind::power) ? nullptr : &wanted_clip(camera, StreamKind::main);
  camera.storage->film(now_us, clock_.wall().us + camera.clock_shift_us(), clip,
                       phase_us(camera, now_us));
}

void Hub::accepted(asio::ip::tcp::socket socket) {
  std::size_t strangers = 0;
  for (const auto& [raw, connection] : connections_) strangers += raw->camera() == nullptr ? 1 : 0;
  auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connections_.emplace(connection.get(), connection);
  if (strangers >= kStrangers) return connection->cut();
  connection->start();
}

void Hub::gone(Connection& connection) {
  if (Camera* camera = connection.camera()) std::erase(camera->connections, &connection);
  connections_.erase(&connection);
}

void Hub::wake(const std::shared_ptr<Connection>& connection, std::int64_t at_us) {
  due_.push({at_us, connection});
  if (armed_us_ == 0 || at_us < armed_us_) arm();
}

void Hub::arm() {
  if (due_.empty() || stopped_) return;
  armed_us_ = due_.top().at_us;
  const auto wait =
      std::chrono::microseconds(std::max<std::int64_t>(0, armed_us_ - clock_.mono().us));
  pace_.expires_after(wait);
  pace_.async_wait([this](boost::system::error_code failed) {
    if (!failed && !stopped_) tick();
  });
}

void Hub::tick() {
  armed_us_ = -1;  // wake() need not arm while we are at it
  const std::int64_t now_us = clock_.mono().us;
  while (!due_.empty() && due_.top().at_us <= now_us) {
    const auto connection = due_.top().who.lock();
    due_.pop();
    if (connection) connection->send_due(now_us);
  }
  armed_us_ = 0;
  arm();
}

void Hub::keep_house() {
  if (stopped_) return;
  const std::int64_t now_us = clock_.mono().us;
  while (next_fault_ < config_.faults.size() &&
         now_us - started_us_ >=
             static_cast<std::int64_t>(config_.faults[next_fault_].at_s * 1e6)) {
    const ScheduledFault& due = config_.faults[next_fault_++];
    if (Camera* camera = find(due.code)) apply(*camera, due.fault);
  }
  for (auto& [code, camera] : cameras_) {
    if (camera.fault_ends_us != 0 && now_us >= camera.fault_ends_us) clear(camera);
    keep_storage(camera, now_us);
  }
  for (const auto& connection : std::map(connections_)) connection.second->check_timeout(now_us);
  house_.expires_after(kHouseEvery);
  house_.async_wait([this](boost::system::error_code failed) {
    if (!failed) keep_house();
  });
}

void Hub::deliver(Camera& camera, StreamKind kind, const std::shared_ptr<const LiveUnit>& unit) {
  for (const auto& connection : connections_of(camera)) connection->send_live(kind, unit);
}

}  // namespace vl::sim
