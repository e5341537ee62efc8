// Memory for the samples of one track: laid one after another into pieces of some 64 KiB, so that
// a thousand cameras do not ask the allocator for each of their pictures, and who copies a stretch
// of them reads on where the last one ended. A piece goes when its last sample has gone.
// One thread lays; the samples may be let go of by any.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <vonglau/media/sample_bytes.hpp>

namespace vl::media {

class SampleRoom {
 public:
  explicit SampleRoom(std::size_t piece_bytes = std::size_t{64} * 1024)
      : piece_bytes_(piece_bytes) {}

  /// Room of this size, to be written before anything else is laid, and what keeps it. A sample
  /// above a quarter of a piece has a memory of its own.
  std::span<std::uint8_t> lay(std::size_t bytes, SampleBytes& out) {
    if (bytes > piece_bytes_ / 4) {
      const std::shared_ptr<std::uint8_t[]> own =
          std::make_shared_for_overwrite<std::uint8_t[]>(bytes);
      out = SampleBytes({own.get(), bytes}, own);
      return {own.get(), bytes};
    }
    if (!piece_ || piece_bytes_ - used_ < bytes) {
      piece_ = std::make_shared_for_overwrite<std::uint8_t[]>(piece_bytes_);
      used_ = 0;
    }
    const std::span<std::uint8_t> room{piece_.get() + used_, bytes};
    used_ += bytes;
    out = SampleBytes(room, piece_);
    return room;
  }
  SampleBytes lay(ByteView bytes) {
    SampleBytes out;
    std::ranges::copy(bytes, lay(bytes.size(), out).begin());
    return out;
  }

 private:
  std::size_t piece_bytes_;
  std::shared_ptr<std::uint8_t[]> piece_;
  std::size_t used_ = 0;
};

}  // namespace vl::media
