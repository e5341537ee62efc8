// RTSP 1.0 connections to cameras, as a client (RFC 2326), over TCP interleaved (section 10.12):
// OPTIONS, DESCRIBE, SETUP of every track that can be received, PLAY, keep-alives, TEARDOWN;
// Digest or Basic when asked for. Each connection is kept up for ever: what breaks is told with
// its cause, and tried again after a jittered wait that doubles. Redirections (301, 302) are
// followed at most twice. Played are the first video and the first audio that TrackReceiver can
// receive; sound that is refused is done without.
//
// Connections owns one thread, on which all of a Listener's functions are called: they must be
// quick and must not call back into Connections. open() and close() may be called from any other
// thread; they wait for the thread. Memory of a connection is bounded by StreamParser's and
// TrackReceiver's limits, and 64 KiB to be sent.
//
// Names are looked up one after the other by the system's resolver: one that takes long to fail
// delays other names, and the destructor; addresses are not looked up.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/rtsp/auth.hpp>
#include <vonglau/rtsp/sdp.hpp>
#include <vonglau/rtsp/track_receiver.hpp>

namespace vl::rtsp {

/// Why no samples come.
enum class StopCause {
  unreachable,             // no name, no route, refused, no answer to the connection
  authentication_refused,  // 401 to our credentials, or none given; 403
  stalled,                 // connected, but nothing came for `stall_ms`, or an answer stayed away
  reset,                   // the camera ended the connection
  bad_stream,              // what it sends is no RTSP, or nothing in it can be received; 4xx, 5xx
};
std::string_view name_of(StopCause cause);  // "unreachable"

struct Source {
  std::string url;  // rtsp://host[:port]/path; user and password in it are used if none are given
  std::optional<Credentials> credentials;
};

struct ConnectionOptions {
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t answer_timeout_ms = 5'000;
  /// No RTP for this long while playing: stalled. Below the 10 s within which operators hear.
  std::int64_t stall_ms = 5'000;
  /// The wait before another try: from first to longest, doubled each time, each time drawn
  /// between half of it and all of it. A stream that played for `longest_wait_ms` begins anew.
  std::int64_t first_wait_ms = 500;
  std::int64_t longest_wait_ms = 15'000;
  /// After 401: cameras lock out who tries often.
  std::int64_t refused_wait_ms = 30'000;
  /// On their way from connecting to PLAY at the same moment: when a line comes back, its cameras
  /// come by turns. Far above what cameras that do not answer hold.
  std::size_t most_starting = 256;
  std::size_t receive_bytes = 256 * 1024;  // shared by all connections of the thread
  /// How often a connection is read whose listener is in no haste; in steps of 25 ms.
  std::int64_t gather_ms = 200;
  std::uint64_t seed = 0;  // of the jitter; 0: from the system
};

struct ConnectionState {
  bool playing = false;
  std::optional<StopCause> cause;  // while not playing, once something failed
  std::uint64_t attempts = 0;
  TrackCounters video;  // of all attempts together
  std::optional<std::int64_t> camera_clock_offset_us;
};

class Listener : public SampleSink {
 public:
  /// PLAY was accepted; samples of this description's tracks follow (track 0 video, 1 audio). It
  /// holds only the tracks that are played. Each time, times and formats begin anew.
  virtual void on_playing(const SessionDescription& description) = 0;
  /// No samples come for now; another try follows by itself. Called again when a later try fails
  /// for another cause. `detail` is for engineers and holds no credentials.
  virtual void on_stopped(StopCause cause, const std::string& detail) = 0;
  /// Every 100 ms, whether connected or not.
  virtual void on_tick(WallTime wall, MonoTime mono) = 0;
  /// Somebody waits for each picture, so what comes is read at once. Otherwise it is left in the
  /// system's memory and read every `gather_ms`, which costs a third. Asked every 100 ms.
  virtual bool in_haste() const { return true; }
};

class Connections {
 public:
  explicit Connections(const Clock& clock, ConnectionOptions options = {});
  /// Closes all. Listeners are not called after it.
  ~Connections();
  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  using Id = std::uint64_t;
  /// Refuses what is no rtsp:// URL (rtsps:// is `unsupported`). `listener` must live until
  /// close() has returned. The first try begins at once, spread over `spread_ms` when many open.
  Result<Id> open(Source source, Listener& listener, std::int64_t spread_ms = 0);
  /// Gives what samples are left, sends TEARDOWN if there is a session, does not wait for its
  /// answer. When it returns, the listener is not called any more.
  void close(Id id);
  std::optional<ConnectionState> state(Id id) const;

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace vl::rtsp
