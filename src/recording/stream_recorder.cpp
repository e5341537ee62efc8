#include <algorithm>

#include <vonglau/recording/stream_recorder.hpp>

namespace vl::recording {

namespace {
/// A hole is worth telling when it is longer than two pictures and this.
constexpr std::int64_t least_gap_us = 500'000;
/// A picture is taken to last no longer than this when nothing follows it.
constexpr std::int64_t most_interval_us = 1'000'000;
}  // namespace

void StreamRecorder::begin(std::int64_t wall_us, std::optional<std::int64_t> known_end_us) {
  // Without footage from before, what is missing is missing from now on. With it, the store
  // has a gap open since then (recorder_down), which ends or changes its cause later.
  end_us_ = known_end_us.value_or(wall_us);
  interrupted_ = known_end_us.has_value();
}

void StreamRecorder::connected(std::uint32_t session) {
  flush();
  session_ = session;
}

void StreamRecorder::add(SamplePtr sample) {
  const auto at_us = sample->wall_us;
  const bool video = media::is_video(sample->format->codec);
  if (samples_.empty()) {
    const auto hole = end_us_ ? at_us - *end_us_ : 0;
    if (hole > 0 &&
        (missing_ || (!interrupted_ && hole > std::max(least_gap_us, 2 * last_interval_us_))))
      sink_.on_gap(stream_, {*end_us_, at_us, missing_.value_or(GapCause::unexplained),
                             missing_ ? missing_detail_ : "no samples came, and nothing said why"});
    missing_.reset();
    interrupted_ = false;
  } else {
    const auto age_us = at_us - samples_.front()->wall_us;
    const auto hole = at_us - (last_video_us_ + last_interval_us_);
    const bool jumped =
        age_us < 0 || missing_ || (video && hole > std::max(least_gap_us, 2 * last_interval_us_));
    const bool at_key = video && sample->is_key && age_us >= rules_.key_cut_us;
    if (jumped) {
      flush();
      add(std::move(sample));
      return;
    }
    if (at_key || age_us >= rules_.target_us ||
        bytes_ + sample->bytes.size() > rules_.target_bytes ||
        samples_.size() == most_fragment_samples)
      cut(at_us);
  }
  if (video) {
    if (last_video_us_ != 0 && at_us > last_video_us_)
      last_interval_us_ = std::min(at_us - last_video_us_, most_interval_us);
    last_video_us_ = at_us;
  }
  bytes_ += sample->bytes.size();
  samples_.push_back(std::move(sample));
}

void StreamRecorder::cut(std::optional<std::int64_t> next_us) {
  if (samples_.empty()) return;
  NewFragment out;
  out.stream = stream_;
  out.session = session_;
  out.start_us = samples_.front()->wall_us;
  const auto last_us = std::max(samples_.back()->wall_us, out.start_us);
  out.end_us = next_us ? std::max(*next_us, last_us)
                       : last_us + (samples_.size() > 1 || last_video_us_ != 0 ? last_interval_us_
                                                                               : std::int64_t{0});
  const auto room = samples_.size() + 2;  // the next one will be much alike
  out.samples = std::move(samples_);
  samples_ = {};
  samples_.reserve(std::min<std::size_t>(room, 64));
  bytes_ = 0;
  end_us_ = out.end_us;
  sink_.on_fragment(std::move(out));
}

void StreamRecorder::flush() {
  cut(std::nullopt);
}

void StreamRecorder::missing(GapCause cause, std::string detail) {
  missing_ = cause;
  missing_detail_ = std::move(detail);
}

void StreamRecorder::interrupted(GapCause cause, std::string detail, std::int64_t wall_us) {
  flush();
  const auto from_us = interrupted_ || !end_us_ ? wall_us : *end_us_;
  sink_.on_gap(stream_, {from_us, std::nullopt, cause, std::move(detail)});
  interrupted_ = true;
  missing_.reset();
}

void StreamRecorder::tick(std::int64_t wall_us) {
  if (!samples_.empty() && wall_us - samples_.front()->wall_us >= rules_.target_us) flush();
}

}  // namespace vl::recording
