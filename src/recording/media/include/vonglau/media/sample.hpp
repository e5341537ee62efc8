// A sample: one coded picture, or one frame of sound, as it came from the camera and as it is
// stored, hashed, sent on and played. Values; one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/media/codec.hpp>
#include <vonglau/media/sample_bytes.hpp>

namespace vl::media {

/// What a decoder must know before the first sample; shared by all samples it holds for.
struct TrackFormat {
  Codec codec = Codec::other;
  std::uint32_t clock_hz = 90'000;  // of Sample::pts
  std::uint32_t width = 0;          // video: as shown, after cropping
  std::uint32_t height = 0;
  std::uint32_t channels = 0;  // audio
  /// H.264: SPS..., PPS...; H.265: VPS..., SPS..., PPS...; AAC: the AudioSpecificConfig.
  std::vector<Bytes> parameter_sets;
  friend bool operator==(const TrackFormat&, const TrackFormat&) = default;
};

struct Sample {
  std::uint8_t track = 0;      // 0 video, 1 audio
  bool is_key = false;         // decoding can begin here; every frame of sound
  std::int64_t pts = 0;        // in 1/clock_hz, unwrapped: 90 kHz for video
  std::int64_t wall_us = 0;    // our clock, the network's jitter evened out
  std::int64_t camera_us = 0;  // the camera's own clock from its sender reports; 0: unknown
  /// Video: NAL units, each after its length in 4 bytes, none left out. Audio: as sent.
  SampleBytes bytes;
  std::shared_ptr<const TrackFormat> format;  // never null in a sample that was received
};

}  // namespace vl::media
