// The parameter sets a stream has shown so far, and the format they make. Private to this room.
#pragma once

#include <array>
#include <map>
#include <memory>

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

namespace vl::rtsp {

class ParameterSets {
 public:
  explicit ParameterSets(media::Codec codec, std::uint32_t clock_hz)
      : codec_(codec), clock_hz_(clock_hz) {}

  /// Takes a VPS, SPS or PPS; a set of the same id is replaced. A set that is broken is not
  /// taken, and those before it stay.
  Result<void> take(ByteView nal);
  /// Nothing as long as a kind is missing. The same pointer as long as the sets are the same.
  std::shared_ptr<const media::TrackFormat> format();

 private:
  using ById = std::map<std::uint32_t, Bytes>;
  void put(ById& sets, std::uint32_t id, ByteView nal);

  media::Codec codec_;
  std::uint32_t clock_hz_;
  std::array<ById, 3> kinds_;  // VPS, SPS, PPS
  media::PictureShape shape_;  // of the SPS last changed
  std::shared_ptr<const media::TrackFormat> format_;
  bool changed_ = false;
};

}  // namespace vl::rtsp
