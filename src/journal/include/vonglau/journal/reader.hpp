// Reading recorded events through any session, writer's or reader's. Events come lifted to
// their newest version by `upcasters`, or as stored when that is null (verify, export).
#pragma once

#include <functional>
#include <optional>

#include <vonglau/journal/event.hpp>
#include <vonglau/journal/upcast.hpp>
#include <vonglau/store/session.hpp>

namespace vl::journal {

struct EventRange {
  std::int64_t from = 1;            // sequence, inclusive
  std::int64_t to = INT64_MAX;      // sequence, inclusive
  std::int64_t limit = INT64_MAX;   // at most so many events
  std::optional<StreamKey> stream;  // only this stream
  bool newest_first = false;
};

/// Shows events in order until `on_event` returns false.
Result<void> read_events(store::Session& session, ProvinceId province, const EventRange& range,
                         const Upcasters* upcasters, const std::function<bool(Event&&)>& on_event);

Result<Head> read_head(store::Session& session, ProvinceId province);

/// The last sequence recorded at or before a wall time; 0 if none. Order is the sequence, so
/// after a jump of the clock this is the last event that carries such a time.
Result<std::int64_t> sequence_at(store::Session& session, ProvinceId province, WallTime time);

}  // namespace vl::journal
