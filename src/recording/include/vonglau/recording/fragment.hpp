// A fragment: at most a second of one camera's stream, the unit that becomes durable, is
// hashed, chained, locked and reclaimed. Values; any thread.
//
// How it lies on disk: docs/design/fragments.md.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/media/sample.hpp>

namespace vl::recording {

using cameras::CameraId;
using cameras::GapCause;

/// The numbers are stored: never renumber.
enum class StreamKind : std::uint8_t {
  main = 0,
  sub = 1,
  /// Of the main stream what was missing, fetched later from the camera's own storage. A stream
  /// of its own: whoever holds a fragment sees where it came from, and the main stream's order,
  /// sequences and chain stay what they were.
  fetched = 2,
};
std::string_view name_of(StreamKind kind);  // "main", "sub", "fetched"

struct StreamKey {
  CameraId camera;
  StreamKind kind = StreamKind::main;
  auto operator<=>(const StreamKey&) const = default;
};

/// Sequences of a stream count from 1 without holes, whatever is reclaimed later: an id names
/// one fragment for ever and tells its place in the stream's hash chain.
struct FragmentId {
  StreamKey stream;
  std::uint64_t sequence = 0;
  auto operator<=>(const FragmentId&) const = default;
};

constexpr std::int64_t most_fragment_us = 1'000'000;
constexpr std::size_t most_fragment_samples = 4096;
constexpr std::size_t most_fragment_bytes = 48 * 1024 * 1024;
constexpr std::size_t most_fragment_formats = 16;

using SamplePtr = std::shared_ptr<const media::Sample>;

/// Samples of one connection to a camera, on their way to the store.
struct NewFragment {
  StreamKey stream;
  /// Another number after every reconnection: pts goes on only within one. Of fetched footage:
  /// when it was fetched, in seconds since 1970.
  std::uint32_t session = 0;
  std::int64_t start_us = 0;       // wall time at which the first sample begins
  std::int64_t end_us = 0;         // and the last one ends; not before start
  std::vector<SamplePtr> samples;  // in the order they came; at least one
};

/// What is known of a stored fragment without reading it. Times are rounded outwards to
/// milliseconds; the fragment itself has them to the microsecond.
struct FragmentRef {
  FragmentId id;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  std::uint32_t bytes = 0;       // on disk
  bool starts_with_key = false;  // playing can begin here
};

/// A stored fragment, read and found to agree with its hash.
struct Fragment {
  FragmentId id;
  std::uint32_t session = 0;
  std::int64_t start_us = 0;
  std::int64_t end_us = 0;
  bool starts_with_key = false;
  Digest hash{};            // of the samples as stored
  Digest previous_chain{};  // of the fragment before it; zeros for the first
  Digest chain{};           // over all of the above
  std::vector<media::Sample> samples;
};

/// A stretch without footage. An end of nothing: it still lasts.
struct Gap {
  std::int64_t start_us = 0;
  std::optional<std::int64_t> end_us;
  GapCause cause = GapCause::unexplained;
  std::string detail;  // for people; no personal data; at most 200 bytes are kept
  friend bool operator==(const Gap&, const Gap&) = default;
};

}  // namespace vl::recording

template <>
struct std::hash<vl::recording::StreamKey> {
  std::size_t operator()(const vl::recording::StreamKey& key) const noexcept {
    return std::hash<vl::recording::CameraId>{}(key.camera) ^ static_cast<std::size_t>(key.kind);
  }
};
