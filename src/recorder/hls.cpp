#include "hls.hpp"

#include <algorithm>
#include <chrono>

#include <vonglau/http/errors.hpp>
#include <vonglau/http/range.hpp>

#include "hls_media.hpp"

namespace vl::recorder {

using recording::CameraId;
using recording::FragmentRef;
using recording::StreamKey;
using recording::StreamKind;

namespace {

constexpr std::size_t most_found = 10'000;        // by the store at once
constexpr std::int64_t found_us = 900'000'000;    // looked for at once
constexpr std::int64_t key_back_us = 60'000'000;  // where the picture before a moment is looked for
constexpr std::int64_t first_look_us = 40'000'000;  // of a window that opens
constexpr std::int64_t live_us = 300'000'000;       // what is served as live is no older
constexpr std::int64_t longest_group_us = 8'000'000;
constexpr std::int64_t live_goal_us = 2'000'000;
constexpr std::size_t least_listed = 4;
constexpr std::size_t most_in_window = 64;
constexpr auto patience = std::chrono::seconds(5);
/// Sequence numbers of a window begin at the time it opens, in quarters of a second since 2025:
/// a segment lasts longer, so that they never go back, not even over a restart.
constexpr std::int64_t sequence_epoch_us = 1'735'689'600'000'000;

std::unexpected<Error> busy(const char* what) {
  return fail(http::HttpError::overloaded, what);
}

/// A place among so many at once.
class Turn {
 public:
  explicit Turn(std::counting_semaphore<>& places)
      : places_(places.try_acquire_for(patience) ? &places : nullptr) {}
  ~Turn() {
    if (places_ != nullptr) places_->release();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return places_ != nullptr; }

 private:
  std::counting_semaphore<>* places_;
};

/// Of the main stream and of what was fetched where it has gaps, in order of time.
Result<std::vector<FragmentRef>> fragments(const recording::FragmentStore& store,
                                           const CameraId& camera, std::int64_t from_us,
                                           std::int64_t to_us) {
  VL_TRY(auto out, store.find({camera, StreamKind::main}, from_us, to_us, most_found));
  const StreamKey fetched{camera, StreamKind::fetched};
  if (!store.end_us(fetched)) return out;
  VL_TRY(const auto more, store.find(fetched, from_us, to_us, most_found));
  out.insert(out.end(), more.begin(), more.end());
  std::ranges::sort(out, {},
                    [](const FragmentRef& ref) { return std::pair(ref.start_us, ref.id); });
  return out;
}

std::int64_t base_us(const node::MediaTicket& ticket) {
  return ticket.from_us.value_or(0) - key_back_us;
}

}  // namespace

/// The last segments of a camera that somebody watches.
class Hls::Window {
 public:
  Window(const recording::FragmentStore& store, CameraId camera) : store_(store), camera_(camera) {}

  Result<std::string> playlist(WallTime now) {
    const std::scoped_lock lock(mutex_);
    VL_CHECK(follow(now));
    if (segments_.empty())
      return busy("there is no picture of this camera at present: try again in a few seconds");
    const std::vector<HlsSegment> listed(segments_.begin(), segments_.end());
    return text_of(
        HlsPlaylist{target_us_ / 1'000'000, first_sequence_, first_break_, listed, false});
  }
  MonoTime asked;  // under the mutex of Hls

 private:
  Result<void> follow(WallTime now) {
    const StreamKey stream{camera_, StreamKind::main};
    const auto from_us = cutter_ ? end_us_ : now.us - first_look_us;
    const auto found = store_.find(stream, from_us, now.us + first_look_us, most_found);
    if (!found && found.error().code != code_of(recording::RecordingError::not_found))
      return std::unexpected(found.error());
    if (!found) return {};
    if (!cutter_ && !open(*found, now)) return {};
    for (const auto& ref : *found) {
      if (ref.id.sequence <= last_) continue;
      last_ = ref.id.sequence;
      end_us_ = ref.end_us;
      cutter_->add(ref);
    }
    for (auto& segment : cutter_->take()) {
      breaks_ += segment.breaks ? 1 : 0;
      segments_.push_back(segment);
      if (segments_.size() == 1) first_break_ = breaks_;
    }
    trim();
    return {};
  }

