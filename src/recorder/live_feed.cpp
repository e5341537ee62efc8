#include "live_feed.hpp"

#include <algorithm>

#include <boost/describe/enum_to_string.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <vonglau/base/log.hpp>
#include <vonglau/media/fmp4.hpp>

namespace vl::recorder {

using recording::SamplePtr;

namespace {
constexpr std::int64_t longest_key_s = 20;  // that a key picture alone is shown for
}  // namespace

std::string gap_text(std::int64_t start_us, std::optional<std::int64_t> end_us,
                     recording::GapCause cause) {
  boost::json::object gap{{"start_us", start_us}};
  if (end_us) gap["end_us"] = *end_us;
  gap["cause"] = boost::describe::enum_to_string(cause, "unexplained");
  return boost::json::serialize(boost::json::object{{"gap", std::move(gap)}});
}

std::string hello_text(const media::TrackFormat& format) {
  const auto codec = media::codec_string(format);
  if (codec.empty()) return {};
  return boost::json::serialize(
      boost::json::object{{"mime", "video/mp4; codecs=\"" + codec + "\""}});
}

bool LiveFeed::make_hello() {
  const media::Fmp4Track track{0, format_.get()};
  auto init = media::init_segment({&track, 1});
  auto hello = hello_text(*format_);
  if (!init || hello.empty()) {
    log::warn("live.no_format", {{"why", init ? "no codec name" : init.error().message}});
    hello_ = {};
    return false;
  }
  hello_ = std::move(hello);
  init_ = std::move(*init);
  return true;
}

void LiveFeed::add(const SamplePtr& sample) {
  if (sample->track != 0) return;
  const std::scoped_lock lock(mutex_);
  if (relies_on_store_) remember(sample);
  if (interruption_) {
    // First the stretch with its end, then where the picture goes on: pages clear their note.
    const auto gap =
        http::SharedBytes(gap_text(interruption_->from_us, sample->wall_us, interruption_->cause));
    const auto position =
        http::SharedBytes("{\"position_us\":" + std::to_string(sample->wall_us) + "}");
    for (const auto& viewer : viewers_) {
      static_cast<void>(viewer->peer.send_text(gap));
      static_cast<void>(viewer->peer.send_text(position));
    }
    interruption_.reset();
  }
  if (keeps_group()) put(sample);
}

void LiveFeed::put(const SamplePtr& sample) {
  const bool format_changed =
      format_ != sample->format && !(format_ && *format_ == *sample->format);
  if (sample->is_key || format_changed) {
    finish_segment();
    start_group(sample);
  }
  take(sample);
}

void LiveFeed::rely_on_store() {
  const std::scoped_lock lock(mutex_);
  relies_on_store_ = true;
}

void LiveFeed::remember(const SamplePtr& sample) {
  recent_bytes_ += sample->bytes.size();
  recent_.push_back(sample);
  // A store that takes nothing any more must not fill memory.
  for (; recent_bytes_ > most_group_bytes ||
         (joining_ == 0 && sample->wall_us - recent_.front()->wall_us > most_recent_us);
       recent_.pop_front())
    recent_bytes_ -= recent_.front()->bytes.size();
}

void LiveFeed::stored_until(std::int64_t end_us) {
  const std::scoped_lock lock(mutex_);
  if (joining_ > 0) return;
  // The end of what is stored may be a guess, where no picture had followed yet: kept are a few
  // pictures more, which join() does not take twice.
  constexpr std::int64_t unsure_us = 100'000;
  for (; !recent_.empty() && recent_.front()->wall_us < end_us - unsure_us; recent_.pop_front())
    recent_bytes_ -= recent_.front()->bytes.size();
}

void LiveFeed::forget_group() {
  open_.clear();
  group_.clear();
  group_.shrink_to_fit();
  group_bytes_ = 0;
}

/// As if it had been kept all the time. Nobody watches yet, so nothing is sent.
void LiveFeed::rebuild_group(const std::vector<SamplePtr>& stored) {
  forget_group();
  bool begun = false;
  const auto add_known = [&](const SamplePtr& sample) {
    begun |= sample->is_key;
    if (begun) put(sample);
  };
  for (const auto& sample : stored) add_known(sample);
  for (const auto& sample : recent_) add_known(sample);
}

void LiveFeed::start_group(const SamplePtr& sample) {
  group_.clear();
  group_bytes_ = 0;
  key_bytes_ = {};
  const std::int64_t clock_hz = sample->format->clock_hz;
  const auto since_key = sample->pts - last_key_pts_.value_or(sample->pts);
  key_interval_ = since_key > 0 && since_key <= clock_hz * longest_key_s ? since_key : clock_hz;
  last_key_pts_ = sample->pts;
  overgrown_ = false;
  highest_pts_ = sample->pts;
  const bool changed = !format_ || !(*format_ == *sample->format);
  format_ = sample->format;
  if (!changed && !hello_.empty()) return;
  out_of_order_ = false;
  interval_ = 0;
  static_cast<void>(make_hello());
  for (const auto& viewer : viewers_) viewer->begun = false;
}

void LiveFeed::take(const SamplePtr& sample) {
  if (interval_ == 0) interval_ = std::int64_t{sample->format->clock_hz} / 25;
  if (sample->pts < last_pts_ && !sample->is_key) out_of_order_ = true;
  // A picture beyond all before it begins a new run: what waited is in display order now.
  if (out_of_order_ && sample->pts > highest_pts_) finish_segment();
  const auto step = sample->pts - last_pts_;
  if (step > 0 && step < std::int64_t{sample->format->clock_hz} * 2 && !out_of_order_)
    interval_ = step;
  last_pts_ = sample->pts;
  highest_pts_ = std::max(highest_pts_, sample->pts);
  open_.push_back(sample);
  if (!out_of_order_ || open_.size() > 32) finish_segment();
}

void LiveFeed::finish_segment() {
  if (open_.empty()) return;
  std::size_t bytes = 0;
  auto highest_pts = open_.front()->pts;
  for (const auto& sample : open_) {
    bytes += sample->bytes.size();
    highest_pts = std::max(highest_pts, sample->pts);
  }
  // Between pictures sent out of order the time is that of the whole run, shared.
  const auto count = static_cast<std::int64_t>(open_.size());
  const auto step = (highest_pts - finished_pts_) / count;
  if (out_of_order_ && step > 0 && step < std::int64_t{format_->clock_hz} * 2) interval_ = step;
  finished_pts_ = highest_pts;
  group_.push_back({std::move(open_), {}});
  open_.clear();
  group_bytes_ += bytes;
  send_last();
  if (group_bytes_ > most_group_bytes) {
    // A camera without key pictures: who comes now waits for the next one.
    group_.clear();
    group_bytes_ = 0;
    overgrown_ = true;
  }
}

const http::SharedBytes& LiveFeed::bytes_of(Segment& segment) {
  if (!segment.bytes.empty()) return segment.bytes;
  std::vector<media::Sample> copies;
  std::span<const media::Sample> samples(segment.samples.front().get(), 1);
  if (segment.samples.size() > 1) {
    for (const auto& sample : segment.samples) copies.push_back(*sample);
    samples = copies;
  }
  // The next picture is not there yet: this one is taken to last as long as the one before it.
  // Errors of that kind cancel out over time.
  const media::Fmp4Run run{0, decode_time_, samples, interval_};
  auto made = media::media_segment(++sequence_, {&run, 1});
  if (!made) {
    log::warn("live.no_segment", {{"why", made.error().message}});
    return segment.bytes;
  }
  decode_time_ += interval_ * static_cast<std::int64_t>(samples.size());
  segment.bytes = std::move(*made);
  return segment.bytes;
}

/// Shown until the next key picture, taken to come as soon as this one did.
const http::SharedBytes& LiveFeed::key_bytes() {
  if (!key_bytes_.empty()) return key_bytes_;
  const auto& sample = *group_.front().samples.front();
  const media::Fmp4Run run{0, key_decode_time_, {&sample, 1}, key_interval_};
  if (auto made = media::media_segment(++sequence_, {&run, 1})) {
    key_decode_time_ += key_interval_;
    key_bytes_ = std::move(*made);
  } else {
    log::warn("live.no_segment", {{"why", made.error().message}});
  }
  return key_bytes_;
}

void LiveFeed::begin(Viewer& viewer) {
  viewer.begun = true;
  viewer.behind = false;
  static_cast<void>(viewer.peer.send_text(hello_));
  static_cast<void>(viewer.peer.send_binary(init_));
}

void LiveFeed::send_last() {
  if (viewers_.empty() || hello_.empty()) return;
  Segment& last = group_.back();
  const bool at_key = last.samples.front()->is_key;
  for (const auto& viewer : viewers_) {
    if (viewer->behind || !viewer->begun) {
      if (!at_key) continue;
      begin(*viewer);
    }
    if (viewer->keys_only && !at_key) continue;
    const auto& bytes = viewer->keys_only ? key_bytes() : bytes_of(last);
    if (!bytes.empty()) static_cast<void>(viewer->peer.send_binary(bytes));
  }
}

bool LiveFeed::join(const std::shared_ptr<Viewer>& viewer, const Stored& stored) {
  std::unique_lock lock(mutex_);
  std::vector<SamplePtr> earlier;
  if (!keeps_group() && stored && !recent_.empty() && !interruption_) {
    ++joining_;
    const auto before_us = recent_.front()->wall_us;
    lock.unlock();
    earlier = stored(before_us);
    lock.lock();
    --joining_;
    // Too much came meanwhile: what lies between is in neither.
    if (recent_.empty() || recent_.front()->wall_us != before_us) earlier.clear();
  }
  if (viewers_.size() >= most_viewers) return false;
  if (!keeps_group()) rebuild_group(earlier);
  viewers_.push_back(viewer);
  watching_ = viewers_.size();
  if (interruption_)
    static_cast<void>(viewer->peer.send_text(
        gap_text(interruption_->from_us, std::nullopt, interruption_->cause)));
  if (hello_.empty() || group_.empty() || overgrown_ || interruption_) return true;
  begin(*viewer);
  if (viewer->keys_only) {
    if (const auto& bytes = key_bytes(); !bytes.empty())
      static_cast<void>(viewer->peer.send_binary(bytes));
    return true;
  }
  for (auto& segment : group_) {
    const auto& bytes = bytes_of(segment);
    if (!bytes.empty()) static_cast<void>(viewer->peer.send_binary(bytes));
  }
  return true;
}

void LiveFeed::leave(const std::shared_ptr<Viewer>& viewer) {
  const std::scoped_lock lock(mutex_);
  std::erase(viewers_, viewer);
  watching_ = viewers_.size();
  if (!keeps_group()) forget_group();
}

void LiveFeed::show_keys_only(Viewer& viewer, bool keys_only) {
  const std::scoped_lock lock(mutex_);
  if (viewer.keys_only == keys_only) return;
  viewer.keys_only = keys_only;
  // All pictures are of use from a key picture on.
  if (!keys_only) viewer.behind = true;
}

std::size_t LiveFeed::pictures_at_hand() const {
  const std::scoped_lock lock(mutex_);
  if (!keeps_group()) return recent_.size();
  auto pictures = open_.size();
  for (const auto& segment : group_) pictures += segment.samples.size();
  return pictures;
}

void LiveFeed::interrupted(recording::GapCause cause, std::int64_t from_us) {
  const std::scoped_lock lock(mutex_);
  finish_segment();
  forget_group();
  recent_.clear();
  recent_bytes_ = 0;
  if (interruption_ && interruption_->cause == cause) return;
  interruption_ = Interruption{interruption_ ? interruption_->from_us : from_us, cause};
  const http::SharedBytes text(gap_text(interruption_->from_us, std::nullopt, cause));
  for (const auto& viewer : viewers_) static_cast<void>(viewer->peer.send_text(text));
}

void LiveFeed::close(std::uint16_t code, std::string_view reason) {
  const std::scoped_lock lock(mutex_);
  for (const auto& viewer : viewers_) viewer->peer.close(code, reason);
}

}  // namespace vl::recorder
