// What the connections of the camera simulator share: the cameras, their faults, the clips and
// the pacing of all streams by one timer. Everything here belongs to the simulator's one
// network thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <vonglau/base/clock.hpp>
#include <vonglau/sim/cameras.hpp>

#include "cameras_clips.hpp"
#include "cameras_live.hpp"
#include "cameras_spoilt.hpp"
#include "cameras_storage.hpp"
#include "scene_math.hpp"

namespace vl::sim {

namespace asio = boost::asio;
class Connection;

enum class StreamKind { main, sub };

struct Camera {
  CameraSpec spec;
  std::size_t number = 0;
  Fault fault;
  std::int64_t fault_ends_us = 0;  // monotonic, 0: when cleared
  double rtp_shift_s = 0, clock_shift_s = 0;
  std::shared_ptr<PtzHead> head;  // of those that can be turned
  std::optional<std::int64_t> wraps_at_us;  // monotonic: RTP timestamps pass 2^32
  std::optional<CameraStorage> storage;
  std::unique_ptr<LiveStream> live_main, live_sub;
  std::vector<Connection*> connections;
  CameraStatus counters;

  bool has(FaultKind kind) const { return fault.kind == kind; }
  bool refuses() const { return has(FaultKind::refuse) || has(FaultKind::power); }
  std::int64_t clock_shift_us() const { return static_cast<std::int64_t>(clock_shift_s * 1e6); }
  double amount_or(double usual) const { return fault.amount != 0 ? fault.amount : usual; }
  LiveStream* live(StreamKind kind) const {
    return kind == StreamKind::main ? live_main.get() : live_sub.get();
  }
};

std::size_t playing_on(const Camera& camera);

class Hub {
 public:
  static constexpr std::size_t kConnectionsPerCamera = 4;
  static constexpr std::size_t kStrangers = 64;  // connections that have not named a camera

  Hub(asio::io_context& io, CamerasConfig& config, const Clock& clock, ClipLibrary& clips);
  ~Hub();

  Result<void> open_live_streams();
  void start();
  void stop();

  Camera* find(std::string_view code);
  std::map<std::string, Camera, std::less<>>& cameras() { return cameras_; }
  /// What the camera shows now, by its fault.
  const StreamClip& wanted_clip(const Camera& camera, StreamKind kind);
  /// Where in the loop a camera is.
  std::int64_t phase_us(const Camera& camera, std::int64_t now_us) const {
    return now_us - started_us_ + static_cast<std::int64_t>(camera.number) * 3'700'000;
  }
  void apply(Camera& camera, const Fault& fault);
  void clear(Camera& camera);

  void accepted(asio::ip::tcp::socket socket);
  void gone(Connection& connection);
  /// Calls connection.send_due() at this monotonic time.
  void wake(const std::shared_ptr<Connection>& connection, std::int64_t at_us);

  asio::io_context& io() { return io_; }
  const CamerasConfig& config() const { return config_; }
  const Clock& clock() const { return clock_; }
  const ClipLibrary& clips() const { return clips_; }
  SpoiltClips& spoilt() { return spoilt_; }
  Chance& chance() { return chance_; }
  std::int64_t started_us() const { return started_us_; }
  std::string base_url() const;

 private:
  struct Due {
    std::int64_t at_us;
    std::weak_ptr<Connection> who;
    bool operator>(const Due& other) const { return at_us > other.at_us; }
  };
  void arm();
  void tick();
  void keep_house();
  void keep_storage(Camera& camera, std::int64_t now_us);
  void deliver(Camera& camera, StreamKind kind, const std::shared_ptr<const LiveUnit>& unit);

  asio::io_context& io_;
  CamerasConfig& config_;
  const Clock& clock_;
  ClipLibrary& clips_;
  SpoiltClips spoilt_;
  Chance chance_;
  std::map<std::string, Camera, std::less<>> cameras_;
  std::map<Connection*, std::shared_ptr<Connection>> connections_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  asio::steady_timer pace_, house_;
  std::int64_t armed_us_ = 0;
  std::int64_t started_us_ = 0;
  std::size_t next_fault_ = 0;
  bool stopped_ = false;
};

}  // namespace vl::sim