  /// The longest group of pictures decides how long segments are, and the target never changes.
  bool open(const std::vector<FragmentRef>& found, WallTime now) {
    std::optional<std::int64_t> key_us;
    std::int64_t group_us = 1'000'000;
    for (const auto& ref : found) {
      if (!ref.starts_with_key) continue;
      if (key_us) group_us = std::max(group_us, ref.start_us - *key_us);
      key_us = ref.start_us;
    }
    if (!key_us) return false;
    group_us = std::min(group_us, longest_group_us);
    target_us_ = (live_goal_us + group_us + 999'999) / 1'000'000 * 1'000'000;
    HlsRules rules;
    rules.goal_us = live_goal_us;
    rules.most_us = target_us_;
    cutter_.emplace(rules,
                    [this](const recording::FragmentId& id) { return hls_look(store_, id); });
    first_sequence_ = static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, (now.us - sequence_epoch_us) / 250'000));
    breaks_ = first_sequence_;
    return true;
  }

  /// RFC 8216, section 6.2.2: three target durations at least stay.
  void trim() {
    std::int64_t rest_us = 0;
    for (const auto& segment : segments_) rest_us += segment.end_us - segment.start_us;
    while (segments_.size() > least_listed) {
      rest_us -= segments_.front().end_us - segments_.front().start_us;
      if (rest_us < 3 * target_us_ && segments_.size() <= most_in_window) return;
      segments_.pop_front();
      ++first_sequence_;
      first_break_ += segments_.front().breaks ? 1 : 0;
    }
  }

  const recording::FragmentStore& store_;
  const CameraId camera_;
  std::mutex mutex_;
  std::optional<HlsCutter> cutter_;
  std::deque<HlsSegment> segments_;
  std::int64_t target_us_ = 0;
  std::uint64_t first_sequence_ = 0;
  std::uint64_t first_break_ = 0;
  std::uint64_t breaks_ = 0;
  std::uint64_t last_ = 0;
  std::int64_t end_us_ = 0;
};

Hls::Hls(const recording::FragmentStore& store, const Clock& clock)
    : store_(store), clock_(clock) {}
Hls::~Hls() = default;

void Hls::forget(MonoTime now) {
  std::erase_if(players_, [&](const auto& p) { return now.us - p.second.us > forgotten_us; });
  std::erase_if(windows_,
                [&](const auto& w) { return now.us - w.second->asked.us > forgotten_us; });
}

std::size_t Hls::players() {
  const std::scoped_lock lock(mutex_);
  forget(clock_.mono());
  return players_.size();
}

Result<void> Hls::admit(const node::MediaTicket& ticket, const std::string& peer) {
  const auto now = clock_.mono();
  const std::scoped_lock lock(mutex_);
  forget(now);
  std::pair key(ticket.nonce, peer);
  if (!players_.contains(key) && players_.size() >= most_players)
    return busy("this recorder serves as many players as it may: stop one, or use the browser");
  players_[std::move(key)] = now;
  return {};
}

Result<std::string> Hls::live(const CameraId& camera) {
  std::shared_ptr<Window> window;
  {
    const std::scoped_lock lock(mutex_);
    auto& known = windows_[camera];
    if (!known) known = std::make_shared<Window>(store_, camera);
    known->asked = clock_.mono();
    window = known;
  }
  return window->playlist(clock_.wall());
}

Result<std::string> Hls::footage(const node::MediaTicket& ticket) {
  const CameraId camera{ticket.camera_id};
  const auto from_us = ticket.from_us.value_or(0);
  const auto to_us = ticket.to_us.value_or(0);
  if (to_us <= from_us || to_us - from_us > longest_span_us)
    return fail(http::HttpError::bad_request, "the span of an address is four hours at most");
  const Turn turn(listing_);
  if (!turn) return busy("other players ask for long spans: try again in a few seconds");
  HlsCutter cutter({}, [this](const recording::FragmentId& id) { return hls_look(store_, id); });
  VL_TRY(const auto before, fragments(store_, camera, from_us - key_back_us, from_us + 1));
  // From the key picture that shows the first moment, where footage goes on from it.
  std::vector<FragmentRef> lead;
  for (const auto& ref : before) {
    if (ref.starts_with_key) lead.clear();
    if (!lead.empty() || ref.starts_with_key) lead.push_back(ref);
  }
  if (!lead.empty() && lead.back().end_us < from_us) lead.clear();
  for (const auto& ref : lead) cutter.add(ref);
  auto last = lead.empty() ? std::optional<FragmentRef>{} : lead.back();
  for (auto at_us = from_us; at_us < to_us; at_us += found_us) {
    const auto until_us = std::min(at_us + found_us, to_us);
    VL_TRY(const auto found, fragments(store_, camera, at_us, until_us));
    for (const auto& ref : found) {
      // One that reaches over the edge is found on both sides of it.
      if (last && std::pair(ref.start_us, ref.id) <= std::pair(last->start_us, last->id)) continue;
      last = ref;
      cutter.add(ref);
    }
  }
  cutter.finish();
  const auto segments = cutter.take();
  if (segments.empty()) return fail(http::HttpError::not_found, "nothing is recorded of this span");
  std::int64_t longest_us = 1'000'000;
  for (const auto& segment : segments)
    longest_us = std::max(longest_us, segment.end_us - segment.start_us);
  return text_of(HlsPlaylist{(longest_us + 999'999) / 1'000'000, 0, 0, segments, true});
}

Result<http::Response> Hls::answer(const node::MediaTicket& ticket, const HlsName& name,
                                   const http::Request& request) {
  VL_CHECK(admit(ticket, request.peer));
  const bool is_live = ticket.purpose == node::MediaPurpose::player_live;
  const CameraId camera{ticket.camera_id};
  if (name.kind == HlsName::Kind::playlist) {
    VL_TRY(auto text, is_live ? live(camera) : footage(ticket));
    return http::Response::bytes(std::move(text), "application/vnd.apple.mpegurl");
  }
  const recording::FragmentId first{{camera, name.stream}, name.first};
  const Turn turn(making_);
  if (!turn) return busy("too many segments are asked for at once: try again in a few seconds");
  Bytes bytes;
  if (name.kind == HlsName::Kind::init) {
    // Shows nothing: any of this camera.
    VL_TRY(bytes, hls_init(store_, first));
  } else {
    const auto now_us = clock_.wall().us;
    const HlsSpan allowed = is_live
                                ? HlsSpan{std::max(now_us - live_us, base_us(ticket)), INT64_MAX}
                                : HlsSpan{base_us(ticket), ticket.to_us.value_or(0)};
    VL_TRY(bytes, hls_segment(store_, first, name.fragments, base_us(ticket), allowed));
  }
  auto whole = http::Response::bytes(std::move(bytes), "video/mp4");
  whole.compressible = false;
  return http::ranged(std::move(whole), request, "\"" + text_of(name) + "\"");
}

}  // namespace vl::recorder
