// How the simulated cameras encode.
#pragma once

#include "cameras_encoder.hpp"

namespace vl::sim {

inline constexpr VideoProfile kMainProfile{1280, 720, 15, 15, 1800, false};
inline constexpr VideoProfile kSubProfile{640, 360, 10, 20, 300, false};

}  // namespace vl::sim
