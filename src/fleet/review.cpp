// The review of all cameras: what the tables say, judged, and the difference recorded.
#include <algorithm>
#include <set>

#include <boost/describe/enum_from_string.hpp>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/schema.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::fleet {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

template <class E>
E from_word(const std::string& word, E otherwise) {
  E out = otherwise;
  boost::describe::enum_from_string(word.c_str(), out);
  return out;
}

std::vector<Alarm> alarms_of(std::vector<AlarmRow> rows) {
  std::vector<Alarm> out;
  for (auto& row : rows)
    out.push_back({row.id, from_word(row.claim, Claim::single), row.cause_id,
                   std::move(row.cameras), row.since_us, row.recovering_since_us, row.chance});
  return out;
}

/// What work goes on now, and when that changes next.
struct WorkNow {
  std::set<AssetId> assets;
  std::set<CameraId> cameras;
  std::optional<WallTime> next;
};
Result<WorkNow> work_now(store::Session& session, ProvinceId province, WallTime now) {
  WorkNow out;
  // A year is as far ahead as work is planned.
  VL_TRY(const auto rows,
         planned_work(session, province, {now, now.plus_us(367LL * 86'400'000'000)}));
  for (const auto& row : rows) {
    const auto change = row.start_us > now ? row.start_us : row.end_us;
    if (!out.next || change < *out.next) out.next = change;
    if (row.start_us > now) continue;
    if (row.asset_id) out.assets.insert(*row.asset_id);
    if (row.camera_id) out.cameras.insert(*row.camera_id);
  }
  return out;
}

struct Facts {
  Topology topology;
  std::vector<CameraFact> cameras;
  std::vector<Alarm> before;
  std::optional<WallTime> next_work;
};
Result<Facts> read_facts(store::Session& session, ProvinceId province, WallTime now,
                         const std::function<std::optional<Uuid>(CameraId)>& recorder_of) {
  Facts out;
  VL_TRY(out.topology, topology(session, province));
  VL_TRY(auto open, open_alarms(session, province));
  out.before = alarms_of(std::move(open));
  VL_TRY(auto links, camera_links(session, province));
  VL_TRY(const auto work, work_now(session, province, now));
  out.next_work = work.next;
  VL_TRY(const auto rows, cameras::cameras(session, province));
  for (const auto& row : rows) {
    CameraFact fact;
    fact.id = row.id;
    fact.online = row.state == "online";
    fact.known = fact.online || row.state == "offline";
    fact.since = row.state_since_us;
    if (row.state_cause)
      fact.cause = from_word(*row.state_cause, cameras::GapCause::camera_unreachable);
    if (fact.cause == cameras::GapCause::recorder_down) fact.recorder = recorder_of(row.id);
    // Taken away on purpose (an owner's consent has ended): not failed.
    if (!fact.online && fact.cause == cameras::GapCause::disabled) fact.known = false;
    fact.hangs_on = std::move(links[row.id]);
    if (fact.known && !fact.online && (!work.assets.empty() || !work.cameras.empty())) {
      bool planned = work.cameras.contains(row.id);
      for (const auto at : out.topology.above(fact.hangs_on))
        planned |= work.assets.contains(out.topology.node(at).id);
      fact.known = !planned;
    }
    out.cameras.push_back(std::move(fact));
  }
  return out;
}

}  // namespace

Command review_alarms(std::function<std::optional<Uuid>(CameraId)> recorder_of,
                      std::function<AlarmId()> new_id, CauseRules rules) {
  return {
      journal::Actor::system(), "fleet.review_alarms", {}, [=](Decision& d) -> Result<std::string> {
        VL_TRY(const auto facts, read_facts(d.tables(), d.province(), d.now(), recorder_of));
        const auto judged =
            judge(facts.topology, facts.cameras, facts.before, d.now(), new_id, rules);
        const auto todo = steps(facts.before, judged.alarms);
        const auto record = [&](AlarmId id, const auto& event) {
          return d.record(draft_of(alarm_stream, id.value, event));
        };
        // Closing first: who follows sees no camera under two alarms.
        for (const auto& [id, event] : todo.closed) VL_CHECK(record(id, event));
        for (const auto& [id, event] : todo.changed) VL_CHECK(record(id, event));
        for (const auto& [id, event] : todo.opened) VL_CHECK(record(id, event));
        auto next = judged.look_again;
        if (facts.next_work && (!next || *facts.next_work < *next)) next = facts.next_work;
        return next ? std::to_string(next->us) : std::string();
      }};
}

}  // namespace vl::fleet
