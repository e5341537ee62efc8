#include <algorithm>

#include <vonglau/cameras/schema.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/walls/commands.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::walls {

using journal::Command;
using journal::Decision;
using journal::draft_of;

namespace {

Result<const Wall*> known_wall(Decision& d, WallId id) {
  VL_TRY(const auto* wall, d.state<Wall>(id.value));
  if (!wall->exists) return fail(WallError::not_found, "there is no such wall", "id");
  return wall;
}

Result<const WallLayout*> known_layout(Decision& d, LayoutId id) {
  VL_TRY(const auto* layout, d.state<WallLayout>(id.value));
  if (!layout->exists) return fail(WallError::layout_not_found, "there is no such layout", "id");
  return layout;
}

template <class E>
Result<void> record(Decision& d, WallId id, const E& event) {
  return d.record(draft_of(Wall::kStream, id.value, event));
}

Result<void> wall_name_is_free(Decision& d, const std::string& name, WallId mine) {
  VL_TRY(const auto taken, d.tables().query_integer("SELECT count(*) FROM walls WHERE"
                                                    " province_id = $1 AND name = $2 AND"
                                                    " wall_id <> $3",
                                                    {d.province(), name, mine}));
  if (taken.value_or(0) > 0) return fail(WallError::taken, "another wall has this name", "name");
  return {};
}

Result<void> layout_name_is_free(Decision& d, const std::string& name, LayoutId mine) {
  VL_TRY(const auto taken, d.tables().query_integer("SELECT count(*) FROM wall_layouts WHERE"
                                                    " province_id = $1 AND name = $2 AND"
                                                    " layout_id <> $3",
                                                    {d.province(), name, mine}));
  if (taken.value_or(0) > 0) return fail(WallError::taken, "another layout has this name", "name");
  return {};
}

Result<void> cameras_are_known(Decision& d, const Arrangement& shows) {
  for (std::size_t i = 0; i < shows.cameras.size(); ++i)
    if (!cameras::camera(d.tables(), d.province(), shows.cameras[i]))
      return fail(WallError::bad_layout, "there is no such camera",
                  "cameras[" + std::to_string(i) + "]");
  return {};
}

Result<std::string> next_end(Decision& d) {
  VL_TRY(const auto next, d.tables().query_integer("SELECT min(until_us) FROM wall_events WHERE"
                                                   " province_id = $1",
                                                   {d.province()}));
  return next ? std::to_string(*next) : std::string();
}

Result<std::vector<WallId>> all_walls(Decision& d) {
  VL_TRY(const auto rows, walls(d.tables(), d.province()));
  std::vector<WallId> out;
  for (const auto& row : rows) out.push_back(row.id);
  return out;
}

Result<void> describe(Decision& d, WallId id, const WallDescription& wall) {
  VL_CHECK(check_name(wall.name));
  VL_CHECK(wall_name_is_free(d, wall.name, id));
  return record(d, id, WallDescribed{wall});
}

}  // namespace

Command create_wall(Request request, WallId id, WallDescription wall) {
  return {request.actor, "walls.create", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto all, all_walls(d));
            if (all.size() >= most_walls)
              return fail(WallError::bad_layout, "there are 200 walls, which is the most");
            VL_CHECK(describe(d, id, wall));
            return id.text();
          }};
}

Command describe_wall(Request request, WallId id, WallDescription wall) {
  return {request.actor, "walls.describe", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* before, known_wall(d, id));
            const auto events = before->events;
            if (before->description == wall) return id.text();
            VL_CHECK(describe(d, id, wall));
            const Wall after{true, wall, {}, {}, {}};
            for (const auto& event : events)
              if (!after.accepts(event.cause))
                VL_CHECK(record(d, id, EventEnded{event.event_id, EventEnd::unwanted}));
            return id.text();
          }};
}

Command retire_wall(Request request, WallId id) {
  return {request.actor, "walls.retire", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(known_wall(d, id));
            VL_CHECK(record(d, id, WallRetired{}));
            return id.text();
          }};
}

Command show(Request request, WallId id, Arrangement shows, std::optional<LayoutId> layout) {
  return {request.actor, "walls.show", request.idempotency_key,
          [=, by = request.person()](Decision& d) -> Result<std::string> {
            VL_CHECK(check(shows));
            VL_CHECK(known_wall(d, id));
            if (layout) VL_CHECK(known_layout(d, *layout));
            VL_CHECK(cameras_are_known(d, shows));
            VL_CHECK(record(d, id, WallShown{shows, layout, by}));
            return id.text();
          }};
}

