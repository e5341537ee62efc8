// Pictures as cameras give them that do not see as they should. Pure; any thread.
#pragma once

#include <vonglau/sim/cameras.hpp>
#include <vonglau/sim/scene.hpp>

namespace vl::sim {

/// black, cover, blur or move; other kinds leave the picture as it is (freeze is the same picture
/// again, which is for the caller).
void spoil(Picture& picture, FaultKind kind);

}  // namespace vl::sim
