#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/media/mp4_file.hpp>

#include "box_writer.hpp"
#include "sample_description.hpp"

namespace vl::media {

namespace {

constexpr std::uint32_t movie_hz = 1000;
constexpr std::int64_t most_pts = std::int64_t{1} << 50;
constexpr std::int64_t most_late_us = 10'000'000;  // of sound; beyond, its clock is wrong

struct Entry {
  std::uint32_t count;
  std::uint32_t value;
};

void add_run(std::vector<Entry>& runs, std::uint32_t value) {
  if (!runs.empty() && runs.back().value == value)
    ++runs.back().count;
  else
    runs.push_back({1, value});
}

void write_runs(BoxWriter& w, const char* name, std::uint8_t version,
                const std::vector<Entry>& runs) {
  const auto box = w.box(name, version, 0);
  w.u32(static_cast<std::uint32_t>(runs.size()));
  for (const auto& run : runs) w.u32(run.count), w.u32(run.value);
}

std::int64_t in_movie_time(std::int64_t ticks, std::uint32_t clock_hz) {
  return ticks * movie_hz / clock_hz;
}

}  // namespace

/// When samples decode and are shown. Pictures shown in another order than they come decode at
/// the same instants, sorted.
struct Mp4File::Timing {
  std::vector<Entry> durations;
  std::vector<Entry> offsets;  // empty: all in order
  std::int64_t ticks = 0;

  explicit Timing(const Track& track) {
    auto decode = track.pts;
    const bool in_order = std::ranges::is_sorted(decode);
    if (!in_order) std::ranges::sort(decode);
    const auto count = decode.size();
    const auto usual = count > 1 ? decode[count - 1] - decode[count - 2]
                                 : std::int64_t{track.format->clock_hz} / 25;
    for (std::size_t i = 0; i < count; ++i) {
      const auto until = i + 1 < count ? decode[i + 1] : decode[i] + usual;
      const auto lasts =
          std::clamp<std::int64_t>(until - decode[i], 0, std::numeric_limits<std::int32_t>::max());
      add_run(durations, static_cast<std::uint32_t>(lasts));
      ticks += lasts;
      if (in_order) continue;
      const auto offset = std::clamp<std::int64_t>(track.pts[i] - decode[i],
                                                   std::numeric_limits<std::int32_t>::min(),
                                                   std::numeric_limits<std::int32_t>::max());
      add_run(offsets, static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)));
    }
  }
};

Result<void> Mp4File::add(const Sample& sample) {
  VL_ASSERT(sample.format != nullptr && sample.track < 2);
  auto& track = tracks_[sample.track];
  if (track.sizes.empty()) {
    VL_CHECK(check_track_format(*sample.format));
    track.format = sample.format;
    track.first_wall_us = std::clamp<std::int64_t>(sample.wall_us, 0, most_pts * 8);
  }
  if (tracks_[0].sizes.size() + tracks_[1].sizes.size() == most_samples)
    return fail(MediaError::unsupported, fmt::format("more than {} samples", most_samples));
  if (sample.pts > most_pts || sample.pts < -most_pts)
    return fail(MediaError::unsupported, "a time that no clock shows", "pts");
  if (last_track_ != sample.track) {
    track.chunk_offsets.push_back(content_bytes_);
    track.chunk_samples.push_back(0);
    last_track_ = sample.track;
  }
  ++track.chunk_samples.back();
  track.sizes.push_back(static_cast<std::uint32_t>(sample.bytes.size()));
  track.pts.push_back(sample.pts);
  track.keys.push_back(sample.is_key);
  content_bytes_ += sample.bytes.size();
  return {};
}

