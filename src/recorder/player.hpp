// Playback of one stream's footage to one viewer: fragments are read, verified by their hash and
// sent as they were stored, a little ahead of what the viewer watches. From `keys_only_from` times
// the speed only key pictures are sent, each lasting until the next, so that what is sent stays
// bounded; a viewer that crosses this limit seeks to where it is.
//
// Pure but for the store and the peer: turn() is called again and again by PlayLoop and says when
// it wants to be called next. One thread at a time; commands come from the socket's thread
// through PlayLoop's lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <vonglau/http/websocket.hpp>
#include <vonglau/recording/footage_view.hpp>

namespace vl::recorder {

struct PlayStart {
  recording::StreamKey stream;
  std::int64_t at_us = 0;
  std::optional<std::int64_t> oldest_us;  // of the ticket: nothing before this is shown
};

class Player {
 public:
  /// How far ahead of the viewer's clock footage is sent, in watched seconds.
  static constexpr std::int64_t lead_us = 4'000'000;
  static constexpr double slowest = 0.25;
  static constexpr double keys_only_from = 4;
  static constexpr double fastest = 16;

  Player(recording::FragmentStore& store, http::WebSocketPeer peer, PlayStart start);

  void seek(std::int64_t at_us);
  void pause(bool paused, MonoTime now);
  void set_speed(double speed, MonoTime now);

  /// Sends what is due; gives after how many microseconds it wants to be called again. Nothing:
  /// the viewer is gone, or was closed because nothing can be read.
  std::optional<std::int64_t> turn(MonoTime now);

 private:
  bool find_first();
  bool keys_only() const { return speed_ >= keys_only_from; }
  void passed(const recording::FragmentRef& fragment);
  bool send(const recording::Fragment& fragment);
  bool send_keys(const recording::Fragment& fragment);
  bool release_held(std::int64_t until_us);
  bool tell_format(const media::TrackFormat& format);
  bool send_run(std::span<const media::Sample> samples, std::int64_t until_us);
  void tell_gap(std::int64_t from_us, std::optional<std::int64_t> to_us);
  std::int64_t watched_us(MonoTime now) const;
  void rebase(MonoTime now);

  recording::FragmentStore& store_;
  const recording::FootageView view_{store_};
  http::WebSocketPeer peer_;
  const PlayStart start_;
  std::optional<std::int64_t> seek_us_;
  bool told_to_seek_ = false;  // by the viewer: it is told where what it asked for begins
  std::optional<recording::FragmentRef> next_;
  std::optional<recording::FragmentRef> last_;  // sent
  std::int64_t last_end_us_ = 0;
  media::TrackFormat format_;
  std::uint32_t sequence_ = 0;
  std::int64_t decode_time_ = 0;
  // The viewer's clock: at `base_` it had watched `base_us_` of all that was sent since the seek.
  std::optional<MonoTime> base_;
  std::int64_t base_us_ = 0;
  std::int64_t sent_us_ = 0;
  /// The last key picture where only those are sent: it goes when it is known how long it lasts.
  std::optional<media::Sample> held_;
  double speed_ = 1;
  bool paused_ = false;
};

}  // namespace vl::recorder
