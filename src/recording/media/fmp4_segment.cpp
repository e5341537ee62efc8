// Media segments: moof with its tables, then the samples.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/media/fmp4.hpp>

#include "box_writer.hpp"

namespace vl::media {

namespace {

constexpr std::uint32_t key_flags = 0x0200'0000;      // depends on no other
constexpr std::uint32_t non_key_flags = 0x0101'0000;  // depends on others, no sync sample

/// When each sample decodes (relative to the first) and for how long.
struct Times {
  std::vector<std::int64_t> decode;  // one more than samples: the end
  bool in_order = true;
};

Times times_of(const Fmp4Run& run) {
  Times out;
  const auto& samples = run.samples;
  out.decode.reserve(samples.size() + 1);
  for (const auto& sample : samples) out.decode.push_back(sample.pts);
  out.in_order = std::ranges::is_sorted(out.decode);
  // Pictures shown in another order decode at the same instants, sorted.
  if (!out.in_order) std::ranges::sort(out.decode);
  const auto count = out.decode.size();
  const auto usual = count > 1 ? out.decode[count - 1] - out.decode[count - 2]
                               : std::int64_t{samples[0].format->clock_hz} / 25;
  out.decode.push_back(out.decode.back() + run.last_duration.value_or(usual));
  return out;
}

std::uint32_t clamped(std::int64_t duration) {
  return static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(duration, 0, std::numeric_limits<std::int32_t>::max()));
}

/// Gives the place of its data offset, to be filled in when the size of moof is known.
std::size_t write_run(BoxWriter& w, const Fmp4Run& run) {
  const auto times = times_of(run);
  const auto fragment = w.box("traf");
  {
    const auto header = w.box("tfhd", 0, 0x2'0000);  // default-base-is-moof
    w.u32(run.track + 1U);
  }
  {
    const auto when = w.box("tfdt", 1, 0);
    w.u64(static_cast<std::uint64_t>(std::max<std::int64_t>(0, run.decode_time)));
  }
  constexpr std::uint32_t tables = 0x1 | 0x100 | 0x200 | 0x400;  // offset, duration, size, flags
  const auto table = w.box("trun", 1, times.in_order ? tables : tables | 0x800);
  w.u32(static_cast<std::uint32_t>(run.samples.size()));
  const auto offset_at = w.size();
  w.u32(0);
  for (std::size_t i = 0; i < run.samples.size(); ++i) {
    const auto& sample = run.samples[i];
    w.u32(clamped(times.decode[i + 1] - times.decode[i]));
    w.u32(static_cast<std::uint32_t>(sample.bytes.size()));
    w.u32(sample.is_key ? key_flags : non_key_flags);
    if (!times.in_order) {
      const auto offset = std::clamp<std::int64_t>(sample.pts - times.decode[i],
                                                   std::numeric_limits<std::int32_t>::min(),
                                                   std::numeric_limits<std::int32_t>::max());
      w.u32(static_cast<std::uint32_t>(static_cast<std::int32_t>(offset)));
    }
  }
  return offset_at;
}

std::uint64_t bytes_of(const Fmp4Run& run) {
  std::uint64_t sum = 0;
  for (const auto& sample : run.samples) sum += sample.bytes.size();
  return sum;
}

}  // namespace

Result<Bytes> media_segment_head(std::uint32_t sequence, std::span<const Fmp4Run> runs) {
  constexpr std::uint64_t most_bytes = 2'000'000'000;  // offsets have 31 bits
  std::uint64_t payload = 0;
  for (const auto& run : runs) {
    if (run.samples.size() > most_samples_of_a_run)
      return fail(MediaError::unsupported,
                  fmt::format("more than {} samples in a segment", most_samples_of_a_run));
    payload += bytes_of(run);
  }
  if (payload > most_bytes)
    return fail(MediaError::unsupported, fmt::format("a segment above {} bytes", most_bytes));
  Bytes out;
  BoxWriter w(out);
  std::vector<std::size_t> offsets;
  {
    const auto movie_fragment = w.box("moof");
    {
      const auto header = w.box("mfhd", 0, 0);
      w.u32(sequence);
    }
    for (const auto& run : runs)
      if (!run.samples.empty()) offsets.push_back(write_run(w, run));
  }
  constexpr std::size_t mdat_head = 8;
  std::uint64_t at = out.size() + mdat_head;
  std::size_t next = 0;
  for (const auto& run : runs) {
    if (run.samples.empty()) continue;
    w.put_u32(offsets[next++], static_cast<std::uint32_t>(at));
    at += bytes_of(run);
  }
  w.u32(static_cast<std::uint32_t>(payload + mdat_head));
  w.text("mdat");
  return out;
}

Result<Bytes> media_segment(std::uint32_t sequence, std::span<const Fmp4Run> runs) {
  VL_TRY(auto out, media_segment_head(sequence, runs));
  std::uint64_t payload = 0;
  for (const auto& run : runs) payload += bytes_of(run);
  out.reserve(out.size() + payload);
  for (const auto& run : runs)
    for (const auto& sample : run.samples)
      out.insert(out.end(), sample.bytes.begin(), sample.bytes.end());
  return out;
}

}  // namespace vl::media
