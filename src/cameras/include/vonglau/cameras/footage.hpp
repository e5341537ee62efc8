// What cameras and their recordings have in common: whose footage it is and why some is missing.
// Values; any thread.
#pragma once

#include <boost/describe/enum.hpp>

#include <vonglau/base/ids.hpp>

namespace vl::cameras {

using CameraId = TypedId<struct CameraTag>;

/// Why there is no picture, as the recorder classifies it.
enum class GapCause {
  camera_unreachable,
  authentication_refused,
  stream_stalled,
  connection_reset,
  bad_stream,
  packets_lost,  // on the way or in the camera: everything up to the next key picture
  recorder_down,
  recorder_overloaded,  // its own queue was full
  disk_full,
  disk_failed,
  disabled,
  unexplained  // two fragments do not meet and nobody said why: a fault of ours
};
BOOST_DESCRIBE_ENUM(GapCause, camera_unreachable, authentication_refused, stream_stalled,
                    connection_reset, bad_stream, packets_lost, recorder_down,
                    recorder_overloaded, disk_full, disk_failed, disabled, unexplained)

}  // namespace vl::cameras
