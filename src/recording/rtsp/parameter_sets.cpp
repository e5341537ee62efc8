#include "parameter_sets.hpp"

#include <algorithm>

#include <vonglau/rtsp/error.hpp>

namespace vl::rtsp {

namespace {
constexpr std::size_t most_set_bytes = 4096;
constexpr std::size_t most_sets_of_a_kind = 16;
}  // namespace

void ParameterSets::put(ById& sets, std::uint32_t id, ByteView nal) {
  auto& set = sets[id];
  if (std::ranges::equal(set, nal)) return;
  set.assign(nal.begin(), nal.end());
  // Ids are few; a camera that counts them up for ever must not fill memory.
  if (sets.size() > most_sets_of_a_kind) {
    const auto kept = set;
    sets.clear();
    sets[id] = kept;
  }
  changed_ = true;
}

Result<void> ParameterSets::take(ByteView nal) {
  if (nal.size() > most_set_bytes)
    return fail(RtspError::too_large, "a parameter set above 4096 bytes");
  const bool is_h264 = codec_ == media::Codec::h264;
  const auto type = is_h264 ? media::h264::type_of(nal) : media::h265::type_of(nal);
  if (!is_h264 && type == media::h265::vps) {
    if (nal.size() < 4) return fail(RtspError::malformed, "H.265 VPS: cut off");
    put(kinds_[0], nal[2] >> 4, nal);
  } else if (type == (is_h264 ? media::h264::sps : media::h265::sps)) {
    VL_TRY(const auto shape, is_h264 ? media::parse_h264_sps(nal) : media::parse_h265_sps(nal));
    put(kinds_[1], shape.id, nal);
    shape_ = shape;
  } else if (type == (is_h264 ? media::h264::pps : media::h265::pps)) {
    const auto id = is_h264 ? media::h264_pps_id(nal) : media::h265_pps_id(nal);
    if (!id) return fail(RtspError::malformed, "PPS: cut off");
    put(kinds_[2], *id, nal);
  }
  return {};
}

std::shared_ptr<const media::TrackFormat> ParameterSets::format() {
  if (!changed_) return format_;
  const bool needs_vps = codec_ == media::Codec::h265;
  if ((needs_vps && kinds_[0].empty()) || kinds_[1].empty() || kinds_[2].empty()) return format_;
  auto format = std::make_shared<media::TrackFormat>();
  format->codec = codec_;
  format->clock_hz = clock_hz_;
  format->width = shape_.width;
  format->height = shape_.height;
  for (const auto& kind : kinds_)
    for (const auto& [id, set] : kind) format->parameter_sets.push_back(set);
  if (!format_ || *format_ != *format) format_ = std::move(format);
  changed_ = false;
  return format_;
}

}  // namespace vl::rtsp
