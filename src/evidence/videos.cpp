#include <algorithm>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/evidence/videos.hpp>

namespace vl::evidence {

namespace {

constexpr std::int64_t most_us = std::int64_t{1} << 60;
constexpr std::int64_t most_video_pts = std::int64_t{1} << 50;
constexpr std::int64_t most_drift_us = 1'000'000;  // between two fragments
constexpr std::size_t most_video_samples = 2'000'000;

/// Times that can be reckoned with. Footage may be anybody's.
bool is_sane(const media::Sample& sample) {
  return sample.wall_us >= 0 && sample.wall_us <= most_us && sample.pts <= most_video_pts &&
         sample.pts >= -most_video_pts && sample.format->clock_hz > 0;
}

const media::Sample* first_picture(const recording::Fragment& fragment) {
  const auto found = std::ranges::find_if(
      fragment.samples, [](const auto& sample) { return sample.track == 0 && is_sane(sample); });
  return found == fragment.samples.end() ? nullptr : &*found;
}

std::int64_t in_us(std::int64_t ticks, std::uint32_t clock_hz) {
  return static_cast<std::int64_t>(static_cast<double>(ticks) * 1e6 / clock_hz);
}

}  // namespace

bool VideoCut::goes_on(const recording::Fragment& fragment) const {
  if (!open_ || fragment.session != open_->session || open_->samples >= most_video_samples ||
      fragment.start_us > open_->end_us + least_hole_us)
    return false;
  const auto* picture = first_picture(fragment);
  if (picture == nullptr) return true;
  const auto drift = in_us(picture->pts - open_->pts, picture->format->clock_hz) -
                     (picture->wall_us - open_->wall_us);
  return drift < most_drift_us && drift > -most_drift_us;
}

std::vector<VideoCut::Piece> VideoCut::next(const recording::Fragment& fragment) {
  std::vector<Piece> out;
  if (fragment.start_us < 0 || fragment.end_us > most_us) return out;
  if (!goes_on(fragment)) open_.reset();
  for (const auto& sample : fragment.samples) {
    if (sample.track != 0) continue;
    if (!media::is_video(sample.format->codec) || !is_sane(sample)) {
      left_out_.emplace(media::name_of(sample.format->codec));
      continue;
    }
    if (open_ && !(*open_->format == *sample.format)) open_.reset();
    if (!open_) {
      if (!sample.is_key) continue;  // nothing can be shown before one
      open_ = Open{};
      open_->format = sample.format;
      open_->session = fragment.session;
      out.push_back({.begins = true});
    } else if (out.empty()) {
      out.emplace_back();
    }
    out.back().samples.push_back(&sample);
    ++open_->samples;
  }
  add_sound(fragment, out);
  if (open_) {
    open_->end_us = fragment.end_us;
    if (const auto* picture = first_picture(fragment)) {
      open_->pts = picture->pts;
      open_->wall_us = picture->wall_us;
    }
  }
  return out;
}

void VideoCut::add_sound(const recording::Fragment& fragment, std::vector<Piece>& pieces) {
  for (const auto& sample : fragment.samples) {
    if (sample.track == 0) continue;
    const bool fits = sample.track == 1 && sample.format->codec == media::Codec::aac &&
                      is_sane(sample) && open_ &&
                      (!open_->sound || *open_->sound == *sample.format);
    if (!fits) {
      left_out_.emplace(media::name_of(sample.format->codec));
      continue;
    }
    open_->sound = sample.format;
    if (pieces.empty()) pieces.emplace_back();
    pieces.back().samples.push_back(&sample);
    ++open_->samples;
  }
}

Result<void> VideoMaker::add(const recording::Fragment& fragment) {
  for (const auto& piece : first_.next(fragment)) {
    if (piece.begins) {
      planned_.emplace_back();
      planned_.back().start_us = piece.samples.front()->wall_us;
      planned_.back().format = piece.samples.front()->format;
    }
    VL_ASSERT(!planned_.empty());
    auto& video = planned_.back();
    for (const auto* sample : piece.samples) VL_CHECK(video.file.add(*sample));
    video.end_us = std::max(video.start_us, fragment.end_us);
  }
  return {};
}

Result<std::vector<VideoFile>> VideoMaker::plan() {
  std::vector<VideoFile> out;
  for (auto& video : planned_) {
    auto head = video.file.head();
    if (!head) {
      unplayable_.emplace(media::name_of(video.format->codec));
      continue;
    }
    video.head = std::move(*head);
    video.number = out.size();
    out.push_back({fmt::format("{}-{:03}.mp4", stem_, out.size() + 1),
                   video.head.size() + video.file.content_bytes(), "", video.start_us, video.end_us,
                   std::string(media::name_of(video.format->codec)), video.format->width,
                   video.format->height});
  }
  return out;
}

Result<void> VideoMaker::write(const recording::Fragment& fragment, const Sink& sink) {
  for (const auto& piece : second_.next(fragment)) {
    if (piece.begins) writing_ = writing_ ? *writing_ + 1 : 0;
    if (!writing_ || *writing_ >= planned_.size())
      return fail(EvidenceError::malformed, "the footage changed while videos were made of it");
    const auto& video = planned_[*writing_];
    if (!video.number) continue;
    if (piece.begins) VL_CHECK(sink(*video.number, video.head));
    for (const auto* sample : piece.samples) VL_CHECK(sink(*video.number, sample->bytes));
  }
  return {};
}

std::vector<std::string> VideoMaker::left_out() const {
  auto all = first_.left_out();
  all.insert(unplayable_.begin(), unplayable_.end());
  return {all.begin(), all.end()};
}

}  // namespace vl::evidence
