// Which parts of a video are painted over, and what its masked copy will be. Private; pure.
#pragma once

#include <vector>

#include <vonglau/evidence/manifest.hpp>

namespace vl::evidence {

/// In the video's own time.
std::vector<MaskRegion> in_time_of(const VideoFile& video, std::vector<MaskRegion> regions);

/// What is known of it before it is made; without regions where there is nothing to paint.
MaskedCopy planned_copy(const ExportStream& stream, const VideoFile& video,
                        const std::vector<MaskRegion>& masks);

}  // namespace vl::evidence
