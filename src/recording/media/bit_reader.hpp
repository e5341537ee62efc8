// Bits of a NAL unit's payload, with the emulation prevention bytes taken out (H.264, section
// 7.4.1; the same in H.265). Reading past the end gives zeros and is remembered.
#pragma once

#include <cstdint>

#include <vonglau/base/bytes.hpp>

namespace vl::media {

class BitReader {
 public:
  explicit BitReader(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t bit() {
    if (bits_left_ == 0 && !load()) return 0;
    --bits_left_;
    return (current_ >> bits_left_) & 1;
  }
  std::uint32_t bits(int count) {  // at most 32
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 1 | bit();
    return value;
  }
  void skip(int count) {
    for (int i = 0; i < count; ++i) bit();
  }
  /// ue(v): Exp-Golomb (H.264, section 9.1). More than 31 leading zeros are an overrun.
  std::uint32_t ue() {
    int zeros = 0;
    while (!overrun_ && bit() == 0)
      if (++zeros > 31) overrun_ = true;
    if (overrun_) return 0;
    return (1U << zeros) - 1 + bits(zeros);
  }
  std::int32_t se() {
    const auto k = ue();
    const auto half = static_cast<std::int32_t>(k / 2);
    return k % 2 == 1 ? half + 1 : -half;
  }
  bool overrun() const { return overrun_; }

 private:
  bool load() {
    if (at_ < bytes_.size() && zeros_ >= 2 && bytes_[at_] == 3) {
      ++at_;
      zeros_ = 0;
    }
    if (at_ >= bytes_.size()) {
      overrun_ = true;
      return false;
    }
    current_ = bytes_[at_++];
    zeros_ = current_ == 0 ? zeros_ + 1 : 0;
    bits_left_ = 8;
    return true;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
  int zeros_ = 0;
  std::uint8_t current_ = 0;
  int bits_left_ = 0;
  bool overrun_ = false;
};

}  // namespace vl::media
