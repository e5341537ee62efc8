#include "camera_stream.hpp"

#include <vonglau/base/log.hpp>

namespace vl::recorder {

using recording::GapCause;
using recording::SamplePtr;
using rtsp::ProblemKind;

namespace {
/// Of stored footage for a viewer who comes: a camera with key pictures further apart shows its
/// next one instead.
constexpr std::int64_t most_shown_us = 15'000'000;
/// Fragments further apart have a hole between them.
constexpr std::int64_t unbroken_us = 500'000;
/// The store is asked how far it is at every so many ticks.
constexpr unsigned ticks_of_look = 2;
}  // namespace

recording::GapCause gap_cause_of(rtsp::StopCause cause) {
  switch (cause) {
    case rtsp::StopCause::unreachable:
      return GapCause::camera_unreachable;
    case rtsp::StopCause::authentication_refused:
      return GapCause::authentication_refused;
    case rtsp::StopCause::stalled:
      return GapCause::stream_stalled;
    case rtsp::StopCause::reset:
      return GapCause::connection_reset;
    case rtsp::StopCause::bad_stream:
      break;
  }
  return GapCause::bad_stream;
}

CameraStream::CameraStream(recording::StreamKey key, recording::FragmentSink* sink,
                           CoreReports* reports, const Clock& clock, recording::CutRules rules)
    : key_(key),
      reports_(reports),
      clock_(clock),
      // Differs from the sessions before a restart, so that none is continued by mistake.
      session_(static_cast<std::uint32_t>(clock.wall().us / 1'000'000)) {
  if (sink == nullptr) return;
  gaps_.emplace(*sink, *reports);
  recorder_.emplace(key, *gaps_, rules);
}

void CameraStream::begin(std::optional<std::int64_t> known_end_us,
                         const std::optional<recording::Gap>& open_gap) {
  if (!recorder_) return;
  if (open_gap) gaps_->resume(*open_gap);
  recorder_->begin(clock_.wall().us, known_end_us);
  if (!known_end_us) recorder_->missing(GapCause::camera_unreachable, "before its first picture");
}

void CameraStream::show_stored(const recording::FragmentStore& store) {
  store_ = &store;
  feed_.rely_on_store();
}

bool CameraStream::join(const std::shared_ptr<Viewer>& viewer) {
  if (store_ == nullptr) return feed_.join(viewer);
  return feed_.join(viewer, [&](std::int64_t before_us) { return stored_pictures(before_us); });
}

std::vector<SamplePtr> CameraStream::stored_pictures(std::int64_t before_us) const {
  std::vector<SamplePtr> pictures;
  auto ref = store_->seek(key_, before_us - 1);
  if (!ref || before_us - ref->start_us > most_shown_us) return {};
  auto end_us = ref->start_us;
  std::optional<std::uint32_t> session;
  for (; ref && ref->start_us < before_us; ref = store_->next(ref->id)) {
    const auto fragment = store_->read(ref->id);
    if (!fragment || fragment->start_us - end_us > unbroken_us) return {};
    if (session.value_or(fragment->session) != fragment->session) return {};
    session = fragment->session;
    for (const auto& sample : fragment->samples)
      if (sample.track == 0 && sample.wall_us < before_us)
        pictures.push_back(std::make_shared<const media::Sample>(sample));
    end_us = fragment->end_us;
  }
  if (before_us - end_us > unbroken_us) return {};
  return pictures;
}

void CameraStream::stop(std::optional<GapCause> cause) {
  if (recorder_) {
    if (cause) {
      recorder_->interrupted(*cause, "", clock_.wall().us);
    } else {
      recorder_->flush();
    }
  }
  feed_.close(http::close_code::going_away, cause ? "camera taken away" : "recorder stops");
  online_ = false;
}

void CameraStream::on_playing(const rtsp::SessionDescription& description) {
  for (const auto& note : description.notes)
    log::debug("camera.sdp_note", {{"camera", key_.camera.text()}, {"note", note}});
  ++session_;
  if (recorder_) recorder_->connected(session_);
}

void CameraStream::on_sample(media::Sample&& sample) {
  const auto shared = std::make_shared<const media::Sample>(std::move(sample));
  if (shared->track == 0) {
    receiving_ = true;
    stopped_.reset();
    last_sample_us_ = shared->wall_us;
    feed_.add(shared);
    if (!online_.exchange(true) || !told_online_) tell({shared->wall_us});
  }
  if (recorder_) recorder_->add(shared);
}

void CameraStream::on_problem(const rtsp::Problem& problem) {
  log::debug("camera.problem", {{"camera", key_.camera.text()},
                                {"stream", std::string(name_of(key_.kind))},
                                {"kind", std::string(name_of(problem.kind))},
                                {"count", std::to_string(problem.count)},
                                {"detail", problem.detail}});
  if (!recorder_) return;
  switch (problem.kind) {
    case ProblemKind::packets_lost:
      return recorder_->missing(GapCause::packets_lost, problem.detail);
    case ProblemKind::source_restarted:
      return recorder_->missing(GapCause::connection_reset, problem.detail);
    case ProblemKind::malformed_packet:
    case ProblemKind::missing_parameter_sets:
    case ProblemKind::bad_parameter_set:
    case ProblemKind::sample_too_large:
      return recorder_->missing(GapCause::bad_stream, problem.detail);
    case ProblemKind::timestamp_jump:
    case ProblemKind::split_picture:
      return;  // nothing is left out
  }
}

void CameraStream::on_stopped(rtsp::StopCause cause, const std::string& detail) {
  const auto wall = clock_.wall();
  const bool first = !stopped_;
  if (first || stopped_->cause != cause) {
    log::info("camera.stopped", {{"camera", key_.camera.text()},
                                 {"stream", std::string(name_of(key_.kind))},
                                 {"cause", std::string(name_of(cause))},
                                 {"detail", detail}});
    if (recorder_) recorder_->interrupted(gap_cause_of(cause), detail, wall.us);
  }
  stopped_ = Stopped{cause, first ? clock_.mono() : stopped_->since, wall};
  feed_.interrupted(gap_cause_of(cause), receiving_ ? last_sample_us_ : wall.us);
  receiving_ = false;
}

void CameraStream::on_tick(WallTime wall, MonoTime mono) {
  if (recorder_) recorder_->tick(wall.us);
  if (store_ != nullptr && ++ticks_ % ticks_of_look == 0)
    feed_.stored_until(store_->end_us(key_).value_or(0));
  if (tell_again_.exchange(false)) {
    told_online_ = false;
    told_offline_.reset();
  }
  if (!stopped_) {
    if (online_ && !told_online_) tell(wall);
    return;
  }
  // A stall has lasted long enough already when it is noticed.
  if (stopped_->cause != rtsp::StopCause::stalled && told_online_ &&
      mono.us - stopped_->since.us < hold_off_us)
    return;
  online_ = false;
  if (told_offline_ != gap_cause_of(stopped_->cause)) tell(stopped_->wall);
}

void CameraStream::tell(WallTime wall) {
  if (reports_ == nullptr) return;
  if (online_) {
    reports_->online(key_.camera, wall);
    told_online_ = true;
    told_offline_.reset();
  } else {
    told_offline_ = gap_cause_of(stopped_->cause);
    told_online_ = false;
    reports_->offline(key_.camera, wall, *told_offline_);
  }
}

}  // namespace vl::recorder
