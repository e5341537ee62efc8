// The bytes of a sample, and what keeps them: a memory of its own, or one that it shares with the
// samples that came before and after it (sample_room.hpp). Never changed once made; copies share.
// Any thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>

#include <vonglau/base/bytes.hpp>

namespace vl::media {

class SampleBytes {
 public:
  SampleBytes() = default;
  SampleBytes(Bytes bytes) {  // NOLINT(google-explicit-constructor): they are the same to who reads
    auto kept = std::make_shared<const Bytes>(std::move(bytes));
    view_ = *kept;
    keeper_ = std::move(kept);
  }
  /// `view` stays what it is as long as `keeper` lives.
  SampleBytes(ByteView view, std::shared_ptr<const void> keeper)
      : view_(view), keeper_(std::move(keeper)) {}

  operator ByteView() const { return view_; }  // NOLINT(google-explicit-constructor)
  std::size_t size() const { return view_.size(); }
  bool empty() const { return view_.empty(); }
  const std::uint8_t* data() const { return view_.data(); }
  auto begin() const { return view_.begin(); }
  auto end() const { return view_.end(); }
  std::uint8_t operator[](std::size_t at) const { return view_[at]; }
  /// Whether they lie behind those in the same memory.
  bool follows(const SampleBytes& before) const {
    return keeper_ == before.keeper_ && keeper_ != nullptr &&
           data() == before.data() + before.size();
  }
  friend bool operator==(const SampleBytes& one, const SampleBytes& other) {
    return std::ranges::equal(one.view_, other.view_);
  }

 private:
  ByteView view_;
  std::shared_ptr<const void> keeper_;
};

}  // namespace vl::media