Command hand_back(Request request, WallId id, WallEventId event) {
  return {request.actor, "walls.hand_back", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto* wall, known_wall(d, id));
            if (wall->event(event) == nullptr)
              return fail(WallError::event_not_found, "it is not on this wall any more",
                          "event_id");
            VL_CHECK(record(d, id, EventEnded{event, EventEnd::person}));
            return id.text();
          }};
}

Command create_layout(Request request, LayoutId id, LayoutSaved layout) {
  return {request.actor, "walls.save_layout", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(check_name(layout.name));
            VL_CHECK(check(layout.shows));
            VL_CHECK(cameras_are_known(d, layout.shows));
            VL_CHECK(layout_name_is_free(d, layout.name, id));
            VL_TRY(const auto count,
                   d.tables().query_integer(
                       "SELECT count(*) FROM wall_layouts WHERE province_id = $1", {d.province()}));
            if (count.value_or(0) >= static_cast<std::int64_t>(most_layouts))
              return fail(WallError::bad_layout, "there are 1000 layouts, which is the most");
            VL_CHECK(d.record(draft_of(WallLayout::kStream, id.value, layout)));
            return id.text();
          }};
}

Command save_layout(Request request, LayoutId id, LayoutSaved layout) {
  return {request.actor, "walls.save_layout", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(known_layout(d, id));
            VL_CHECK(check_name(layout.name));
            VL_CHECK(check(layout.shows));
            VL_CHECK(cameras_are_known(d, layout.shows));
            VL_CHECK(layout_name_is_free(d, layout.name, id));
            VL_CHECK(d.record(draft_of(WallLayout::kStream, id.value, layout)));
            return id.text();
          }};
}

Command remove_layout(Request request, LayoutId id) {
  return {request.actor, "walls.remove_layout", request.idempotency_key,
          [=](Decision& d) -> Result<std::string> {
            VL_CHECK(known_layout(d, id));
            VL_CHECK(d.record(draft_of(WallLayout::kStream, id.value, LayoutRemoved{})));
            return id.text();
          }};
}

Command take_happening(Happening happening, std::function<WallEventId()> new_id) {
  return {journal::Actor::system(),
          "walls.take_happening",
          {},
          [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto all, all_walls(d));
            std::string next = std::to_string(happening.until.us);
            for (const auto& id : all) {
              VL_TRY(const auto* wall, d.state<Wall>(id.value));
              const auto step = steps(*wall, happening, new_id());
              for (const auto& ended : step.ended) VL_CHECK(record(d, id, ended));
              if (step.shown) VL_CHECK(record(d, id, *step.shown));
            }
            VL_TRY(const auto due, next_end(d));
            return due.empty() ? next
                               : std::to_string(std::min(
                                     std::stoll(due), static_cast<long long>(happening.until.us)));
          }};
}

Command end_cause(EventCause cause, Uuid cause_id) {
  return {journal::Actor::system(), "walls.end_cause", {}, [=](Decision& d) -> Result<std::string> {
            VL_TRY(const auto all, all_walls(d));
            for (const auto& id : all) {
              VL_TRY(const auto* wall, d.state<Wall>(id.value));
              const auto events = wall->events;
              for (const auto& event : events)
                if (event.cause == cause && event.cause_id == cause_id)
                  VL_CHECK(record(d, id, EventEnded{event.event_id, EventEnd::cause}));
            }
            return std::string();
          }};
}

Command end_due() {
  return {journal::Actor::system(), "walls.end_due", {}, [](Decision& d) -> Result<std::string> {
            VL_TRY(const auto all, all_walls(d));
            std::optional<std::int64_t> next;
            for (const auto& id : all) {
              VL_TRY(const auto* wall, d.state<Wall>(id.value));
              for (const auto& event : wall->events)
                if (event.until_us > d.now() && (!next || event.until_us.us < *next))
                  next = event.until_us.us;
              for (const auto& ended : over(*wall, d.now())) VL_CHECK(record(d, id, ended));
            }
            return next ? std::to_string(*next) : std::string();
          }};
}

}  // namespace vl::walls
