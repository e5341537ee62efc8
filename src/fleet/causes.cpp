#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_set>

#include <vonglau/fleet/causes.hpp>

namespace vl::fleet {

double chance_of(std::size_t count, std::size_t cameras, const CauseRules& rules) {
  constexpr double us_a_day = 86'400e6;
  const double expected = static_cast<double>(cameras) * rules.failures_a_camera_day *
                          static_cast<double>(rules.chance_window_us) / us_a_day;
  if (count == 0) return 1;
  if (expected <= 0) return 0;
  // The upper tail, summed from its first term: 1 less the lower one would drown in rounding.
  double term = -expected + static_cast<double>(count) * std::log(expected) -
                std::lgamma(static_cast<double>(count) + 1);
  term = std::exp(term);
  double sum = 0;
  for (double k = static_cast<double>(count); term > sum * 1e-12 && k < 1e6; ++k) {
    sum += term;
    term *= expected / (k + 1);
  }
  return std::min(sum, 1.0);
}

namespace {

using cameras::GapCause;

constexpr std::size_t none = SIZE_MAX;

/// A camera that refuses our password or talks nonsense shows that its line and power work.
bool answers(const CameraFact& camera) {
  return camera.online || camera.cause == GapCause::authentication_refused ||
         camera.cause == GapCause::bad_stream || camera.cause == GapCause::packets_lost;
}

class Judge {
 public:
  Judge(const Topology& topology, std::span<const CameraFact> cameras,
        std::span<const Alarm> before, WallTime now, const std::function<AlarmId()>& new_id,
        const CauseRules& rules)
      : topology_(topology),
        cameras_(cameras),
        before_(before),
        now_(now),
        new_id_(new_id),
        rules_(rules),
        covered_(cameras.size()),
        members_(topology.size()),
        answering_(topology.size()) {
    for (const auto& alarm : before_) {
      for (const auto& camera : alarm.cameras) alarmed_.insert(camera);
      if (alarm.cause_id) of_cause_.emplace(*alarm.cause_id, &alarm);
    }
    for (std::size_t i = 0; i < cameras_.size(); ++i) sort_in(i);
  }

  Judgement run() {
    recorders();
    recovering();
    while (declare_the_widest()) {
    }
    suspected_before();
    for (const bool answering : {false, true})
      while (suspect_the_densest(answering)) {
      }
    singles();
    for (const auto i : failed_)
      if (!covered_[i]) look_again_at(cameras_[i].since.plus_us(rules_.settle_us));
    std::ranges::sort(out_.alarms, {}, [](const Alarm& a) { return std::pair(a.since, a.id); });
    return std::move(out_);
  }

 private:
  void sort_in(std::size_t i) {
    const auto& camera = cameras_[i];
    index_[camera.id] = i;
    if (!camera.known) return;
    ++known_;
    if (!camera.online && camera.cause == GapCause::recorder_down) {
      by_recorder_[camera.recorder.value_or(Uuid{})].push_back(i);
      return;
    }
    if (!camera.online) failed_.push_back(i);
    for (const auto asset : topology_.above(camera.hangs_on)) {
      if (answers(camera)) ++answering_[asset];
      if (!camera.online) members_[asset].push_back(i);
    }
  }

  bool is_settled(std::size_t i) const {
    return now_.us - cameras_[i].since.us >= rules_.settle_us || alarmed_.contains(cameras_[i].id);
  }
  void look_again_at(WallTime when) {
    if (when <= now_) return;
    if (!out_.look_again || when < *out_.look_again) out_.look_again = when;
  }
  const Alarm* before_of(const Uuid& cause) const {
    const auto found = of_cause_.find(cause);
    return found == of_cause_.end() ? nullptr : found->second;
  }

  void put(Alarm alarm, std::span<const std::size_t> cameras) {
    alarm.cameras.clear();
    alarm.since = cameras_[cameras.front()].since;
    for (const auto i : cameras) {
      covered_[i] = true;
      alarm.cameras.push_back(cameras_[i].id);
      alarm.since = std::min(alarm.since, cameras_[i].since);
    }
    std::ranges::sort(alarm.cameras);
    out_.alarms.push_back(std::move(alarm));
  }

  void recorders() {
    for (const auto& [recorder, cameras] : by_recorder_) {
      const auto* known = before_of(recorder);
      put({known != nullptr ? known->id : new_id_(), Claim::recorder, recorder, {}, {}, {}, 0},
          cameras);
    }
  }

  /// Of the cameras of this alarm those that are still failed and not under another.
  std::vector<std::size_t> still_failed(const Alarm& alarm) const {
    std::vector<std::size_t> out;
    for (const auto& id : alarm.cameras) {
      const auto found = index_.find(id);
      if (found == index_.end() || covered_[found->second]) continue;
      const auto& camera = cameras_[found->second];
      if (camera.known && !camera.online && camera.cause != GapCause::recorder_down)
        out.push_back(found->second);
    }
    return out;
  }

  /// Something that hangs on the asset is back, so it is not down: the others come within
  /// moments, or are looked at anew.
  void recovering() {
    for (const auto& alarm : before_) {
      if (alarm.claim != Claim::declared && alarm.claim != Claim::recovering) continue;
      const auto asset = topology_.index_of(AssetId{*alarm.cause_id});
      if (asset && answering_[*asset] == 0) continue;
      const WallTime since = alarm.recovering_since.value_or(now_);
      const WallTime until = since.plus_us(rules_.recovery_us);
      if (now_ >= until) continue;
      const auto rest = still_failed(alarm);
      if (rest.empty()) continue;
      look_again_at(until);
      Alarm next{alarm.id, Claim::recovering, alarm.cause_id, {}, {}, since, 0};
      put(std::move(next), rest);
    }
  }

