#include "hls_playlist.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include <vonglau/base/clock.hpp>

namespace vl::recorder {

using recording::FragmentRef;
using recording::StreamKind;

namespace {

/// What does not meet within this does not go on.
constexpr std::int64_t goes_on_us = 500'000;
constexpr std::string_view playlist_name = "index.m3u8";

bool same(const std::shared_ptr<const media::TrackFormat>& a,
          const std::shared_ptr<const media::TrackFormat>& b) {
  return a == b || (a && b && *a == *b);
}

/// To the millisecond, which is what players read.
std::string date_time(std::int64_t us) {
  auto text = format_utc({us});
  text.replace(text.size() - 4, 4, "Z");
  return text;
}

/// Digits alone, from 1 on.
template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value = 0;
  const auto* end = text.data() + text.size();
  if (text.empty() || text.front() == '0' ||
      std::from_chars(text.data(), end, value) != std::from_chars_result{end, {}})
    return std::nullopt;
  return value;
}

}  // namespace

bool operator==(const HlsFormats& a, const HlsFormats& b) {
  return same(a.video, b.video) && same(a.sound, b.sound);
}

void HlsCutter::add(const FragmentRef& ref) {
  const bool goes_on = last_ && ref.id.stream == last_->id.stream &&
                       ref.id.sequence == last_->id.sequence + 1 &&
                       std::abs(ref.start_us - last_->end_us) < goes_on_us;
  last_ = ref;
  if (!goes_on) {
    close(std::nullopt, std::nullopt);
    breaks_ = true;
  }
  const bool is_full =
      !open_.empty() && (ref.end_us - open_.front().start_us > rules_.most_us ||
                         open_bytes_ >= rules_.most_bytes || open_.size() == most_hls_fragments);
  const bool at_key = !open_.empty() && ref.starts_with_key &&
                      ref.start_us - open_.front().start_us >= rules_.goal_us;
  if (!open_.empty() && !is_full && !at_key) {
    open_.push_back(ref);
    open_bytes_ += ref.bytes;
    return;
  }
  // Without a key picture nothing begins, but for a group of pictures that is cut where it is full.
  if (open_.empty() && !ref.starts_with_key) return;
  const auto look = look_(ref.id);
  if (!look || !look->first.video) {
    close(std::nullopt, std::nullopt);
    breaks_ = true;
    return;
  }
  close(ref.start_us, look->first);
  begin(ref, look->first);
}

void HlsCutter::begin(const FragmentRef& ref, const HlsFormats& formats) {
  if (!formats_ || !(*formats_ == formats)) {
    breaks_ |= formats_.has_value();
    formats_ = formats;
    init_ = ref.id;
  }
  open_.assign(1, ref);
  open_bytes_ = ref.bytes;
}

/// `next`: what goes on behind it, from `next_us` on.
void HlsCutter::close(std::optional<std::int64_t> next_us, const std::optional<HlsFormats>& next) {
  if (open_.empty()) return;
  const auto end_us = next_us.value_or(open_.back().end_us);
  auto then = next;
  if (!then && open_.size() > 1)
    if (const auto look = look_(open_.back().id); look && look->last.video) then = look->last;
  if (then && !(*then == *formats_)) {
    // It changed within: a segment has one format.
    for (std::size_t i = 1; i < open_.size(); ++i) {
      if (!open_[i].starts_with_key) continue;
      const auto look = look_(open_[i].id);
      if (!look || !(look->first == *then)) continue;
      put(0, i, open_[i].start_us);
      formats_ = then;
      init_ = open_[i].id;
      breaks_ = true;
      put(i, open_.size(), end_us);
      open_.clear();
      return;
    }
  }
  put(0, open_.size(), end_us);
  open_.clear();
}

void HlsCutter::put(std::size_t from, std::size_t to, std::int64_t end_us) {
  const auto& first = open_[from];
  ended_.push_back({first.id, static_cast<std::uint32_t>(to - from), first.start_us,
                    std::max(end_us, first.start_us + 1'000), std::exchange(breaks_, false),
                    init_});
}

void HlsCutter::finish() {
  close(std::nullopt, std::nullopt);
  breaks_ = true;
}

std::vector<HlsSegment> HlsCutter::take() {
  return std::exchange(ended_, {});
}

std::string text_of(const HlsPlaylist& playlist) {
  std::string out;
  out.reserve(256 + playlist.segments.size() * 96);
  auto to = std::back_inserter(out);
  fmt::format_to(to, "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n", playlist.target_s);
  if (playlist.is_whole) fmt::format_to(to, "#EXT-X-PLAYLIST-TYPE:VOD\n");
  fmt::format_to(to, "#EXT-X-MEDIA-SEQUENCE:{}\n", playlist.first_sequence);
  fmt::format_to(to, "#EXT-X-DISCONTINUITY-SEQUENCE:{}\n", playlist.first_break);
  const HlsSegment* before = nullptr;
  for (const auto& segment : playlist.segments) {
    // Of the first one it is counted in EXT-X-DISCONTINUITY-SEQUENCE.
    if (segment.breaks && before != nullptr) fmt::format_to(to, "#EXT-X-DISCONTINUITY\n");
    if (before == nullptr || before->init != segment.init)
      fmt::format_to(
          to, "#EXT-X-MAP:URI=\"{}\"\n",
          text_of({HlsName::Kind::init, segment.init.stream.kind, segment.init.sequence, 0}));
    fmt::format_to(to, "#EXT-X-PROGRAM-DATE-TIME:{}\n#EXTINF:{:.3f},\n{}\n",
                   date_time(segment.start_us),
                   static_cast<double>(segment.end_us - segment.start_us) / 1e6,
                   text_of({HlsName::Kind::segment, segment.first.stream.kind,
                            segment.first.sequence, segment.fragments}));
    before = &segment;
  }
  if (playlist.is_whole) out += "#EXT-X-ENDLIST\n";
  return out;
}

std::string text_of(const HlsName& name) {
  if (name.kind == HlsName::Kind::playlist) return std::string(playlist_name);
  const char letter = name.stream == StreamKind::fetched ? 'f' : 'm';
  if (name.kind == HlsName::Kind::init) return fmt::format("{}-{}.mp4", letter, name.first);
  return fmt::format("{}-{}-{}.m4s", letter, name.first, name.fragments);
}

std::optional<HlsName> hls_name_of(std::string_view text) {
  if (text == playlist_name) return HlsName{};
  HlsName out;
  if (text.size() < 2 || (text[0] != 'm' && text[0] != 'f') || text[1] != '-') return std::nullopt;
  out.stream = text[0] == 'f' ? StreamKind::fetched : StreamKind::main;
  text.remove_prefix(2);
  const auto dot = text.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const auto ending = text.substr(dot);
  text = text.substr(0, dot);
  const auto dash = text.find('-');
  const auto first = number_of<std::uint64_t>(text.substr(0, dash));
  if (!first) return std::nullopt;
  out.first = *first;
  if (ending == ".mp4" && dash == std::string_view::npos) {
    out.kind = HlsName::Kind::init;
    return out;
  }
  if (ending != ".m4s" || dash == std::string_view::npos) return std::nullopt;
  const auto count = number_of<std::uint32_t>(text.substr(dash + 1));
  if (!count || *count > most_hls_fragments) return std::nullopt;
  out.kind = HlsName::Kind::segment;
  out.fragments = *count;
  return out;
}

}  // namespace vl::recorder
