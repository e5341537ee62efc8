#include "export_masks.hpp"

namespace vl::evidence {

namespace {
/// A region counts for a second before and after it too: a video's clock and the camera's may
/// differ by as much before a new video begins (videos.cpp), and too much is painted rather than
/// too little.
constexpr std::int64_t mask_margin_us = 1'000'000;
}  // namespace

std::vector<MaskRegion> in_time_of(const VideoFile& video, std::vector<MaskRegion> regions) {
  for (auto& region : regions) {
    region.from_us -= video.start_us + mask_margin_us;
    region.to_us -= video.start_us - mask_margin_us;
  }
  return regions;
}

MaskedCopy planned_copy(const ExportStream& stream, const VideoFile& video,
                        const std::vector<MaskRegion>& masks) {
  MaskedCopy copy;
  copy.path = "masked/" + video.path.substr(video.path.find('/') + 1);
  copy.made_of = video.path;
  for (const auto& region : masks)
    if (region.to_us + mask_margin_us > video.start_us &&
        region.from_us - mask_margin_us < video.end_us)
      copy.regions.push_back(region);
  for (const auto& file : stream.footage)
    for (const auto& fragment : file.fragments) {
      if (fragment.end_us <= video.start_us || fragment.start_us >= video.end_us) continue;
      if (copy.first_sequence == 0) copy.first_sequence = fragment.sequence;
      copy.last_sequence = fragment.sequence;
    }
  return copy;
}

}  // namespace vl::evidence
