#include "fetched_cut.hpp"

#include <algorithm>
#include <utility>

namespace vl::recorder {

namespace {
/// Pictures further apart than this do not meet, as in the store.
constexpr std::int64_t meeting_us = 500'000;
/// What is needed to decode the first picture; more is no group of pictures but a fault.
constexpr std::size_t most_before = 1'000;
constexpr std::size_t most_before_bytes = 16 * 1024 * 1024;
}  // namespace

std::int64_t ClockBetween::camera_us(std::int64_t wall) const {
  const auto length = std::max<std::int64_t>(to_us - from_us, 1);
  return wall + offset_us +
         static_cast<std::int64_t>(static_cast<__int128>(drift_us) * (wall - from_us) / length);
}

std::int64_t ClockBetween::wall_us(std::int64_t camera) const {
  const auto length = std::max<std::int64_t>(to_us - from_us, 1);
  const auto since_us = camera - (from_us + offset_us);
  return from_us +
         static_cast<std::int64_t>(static_cast<__int128>(since_us) * length / (length + drift_us));
}

FetchedCut::FetchedCut(recording::StreamKey stream, std::uint32_t session, std::int64_t from_us,
                       std::int64_t to_us, ClockBetween clock, Give give, recording::CutRules rules)
    : stream_(stream),
      session_(session),
      from_us_(from_us),
      to_us_(to_us),
      clock_(clock),
      give_(std::move(give)),
      rules_(rules) {}

bool FetchedCut::add(media::Sample&& sample) {
  if (refused_) return false;
  const bool video = media::is_video(sample.format->codec);
  sample.wall_us = clock_.wall_us(sample.camera_us);
  const auto at_us = sample.wall_us;
  const bool is_key = sample.is_key;
  if (at_us >= to_us_) return !video;
  auto shared = std::make_shared<const media::Sample>(std::move(sample));
  if (at_us < from_us_) {
    if (!video) return true;
    if (is_key) before_.clear(), before_bytes_ = 0;
    // Without its key picture, or beyond all bounds, it helps nobody.
    const bool useless = (!is_key && before_.empty()) || before_.size() == most_before ||
                         before_bytes_ + shared->bytes.size() > most_before_bytes;
    if (useless) before_.clear(), before_bytes_ = 0;
    if (!useless) {
      before_bytes_ += shared->bytes.size();
      before_.push_back(std::move(shared));
      last_us_ = at_us;
    }
    return true;
  }
  take(std::move(shared));
  return !refused_;
}

/// The first picture in the gap: decoded with those before it, or a key picture itself.
bool FetchedCut::begin(const media::Sample& first) {
  if (!media::is_video(first.format->codec)) return false;
  const bool goes_on = !before_.empty() && first.wall_us - last_us_ <= meeting_us;
  if (!first.is_key && !goes_on) return false;
  start_us_ = goes_on || first.wall_us - from_us_ <= meeting_us ? from_us_ : first.wall_us;
  if (!first.is_key) samples_ = std::move(before_);
  before_.clear();
  for (const auto& one : samples_) bytes_ += one->bytes.size();
  return true;
}

void FetchedCut::take(recording::SamplePtr sample) {
  const auto at_us = sample->wall_us;
  const bool video = media::is_video(sample->format->codec);
  if (samples_.empty()) {
    if (!begin(*sample)) return;
  } else if (video && at_us - last_us_ > meeting_us) {
    if (!cut(std::min(last_us_ + interval_us_, to_us_))) return;
    start_us_ = at_us;
  } else {
    const auto age_us = at_us - start_us_;
    if ((video && sample->is_key && age_us >= rules_.key_cut_us) || age_us >= rules_.target_us ||
        bytes_ + sample->bytes.size() > rules_.target_bytes ||
        samples_.size() + 1 >= recording::most_fragment_samples) {
      if (!cut(at_us)) return;
      start_us_ = at_us;
    }
  }
  if (video) {
    if (last_us_ != 0 && at_us > last_us_ && at_us - last_us_ <= meeting_us)
      interval_us_ = at_us - last_us_;
    last_us_ = std::max(last_us_, at_us);
  }
  bytes_ += sample->bytes.size();
  samples_.push_back(std::move(sample));
}

bool FetchedCut::cut(std::int64_t end_us) {
  if (samples_.empty()) return true;
  recording::NewFragment out;
  out.stream = stream_;
  out.session = session_;
  out.start_us = start_us_;
  out.end_us = std::max(end_us, start_us_);
  out.samples = std::exchange(samples_, {});
  bytes_ = 0;
  const auto length_us = out.end_us - out.start_us;
  refused_ = !give_(std::move(out));
  if (!refused_) given_us_ += length_us;
  return !refused_;
}

void FetchedCut::finish(bool whole) {
  if (samples_.empty() || refused_) return;
  // The last picture is seen until the next one, which is the first behind the gap.
  const bool meets = whole && to_us_ - last_us_ <= meeting_us;
  cut(meets ? to_us_ : std::min(last_us_ + interval_us_, to_us_));
}

}  // namespace vl::recorder
