// The camera simulator: many RTSP cameras in one process, which stream drawn street scenes and
// fail on request. For the demonstration and for tests of whatever takes cameras.
//
// One thread serves all sockets; one more draws the clips that cameras share; each live stream
// has one. start() returns when the sockets listen. All public functions may be called from any
// thread, the destructor from none of its own.
// Limits: 4 connections a camera, 4 MiB waiting to be sent to each (whole pictures are dropped
// beyond that, and counted), 16 KiB of request head.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/base/result.hpp>
#include <vonglau/sim/scene.hpp>

namespace vl::sim {

enum class CamerasError { configuration, encoder, network, unknown_camera, bad_command };
constexpr ErrorCode code_of(CamerasError e) {
  switch (e) {
    case CamerasError::configuration:
      return {Category::invalid, "sim.configuration"};
    case CamerasError::encoder:
      return {Category::unavailable, "sim.encoder"};
    case CamerasError::network:
      return {Category::unavailable, "sim.network"};
    case CamerasError::unknown_camera:
      return {Category::not_found, "sim.unknown_camera"};
    case CamerasError::bad_command:
      return {Category::invalid, "sim.bad_command"};
  }
  return {};
}

enum class FaultKind : std::uint8_t {
  none,
  stall,              // keeps every connection and sends nothing, not even answers
  reset,              // cuts every connection with a RST, once
  refuse,             // the same, and goes on: a RST to whoever asks for the camera
  skip,               // leaves out RTP packets; `amount` is the share, 0..1
  rtp_jump,           // RTP timestamps move by `amount` seconds, once, and stay moved
  clock_jump,         // the camera's wall clock (sender reports) moves by `amount` seconds
  garbage,            // writes `amount` bytes of rubbish between two packets, once
  wrong_password,     // 401 to everything; present connections are cut
  resolution,         // the main stream turns into pictures of the sub stream's size
  high_bit_rate,      // every picture is `amount` times as large: 28 is 50 Mb/s
  power,              // as refuse, and its own storage films nothing meanwhile
  no_storage,         // its card does not answer: 404 to whoever asks for what it stored
  bad_sdp,            // describes itself in words that are no SDP; present connections are cut
  no_parameter_sets,  // neither SDP nor stream tell how to decode; present connections are cut
  absurd_size,        // says that its pictures are 64,000 wide and high; connections are cut
  reorder,            // `amount` is the share of packets that come after their successor, 0..1
  duplicate,          // `amount` is the share of packets that come twice, 0..1
  timestamp_wrap,     // RTP timestamps begin anew from 0 in `amount` seconds, once
  // What the camera sees, of cameras that are not live; begins once it has been drawn.
  black,   // nothing at all
  freeze,  // one picture again and again
  blur,    // out of focus
  cover,   // something before the lens
  move,    // turned elsewhere
};
std::string_view name_of(FaultKind kind);
std::optional<FaultKind> fault_named(std::string_view name);

struct Fault {
  FaultKind kind = FaultKind::none;
  double amount = 0;      // 0: the kind's usual amount
  double duration_s = 0;  // 0: until cleared; kinds that happen once end by themselves
};

/// A fault at a moment counted from start().
struct ScheduledFault {
  double at_s = 0;
  std::string code;
  Fault fault;
};

/// Faults at random moments, the same for the same seed: about one every `every_s` over all
/// cameras, each over after 10 to 90 s; refuse and wrong_password last longest.
std::vector<ScheduledFault> draw_fault_schedule(std::uint64_t seed,
                                                const std::vector<std::string>& codes,
                                                double every_s, double until_s);

struct CameraSpec {
  std::string code;  // in the URL and, on live cameras, in the picture: letters, digits, '-'
  std::string user = "camera";
  std::string password;
  std::size_t clip = 0;  // index into CamerasConfig::scenes
  bool live = false;     // drawn and encoded as time passes, with clock blocks of the true time
  /// Of what it answers by ONVIF.
  bool ptz = false;             // live ones only: they show where they look
  bool registered = true;       // false: hangs on the network, and the centre does not know it yet
  double clock_offset_s = 0;    // its own clock less the true one, until somebody sets it
  bool fixed_password = false;  // refuses every other one
  bool http_digest = false;     // wants HTTP's digest instead of WS-Security's
  /// So much of the main stream is kept on the camera's own card, and served as ONVIF's replay has
  /// it. 0: it has none. Of cameras that are not live.
  std::int64_t storage_s = 0;
};

struct CamerasConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;                     // 0: chosen by the system
  std::optional<std::uint16_t> control_port;  // loopback only; 0: chosen by the system
  std::optional<std::uint16_t> onvif_port;    // of their ONVIF services; 0: chosen by the system
  /// WS-Discovery's, on the loopback interface: 3702 is where everybody asks. 0: no answers.
  std::uint16_t discovery_port = 0;
  std::vector<CameraSpec> cameras;
  std::vector<SceneSpec> scenes;
  std::filesystem::path clip_folder;
  std::vector<ScheduledFault> faults;
  /// What fails together when something they hang on does: a line's code and its cameras.
  std::map<std::string, std::vector<std::string>> lines;
  std::int64_t session_timeout_s = 60;
  std::uint64_t seed = 1;
};

