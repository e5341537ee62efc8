#include "scene_traffic.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace vl::sim {
namespace {

// A vehicle under way in the simulation. `cycle` says in which loop it entered.
struct Running {
  std::size_t demand = 0;
  int cycle = 0;
  float s = 0, v = 0, length = 2, wish_ms = 9;
  std::vector<float> track;
  float entered_s = 0;
};

struct Manner {
  float accelerate, brake, headway_s, gap_m;
};
Manner manner_of(VehicleKind kind) {
  switch (kind) {
    case VehicleKind::motorcycle:
      return {2.2F, 3.0F, 0.7F, 0.7F};
    case VehicleKind::walker:
      return {1.0F, 2.0F, 0.4F, 0.4F};
    case VehicleKind::lorry:
    case VehicleKind::container:
    case VehicleKind::bus:
      return {0.9F, 2.0F, 1.3F, 2.0F};
    default:
      return {1.6F, 2.5F, 1.1F, 1.6F};
  }
}

// The intelligent driver model (Treiber, Hennecke, Helbing 2000).
float acceleration(const Manner& manner, float v, float wish, float gap, float closing) {
  const float free = 1 - std::pow(v / std::max(wish, 0.1F), 4.0F);
  if (gap > 200) return manner.accelerate * free;
  const float wanted =
      manner.gap_m +
      std::max(0.0F, v * manner.headway_s +
                         v * closing / (2 * std::sqrt(manner.accelerate * manner.brake)));
  const float near = wanted / std::max(gap, 0.05F);
  return std::max(-8.0F, manner.accelerate * (free - near * near));
}

class Simulation {
 public:
  Simulation(const std::vector<Path>& paths, const std::vector<Demand>& demand,
             const SignalPlan& signals, float loop_s, Chance& chance)
      : paths_(paths), demand_(demand), signals_(signals), loop_s_(loop_s) {
    for (const Demand& d : demand_) {
      const float spread = d.kind == VehicleKind::motorcycle ? 0.16F : 0.08F;
      wish_.push_back(paths_[static_cast<std::size_t>(d.path)].speed_ms *
                      chance.between(1 - spread, 1 + spread));
    }
  }

