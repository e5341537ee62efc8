#include "backfill.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include <vonglau/base/log.hpp>

#include "fetched_cut.hpp"

namespace vl::recorder {

using recording::StreamKey;
using recording::StreamKind;

namespace {
constexpr std::int64_t second_us = 1'000'000;
/// Nothing to do: looked again after so long, or when the camera comes back.
constexpr std::int64_t look_us = 60 * second_us;
constexpr std::int64_t between_us = second_us / 2;
/// Clocks may be a little off and drift; one that moved more was set meanwhile.
constexpr std::int64_t most_drift_us = 2 * second_us;
constexpr std::int64_t known_within_us = 120 * second_us;
constexpr std::size_t fragments_looked_at = 200;
constexpr std::size_t most_tried = 2'000;
constexpr int most_doublings = 20;

class ReplayTaking final : public rtsp::ReplaySink {
 public:
  ReplayTaking(FetchedCut& cut, std::function<bool()> wanted)
      : cut_(cut), wanted_(std::move(wanted)) {}
  bool on_sample(media::Sample&& sample) override { return cut_.add(std::move(sample)); }
  bool goes_on() override { return wanted_(); }

 private:
  FetchedCut& cut_;
  std::function<bool()> wanted_;
};

std::optional<std::int64_t> offset_in(const recording::Fragment& fragment) {
  for (const auto& sample : fragment.samples)
    if (sample.track == 0 && sample.camera_us != 0) return sample.camera_us - sample.wall_us;
  return std::nullopt;
}

/// Of the footage next to the gap: its clock is not known until the camera's first report.
std::optional<std::int64_t> offset_beside(const recording::FragmentStore& store,
                                          const StreamKey& stream, std::int64_t from_us,
                                          std::int64_t to_us, bool latest) {
  auto found = store.find(stream, from_us, to_us, fragments_looked_at);
  if (!found) return std::nullopt;
  if (latest) std::ranges::reverse(*found);
  for (const auto& ref : *found) {
    const auto fragment = store.read(ref.id);
    if (!fragment) continue;
    if (const auto offset = offset_in(*fragment)) return offset;
  }
  return std::nullopt;
}

Result<ClockBetween> clock_of(const recording::FragmentStore& store, const StreamKey& stream,
                              const recording::Gap& gap) {
  const auto to_us = gap.end_us.value_or(gap.start_us);
  const auto before =
      offset_beside(store, stream, gap.start_us - known_within_us, gap.start_us, true);
  const auto after = offset_beside(store, stream, to_us, to_us + known_within_us, false);
  if (!before && !after) return fail(rtsp::ReplayError::stalled, "its clock is not known yet");
  const auto at_start = before.value_or(after.value_or(0));
  const auto drift = after.value_or(at_start) - at_start;
  if (std::abs(drift) > most_drift_us)
    return fail(rtsp::ReplayError::not_offered,
                fmt::format("its clock was set meanwhile, by {} s", drift / second_us));
  return ClockBetween{gap.start_us, to_us, at_start, drift};
}

}  // namespace

Backfill::Backfill(BackfillOptions options, recording::FragmentStore& store,
                   recording::DiskWorker& worker, CoreReports& reports, const Clock& clock)
    : options_(options),
      store_(store),
      view_(store),
      worker_(worker),
      reports_(reports),
      clock_(clock) {
  for (std::size_t i = 0; i < options_.sessions; ++i) threads_.emplace_back([this] { run(); });
}

Backfill::~Backfill() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void Backfill::set_cameras(std::vector<StoringCamera> cameras) {
  const auto now_us = clock_.mono().us;
  const std::scoped_lock lock(mutex_);
  ++round_;
  for (auto& camera : cameras) {
    const auto [found, is_new] = jobs_.try_emplace(camera.id);
    auto& job = found->second;
    job.seen = round_;
    const bool came_back = camera.online && !job.camera.online;
    if (is_new || came_back) job.due_us = now_us + options_.settle_us;
    if (came_back)
      for (auto& [start, tried] : job.tried) tried.due_us = 0;
    job.camera = std::move(camera);
  }
  std::erase_if(jobs_,
                [&](const auto& one) { return one.second.seen != round_ && !one.second.busy; });
  for (auto& [id, job] : jobs_)
    if (job.seen != round_) job.camera.online = false;  // in work, and taken away
}

Backfill::Counters Backfill::counters() const {
  const std::scoped_lock lock(mutex_);
  return counters_;
}

bool Backfill::goes_on(const recording::CameraId& camera) const {
  const std::scoped_lock lock(mutex_);
  const auto job = jobs_.find(camera);
  return !stopping_ && job != jobs_.end() && job->second.seen == round_;
}

void Backfill::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto now_us = clock_.mono().us;
    Job* first = nullptr;
    for (auto& [id, job] : jobs_)
      if (!job.busy && job.camera.online && job.due_us <= now_us &&
          (first == nullptr || job.due_us < first->due_us))
        first = &job;
    if (first == nullptr) {
      changed_.wait_for(lock, std::chrono::milliseconds(250));
      continue;
    }
    first->busy = true;
    const auto camera = first->camera;
    lock.unlock();
    const auto wait_us = turn(camera);
    lock.lock();
    first->busy = false;  // a busy one is never erased
    first->due_us = clock_.mono().us + wait_us;
  }
}

