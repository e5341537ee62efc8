// From cameras that fail to alarms: one for each cause, with the cameras it explains under it.
// Pure; the same input gives the same alarms.
//
// Two sources. The declared topology: what no reachable camera hangs on and several failed ones
// do is down. And what fails together: more cameras within seconds than chance explains have a
// common cause, said as suspected. What is left fails for itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/fleet/topology.hpp>

namespace vl::fleet {

using AlarmId = TypedId<struct AlarmTag>;

enum class Claim {
  single,      // one camera, for itself
  declared,    // all that hang on the asset are silent: it is down
  suspected,   // failed together; what they share is not known
  recovering,  // was `declared`, some are back: the rest are given a moment
  recorder,    // a recorder is away: nothing is known of its cameras
};
BOOST_DESCRIBE_ENUM(Claim, single, declared, suspected, recovering, recorder)

struct CauseRules {
  /// A camera's failure is looked at when it is this old: the cameras of one line are noticed up
  /// to 5 s apart (silence) or 2.5 s (a broken connection), and reports come in batches.
  std::int64_t settle_us = 15'000'000;
  /// How far apart cameras of a declared cause may have failed. Switches on a battery, ring
  /// networks and cameras with their own supply hold out for minutes.
  std::int64_t together_us = 180'000'000;
  /// Out of three failed cameras of an asset so many failed together. Two that failed in
  /// different weeks say nothing about their switch.
  std::int64_t together_of_three = 2;
  /// After the first camera of an asset is back: a receiver tries again every 15 s at most, a
  /// camera starts in a minute.
  std::int64_t recovery_us = 120'000'000;
  /// Failures within this much are one event to statistics.
  std::int64_t chance_window_us = 10'000'000;
  /// How often one camera fails by itself. Measured fleets lie between 0.1 and 1 a day; the
  /// higher figure suspects less.
  double failures_a_camera_day = 1;
  /// Suspected when chance gives so many within the window less often than this.
  double chance_limit = 1e-6;
};

struct CameraFact {
  CameraId id;
  /// Neither online nor offline (disabled, never seen, under planned work): says nothing.
  bool known = false;
  bool online = false;
  WallTime since;
  cameras::GapCause cause{};      // while offline
  std::optional<Uuid> recorder;   // that has it
  std::vector<AssetId> hangs_on;  // directly
};

struct Alarm {
  AlarmId id;
  Claim claim{};
  std::optional<Uuid> cause_id;   // the asset, or the recorder; none for single and suspected
  std::vector<CameraId> cameras;  // sorted
  WallTime since;                 // the first of them failed
  std::optional<WallTime> recovering_since;
  double chance = 0;  // suspected: how often chance would do it
  friend bool operator==(const Alarm&, const Alarm&) = default;
};

struct Judgement {
  std::vector<Alarm> alarms;
  /// When time alone changes the answer; nothing: only with the next report.
  std::optional<WallTime> look_again;
};

/// What is wrong now, given what was said before: alarms keep their ids while their cause lasts.
Judgement judge(const Topology& topology, std::span<const CameraFact> cameras,
                std::span<const Alarm> before, WallTime now, const std::function<AlarmId()>& new_id,
                const CauseRules& rules = {});

/// How often at least `count` of `cameras` fail within the window by chance (Poisson).
double chance_of(std::size_t count, std::size_t cameras, const CauseRules& rules);

}  // namespace vl::fleet
