#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include <vonglau/sim/cameras.hpp>

#include "scene_math.hpp"

namespace vl::sim {
namespace {

constexpr std::array<std::pair<FaultKind, std::string_view>, 24> kNames{{
    {FaultKind::none, "none"},
    {FaultKind::stall, "stall"},
    {FaultKind::reset, "reset"},
    {FaultKind::refuse, "refuse"},
    {FaultKind::skip, "skip"},
    {FaultKind::rtp_jump, "rtp_jump"},
    {FaultKind::clock_jump, "clock_jump"},
    {FaultKind::garbage, "garbage"},
    {FaultKind::wrong_password, "wrong_password"},
    {FaultKind::resolution, "resolution"},
    {FaultKind::high_bit_rate, "high_bit_rate"},
    {FaultKind::power, "power"},
    {FaultKind::no_storage, "no_storage"},
    {FaultKind::bad_sdp, "bad_sdp"},
    {FaultKind::no_parameter_sets, "no_parameter_sets"},
    {FaultKind::absurd_size, "absurd_size"},
    {FaultKind::reorder, "reorder"},
    {FaultKind::duplicate, "duplicate"},
    {FaultKind::timestamp_wrap, "timestamp_wrap"},
    {FaultKind::black, "black"},
    {FaultKind::freeze, "freeze"},
    {FaultKind::blur, "blur"},
    {FaultKind::cover, "cover"},
    {FaultKind::move, "move"},
}};

// What happens in the field, the frequent first.
constexpr std::array kDrawn{FaultKind::stall,         FaultKind::stall,    FaultKind::refuse,
                            FaultKind::refuse,        FaultKind::reset,    FaultKind::reset,
                            FaultKind::skip,          FaultKind::rtp_jump, FaultKind::garbage,
                            FaultKind::wrong_password};

}  // namespace

std::string_view name_of(FaultKind kind) {
  return std::ranges::find(kNames, kind, &std::pair<FaultKind, std::string_view>::first)->second;
}

std::optional<FaultKind> fault_named(std::string_view name) {
  const auto found =
      std::ranges::find(kNames, name, &std::pair<FaultKind, std::string_view>::second);
  if (found == kNames.end()) return std::nullopt;
  return found->first;
}

std::vector<ScheduledFault> draw_fault_schedule(std::uint64_t seed,
                                                const std::vector<std::string>& codes,
                                                double every_s, double until_s) {
  std::vector<ScheduledFault> out;
  if (codes.empty() || every_s <= 0) return out;
  Chance chance(seed ^ 0xFA17ULL);
  double at_s = 0;
  while (true) {
    // The time between faults that know nothing of each other.
    at_s += -every_s * std::log(1 - static_cast<double>(chance.unit()) * 0.999);
    if (at_s >= until_s) return out;
    Fault fault;
    fault.kind = kDrawn[static_cast<std::size_t>(chance.below(kDrawn.size()))];
    const bool long_one =
        fault.kind == FaultKind::refuse || fault.kind == FaultKind::wrong_password;
    fault.duration_s = long_one ? chance.between(30, 90) : chance.between(10, 40);
    out.push_back({at_s,
                   codes[static_cast<std::size_t>(chance.below(static_cast<int>(codes.size())))],
                   fault});
  }
}

CamerasConfig demonstration_cameras(std::size_t count, std::size_t live, std::uint64_t seed,
                                    std::string user, std::string password) {
  CamerasConfig config;
  config.seed = seed;
  config.scenes = {{Layout::junction, Light::day, seed, 16},
                   {Layout::market_gate, Light::day, seed, 14},
                   {Layout::straight_road, Light::day, seed, 12},
                   {Layout::industrial_gate, Light::day, seed, 14},
                   {Layout::junction, Light::dusk, seed + 1, 16}};
  // No more clips are drawn than cameras share: each costs half a minute of one core.
  const auto shared = std::max<std::size_t>(count - std::min(live, count), 1);
  if (config.scenes.size() > shared) config.scenes.resize(shared);
  for (std::size_t i = 0; i < count; ++i) {
    CameraSpec camera;
    const std::string number = std::to_string(i + 1);
    camera.code = "CAM-" + std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number;
    camera.user = user;
    camera.password = password;
    camera.clip = i % config.scenes.size();
    camera.live = camera.ptz = i + live >= count;
    camera.http_digest = i % 3 == 1;
    // Two of three have a card of their own, as in the field.
    camera.storage_s = i % 3 == 2 || camera.live ? 0 : 1800;
    config.cameras.push_back(std::move(camera));
  }
  return config;
}

void add_unknown_cameras(CamerasConfig& config) {
  for (const bool fixed : {false, true}) {
    CameraSpec camera;
    camera.code = fixed ? "MOI-002" : "MOI-001";
    camera.user = "admin";
    camera.password = fixed ? "12345" : "admin";
    camera.registered = false;
    camera.fixed_password = fixed;
    camera.clock_offset_s = fixed ? 0 : -95;
    config.cameras.push_back(std::move(camera));
  }
}

}  // namespace vl::sim
