// A whole MP4 file (ISO/IEC 14496-12) around stored samples, for any player: its tables come
// first, then the samples' bytes unchanged. Nothing is decoded.
//
// It is written in two turns, so that footage of any length needs memory for its tables only:
// add() every sample (its bytes are not kept), then write head() and after it the bytes of every
// sample in the order of add(). The same samples always give the same file. Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

namespace vl::media {

class Mp4File {
 public:
  static constexpr std::size_t most_samples = 4'000'000;  // of both tracks: a day and more

  /// A sample of track 0 (picture) or 1 (sound). All samples of a track have one format, and
  /// pts that go on; `unsupported` for what has no place in MP4 and beyond `most_samples`.
  Result<void> add(const Sample& sample);
  bool empty() const { return tracks_[0].sizes.empty(); }
  std::uint64_t content_bytes() const { return content_bytes_; }

  /// ftyp, moov and the beginning of mdat, to be followed by content_bytes() of samples.
  Result<Bytes> head() const;

 private:
  struct Track {
    std::shared_ptr<const TrackFormat> format;
    std::vector<std::uint32_t> sizes;
    std::vector<std::int64_t> pts;
    std::vector<bool> keys;
    std::vector<std::uint64_t> chunk_offsets;  // of each run of samples, in the content
    std::vector<std::uint32_t> chunk_samples;
    std::int64_t first_wall_us = 0;
  };
  struct Timing;
  Result<void> write_track(class BoxWriter& w, std::size_t number, std::uint64_t content_at) const;
  Result<Bytes> head_for(std::uint64_t content_at) const;

  Track tracks_[2];
  std::uint64_t content_bytes_ = 0;
  std::optional<std::size_t> last_track_;
};

}  // namespace vl::media
