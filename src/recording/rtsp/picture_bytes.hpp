// A picture while it is put together: NAL units, each after its length in 4 bytes. What is added
// stays where it was read until the picture is whole, and is then copied once, to where it stays;
// keep() copies what there is before the place it was read from is used again.
// One thread. Private to this room.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/media/sample_room.hpp>

namespace vl::rtsp {

class PictureBytes {
 public:
  std::size_t size() const { return size_; }

  void begin_unit();
  /// Copied: the header of a fragmented unit, which stands nowhere as it is.
  void add_header(ByteView header);
  /// Must stay where it is until keep() or take().
  void add(ByteView bytes);
  void end_unit();
  /// Of the unit last begun, without its length: copies its beginning, gives how much.
  std::size_t copy_unit(std::span<std::uint8_t> into) const;
  std::size_t unit_size() const { return size_ - unit_at_ - length_bytes; }

  void keep();
  /// The whole; empty afterwards.
  media::SampleBytes take(media::SampleRoom& room);
  void clear();

 private:
  static constexpr std::size_t length_bytes = 4;
  struct Piece {
    const std::uint8_t* at = nullptr;  // null: in small_
    std::uint32_t small_at = 0;
    std::uint32_t size = 0;
  };
  ByteView view(const Piece& piece) const {
    return {piece.at != nullptr ? piece.at : small_.data() + piece.small_at, piece.size};
  }
  void add_small(ByteView bytes);

  Bytes kept_;                 // the picture's beginning
  std::vector<Piece> pieces_;  // and what follows
  Bytes small_;                // lengths and headers of those
  std::size_t size_ = 0;
  std::size_t unit_at_ = 0;        // its length, in the picture
  std::size_t unit_small_at_ = 0;  // and in small_, unless it was kept
};

}  // namespace vl::rtsp
