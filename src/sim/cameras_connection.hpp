// One RTSP connection to a simulated camera: requests in, answers and interleaved media out.
// Owned by the hub, lives on its thread.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include <vonglau/rtsp/auth.hpp>
#include <vonglau/rtsp/message.hpp>
#include <vonglau/rtsp/stream_parser.hpp>

#include "cameras_hub.hpp"

namespace vl::sim {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Hub& hub, asio::ip::tcp::socket socket);

  void start();
  void send_due(std::int64_t now_us);
  void send_live(StreamKind kind, const std::shared_ptr<const LiveUnit>& unit);
  void send_garbage(std::size_t bytes);
  /// RTP timestamps pass 2^32 at this monotonic time.
  void wrap_at(std::int64_t mono_us);
  /// Closes with a RST, or in order.
  void cut();
  void close();
  void check_timeout(std::int64_t now_us);

  Camera* camera() const { return camera_; }
  bool playing() const { return playing_; }

 private:
  static constexpr std::size_t kQueueLimit = 4UL * 1024 * 1024;

  void read();
  void take(std::size_t bytes);
  void answer(const rtsp::Request& request);
  bool attach(const rtsp::Request& request, rtsp::Response& response);
  bool authorised(const rtsp::Request& request, rtsp::Response& response);
  void describe(const rtsp::Request& request, rtsp::Response& response);
  void set_up(const rtsp::Request& request, rtsp::Response& response);
  void play(const rtsp::Request& request, rtsp::Response& response);
  bool play_stored(const rtsp::Request& request, rtsp::Response& response);
  void send_stored(std::int64_t now_us);
  void begin_media();
  void end_media();

  void enqueue(Bytes bytes);
  void write();
  bool room_for(std::size_t bytes);

  void join_clip(std::int64_t now_us);
  const StreamClip& wanted_clip() const { return hub_.wanted_clip(*camera_, kind_); }
  const StreamClip& described_clip() const;
  void send_unit(const Unit& unit, std::uint32_t timestamp);
  void send_report(std::uint32_t timestamp, WallTime captured);
  Bytes spoilt_packets(const Unit& unit, std::uint32_t timestamp);
  std::uint32_t timestamp_of(std::int64_t media_ticks) const;
  static std::int64_t us_of(std::int64_t ticks) { return ticks * 100 / 9; }

  Hub& hub_;
  asio::ip::tcp::socket socket_;
  rtsp::StreamParser parser_;
  std::array<std::uint8_t, 8192> buffer_{};
  std::deque<Bytes> queue_;
  std::size_t queued_ = 0;
  bool writing_ = false, open_ = true, close_when_sent_ = false;
  std::int64_t heard_us_ = 0;

  Camera* camera_ = nullptr;
  StreamKind kind_ = StreamKind::main;
  rtsp::Challenge challenge_;
  std::string session_;
  bool set_up_ = false, playing_ = false, watching_live_ = false;
  std::uint8_t rtcp_channel_ = 1;
  RtpSource source_;
  std::uint32_t first_timestamp_ = 0;

  bool replay_ = false;  // what the camera stored itself is asked for
  std::vector<StoredPicture> stored_;
  std::size_t next_stored_ = 0;
  bool at_pace_ = false;
  std::uint8_t play_cseq_ = 0;

  const StreamClip* clip_ = nullptr;
  std::size_t next_unit_ = 0;
  std::int64_t media_ticks_ = 0;  // of 1/90,000 s since PLAY
  std::int64_t play_mono_us_ = 0;
  WallTime play_wall_;
  bool wait_for_key_ = true;
  double usual_bytes_ = 0;  // of a picture
  std::int64_t report_due_us_ = 0;
  std::uint32_t sent_packets_ = 0, sent_octets_ = 0;
};

}  // namespace vl::sim