/// The demonstration's cameras: CAM-001 and on, the last `live` of them live and movable, five
/// scenes. What is told them (passwords, presets) outlives a restart.
CamerasConfig demonstration_cameras(std::size_t count, std::size_t live, std::uint64_t seed,
                                    std::string user, std::string password);
/// Two more that are not registered, with the passwords they left the factory with: MOI-001 takes
/// another one, MOI-002 does not.
void add_unknown_cameras(CamerasConfig& config);

struct CameraStatus {
  std::string code;
  FaultKind fault = FaultKind::none;
  std::size_t connections = 0;
  std::size_t playing = 0;
  std::uint64_t pictures_sent = 0;
  std::uint64_t pictures_dropped = 0;  // the receiver was too slow
  std::uint64_t packets_skipped = 0;   // the fault's doing
  std::uint64_t pictures_replayed = 0;
};

class CameraSimulator {
 public:
  CameraSimulator(CamerasConfig config, const Clock& clock);
  ~CameraSimulator();
  CameraSimulator(const CameraSimulator&) = delete;
  CameraSimulator& operator=(const CameraSimulator&) = delete;

  Result<void> start();
  void stop();

  std::uint16_t port() const;
  std::uint16_t control_port() const;  // 0 when there is none
  std::uint16_t onvif_port() const;    // 0 when there is none
  /// "http://127.0.0.1:8556/onvif/CAM-001/device_service"
  std::string onvif_address(std::string_view code) const;
  /// "rtsp://127.0.0.1:8554/CAM-001/main", without user and password.
  std::string main_url(std::string_view code) const;
  std::string sub_url(std::string_view code) const;
  /// Of what the camera stored itself; nothing for one without storage.
  std::optional<std::string> replay_url(std::string_view code) const;

  /// `code` "all": every camera at once.
  Result<void> set_fault(std::string_view code, const Fault& fault);
  Result<void> clear_fault(std::string_view code);
  /// Everything that hangs on it goes silent, or streams again; 0 seconds: until it is up.
  Result<void> set_line(std::string_view line, bool up, double duration_s = 0);
  std::vector<CameraStatus> status() const;
  /// Clips drawn so far, and how many of them came from the folder.
  std::size_t whole_clips() const;
  std::size_t loaded_clips() const;
  const CamerasConfig& config() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// One line of the control port's language, answered by one or more lines, the last "ok" or
/// "error: ...":  list | fault CODE KIND [AMOUNT [SECONDS]] | clear CODE |
/// line NAME down [SECONDS] | line NAME up
std::string run_control_line(CameraSimulator& simulator, std::string_view line);

}  // namespace vl::sim
