// Order and time of one RTP source's packets. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include <vonglau/base/bytes.hpp>

namespace vl::rtsp {

/// Puts packets in order by their 16-bit sequence number. A packet that came early is held (at
/// most `window` of them, copied) until those before it have come or are given up as lost.
/// Cameras lose and reorder packets over TCP too: their encoder's queue overflows.
class ReorderWindow {
 public:
  static constexpr std::size_t window = 8;

  enum class Verdict {
    deliver,    // it is next: hand it on, then take() what was held behind it
    held,       // too early; copied. When full() give up what is missing: skip()
    duplicate,  // was here before, or comes too late: leave it out
    restarted,  // far from all before: a new source began; hand it on, everything held is gone
  };
  Verdict push(std::uint16_t sequence, ByteView packet);
  /// The next held packet, when it is next in order. Valid until the next push().
  std::optional<ByteView> take();
  bool full() const { return held_.size() >= window; }
  /// Gives up on what is missing before the first held packet; how many that is (0: none held).
  std::uint32_t skip();
  void reset();

 private:
  bool started_ = false;
  std::uint64_t next_ = 0;  // unwrapped
  std::map<std::uint64_t, Bytes> held_;
  Bytes taken_;
};

/// 32-bit RTP timestamps as one 64-bit count that goes on across their wrap (RFC 3550: about
/// 13 hours at 90 kHz) and across a camera's jumps.
class TimestampUnwrapper {
 public:
  explicit TimestampUnwrapper(std::uint32_t clock_hz) : clock_hz_(clock_hz) {}
  struct Step {
    std::int64_t pts = 0;
    bool jumped = false;  // it did not go on where time did; pts follows the arrival instead
  };
  Step unwrap(std::uint32_t timestamp, std::int64_t arrived_mono_us);
  /// The unwrapped place of a nearby timestamp (a sender report's), without moving on.
  std::optional<std::int64_t> place_of(std::uint32_t timestamp) const;
  /// The next timestamp has nothing to do with those before: it goes on by its arrival.
  void restart() { restarted_ = true; }

 private:
  std::uint32_t clock_hz_;
  bool started_ = false;
  bool restarted_ = false;
  std::uint32_t last_timestamp_ = 0;
  std::int64_t last_pts_ = 0;
  std::int64_t last_arrived_us_ = 0;
};

/// From a stream's own time to our wall clock: the line through the earliest arrivals, so that
/// bursts and late reads do not show; it may drift by at most 500 ppm, as cameras' clocks do.
class WallClockMap {
 public:
  explicit WallClockMap(std::uint32_t clock_hz) : clock_hz_(clock_hz) {}
  /// For a sample of `pts` that began to arrive at `arrived_wall_us`. Never goes back by less
  /// than a second; our own clock being set back further is followed.
  std::int64_t wall_us(std::int64_t pts, std::int64_t arrived_wall_us);

 private:
  std::uint32_t clock_hz_;
  bool started_ = false;
  std::int64_t offset_us_ = 0;
  std::int64_t last_stream_us_ = 0;
  std::int64_t last_wall_us_ = 0;
  std::int64_t apart_since_us_ = 0;  // 0: not apart
};

}  // namespace vl::rtsp
