// The boxes that a fragmented and a whole MP4 file have in common. Private to this room.
#pragma once

#include <vonglau/media/nal.hpp>
#include <vonglau/media/sample.hpp>

#include "box_writer.hpp"

namespace vl::media {

void identity_matrix(BoxWriter& w);
/// `unsupported` for what has no place in MP4 at all.
Result<void> check_track_format(const TrackFormat& format);
Result<void> write_sample_description(BoxWriter& w, const TrackFormat& format);
void write_handler(BoxWriter& w, const TrackFormat& format);
/// vmhd or smhd, and dinf.
void write_media_head(BoxWriter& w, const TrackFormat& format);

}  // namespace vl::media
