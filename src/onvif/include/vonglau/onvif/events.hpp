// A camera's own motion detection, pulled from it (ONVIF events, PullPoint): the camera keeps what
// happened until it is asked, so a recorder asks a thousand of them from a few threads, and no
// connection waits.
//
// Calls block like those of a Device, any thread.
#pragma once

#include <vonglau/onvif/device.hpp>

namespace vl::onvif {

/// For so many seconds from now; nobody's unless renewed. `not_supported`: it has no events.
Result<PullPoint> subscribe_motion(Device& device, std::uint32_t lasts_s);
/// What happened since the last time; the first time its present state too. `total` counts what
/// came, motion or not: kMostEvents of it say that there is more.
Result<std::vector<MotionEvent>> pull_motion(Device& device, const PullPoint& point,
                                             std::size_t& total);
Result<void> renew(Device& device, const PullPoint& point, std::uint32_t lasts_s);
Result<void> unsubscribe(Device& device, const PullPoint& point);

}  // namespace vl::onvif
