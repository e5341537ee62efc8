#include "picture_bytes.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace vl::rtsp {

void PictureBytes::begin_unit() {
  unit_at_ = size_;
  unit_small_at_ = small_.size();
  add_small(std::array<std::uint8_t, length_bytes>{});
}

void PictureBytes::add_header(ByteView header) {
  add_small(header);
}

void PictureBytes::add_small(ByteView bytes) {
  const auto at = static_cast<std::uint32_t>(small_.size());
  small_.insert(small_.end(), bytes.begin(), bytes.end());
  pieces_.push_back({nullptr, at, static_cast<std::uint32_t>(bytes.size())});
  size_ += bytes.size();
}

void PictureBytes::add(ByteView bytes) {
  if (bytes.empty()) return;
  pieces_.push_back({bytes.data(), 0, static_cast<std::uint32_t>(bytes.size())});
  size_ += bytes.size();
}

void PictureBytes::end_unit() {
  const auto length = unit_size();
  auto* at = unit_at_ < kept_.size() ? kept_.data() + unit_at_ : small_.data() + unit_small_at_;
  for (std::size_t i = 0; i < length_bytes; ++i)
    at[i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
}

std::size_t PictureBytes::copy_unit(std::span<std::uint8_t> into) const {
  std::size_t copied = 0;
  std::size_t skip = unit_at_ + length_bytes;
  const auto take = [&](ByteView part) {
    const auto skipped = std::min(skip, part.size());
    skip -= skipped;
    part = part.subspan(skipped);
    const auto more = std::min(part.size(), into.size() - copied);
    std::copy_n(part.begin(), more, into.begin() + static_cast<std::ptrdiff_t>(copied));
    copied += more;
  };
  take(kept_);
  for (const auto& piece : pieces_) {
    if (copied == into.size()) break;
    take(view(piece));
  }
  return copied;
}

void PictureBytes::keep() {
  if (pieces_.empty()) return;
  // More follows: it grows as a vector does, not by each piece.
  if (kept_.capacity() < size_) kept_.reserve(std::max(size_, 2 * kept_.size()));
  for (const auto& piece : pieces_) {
    const auto bytes = view(piece);
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
  }
  pieces_.clear();
  small_.clear();
}

media::SampleBytes PictureBytes::take(media::SampleRoom& room) {
  media::SampleBytes out;
  auto* at = room.lay(size_, out).data();
  const auto put = [&](ByteView bytes) {
    if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
    at += bytes.size();
  };
  put(kept_);
  for (const auto& piece : pieces_) put(view(piece));
  kept_ = {};  // a thousand cameras do not hold on to one picture each
  pieces_.clear();
  small_.clear();
  size_ = 0;
  return out;
}

void PictureBytes::clear() {
  kept_.clear();
  pieces_.clear();
  small_.clear();
  size_ = 0;
}

}  // namespace vl::rtsp