  // Runs whole loops; what entered in loop `kKept` is kept with its track.
  std::vector<Running> run() {
    constexpr int kKept = 5, kLoops = 10;
    std::vector<Running> kept;
    const int steps = static_cast<int>(loop_s_ / kTrackStep_s);
    for (int cycle = 0; cycle < kLoops; ++cycle)
      for (int step = 0; step < steps; ++step) {
        const float time = static_cast<float>(step) * kTrackStep_s;
        for (std::size_t i = 0; i < demand_.size(); ++i) {
          if (static_cast<int>(demand_[i].at_s / kTrackStep_s) == step)
            waiting_.push_back({i, cycle});
        }
        let_in(static_cast<float>(cycle) * loop_s_ + time);
        advance(time / loop_s_);
        for (std::size_t i = 0; i < running_.size();) {
          Running& r = running_[i];
          if (r.s < path_of(r).length_m()) {
            ++i;
            continue;
          }
          if (r.cycle == kKept) kept.push_back(std::move(r));
          running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
    return kept;
  }

 private:
  const Path& path_of(const Running& r) const {
    return paths_[static_cast<std::size_t>(demand_[r.demand].path)];
  }

  bool meets(const Running& a, const Running& b) const {
    const Path &pa = path_of(a), &pb = path_of(b);
    return pa.lane == pb.lane && (&pa == &pb || b.s < std::min(pa.split_m, pb.split_m));
  }

  void let_in(float now_s) {
    for (std::size_t w = 0; w < waiting_.size();) {
      const auto [index, cycle] = waiting_[w];
      Running fresh;
      fresh.demand = index, fresh.cycle = cycle;
      fresh.length = vehicle_length_m(demand_[index].kind);
      fresh.wish_ms = wish_[index];
      fresh.v = fresh.wish_ms * 0.9F;
      fresh.entered_s = now_s - static_cast<float>(cycle) * loop_s_;
      float gap = 1e9F, ahead_v = fresh.v;
      for (const Running& other : running_)
        if (meets(fresh, other) && other.s - other.length < gap)
          gap = other.s - other.length, ahead_v = other.v;
      const Manner manner = manner_of(demand_[index].kind);
      fresh.v = std::min(fresh.v, ahead_v + 1.5F);
      if (gap < manner.gap_m + fresh.v * manner.headway_s * 0.7F) {
        ++w;
        continue;
      }
      running_.push_back(std::move(fresh));
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(w));
    }
  }

  float acceleration_of(const Running& r, float phase) const {
    const Path& path = path_of(r);
    const Manner manner = manner_of(demand_[r.demand].kind);
    float wish = r.wish_ms;
    if (r.s > path.slow_from_m - 9 && r.s < path.slow_to_m) wish = std::min(wish, path.slow_ms);
    float gap = 1e9F, closing = 0;
    for (const Running& other : running_) {
      if (&other == &r || other.s <= r.s || !meets(r, other)) continue;
      if (const float g = other.s - other.length - r.s; g < gap) gap = g, closing = r.v - other.v;
    }
    float a = acceleration(manner, r.v, wish, gap, closing);
    const Aspect aspect = signals_.aspect(path.signal, phase);
    if (path.stop_m > r.s && aspect != Aspect::green) {
      const float to_line = path.stop_m - r.s;
      const bool clears_it = aspect == Aspect::amber &&
                             to_line < r.v * signals_.remaining_s(path.signal, phase, loop_s_);
      if (!clears_it)  // stands a little short of the line
        a = std::min(a, acceleration(manner, r.v, wish, to_line + manner.gap_m - 0.7F, r.v));
    }
    return a;
  }

  void advance(float phase) {
    std::vector<float> a(running_.size());
    for (std::size_t i = 0; i < running_.size(); ++i) a[i] = acceleration_of(running_[i], phase);
    for (std::size_t i = 0; i < running_.size(); ++i) {
      Running& r = running_[i];
      r.track.push_back(r.s);
      const float v = std::max(0.0F, r.v + a[i] * kTrackStep_s);
      r.s += (r.v + v) / 2 * kTrackStep_s;
      r.v = v;
    }
  }

  struct Waiting {
    std::size_t demand;
    int cycle;
  };
  const std::vector<Path>& paths_;
  const std::vector<Demand>& demand_;
  const SignalPlan& signals_;
  float loop_s_;
  std::vector<float> wish_;
  std::vector<Waiting> waiting_;
  std::vector<Running> running_;
};

}  // namespace

void Path::measure() {
  lengths_m.assign(1, 0);
  for (std::size_t i = 1; i < points.size(); ++i)
    lengths_m.push_back(lengths_m.back() + length(points[i] - points[i - 1]));
}

Pose Path::at(float s_m) const {
  const float s = std::clamp(s_m, 0.0F, length_m());
  const auto next = std::upper_bound(lengths_m.begin(), lengths_m.end(), s);
  auto i = static_cast<std::size_t>(next - lengths_m.begin());
  i = std::clamp<std::size_t>(i, 1, points.size() - 1);
  const Vec2 d = points[i] - points[i - 1];
  const float n = std::max(length(d), 1e-6F);
  return {points[i - 1] + d * ((s_m - lengths_m[i - 1]) / n), d * (1 / n)};
}

Aspect SignalPlan::aspect(int group, float phase) const {
  if (group < 0 || static_cast<std::size_t>(group) >= groups.size()) return Aspect::green;
  const auto& [green, amber, red] = groups[static_cast<std::size_t>(group)];
  if (phase >= green && phase < amber) return Aspect::green;
  return phase >= amber && phase < red ? Aspect::amber : Aspect::red;
}

float SignalPlan::remaining_s(int group, float phase, float loop_s) const {
  const Aspect now = aspect(group, phase);
  for (float ahead = 0; ahead < 1; ahead += 0.002F)
    if (aspect(group, std::fmod(phase + ahead, 1.0F)) != now) return ahead * loop_s;
  return loop_s;
}

float Mover::duration_s() const {
  return static_cast<float>(track_m.size() - 1) * kTrackStep_s;
}

float Mover::distance_m(float age_s) const {
  const float at = std::clamp(age_s / kTrackStep_s, 0.0F, static_cast<float>(track_m.size() - 1));
  const auto i = std::min(static_cast<std::size_t>(at), track_m.size() - 2);
  const float part = at - static_cast<float>(i);
  return track_m[i] + (track_m[i + 1] - track_m[i]) * part;
}

float Mover::speed_ms(float age_s) const {
  return (distance_m(age_s + 0.1F) - distance_m(age_s - 0.1F)) / 0.2F;
}

namespace {

Mover mover_of(const Demand& demand, Running&& r, float loop_s, Chance& chance) {
  Mover m;
  m.kind = demand.kind;
  m.path = demand.path;
  m.enter_s = std::fmod(r.entered_s, loop_s);
  m.track_m = std::move(r.track);
  m.look = chance.bits();
  if (m.kind == VehicleKind::motorcycle) {
    m.sway_m = chance.between(0.05F, 0.22F);
    m.sway_length_m = chance.between(16, 34);
  } else if (m.kind != VehicleKind::walker) {
    m.sway_m = chance.between(0.02F, 0.08F);
    m.sway_length_m = chance.between(40, 60);
  }
  m.sway_phase = chance.between(0, 2 * kPi);
  return m;
}

// Takes the worst off every path on which somebody had to wait before he got in, missed a whole
// green, or never came through. False when there was nobody.
bool relieve(const std::vector<Path>& paths, std::vector<Demand>& demand,
             const std::vector<Running>& kept, float loop_s) {
  std::vector<float> waited(demand.size(), 1e9F);
  for (const Running& r : kept) {
    const Path& path = paths[static_cast<std::size_t>(demand[r.demand].path)];
    const float slow =
        path.slow_from_m < path.length_m() ? (path.slow_to_m - path.slow_from_m) / path.slow_ms : 0;
    const float free_s = path.length_m() / path.speed_ms * 1.35F + slow;
    const float lost_s = static_cast<float>(r.track.size()) * kTrackStep_s - free_s - 0.8F * loop_s;
    waited[r.demand] = std::max(lost_s, r.entered_s - demand[r.demand].at_s);
  }
  std::vector<std::ptrdiff_t> worst(paths.size(), -1);
  for (std::size_t i = 0; i < demand.size(); ++i) {
    std::ptrdiff_t& of_path = worst[static_cast<std::size_t>(demand[i].path)];
    if (waited[i] >= 3 && (of_path < 0 || waited[i] > waited[static_cast<std::size_t>(of_path)]))
      of_path = static_cast<std::ptrdiff_t>(i);
  }
  std::ranges::sort(worst, std::ranges::greater{});
  for (const std::ptrdiff_t i : worst)
    if (i >= 0) demand.erase(demand.begin() + i);
  return worst.front() >= 0;
}

}  // namespace

std::vector<Mover> simulate_traffic(const std::vector<Path>& paths, std::vector<Demand> demand,
                                    const SignalPlan& signals, float loop_s, Chance& chance) {
  std::ranges::sort(demand, {}, &Demand::at_s);
  const std::uint64_t wishes = chance.bits();
  while (true) {
    Chance same(wishes);
    std::vector<Running> kept = Simulation(paths, demand, signals, loop_s, same).run();
    if (relieve(paths, demand, kept, loop_s)) continue;
    std::vector<Mover> movers;
    for (Running& r : kept)
      if (r.track.size() >= 3)
        movers.push_back(mover_of(demand[r.demand], std::move(r), loop_s, chance));
    return movers;
  }
}

}  // namespace vl::sim
