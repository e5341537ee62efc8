// Segments and playlists of HTTP Live Streaming (RFC 8216): which stored fragments become one
// segment, where a player has to begin anew, what a playlist says, what its files are called.
//
// Pure but for the fragments that HlsCutter has looked at through `look`: one for each segment, a
// few more where a format changes. One thread at a time.
// Limits: a segment lasts `most_us` at most and ends with the fragment that fills `most_bytes`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/base/result.hpp>
#include <vonglau/recording/fragment.hpp>

namespace vl::recorder {

/// Fragments of one stream that follow each other.
struct HlsSegment {
  recording::FragmentId first;
  std::uint32_t fragments = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  bool breaks = false;         // what comes before does not go on in it
  recording::FragmentId init;  // the fragment whose formats its init segment tells
};

struct HlsRules {
  /// A segment ends before the first key picture after this.
  std::int64_t goal_us = 6'000'000;
  /// And here without one: the players' target duration.
  std::int64_t most_us = 10'000'000;
  std::uint64_t most_bytes = 8ULL << 20;
};
constexpr std::uint32_t most_hls_fragments = 128;  // of a segment

/// What a player must know before the first sample. Sound only where HLS has it: AAC.
struct HlsFormats {
  std::shared_ptr<const media::TrackFormat> video;
  std::shared_ptr<const media::TrackFormat> sound;
};
bool operator==(const HlsFormats& a, const HlsFormats& b);

/// At the beginning and at the end of a fragment.
struct HlsLook {
  HlsFormats first;
  HlsFormats last;
};

class HlsCutter {
 public:
  /// An error: the fragment cannot be read, and is left out.
  using Look = std::function<Result<HlsLook>(const recording::FragmentId&)>;
  HlsCutter(HlsRules rules, Look look) : rules_(rules), look_(std::move(look)) {}

  /// In order of time.
  void add(const recording::FragmentRef& ref);
  /// Nothing more follows.
  void finish();
  /// Those that ended since the last call.
  std::vector<HlsSegment> take();

 private:
  void begin(const recording::FragmentRef& ref, const HlsFormats& formats);
  void close(std::optional<std::int64_t> next_us, const std::optional<HlsFormats>& next);
  void put(std::size_t from, std::size_t to, std::int64_t end_us);

  const HlsRules rules_;
  const Look look_;
  std::vector<recording::FragmentRef> open_;
  std::uint64_t open_bytes_ = 0;
  std::optional<HlsFormats> formats_;  // of what is open
  recording::FragmentId init_;
  bool breaks_ = false;  // the next segment
  std::optional<recording::FragmentRef> last_;
  std::vector<HlsSegment> ended_;
};

struct HlsPlaylist {
  std::int64_t target_s = 10;
  std::uint64_t first_sequence = 0;
  std::uint64_t first_break = 0;  // discontinuities before the first segment
  std::span<const HlsSegment> segments;
  bool is_whole = false;  // nothing will be added
};
std::string text_of(const HlsPlaylist& playlist);

/// "m-120-10.m4s": ten fragments of the main stream from number 120 on; "m-120.mp4": their init
/// segment; "index.m3u8". `f` instead of `m`: fetched later from the camera's own storage.
struct HlsName {
  enum class Kind { playlist, init, segment };
  Kind kind{};
  recording::StreamKind stream{};
  std::uint64_t first = 0;
  std::uint32_t fragments = 0;
};
std::optional<HlsName> hls_name_of(std::string_view text);
std::string text_of(const HlsName& name);

}  // namespace vl::recorder