Result<void> Mp4File::write_track(BoxWriter& w, std::size_t number,
                                  std::uint64_t content_at) const {
  const auto& track = tracks_[number];
  const auto& format = *track.format;
  const Timing timing(track);
  const auto box = w.box("trak");
  {
    const auto header = w.box("tkhd", 0, 7);
    w.u32(0), w.u32(0);
    w.u32(static_cast<std::uint32_t>(number) + 1U);
    w.u32(0);
    w.u32(static_cast<std::uint32_t>(in_movie_time(timing.ticks, format.clock_hz)));
    w.zeros(8);
    w.u32(0);  // layer, alternate group
    w.u16(is_audio(format.codec) ? 0x100 : 0);
    w.u16(0);
    identity_matrix(w);
    w.u32(format.width << 16);
    w.u32(format.height << 16);
  }
  // Sound that begins later than the picture, or earlier, is put where it was heard.
  const auto late_us = number == 1 ? track.first_wall_us - tracks_[0].first_wall_us : 0;
  if (late_us != 0 && late_us <= most_late_us && late_us >= -most_late_us) {
    const auto edits = w.box("edts");
    const auto list = w.box("elst", 1, 0);
    const auto lasts = static_cast<std::uint64_t>(in_movie_time(timing.ticks, format.clock_hz));
    w.u32(late_us > 0 ? 2 : 1);
    if (late_us > 0)
      w.u64(static_cast<std::uint64_t>(late_us / 1000)), w.u64(~0ULL), w.u32(0x10000);
    const auto skipped = late_us > 0 ? 0 : -late_us * format.clock_hz / 1'000'000;
    w.u64(lasts), w.u64(static_cast<std::uint64_t>(skipped)), w.u32(0x10000);
  }
  const auto media = w.box("mdia");
  {
    const auto header = w.box("mdhd", 1, 0);
    w.u64(0), w.u64(0);
    w.u32(format.clock_hz);
    w.u64(static_cast<std::uint64_t>(timing.ticks));
    w.u16(0x55c4);  // "und"
    w.u16(0);
  }
  write_handler(w, format);
  const auto information = w.box("minf");
  write_media_head(w, format);
  const auto table = w.box("stbl");
  VL_CHECK(write_sample_description(w, format));
  write_runs(w, "stts", 0, timing.durations);
  if (!timing.offsets.empty()) write_runs(w, "ctts", 1, timing.offsets);
  if (number == 0) {
    const auto keys = w.box("stss", 0, 0);
    w.u32(static_cast<std::uint32_t>(std::ranges::count(track.keys, true)));
    for (std::size_t i = 0; i < track.keys.size(); ++i)
      if (track.keys[i]) w.u32(static_cast<std::uint32_t>(i + 1));
  }
  {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> firsts;  // chunk, its samples
    for (std::size_t i = 0; i < track.chunk_samples.size(); ++i)
      if (firsts.empty() || firsts.back().second != track.chunk_samples[i])
        firsts.emplace_back(static_cast<std::uint32_t>(i + 1), track.chunk_samples[i]);
    const auto chunks = w.box("stsc", 0, 0);
    w.u32(static_cast<std::uint32_t>(firsts.size()));
    for (const auto& [chunk, samples] : firsts) w.u32(chunk), w.u32(samples), w.u32(1);
  }
  {
    const auto sizes = w.box("stsz", 0, 0);
    w.u32(0);
    w.u32(static_cast<std::uint32_t>(track.sizes.size()));
    for (const auto size : track.sizes) w.u32(size);
  }
  const auto offsets = w.box("co64", 0, 0);
  w.u32(static_cast<std::uint32_t>(track.chunk_offsets.size()));
  for (const auto at : track.chunk_offsets) w.u64(content_at + at);
  return {};
}

Result<Bytes> Mp4File::head_for(std::uint64_t content_at) const {
  std::int64_t lasts = 0;
  for (const auto& track : tracks_)
    if (!track.sizes.empty())
      lasts = std::max(lasts, in_movie_time(Timing(track).ticks, track.format->clock_hz));
  Bytes out;
  BoxWriter w(out);
  {
    const auto type = w.box("ftyp");
    w.text("isom");
    w.u32(512);
    w.text("isomiso2mp41");
  }
  {
    const auto movie = w.box("moov");
    {
      const auto header = w.box("mvhd", 0, 0);
      w.u32(0), w.u32(0);
      w.u32(movie_hz);
      w.u32(static_cast<std::uint32_t>(lasts));
      w.u32(0x10000);
      w.u16(0x100);
      w.zeros(10);
      identity_matrix(w);
      w.zeros(24);
      w.u32(3);
    }
    for (std::size_t i = 0; i < 2; ++i)
      if (!tracks_[i].sizes.empty()) VL_CHECK(write_track(w, i, content_at));
  }
  w.u32(1);  // its size follows in 64 bits
  w.text("mdat");
  w.u64(content_bytes_ + 16);
  return out;
}

Result<Bytes> Mp4File::head() const {
  if (empty()) return fail(MediaError::unsupported, "a file without pictures");
  // Offsets have a fixed width: the head is as long whatever they are.
  VL_TRY(const auto measured, head_for(0));
  return head_for(measured.size());
}

}  // namespace vl::media
