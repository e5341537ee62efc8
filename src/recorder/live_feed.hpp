// The live picture of one stream for any number of viewers: samples become fMP4 segments once
// and are sent to all, nothing is decoded or encoded.
//
// A viewer that comes gets what has come since the last key picture, so that its picture is
// there at once. One that cannot keep up loses what waits and goes on at the next key picture.
// A viewer of key pictures alone gets nothing else: a small tile of a camera without sub stream.
// add() and interrupted() belong to the thread that receives the stream, the rest to any thread.
// Memory: one group of pictures, at most `most_group_bytes`, while somebody watches or the stream
// is not recorded. A recorded stream that nobody watches keeps only what the store has not yet;
// who comes first gets the rest of the group from there.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/http/websocket.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::recorder {

constexpr std::size_t most_group_bytes = 16 * 1024 * 1024;
constexpr std::size_t most_viewers = 256;           // of one stream
constexpr std::int64_t most_recent_us = 2'000'000;  // kept for a store that takes nothing

/// One browser that watches; made and held by its WebSocket session.
struct Viewer {
  http::WebSocketPeer peer;
  bool keys_only = false;            // set before it joins, then by show_keys_only()
  std::atomic<bool> behind = false;  // its queue was emptied: begin anew at a key picture
  bool begun = false;                // has its init segment; under the feed's mutex
};

class LiveFeed {
 public:
  /// From now on what was seen can be read elsewhere, once stored_until() has said so.
  void rely_on_store();
  /// What began before this may be forgotten.
  void stored_until(std::int64_t end_us);
  void add(const recording::SamplePtr& sample);
  /// No samples come for now; viewers are told.
  void interrupted(recording::GapCause cause, std::int64_t from_us);

  /// The stored pictures of one unbroken stretch that begins with a key picture and ends where
  /// the given moment begins; none if there is no such stretch.
  using Stored = std::function<std::vector<recording::SamplePtr>(std::int64_t before_us)>;
  /// False when there are too many. `stored` is called on this thread when it is needed.
  bool join(const std::shared_ptr<Viewer>& viewer, const Stored& stored = {});
  void leave(const std::shared_ptr<Viewer>& viewer);
  /// For a viewer that cannot keep up: key pictures from the next one on, or all again.
  void show_keys_only(Viewer& viewer, bool keys_only);
  std::size_t viewers() const { return watching_; }
  /// In memory: of the group, or those that are not yet stored.
  std::size_t pictures_at_hand() const;
  /// Tells every viewer that the stream has ended for good.
  void close(std::uint16_t code, std::string_view reason);

 private:
  struct Segment {
    std::vector<recording::SamplePtr> samples;  // one, or more where pictures come out of order
    http::SharedBytes bytes;                    // made when somebody watches
  };
  bool keeps_group() const { return !relies_on_store_ || !viewers_.empty(); }
  void forget_group();
  void remember(const recording::SamplePtr& sample);
  void rebuild_group(const std::vector<recording::SamplePtr>& stored);
  void put(const recording::SamplePtr& sample);
  void start_group(const recording::SamplePtr& sample);
  void take(const recording::SamplePtr& sample);
  void finish_segment();
  const http::SharedBytes& bytes_of(Segment& segment);
  const http::SharedBytes& key_bytes();
  void begin(Viewer& viewer);
  void send_last();
  bool make_hello();

  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Viewer>> viewers_;
  std::atomic<std::size_t> watching_ = 0;  // how many, for who must not wait
  std::shared_ptr<const media::TrackFormat> format_;
  http::SharedBytes hello_;  // {"mime":...}
  http::SharedBytes init_;
  std::vector<Segment> group_;  // since the last key picture
  std::size_t group_bytes_ = 0;
  bool relies_on_store_ = false;
  std::deque<recording::SamplePtr> recent_;  // not yet stored
  std::size_t recent_bytes_ = 0;
  int joining_ = 0;  // viewers that read what is stored: nothing is forgotten meanwhile
  std::vector<recording::SamplePtr> open_;  // not yet a segment: others of its display order follow
  bool out_of_order_ = false;               // the stream has B pictures
  bool overgrown_ = false;                  // the group was too large and forgotten
  std::int64_t highest_pts_ = 0;
  std::int64_t last_pts_ = 0;
  std::int64_t finished_pts_ = 0;  // highest of all finished segments
  std::int64_t interval_ = 0;      // of the last two pictures, on the track's clock
  std::int64_t decode_time_ = 0;
  std::uint32_t sequence_ = 0;
  http::SharedBytes
      key_bytes_;  // of the group's key picture alone, when somebody watches only those
  std::optional<std::int64_t> last_key_pts_;
  std::int64_t key_interval_ = 0;  // of the last two key pictures
  std::int64_t key_decode_time_ = 0;
  struct Interruption {
    std::int64_t from_us;
    recording::GapCause cause;
  };
  std::optional<Interruption> interruption_;
};

/// {"gap":{"start_us":...,"end_us":...,"cause":"..."}}
std::string gap_text(std::int64_t start_us, std::optional<std::int64_t> end_us,
                     recording::GapCause cause);
/// {"mime":"video/mp4; codecs=\"avc1.64001f\""}; empty for what has no place in MP4.
std::string hello_text(const media::TrackFormat& format);

}  // namespace vl::recorder
