// Traffic that repeats: vehicles follow one another along fixed paths and obey the signals, and
// after one loop every one of them is where another (its equal) was, so a clip of the loop's
// length has no seam. Simulated once when the scene is built; then only read.
#pragma once

#include <cstdint>
#include <vector>

#include "scene_math.hpp"
#include "scene_vehicles.hpp"

namespace vl::sim {

struct Pose {
  Vec2 at;
  Vec2 ahead{0, 1};  // unit vector
};

/// A way through the scene. Vehicles on paths with the same `lane` follow each other up to the
/// nearer of their `split_m`; after it they no longer meet.
struct Path {
  std::vector<Vec2> points;
  int lane = 0;
  float split_m = 1e9F;
  float stop_m = -1;  // stop line, or -1
  int signal = -1;    // group that governs the stop line
  float speed_ms = 9;
  float slow_from_m = 1e9F, slow_to_m = 1e9F, slow_ms = 4;  // a bend, a gate
  std::vector<float> lengths_m;                             // filled by `measure`

  void measure();
  float length_m() const { return lengths_m.back(); }
  Pose at(float s_m) const;
};

/// What enters a path in one loop.
struct Demand {
  int path = 0;
  VehicleKind kind = VehicleKind::motorcycle;
  float at_s = 0;
};

enum class Aspect : std::uint8_t { green, amber, red };

/// Fractions of the loop at which group 0 ends green and amber, group 1 starts, and so on.
struct SignalPlan {
  std::vector<std::array<float, 3>> groups;  // green from, amber from, red from (as parts of 1)
  Aspect aspect(int group, float phase) const;
  /// Seconds until the group's aspect changes.
  float remaining_s(int group, float phase, float loop_s) const;
};

struct Mover {
  VehicleKind kind{};
  int path = 0;
  std::uint64_t look = 0;
  float enter_s = 0;           // within the loop
  std::vector<float> track_m;  // distance along the path every kTrackStep_s
  float sway_m = 0, sway_length_m = 20, sway_phase = 0;  // riders do not ride on rails

  float duration_s() const;
  float distance_m(float age_s) const;
  float speed_ms(float age_s) const;
};
constexpr float kTrackStep_s = 0.05F;

/// What a path cannot carry is left out: a queue that grew from loop to loop would not repeat.
std::vector<Mover> simulate_traffic(const std::vector<Path>& paths, std::vector<Demand> demand,
                                    const SignalPlan& signals, float loop_s, Chance& chance);

}  // namespace vl::sim
