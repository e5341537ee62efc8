#include <algorithm>
#include <map>
#include <set>

#include <vonglau/fleet/alarm.hpp>

namespace vl::fleet {

AlarmSteps steps(std::span<const Alarm> before, std::span<const Alarm> after) {
  AlarmSteps out;
  std::map<AlarmId, const Alarm*> known;
  for (const auto& alarm : before) known[alarm.id] = &alarm;
  std::set<CameraId> still;
  for (const auto& alarm : after) {
    still.insert(alarm.cameras.begin(), alarm.cameras.end());
    const auto found = known.find(alarm.id);
    if (found == known.end()) {
      out.opened.emplace_back(alarm.id, AlarmOpened{alarm.claim, alarm.cause_id, alarm.cameras,
                                                    alarm.since, alarm.chance});
      continue;
    }
    const Alarm& old = *found->second;
    known.erase(found);
    if (old == alarm) continue;
    AlarmChanged change{alarm.claim, {}, {}, alarm.since, alarm.recovering_since};
    std::ranges::set_difference(alarm.cameras, old.cameras, std::back_inserter(change.joined));
    std::ranges::set_difference(old.cameras, alarm.cameras, std::back_inserter(change.left));
    out.changed.emplace_back(alarm.id, std::move(change));
  }
  for (const auto& [id, alarm] : known) {
    const bool merged = std::ranges::any_of(
        alarm->cameras, [&](const CameraId& camera) { return still.contains(camera); });
    out.closed.emplace_back(id, AlarmClosed{merged ? AlarmEnd::merged : AlarmEnd::recovered});
  }
  return out;
}

}  // namespace vl::fleet
