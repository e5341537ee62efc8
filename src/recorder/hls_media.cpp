#include "hls_media.hpp"

#include <algorithm>

#include <vonglau/base/log.hpp>
#include <vonglau/http/errors.hpp>
#include <vonglau/media/fmp4.hpp>

namespace vl::recorder {

using media::Sample;
using recording::Fragment;
using recording::FragmentId;
using recording::FragmentStore;

namespace {

constexpr std::int64_t meets_us = 500'000;
/// The list goes by times that are rounded outwards by up to this.
constexpr std::int64_t rounded_us = 1'000;

std::unexpected<Error> gone() {
  return fail(http::HttpError::not_found, "this footage is not, or no longer, there");
}

bool is_shown(const Sample& sample) {
  return sample.track == 0 || (sample.track == 1 && sample.format->codec == media::Codec::aac);
}

void remember(HlsFormats& formats, const Sample& sample) {
  auto& one = sample.track == 0 ? formats.video : formats.sound;
  if (!one) one = sample.format;
}

/// Samples whose pts go on, of both tracks.
struct Stretch {
  std::uint32_t session = 0;
  std::vector<Sample> tracks[2];
};

std::int64_t on_clock(std::int64_t us, std::int64_t hz) {
  return us / 1'000'000 * hz + us % 1'000'000 * hz / 1'000'000;
}

class SegmentMaker {
 public:
  explicit SegmentMaker(std::int64_t base_us) : base_us_(base_us) {}

  /// False: it would be too large.
  bool add(Fragment&& fragment) {
    for (const auto& sample : fragment.samples)
      if (is_shown(sample)) remember(formats_, sample);
    if (stretches_.empty() || stretches_.back().session != fragment.session)
      stretches_.push_back({fragment.session, {}});
    for (auto& sample : fragment.samples) {
      if (!is_shown(sample)) continue;
      const auto& format = sample.track == 0 ? formats_.video : formats_.sound;
      if (!(sample.format == format || *sample.format == *format)) continue;
      if (sample.track == 0 && waits_for_key_ && !sample.is_key) continue;
      if (sample.track == 0) waits_for_key_ = false;
      bytes_ += sample.bytes.size();
      stretches_.back().tracks[sample.track].push_back(std::move(sample));
    }
    return bytes_ <= most_hls_segment_bytes;
  }
  void left_out() {
    waits_for_key_ = true;
    // What comes after it is put where it belongs in time.
    if (!stretches_.empty()) stretches_.push_back({stretches_.back().session, {}});
  }
  bool empty() const { return bytes_ == 0; }

  /// `until_us`: where what follows begins.
  Result<Bytes> make(std::int64_t until_us) {
    Bytes out;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < stretches_.size(); ++i) {
      auto& tracks = stretches_[i].tracks;
      std::vector<media::Fmp4Run> runs;
      for (std::uint8_t track = 0; track < 2; ++track)
        if (!tracks[track].empty()) runs.push_back(run_of(i, track, until_us));
      if (runs.empty()) continue;
      VL_TRY(const auto chunk, media::media_segment(++number, runs));
      if (out.empty()) out.reserve(chunk.size() + bytes_ / 8);
      out.insert(out.end(), chunk.begin(), chunk.end());
    }
    return out;
  }

 private:
  media::Fmp4Run run_of(std::size_t at, std::uint8_t track, std::int64_t until_us) {
    auto& samples = stretches_[at].tracks[track];
    const auto [lowest, highest] = std::ranges::minmax_element(samples, {}, &Sample::pts);
    const std::int64_t hz = samples.front().format->clock_hz;
    const auto begin = on_clock(lowest->wall_us - base_us_, hz);
    media::Fmp4Run run{track, begin, samples, {}};
    if (track != 0) return run;
    // The last picture lasts until the next one, whatever their clocks were off meanwhile.
    for (auto next = at + 1; next < stretches_.size(); ++next)
      if (!stretches_[next].tracks[0].empty()) {
        until_us = stretches_[next].tracks[0].front().wall_us;
        break;
      }
    const auto first_pts = lowest->pts;
    auto span = highest->pts - first_pts;
    const auto room = on_clock(until_us - base_us_, hz) - begin;
    const auto count = static_cast<std::int64_t>(samples.size());
    if (const auto usual = count > 1 ? span / (count - 1) : 0;
        usual > 0 && room > 0 && span + usual > room) {
      // While our clock is still finding the camera's, pictures may need more time than there is
      // before the next segment: they are shown a little faster, not over one another.
      for (auto& sample : samples)
        sample.pts = first_pts + (sample.pts - first_pts) * room / (span + usual);
      span = span * room / (span + usual);
    }
    run.last_duration = std::clamp(room - span, hz / 1000, hz * 60);
    return run;
  }

  const std::int64_t base_us_;
  HlsFormats formats_;
  std::vector<Stretch> stretches_;
  std::size_t bytes_ = 0;
  bool waits_for_key_ = false;
};

}  // namespace

Result<HlsLook> hls_look(const FragmentStore& store, const FragmentId& id) {
  VL_TRY(const auto fragment, store.read(id));
  HlsLook out;
  for (const auto& sample : fragment.samples)
    if (is_shown(sample)) remember(out.first, sample);
  for (auto sample = fragment.samples.rbegin(); sample != fragment.samples.rend(); ++sample)
    if (is_shown(*sample)) remember(out.last, *sample);
  return out;
}

Result<Bytes> hls_init(const FragmentStore& store, const FragmentId& id) {
  const auto look = hls_look(store, id);
  if (!look || !look->first.video) return gone();
  std::vector<media::Fmp4Track> tracks{{0, look->first.video.get()}};
  if (look->first.sound) tracks.push_back({1, look->first.sound.get()});
  return media::init_segment(tracks);
}

Result<Bytes> hls_segment(const FragmentStore& store, const FragmentId& first,
                          std::uint32_t fragments, std::int64_t base_us, const HlsSpan& allowed) {
  SegmentMaker maker(base_us);
  std::int64_t end_us = 0;
  for (std::uint32_t i = 0; i < std::min(fragments, most_hls_fragments); ++i) {
    const FragmentId id{first.stream, first.sequence + i};
    auto fragment = store.read(id);
    if (!fragment) {
      log::warn("hls.unreadable", {{"why", fragment.error().message}});
      maker.left_out();
      continue;
    }
    if (fragment->start_us < allowed.from_us - rounded_us ||
        fragment->start_us - rounded_us >= allowed.to_us)
      return gone();
    end_us = fragment->end_us;
    if (!maker.add(std::move(*fragment)))
      return fail(http::HttpError::body_too_large, "a segment of more than 64 MiB");
  }
  if (maker.empty()) return gone();
  if (const auto next = store.next({first.stream, first.sequence + fragments - 1});
      next && next->start_us - end_us < meets_us)
    end_us = next->start_us;
  return maker.make(end_us);
}

}  // namespace vl::recorder
