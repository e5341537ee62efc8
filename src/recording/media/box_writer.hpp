// Boxes of ISO/IEC 14496-12, section 4.2: a box is closed by its scope. Private to this room.
#pragma once

#include <cstdint>
#include <string_view>

#include <vonglau/base/bytes.hpp>

namespace vl::media {

class BoxWriter {
 public:
  explicit BoxWriter(Bytes& out) : out_(out) {}

  class Box {
   public:
    Box(BoxWriter& writer, std::string_view type) : writer_(writer), at_(writer.out_.size()) {
      writer_.u32(0);  // its size, once it is known
      writer_.text(type);
    }
    /// A full box: version and flags come first.
    Box(BoxWriter& writer, std::string_view type, std::uint8_t version, std::uint32_t flags)
        : Box(writer, type) {
      writer_.u32(std::uint32_t{version} << 24 | flags);
    }
    ~Box() { writer_.put_u32(at_, static_cast<std::uint32_t>(writer_.out_.size() - at_)); }
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;

   private:
    BoxWriter& writer_;
    std::size_t at_;
  };

  [[nodiscard]] Box box(std::string_view type) { return Box(*this, type); }
  [[nodiscard]] Box box(std::string_view type, std::uint8_t version, std::uint32_t flags) {
    return Box(*this, type, version, flags);
  }

  void u8(std::uint32_t v) { out_.push_back(static_cast<std::uint8_t>(v)); }
  void u16(std::uint32_t v) { u8(v >> 8), u8(v); }
  void u32(std::uint32_t v) { u16(v >> 16), u16(v); }
  void u64(std::uint64_t v) {
    u32(static_cast<std::uint32_t>(v >> 32));
    u32(static_cast<std::uint32_t>(v));
  }
  void text(std::string_view v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void bytes(ByteView v) { out_.insert(out_.end(), v.begin(), v.end()); }
  void zeros(std::size_t count) { out_.insert(out_.end(), count, 0); }

  std::size_t size() const { return out_.size(); }
  void put_u32(std::size_t at, std::uint32_t v) {
    for (int i = 0; i < 4; ++i)
      out_[at + static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(v >> (24 - 8 * i));
  }

 private:
  Bytes& out_;
};

}  // namespace vl::media
