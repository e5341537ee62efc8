#include <algorithm>
#include <array>

#include <vonglau/journal/typed_event.hpp>
#include <vonglau/walls/wall.hpp>

namespace vl::walls {

using journal::when;

Result<void> check(const Arrangement& a) {
  constexpr std::array<std::int64_t, 8> kSizes{1, 4, 9, 16, 25, 36, 49, 64};
  if (std::ranges::find(kSizes, a.tiles) == kSizes.end())
    return fail(WallError::bad_layout, "tiles: 1, 4, 9, 16, 25, 36, 49 or 64", "tiles");
  if (a.cameras.size() > static_cast<std::size_t>(a.tiles))
    return fail(WallError::bad_layout, "cameras: no more than there are tiles", "cameras");
  auto sorted = a.cameras;
  std::ranges::sort(sorted);
  if (std::ranges::adjacent_find(sorted) != sorted.end())
    return fail(WallError::bad_layout, "cameras: each once", "cameras");
  return {};
}

Result<void> check_name(const std::string& name) {
  const bool fits =
      !name.empty() && name.size() <= 100 && name.front() != ' ' && name.back() != ' ' &&
      std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (!fits) return fail(WallError::bad_name, "a name has 1 to 100 bytes", "name");
  return {};
}

const EventShown* Wall::event(WallEventId id) const {
  const auto found = std::ranges::find(events, id, &EventShown::event_id);
  return found == events.end() ? nullptr : &*found;
}

void Wall::apply(const journal::Event& event) {
  when<WallDescribed>(event,
                      [&](const WallDescribed& e) {
                        exists = true;
                        description = e.wall;
                      }) ||
      when<WallRetired>(event,
                        [&](const WallRetired&) {
                          exists = false;
                          events.clear();
                        }) ||
      when<WallShown>(event,
                      [&](const WallShown& e) {
                        shows = e.shows;
                        layout_id = e.layout_id;
                      }) ||
      when<EventShown>(event, [&](const EventShown& e) { events.push_back(e); }) ||
      when<EventEnded>(event, [&](const EventEnded& e) {
        std::erase_if(events, [&](const EventShown& one) { return one.event_id == e.event_id; });
      });
}

void WallLayout::apply(const journal::Event& event) {
  when<LayoutSaved>(event,
                    [&](const LayoutSaved& e) {
                      exists = true;
                      saved = e;
                    }) ||
      when<LayoutRemoved>(event, [&](const LayoutRemoved&) { exists = false; });
}

EventSteps steps(const Wall& wall, const Happening& happening, WallEventId id) {
  EventSteps out;
  const bool known = std::ranges::any_of(wall.events, [&](const EventShown& e) {
    return e.cause == happening.cause && e.cause_id == happening.cause_id;
  });
  if (!wall.exists || !wall.accepts(happening.cause) || known || happening.cameras.empty())
    return out;
  if (wall.events.size() >= most_events) {
    const auto first = std::ranges::min_element(wall.events, {}, &EventShown::until_us);
    out.ended.push_back({first->event_id, EventEnd::room});
  }
  auto cameras = happening.cameras;
  if (cameras.size() > most_event_cameras) cameras.resize(most_event_cameras);
  out.shown = EventShown{id, happening.cause, happening.cause_id, cameras, happening.until};
  return out;
}

std::vector<EventEnded> over(const Wall& wall, WallTime now) {
  std::vector<EventEnded> out;
  for (const auto& event : wall.events)
    if (event.until_us <= now) out.push_back({event.event_id, EventEnd::time});
  return out;
}

}  // namespace vl::walls
