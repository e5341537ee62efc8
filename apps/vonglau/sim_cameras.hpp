// The demonstration's cameras and `vonglau sim cameras`, which runs such cameras alone: for
// trying the recorder, and for showing what a failing camera looks like.
#pragma once

#include <memory>

#include <vonglau/sim/cameras.hpp>
#include <vonglau/sim/province.hpp>
#include <vonglau/sim/topology.hpp>

#include "subcommands.hpp"

namespace vl::app {

/// Streaming when it returns; the clips are drawn meanwhile and kept for the next start.
Result<std::unique_ptr<sim::CameraSimulator>> start_demonstration_cameras(const Config& config,
                                                                          const Clock& clock);
/// How the centre is to reach them.
std::vector<sim::ProvinceOptions::Camera> camera_list(const sim::CameraSimulator& cameras);
/// What they hang on.
sim::CameraNetwork camera_network(const sim::CameraSimulator& cameras);

void add_sim_cameras(Subcommand sim);

}  // namespace vl::app
