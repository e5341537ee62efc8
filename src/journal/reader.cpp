#include <algorithm>

#include <vonglau/journal/reader.hpp>

namespace vl::journal {
namespace {

#define VL_EVENT_COLUMNS                                                                      \
  "sequence, wall_us, mono_us, actor_kind, actor_id, stream_kind, stream_id, stream_version," \
  " type, version, body, previous_hash, hash"

constexpr std::string_view kAll =
    "SELECT " VL_EVENT_COLUMNS
    " FROM journal_events WHERE province_id = $1 AND sequence >= $2 AND sequence <= $3"
    " ORDER BY sequence LIMIT $4";
constexpr std::string_view kAllBackwards =
    "SELECT " VL_EVENT_COLUMNS
    " FROM journal_events WHERE province_id = $1 AND sequence >= $2 AND sequence <= $3"
    " ORDER BY sequence DESC LIMIT $4";
// "+ 0" keeps the range of sequences from being searched by: the stream's own index is right, and
// SQLite would rather walk over all events of the province.
constexpr std::string_view kStream =
    "SELECT " VL_EVENT_COLUMNS
    " FROM journal_events WHERE province_id = $1 AND sequence + 0 >= $2 AND sequence + 0 <= $3"
    " AND stream_kind = $5 AND stream_id = $6 ORDER BY stream_version LIMIT $4";
constexpr std::string_view kStreamBackwards =
    "SELECT " VL_EVENT_COLUMNS
    " FROM journal_events WHERE province_id = $1 AND sequence + 0 >= $2 AND sequence + 0 <= $3"
    " AND stream_kind = $5 AND stream_id = $6 ORDER BY stream_version DESC LIMIT $4";

Digest digest_of(ByteView bytes) {
  Digest out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return out;
}

Event event_of(const store::Row& row) {
  Event e;
  e.sequence = row.integer(0);
  e.wall.us = row.integer(1);
  e.mono.us = row.integer(2);
  e.actor.kind = static_cast<ActorKind>(row.integer(3));
  e.actor.id = row.uuid(4);
  e.stream.kind = row.text(5);
  e.stream.id = row.uuid(6);
  e.stream_version = row.integer(7);
  e.type = row.text(8);
  e.version = static_cast<std::uint32_t>(row.integer(9));
  e.body = row.text(10);
  e.previous_hash = digest_of(row.bytes(11));
  e.hash = digest_of(row.bytes(12));
  return e;
}

}  // namespace

Result<void> read_events(store::Session& session, ProvinceId province, const EventRange& range,
                         const Upcasters* upcasters, const std::function<bool(Event&&)>& on_event) {
  std::optional<Error> error;
  const auto show = [&](const store::Row& row) {
    Event event = event_of(row);
    if (upcasters == nullptr || upcasters->empty()) return on_event(std::move(event));
    auto lifted = upcasters->lift(std::move(event));
    if (!lifted) {
      error = std::move(lifted).error();
      return false;
    }
    return on_event(std::move(*lifted));
  };
  if (range.stream) {
    VL_CHECK(session.query(
        range.newest_first ? kStreamBackwards : kStream,
        {province, range.from, range.to, range.limit, range.stream->kind, range.stream->id}, show));
  } else {
    VL_CHECK(session.query(range.newest_first ? kAllBackwards : kAll,
                           {province, range.from, range.to, range.limit}, show));
  }
  if (error) return fail(std::move(*error));
  return {};
}

Result<Head> read_head(store::Session& session, ProvinceId province) {
  Head head;
  VL_CHECK(
      session.query("SELECT sequence, hash FROM journal_events WHERE province_id = $1"
                    " ORDER BY sequence DESC LIMIT 1",
                    {province}, [&](const store::Row& row) {
                      head.sequence = row.integer(0);
                      head.hash = digest_of(row.bytes(1));
                      return false;
                    }));
  return head;
}

Result<std::int64_t> sequence_at(store::Session& session, ProvinceId province, WallTime time) {
  // Newest by time first: the index on (province_id, wall_us) makes this one step.
  VL_TRY(const auto found,
         session.query_integer("SELECT sequence FROM journal_events WHERE province_id = $1 AND"
                               " wall_us <= $2 ORDER BY wall_us DESC, sequence DESC LIMIT 1",
                               {province, time}));
  return found.value_or(0);
}

}  // namespace vl::journal
