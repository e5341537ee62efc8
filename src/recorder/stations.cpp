#include "stations.hpp"

#include <set>

#include <vonglau/base/log.hpp>

namespace vl::recorder {

using recording::CameraId;
using recording::GapCause;
using recording::StreamKey;
using recording::StreamKind;

namespace {
// Of a whole province's cameras at a start: no more than a few dozen sign in at the same moment.
constexpr std::int64_t spread_ms_of_camera = 4;

bool same_source(const node::CameraAssignment& a, const node::CameraAssignment& b) {
  return a.main_url == b.main_url && a.sub_url == b.sub_url && a.login == b.login &&
         a.password == b.password;
}
}  // namespace

Stations::Stations(const RecorderOptions& options, recording::FragmentStore& store,
                   recording::FragmentSink& sink, CoreReports& reports, const Clock& clock)
    : options_(options),
      store_(store),
      sink_(sink),
      reports_(reports),
      clock_(clock),
      connections_(clock, options.connections) {}

Stations::~Stations() {
  const std::scoped_lock lock(mutex_);
  for (auto& [id, station] : stations_) {
    close(station.main, std::nullopt);
    if (station.sub) close(*station.sub, std::nullopt);
  }
}

void Stations::assign(const node::Assignment& assignment) {
  const std::scoped_lock lock(mutex_);
  pending_ = assignment;
}

void Stations::tell_all() {
  const std::scoped_lock lock(mutex_);
  for (auto& [id, station] : stations_) station.main.stream->tell_again();
}

void Stations::keep() {
  const std::scoped_lock lock(mutex_);
  if (pending_) {
    apply(*pending_);
    pending_.reset();
  }
  for (auto& [id, station] : stations_)
    if (station.sub) keep_sub(station);
}

void Stations::apply(const node::Assignment& assignment) {
  std::set<CameraId> wanted;
  for (const auto& camera : assignment.cameras) {
    const CameraId id{camera.id};
    wanted.insert(id);
    const auto known = stations_.find(id);
    if (known != stations_.end() && same_source(known->second.camera, camera)) {
      if (known->second.camera.retention_days != camera.retention_days)
        static_cast<void>(store_.set_retention({id, StreamKind::main},
                                               {.most_age_s = camera.retention_days * 86'400}));
      known->second.camera = camera;
      continue;
    }
    if (known != stations_.end()) {
      close(known->second.main, GapCause::camera_unreachable);
      if (known->second.sub) close(*known->second.sub, GapCause::camera_unreachable);
      stations_.erase(known);
    }
    auto& station = stations_[id];
    station.camera = camera;
    open_main(station);
  }
  for (auto it = stations_.begin(); it != stations_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    close(it->second.main, GapCause::disabled);
    // Nothing comes of it any more, and that is as it should be.
    reports_.offline(it->first, clock_.wall(), GapCause::disabled);
    if (it->second.sub) close(*it->second.sub, GapCause::disabled);
    it = stations_.erase(it);
  }
}

void Stations::open_main(Station& station) {
  const StreamKey key{CameraId{station.camera.id}, StreamKind::main};
  auto& taken = station.main;
  taken.stream = std::make_shared<CameraStream>(key, &sink_, &reports_, clock_, options_.cut);
  taken.stream->show_stored(store_);
  const auto end_us = store_.end_us(key);
  std::optional<recording::Gap> open_gap;
  if (end_us)
    if (const auto gaps = store_.gaps(key, *end_us, clock_.wall().us + 1);
        gaps && !gaps->empty() && !gaps->back().end_us)
      open_gap = gaps->back();
  taken.stream->begin(end_us, open_gap);
  if (auto set = store_.set_retention(key, {.most_age_s = station.camera.retention_days * 86'400});
      !set)
    log::warn("recorder.retention", {{"why", set.error().message}});
  open(taken, station.camera, station.camera.main_url);
  if (station.camera.sub_url) {
    station.sub.emplace();
    station.sub->stream = std::make_shared<CameraStream>(StreamKey{key.camera, StreamKind::sub},
                                                         nullptr, nullptr, clock_);
  }
}

rtsp::Source Stations::source_of(const node::CameraAssignment& camera, const std::string& url) {
  rtsp::Source source{url, {}};
  if (camera.login)
    source.credentials = rtsp::Credentials{*camera.login, camera.password.value_or("")};
  return source;
}

std::vector<StoringCamera> Stations::storing_cameras() const {
  const std::scoped_lock lock(mutex_);
  std::vector<StoringCamera> out;
  for (const auto& [id, station] : stations_)
    if (const auto& url = station.camera.replay_url; url && !url->empty())
      out.push_back({id, source_of(station.camera, *url), station.main.stream->online()});
  return out;
}

void Stations::open(Taken& taken, const node::CameraAssignment& camera, const std::string& url) {
  auto source = source_of(camera, url);
  const auto spread_ms = taken.stream->key().kind == StreamKind::main
                             ? spread_ms_of_camera * static_cast<std::int64_t>(stations_.size())
                             : 0;
  auto opened = connections_.open(std::move(source), *taken.stream, spread_ms);
  if (opened) {
    taken.connection = *opened;
    return;
  }
  log::warn("camera.bad_source",
            {{"camera", taken.stream->key().camera.text()}, {"why", opened.error().message}});
  // Not on the connections' thread, but nothing else calls a stream that has no connection.
  taken.stream->on_stopped(rtsp::StopCause::bad_stream, opened.error().message);
  taken.stream->on_tick(clock_.wall(), clock_.mono());
}

void Stations::close(Taken& taken, std::optional<GapCause> cause) {
  if (taken.connection) connections_.close(*taken.connection);
  taken.connection.reset();
  if (taken.stream) taken.stream->stop(cause);
}

void Stations::keep_sub(Station& station) {
  auto& sub = *station.sub;
  const auto now = clock_.mono();
  if (now < sub.given_up_until) return;
  if (!sub.held.expired()) {
    sub.last_wanted = now;
    if (!sub.connection) {
      open(sub, station.camera, *station.camera.sub_url);
      sub.last_good = now;
    }
    if (sub.stream->online()) sub.last_good = now;
    if (now.us - sub.last_good.us > options_.sub_patience_us) give_up_sub(sub);
  } else if (sub.connection && now.us - sub.last_wanted.us > options_.sub_linger_us) {
    connections_.close(*sub.connection);
    sub.connection.reset();
    // What it saw last must not be shown to who comes an hour later.
    sub.stream = std::make_shared<CameraStream>(sub.stream->key(), nullptr, nullptr, clock_);
  }
}

/// Its viewers come back by themselves.
void Stations::give_up_sub(Taken& sub) {
  log::info("camera.sub_given_up", {{"camera", sub.stream->key().camera.text()}});
  if (sub.connection) connections_.close(*sub.connection);
  sub.connection.reset();
  sub.given_up_until = {clock_.mono().us + options_.sub_retry_us};
  sub.stream->feed().close(http::close_code::try_again_later, "the sub stream gives no pictures");
  sub.stream = std::make_shared<CameraStream>(sub.stream->key(), nullptr, nullptr, clock_);
  sub.held.reset();
}

std::optional<Stations::Watch> Stations::watch(const CameraId& camera, StreamKind kind) {
  const std::scoped_lock lock(mutex_);
  const auto found = stations_.find(camera);
  if (found == stations_.end()) return std::nullopt;
  auto& station = found->second;
  if (kind == StreamKind::main || !station.sub || clock_.mono() < station.sub->given_up_until)
    return Watch{station.main.stream, nullptr};
  auto hold = station.sub->held.lock();
  if (!hold) {
    hold = std::make_shared<int>(0);
    station.sub->held = hold;
  }
  // The first viewer need not wait for the next keep().
  keep_sub(station);
  return Watch{station.sub->stream, std::move(hold)};
}

std::vector<CameraNow> Stations::cameras() const {
  const std::scoped_lock lock(mutex_);
  std::vector<CameraNow> out;
  for (const auto& [id, station] : stations_) {
    CameraNow now{
        id.value, station.main.stream->online(), station.main.stream->feed().viewers(), {}};
    if (station.sub) now.viewers += station.sub->stream->feed().viewers();
    if (station.main.connection)
      now.main = connections_.state(*station.main.connection).value_or(rtsp::ConnectionState{});
    out.push_back(std::move(now));
  }
  return out;
}

}  // namespace vl::recorder
