// From one track's RTP packets to samples: order, loss, time, pictures and parameter sets
// (H.264: RFC 6184; H.265: RFC 7798; AAC: RFC 3640; G.711: RFC 3551).
//
// Samples begin at a key picture whose parameter sets are known. After a loss or damage
// everything up to the next key picture is left out, counted and told. Whatever the camera
// sends, memory is bounded by `most_sample_bytes` and the reorder window.
// One thread at a time; owned by the connection that receives the track.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/media/sample.hpp>
#include <vonglau/rtsp/rtp.hpp>
#include <vonglau/rtsp/sdp.hpp>

namespace vl::rtsp {

constexpr std::size_t most_sample_bytes = 8 * 1024 * 1024;

enum class ProblemKind {
  packets_lost,
  malformed_packet,        // RTP, RTCP or payload format
  missing_parameter_sets,  // a key picture came that nothing can decode
  bad_parameter_set,       // broken, or of an absurd size
  sample_too_large,
  timestamp_jump,
  source_restarted,  // another SSRC or sequence: the camera began anew
  split_picture,     // the marker bit ended a picture that was not at its end
};
std::string_view name_of(ProblemKind kind);  // "packets_lost"
constexpr int problem_kinds = 8;

struct Problem {
  ProblemKind kind{};
  std::uint64_t count = 1;  // how often since last told (packets, for packets_lost)
  std::string detail;       // of the latest
};

/// Running totals since the receiver was made.
struct TrackCounters {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;  // of RTP packets
  std::uint64_t lost = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t reordered = 0;
  std::uint64_t malformed = 0;
  std::uint64_t samples = 0;
  std::uint64_t key_samples = 0;
  std::uint64_t left_out = 0;  // samples not given, for any reason
};

class SampleSink {
 public:
  virtual ~SampleSink() = default;
  virtual void on_sample(media::Sample&& sample) = 0;
  /// At most one a second and kind, with the count since the last.
  virtual void on_problem(const Problem& problem) = 0;
};

class TrackReceiver {
 public:
  /// Whether such a track can be received at all; the error says why not.
  static Result<void> can_receive(const Media& media);
  /// `sink` must outlive the receiver. If packets come `stamped`, the time given with a packet is
  /// its picture's own, to be kept as it is; otherwise it is when it came.
  TrackReceiver(const Media& media, std::uint8_t track, SampleSink& sink, bool stamped = false);
  ~TrackReceiver();
  TrackReceiver(const TrackReceiver&) = delete;
  TrackReceiver& operator=(const TrackReceiver&) = delete;

  /// The two times at which the packet was read. If it `lasts`, it stays where it is until
  /// keep(): then its content is copied once, into its sample.
  void on_rtp(ByteView packet, WallTime wall, MonoTime mono, bool lasts = false);
  void keep();
  void on_rtcp(ByteView packet, WallTime wall, MonoTime mono);
  /// The stream ended: gives the picture being put together if it is whole, and the problems
  /// not yet told.
  void finish();

  const TrackCounters& counters() const;
  /// The camera's clock less ours, by its last sender report; nothing before one came.
  std::optional<std::int64_t> camera_clock_offset_us() const;

 private:
  class Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace vl::rtsp
