// Footage that a camera stored itself, fetched once: RTSP replay as ONVIF's Streaming
// Specification has it (section 6): PLAY with a Range of wall-clock time, as fast as both can, and
// each picture's time in an extension of its RTP packets.
//
// replay() blocks its thread until the stretch is there, the camera has no more of it, or
// something ends it; `goes_on` of the sink is asked several times a second. One call, one
// connection, closed with TEARDOWN. Memory is bounded as in Connections: nothing is read ahead of
// what the sink takes. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <vonglau/base/clock.hpp>
#include <vonglau/rtsp/connections.hpp>
#include <vonglau/rtsp/rtp.hpp>

namespace vl::rtsp {

/// The extension 0xABAC of a packet's header.
struct ReplayExtension {
  static constexpr std::uint16_t profile = 0xABAC;
  std::uint64_t ntp = 0;       // of the access unit, by the camera's clock
  bool clean_point = false;    // C: decoding can begin here
  bool ends_section = false;   // E: the last access unit before a hole, or of all
  bool terminal = false;       // T: nothing follows any more
  bool discontinuity = false;  // D: not the one that follows what came before
  std::uint8_t cseq = 0;       // the last byte of that of the PLAY it belongs to
};
/// Nothing for packets without it, or with one that is cut short.
std::optional<ReplayExtension> replay_extension(const RtpPacket& packet);
/// The extension's bytes with its own header, to be put behind a packet's.
void append_replay_extension(Bytes& out, const ReplayExtension& extension);

/// "20261123T011500.250Z" (RFC 2326, section 3.7), to the millisecond; and back.
std::string clock_text(std::int64_t wall_us);
std::optional<std::int64_t> wall_us_of_clock(std::string_view text);
struct ClockRange {
  std::int64_t from_us = 0;
  std::optional<std::int64_t> to_us;
};
/// "clock=...Z-...Z", also without an end.
std::optional<ClockRange> parse_clock_range(std::string_view text);

struct ReplayRequest {
  Source source;
  std::int64_t from_us = 0;  // by the camera's clock
  std::int64_t to_us = 0;
};

struct ReplayLimits {
  std::int64_t connect_timeout_ms = 5'000;
  std::int64_t answer_timeout_ms = 10'000;  // storage is slow to find the place
  std::int64_t idle_timeout_ms = 10'000;
  std::int64_t longest_ms = 600'000;
  std::uint64_t bytes_a_second = 2'000'000;  // read no faster; what waits lies in the socket
  std::uint64_t most_bytes = 1ULL << 30;
};

class ReplaySink {
 public:
  virtual ~ReplaySink() = default;
  /// `wall_us` and `camera_us` are the camera's own time, from its extension. False: enough.
  virtual bool on_sample(media::Sample&& sample) = 0;
  virtual bool goes_on() = 0;
};

struct ReplayOutcome {
  bool reached_end = false;  // of what was asked for, or the camera said that there is no more
  std::uint64_t bytes = 0;
  std::uint64_t samples = 0;
  std::uint64_t lost_packets = 0;
};

enum class ReplayError { unreachable, refused, no_footage, not_offered, stalled, bad_stream };
constexpr ErrorCode code_of(ReplayError e) {
  switch (e) {
    case ReplayError::unreachable:
      return {Category::unavailable, "replay.unreachable"};
    case ReplayError::refused:
      return {Category::forbidden, "replay.refused"};
    case ReplayError::no_footage:
      return {Category::not_found, "replay.no_footage"};
    case ReplayError::not_offered:
      return {Category::invalid, "replay.not_offered"};
    case ReplayError::stalled:
      return {Category::unavailable, "replay.stalled"};
    case ReplayError::bad_stream:
      break;
  }
  return {Category::invalid, "replay.bad_stream"};
}

/// Samples that the sink took before an error stay taken. They begin with a key picture, as a rule
/// one before `from_us`, and no sample follows the first one of `to_us` or later.
Result<ReplayOutcome> replay(const ReplayRequest& request, const ReplayLimits& limits,
                             const Clock& clock, ReplaySink& sink);

}  // namespace vl::rtsp
