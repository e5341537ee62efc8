#include <algorithm>
#include <charconv>
#include <set>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/fleet/asset.hpp>
#include <vonglau/fleet/contribution_commands.hpp>
#include <vonglau/incidents/events.hpp>
#include <vonglau/incidents/incident.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/routes/wall_watch.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::routes {

using walls::CameraId;
using walls::EventCause;

namespace {

std::optional<WallTime> end_in(const std::string& reply) {
  std::int64_t us = 0;
  const auto* end = reply.data() + reply.size();
  if (reply.empty() || std::from_chars(reply.data(), end, us).ptr != end) return std::nullopt;
  return WallTime{us};
}

}  // namespace

Result<bool> WallWatch::anybody_accepts() {
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto all, walls::walls(*session, province_));
  return std::ranges::any_of(
      all, [](const auto& wall) { return wall.accepts_incidents || wall.accepts_pictures; });
}

/// The nearest that stream, within reach; nobody's own camera is put on a wall by itself.
Result<std::vector<CameraId>> WallWatch::near(const GeoPoint& point) {
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto cameras, cameras::cameras(*session, province_));
  VL_TRY(const auto contributed, fleet::contributions(*session, province_));
  std::set<Uuid> others;
  for (const auto& one : contributed) others.insert(one.camera_id.value);
  std::vector<std::pair<double, CameraId>> found;
  for (const auto& camera : cameras) {
    if (!camera.lat || !camera.lon || camera.state != "online" || others.contains(camera.id.value))
      continue;
    const double away_m = distance_m(point, {*camera.lat, *camera.lon});
    if (away_m <= walls::near_m) found.emplace_back(away_m, camera.id);
  }
  std::ranges::sort(found);
  std::vector<CameraId> out;
  for (const auto& [away_m, id] : found)
    if (out.size() < walls::most_event_cameras) out.push_back(id);
  return out;
}

Result<void> WallWatch::show(EventCause cause, Uuid id, std::vector<CameraId> cameras,
                             std::int64_t for_us) {
  if (cameras.empty()) return {};
  VL_CHECK(journal_.execute(
      walls::take_happening({cause, id, std::move(cameras), clock_.wall().plus_us(for_us)},
                            [this] { return walls::WallEventId{ids_.next()}; })));
  due_ = WallTime{0};  // end_due() tells when the next is over
  return {};
}

Result<void> WallWatch::follow(const journal::Event& event) {
  Result<void> done;
  using journal::when;
  const auto& id = event.stream.id;
  when<incidents::IncidentOpened>(event,
                                  [&](const incidents::IncidentOpened& opened) {
                                    if (!opened.point) return;
                                    auto cameras = near(*opened.point);
                                    done = cameras
                                               ? show(EventCause::incident, id, std::move(*cameras),
                                                      walls::incident_shown_us)
                                               : fail(cameras.error());
                                  }) ||
      when<incidents::IncidentClosed>(
          event,
          [&](const auto&) {
            if (auto ended = journal_.execute(walls::end_cause(EventCause::incident, id)); !ended)
              done = fail(ended.error());
          }) ||
      when<fleet::PictureChanged>(event, [&](const fleet::PictureChanged& changed) {
        if (changed.picture != fleet::Picture::good) {
          done = show(EventCause::picture, id, {CameraId{id}}, walls::picture_shown_us);
        } else if (auto ended = journal_.execute(walls::end_cause(EventCause::picture, id));
                   !ended) {
          done = fail(ended.error());
        }
      });
  return done;
}

Result<void> WallWatch::turn() {
  const auto head = journal_.tail().head();
  if (seen_ && head > *seen_) {
    const auto events = journal_.tail().read(*seen_ + 1, 100'000);
    std::vector<journal::EventPtr> wanted;
    if (events)
      for (const auto& event : *events)
        if (event->type == incidents::IncidentOpened::kType ||
            event->type == incidents::IncidentClosed::kType ||
            event->type == fleet::PictureChanged::kType)
          wanted.push_back(event);
    if (!wanted.empty()) {
      VL_TRY(const auto accepted, anybody_accepts());
      if (accepted)
        for (const auto& event : wanted) VL_CHECK(follow(*event));
    }
  }
  seen_ = head;
  if (!due_ || clock_.wall() < *due_) return {};
  VL_TRY(const auto receipt, journal_.execute(walls::end_due()));
  due_ = end_in(receipt.reply);
  return {};
}

}  // namespace vl::routes