/// The oldest that is missing: it is what the camera will write over first.
std::optional<Backfill::Stretch> Backfill::next_stretch(const StoringCamera& camera,
                                                        std::int64_t& wait_us) {
  const StreamKey main{camera.id, StreamKind::main};
  const auto now_us = clock_.wall().us;
  const auto since_us = now_us - options_.back_us;
  const auto recorded = store_.gaps(main, since_us, now_us);
  const auto missing = view_.gaps(main, since_us, now_us);
  if (!recorded || !missing) return std::nullopt;
  const std::scoped_lock lock(mutex_);
  auto& tried = jobs_.at(camera.id).tried;
  for (const auto& gap : *missing) {
    if (!gap.end_us || gap.cause == recording::GapCause::disabled) continue;
    const auto whole = std::ranges::find_if(*recorded, [&](const recording::Gap& one) {
      return one.start_us <= gap.start_us && one.end_us && *one.end_us >= *gap.end_us;
    });
    if (whole == recorded->end() || *gap.end_us - gap.start_us < options_.least_gap_us) continue;
    for (auto from_us = std::max(gap.start_us, since_us); from_us < *gap.end_us;
         from_us += options_.stretch_us) {
      const auto known = tried.find(from_us);
      if (known != tried.end()) {
        if (known->second.failures >= options_.most_tries) continue;
        const auto left_us = known->second.due_us - clock_.mono().us;
        if (left_us > 0) {
          wait_us = std::min(wait_us, left_us);
          continue;
        }
      }
      return Stretch{from_us, std::min(from_us + options_.stretch_us, *gap.end_us), *whole};
    }
  }
  std::erase_if(tried, [&](const auto& one) { return one.first < since_us; });
  return std::nullopt;
}

std::int64_t Backfill::turn(const StoringCamera& camera) {
  auto wait_us = look_us;
  const auto stretch = next_stretch(camera, wait_us);
  if (!stretch) return wait_us;
  {
    const std::scoped_lock lock(mutex_);
    ++counters_.stretches;
    ++counters_.sessions;
  }
  const auto given = fetch(camera, *stretch);
  {
    const std::scoped_lock lock(mutex_);
    --counters_.sessions;
    if (!given) ++counters_.failed;
  }
  const bool progress = given && *given > 0;
  if (!given)
    log::info("backfill.failed", {{"camera", camera.id.text()},
                                  {"code", std::string(given.error().code.name)},
                                  {"why", given.error().message}});
  const bool nothing = given ? !progress
                             : given.error().code == code_of(rtsp::ReplayError::no_footage) ||
                                   given.error().code == code_of(rtsp::ReplayError::not_offered);
  note(camera.id, *stretch, !progress, nothing);
  if (progress) return between_us;
  // Others of its stretches may be there; a camera that cannot be reached is left alone longer.
  return nothing ? between_us : options_.first_wait_us;
}

void Backfill::note(const recording::CameraId& camera, const Stretch& stretch, bool failed,
                    bool nothing) {
  const std::scoped_lock lock(mutex_);
  auto& tried = jobs_.at(camera).tried;
  if (!failed) {
    tried.erase(stretch.from_us);
    return;
  }
  if (tried.size() >= most_tried) tried.erase(tried.begin());
  auto& one = tried[stretch.from_us];
  one.failures += nothing ? 2 : 1;  // it may still be writing what it has
  auto wait_us = options_.first_wait_us;
  for (int i = 1; i < std::min(one.failures, most_doublings) && wait_us < options_.longest_wait_us;
       ++i)
    wait_us *= 2;
  one.due_us = clock_.mono().us + std::min(wait_us, options_.longest_wait_us);
}

/// What was given to the disk, and is durable: microseconds.
Result<std::int64_t> Backfill::fetch(const StoringCamera& camera, const Stretch& stretch) {
  const StreamKey main{camera.id, StreamKind::main};
  const StreamKey fetched{camera.id, StreamKind::fetched};
  VL_TRY(const auto clock, clock_of(store_, main, stretch.gap));
  const auto wanted = [&] { return goes_on(camera.id); };
  const auto fetched_us = clock_.wall().us;
  const auto give = [&](recording::NewFragment&& fragment) {
    while (!worker_.offer(std::move(fragment))) {
      if (!wanted()) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return true;
  };
  FetchedCut cut(fetched, static_cast<std::uint32_t>(fetched_us / second_us), stretch.from_us,
                 stretch.to_us, clock, give);
  ReplayTaking sink(cut, wanted);
  const auto outcome = rtsp::replay(
      {camera.replay, clock.camera_us(stretch.from_us), clock.camera_us(stretch.to_us)},
      options_.limits, clock_, sink);
  cut.finish(outcome && outcome->reached_end);
  if (outcome) {
    const std::scoped_lock lock(mutex_);
    counters_.bytes += outcome->bytes;
  }
  if (cut.given_us() == 0) return outcome ? Result<std::int64_t>(0) : fail(outcome.error());
  worker_.drain();
  VL_TRY(const auto spans, store_.spans(fetched, stretch.from_us, stretch.to_us));
  std::int64_t filled_us = 0;
  for (const auto& span : spans) {
    const auto from_us = std::max(span.start_us, stretch.from_us);
    const auto to_us = std::min(span.end_us, stretch.to_us);
    if (to_us <= from_us) continue;
    filled_us += to_us - from_us;
    reports_.gap_filled(camera.id, from_us, to_us, fetched_us);
  }
  log::info("backfill.filled",
            {{"camera", camera.id.text()},
             {"seconds", fmt::format("{:.3f}", filled_us / 1e6)},
             {"of", fmt::format("{:.3f}", (stretch.to_us - stretch.from_us) / 1e6)}});
  const std::scoped_lock lock(mutex_);
  counters_.filled_us += filled_us;
  return filled_us;
}

}  // namespace vl::recorder