  struct Candidate {
    std::vector<std::size_t> cameras;
    bool goes_on = false;
  };
  /// Nothing: no cause, as far as can be said.
  std::optional<Candidate> candidate(std::size_t asset) const {
    if (answering_[asset] > 0 || topology_.node(asset).kind == AssetKind::contractor) return {};
    Candidate out;
    std::vector<WallTime> times;
    std::size_t settled = 0;
    for (const auto i : members_[asset]) {
      if (covered_[i]) continue;
      out.cameras.push_back(i);
      times.push_back(cameras_[i].since);
      settled += is_settled(i) ? 1 : 0;
    }
    if (out.cameras.empty()) return {};
    const auto* known = before_of(topology_.node(asset).id.value);
    out.goes_on =
        known != nullptr && (known->claim == Claim::declared || known->claim == Claim::recovering);
    if (out.goes_on) return out;
    if (settled < 2) return {};
    const auto together = static_cast<std::int64_t>(most_within(times, rules_.together_us));
    if (together < 2 ||
        together * 3 < static_cast<std::int64_t>(times.size()) * rules_.together_of_three)
      return {};
    return out;
  }

  static std::size_t most_within(std::vector<WallTime>& times, std::int64_t window_us) {
    std::ranges::sort(times);
    std::size_t most = 0, first = 0;
    for (std::size_t last = 0; last < times.size(); ++last) {
      while (times[last].us - times[first].us > window_us) ++first;
      most = std::max(most, last - first + 1);
    }
    return most;
  }

  /// The cause that explains most; of equals the one said before, then the nearest to the
  /// cameras, which claims least.
  bool declare_the_widest() {
    std::size_t best = none;
    Candidate found;
    for (std::size_t asset = 0; asset < topology_.size(); ++asset) {
      if (members_[asset].size() < std::max<std::size_t>(found.cameras.size(), 1)) continue;
      auto other = candidate(asset);
      if (!other) continue;
      const auto rank = [&](const Candidate& c, std::size_t at) {
        return std::tuple(c.cameras.size(), c.goes_on, topology_.depth(at));
      };
      if (best != none) {
        const auto a = rank(*other, asset), b = rank(found, best);
        if (a < b || (a == b && topology_.node(asset).id > topology_.node(best).id)) continue;
      }
      best = asset;
      found = std::move(*other);
    }
    if (best == none) return false;
    const auto cause = topology_.node(best).id.value;
    const auto* known = before_of(cause);
    put({known != nullptr ? known->id : new_id_(), Claim::declared, cause, {}, {}, {}, 0},
        found.cameras);
    return true;
  }

  void suspected_before() {
    for (const auto& alarm : before_) {
      if (alarm.claim != Claim::suspected) continue;
      auto cameras = still_failed(alarm);
      if (cameras.empty()) continue;
      for (const auto i : failed_)  // noticed late
        if (!covered_[i] && is_settled(i) && !alarmed_.contains(cameras_[i].id) &&
            std::abs(cameras_[i].since.us - alarm.since.us) <= rules_.chance_window_us)
          cameras.push_back(i);
      put({alarm.id, Claim::suspected, {}, {}, {}, {}, alarm.chance}, cameras);
    }
  }

  bool suspect_the_densest(bool answering) {
    std::vector<std::size_t> open;
    for (const auto i : failed_)
      if (!covered_[i] && is_settled(i) && answers(cameras_[i]) == answering) open.push_back(i);
    std::ranges::sort(open, {}, [&](std::size_t i) { return cameras_[i].since; });
    std::size_t first = 0, from = 0, count = 0;
    for (std::size_t last = 0; last < open.size(); ++last) {
      while (cameras_[open[last]].since.us - cameras_[open[first]].since.us >
             rules_.chance_window_us)
        ++first;
      if (last - first + 1 > count) count = last - first + 1, from = first;
    }
    if (count < 2) return false;
    const double chance = chance_of(count, known_, rules_);
    if (chance >= rules_.chance_limit) return false;
    put({new_id_(), Claim::suspected, {}, {}, {}, {}, chance},
        std::span(open).subspan(from, count));
    return true;
  }

  void singles() {
    std::map<CameraId, AlarmId> known;
    for (const auto& alarm : before_)
      if (alarm.claim == Claim::single) known.emplace(alarm.cameras.front(), alarm.id);
    for (const auto i : failed_) {
      if (covered_[i] || !is_settled(i)) continue;
      const auto found = known.find(cameras_[i].id);
      put({found != known.end() ? found->second : new_id_(), Claim::single, {}, {}, {}, {}, 0},
          std::span(&i, 1));
    }
  }

  const Topology& topology_;
  const std::span<const CameraFact> cameras_;
  const std::span<const Alarm> before_;
  const WallTime now_;
  const std::function<AlarmId()>& new_id_;
  const CauseRules& rules_;
  Judgement out_;
  std::vector<bool> covered_;
  std::vector<std::size_t> failed_;
  std::vector<std::vector<std::size_t>> members_;  // failed cameras of each asset
  std::vector<std::size_t> answering_;             // cameras of each asset that answer
  std::unordered_map<CameraId, std::size_t> index_;
  std::unordered_set<CameraId> alarmed_;
  std::unordered_map<Uuid, const Alarm*> of_cause_;
  std::map<Uuid, std::vector<std::size_t>> by_recorder_;
  std::size_t known_ = 0;
};

}  // namespace

Judgement judge(const Topology& topology, std::span<const CameraFact> cameras,
                std::span<const Alarm> before, WallTime now, const std::function<AlarmId()>& new_id,
                const CauseRules& rules) {
  return Judge(topology, cameras, before, now, new_id, rules).run();
}

}  // namespace vl::fleet
