// One TCP connection to a camera: resolving, connecting, the conversation, the tracks' packets,
// and the goodbye. It ends by telling its owner how, once. Lives on the thread of Shared::io.
// Private to this room.
//
// Memory: what StreamParser and TrackReceivers hold, and 64 KiB waiting to be sent. What is read
// lies in one buffer shared by all: nothing of it is kept when a handler returns. While it
// gathers, what waits lies in the socket; beyond `gather_bytes` it is read at once all the same.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vonglau/base/bytes.hpp>
#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

#include "conversation.hpp"

namespace vl::rtsp {

namespace asio = boost::asio;

class Attempt;

/// What all connections of the thread have in common.
struct Shared {
  asio::io_context& io;
  const Clock& clock;
  const ConnectionOptions& options;
  Bytes received;
  std::mt19937_64 chance;
  std::vector<std::shared_ptr<Attempt>> leaving;  // said TEARDOWN, not yet gone
  std::size_t starting = 0;                       // attempts that do not play yet

  bool may_start() const { return starting < options.most_starting; }
};

/// How an attempt ended: failed, or sent elsewhere, or to be made again with this challenge's
/// answer from the start, as the camera hung up after it asked for a password.
struct Ending {
  std::optional<Failure> failure;
  std::optional<Url> redirect;
  std::optional<Challenge> again;
};

class AttemptOwner {
 public:
  virtual ~AttemptOwner() = default;
  virtual void on_playing(const SessionDescription& description) = 0;
  /// Called last. The attempt may be let go of, but lives until the call has returned.
  virtual void on_ended(const Ending& ending) = 0;
};

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  Attempt(Shared& shared, Conversation::Peer peer, AttemptOwner& owner, SampleSink& sink);
  ~Attempt();
  void start();
  /// About every 100 ms.
  void tick(std::int64_t now_us);
  /// As Listener::in_haste(): at first nothing waits.
  void set_haste(bool in_haste);
  /// Reads what has come if it is not read by itself.
  void gather();
  /// The thread itself was away for so long: no camera is to blame for it.
  void postpone(std::int64_t by_us);
  /// Gives the last samples, says TEARDOWN; the owner and the sink are not called any more.
  /// It stays until the camera has hung up too, or a second.
  void leave();
  bool is_gone() const { return stage_ == Stage::gone; }
  /// Shuts the socket now.
  void drop();

  const TrackCounters* video_counters() const;
  std::optional<std::int64_t> camera_clock_offset_us() const;

 private:
  using tcp = asio::ip::tcp;
  enum class Stage { resolving, connecting, talking, leaving, gone };
  struct Track;

  void resolve();
  void connect_next();
  void on_connected();
  void wait_readable();
  void on_readable();
  bool read();
  void take(ByteView chunk);
  void take_items();
  void take_frame(const Frame& frame);
  void take_response(const Response& response);
  void on_hung_up(const boost::system::error_code& why);
  void make_receivers();
  void begin_playing();
  void end_starting();
  bool may_talk(std::int64_t now_us);
  void send(std::string_view text);
  void send_reports();
  void flush();
  void watch_talk(std::int64_t now_us);
  void watch_play(std::int64_t now_us);
  void fail_with(StopCause cause, std::string_view what);
  void settle();

  Shared& shared_;
  AttemptOwner* owner_;
  SampleSink& sink_;
  Url url_;
  bool has_earlier_challenge_;
  Conversation conversation_;
  std::optional<Ending> ending_;
  Stage stage_ = Stage::resolving;
  bool playing_ = false;

  tcp::resolver resolver_;
  tcp::socket socket_;
  std::vector<tcp::endpoint> endpoints_;  // not yet tried, the next one last
  std::uint64_t connecting_ = 0;          // of the present try; handlers of others do nothing
  std::string connect_error_;             // of the latest try
  StopCause connect_cause_ = StopCause::unreachable;

  StreamParser parser_;
  std::vector<std::unique_ptr<Track>> tracks_;
  std::string waiting_;  // to be sent
  bool waits_writable_ = false;
  bool waits_readable_ = false;
  bool gathers_ = false;
  bool is_starting_ = false;
  bool hung_up_ = false;
  std::uint32_t own_ssrc_;

  WallTime read_wall_;
  MonoTime read_mono_;

  // Monotonic times.
  std::int64_t deadline_us_ = 0;      // of the whole connecting, of leaving
  std::int64_t try_deadline_us_ = 0;  // of one address
  std::int64_t asked_us_ = 0;
  std::int64_t heard_us_ = 0;   // RTP of the track that counts
  std::int64_t sample_us_ = 0;  // samples went on
  std::uint64_t samples_ = 0;
  std::int64_t keep_alive_due_us_ = 0;
  std::int64_t report_due_us_ = 0;
  std::optional<std::int64_t> bye_us_;
  std::int64_t talk_window_us_ = 0;
  int talk_in_window_ = 0;
};

}  // namespace vl::rtsp
