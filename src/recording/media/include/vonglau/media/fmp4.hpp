// Fragmented MP4 (ISO/IEC 14496-12, 14496-15): stored samples as a browser's Media Source, a
// player or a file takes them. Nothing is decoded, a picture's bytes go through unchanged.
//
// Live sends one init segment and then a media segment for every sample or few; playback and
// export send longer ones. A change of TrackFormat needs a new init segment. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

namespace vl::media {

constexpr std::size_t most_samples_of_a_run = 100'000;

/// One track of the file; Sample::track n is track id n + 1.
struct Fmp4Track {
  std::uint8_t track = 0;
  const TrackFormat* format = nullptr;
};

/// ftyp and moov. `unsupported` where a format lacks its parameter sets, or has no place in MP4.
Result<Bytes> init_segment(std::span<const Fmp4Track> tracks);

/// Samples of one track that follow each other, in the order they came (decoding order).
/// Pictures shown in another order (B pictures) get composition offsets.
struct Fmp4Run {
  std::uint8_t track = 0;
  /// On the track's clock: where the first sample decodes on the player's time line.
  std::int64_t decode_time = 0;
  std::span<const Sample> samples;
  /// How long the last sample lasts, in the track's clock, if known (pts of the next less its
  /// own); otherwise as long as the one before it, or 1/25 s.
  std::optional<std::int64_t> last_duration;
};

/// moof and the head of mdat, to be followed by all samples' bytes, run by run.
/// `sequence` counts segments from 1.
Result<Bytes> media_segment_head(std::uint32_t sequence, std::span<const Fmp4Run> runs);
/// The same with the samples' bytes appended.
Result<Bytes> media_segment(std::uint32_t sequence, std::span<const Fmp4Run> runs);

}  // namespace vl::media
