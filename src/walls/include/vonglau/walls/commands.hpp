// The commands of walls, ready for the journal. The reply of each is the id of what it made or
// changed, as text.
#pragma once

#include <functional>
#include <span>

#include <vonglau/journal/writer.hpp>
#include <vonglau/walls/wall.hpp>

namespace vl::walls {

struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
  PersonId person() const { return {actor.id}; }
};

/// A new wall, or one that is described anew: events that it accepts no longer are handed back.
journal::Command create_wall(Request request, WallId id, WallDescription wall);
journal::Command describe_wall(Request request, WallId id, WallDescription wall);
journal::Command retire_wall(Request request, WallId id);
/// Refused when a camera is not known, or the layout is not one that is saved.
journal::Command show(Request request, WallId id, Arrangement shows,
                      std::optional<LayoutId> layout);
journal::Command hand_back(Request request, WallId id, WallEventId event);

journal::Command create_layout(Request request, LayoutId id, LayoutSaved layout);
journal::Command save_layout(Request request, LayoutId id, LayoutSaved layout);
journal::Command remove_layout(Request request, LayoutId id);

/// What happened, shown on each wall that accepts it. The reply is when the next event's time is
/// over (microseconds), or "".
journal::Command take_happening(Happening happening, std::function<WallEventId()> new_id);
/// The cause is over: handed back on every wall.
journal::Command end_cause(EventCause cause, Uuid cause_id);
/// Hands back what has been shown long enough. The reply as that of take_happening.
journal::Command end_due();

}  // namespace vl::walls
