// Riders and people on foot, and the motorcycles under the former.
#pragma once

#include <cstdint>

#include "scene_mesh.hpp"

namespace vl::sim {

Mesh make_motorcycle(std::uint64_t variant);
/// `variant`: the low bits are the moment of the step, the rest the hat and what is carried.
Mesh make_walker(std::uint64_t variant);

}  // namespace vl::sim
