#include <algorithm>
#include <set>

#include <vonglau/journal/typed_event.hpp>
#include <vonglau/walls/schema.hpp>

namespace vl::walls {
namespace {

using journal::Event;
using journal::when;
using store::Value;

/// Ids one after another, 16 bytes each.
Bytes packed(const std::vector<CameraId>& cameras) {
  Bytes out;
  for (const auto& camera : cameras)
    out.insert(out.end(), camera.value.bytes.begin(), camera.value.bytes.end());
  return out;
}

std::vector<CameraId> unpacked(std::span<const std::uint8_t> bytes) {
  std::vector<CameraId> out(bytes.size() / 16);
  for (std::size_t i = 0; i < out.size(); ++i)
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(i * 16), 16,
                out[i].value.bytes.begin());
  return out;
}

Result<void> apply_event(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<EventShown>(
      e,
      [&](const EventShown& shown) {
        done = s.post(
            "INSERT INTO wall_events (province_id, wall_id, event_id, cause, cause_id, cameras,"
            " since_us, until_us, sequence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            {province, id, shown.event_id, boost::describe::enum_to_string(shown.cause, "?"),
             shown.cause_id, packed(shown.cameras), e.wall, shown.until_us, e.sequence});
      }) ||
      when<EventEnded>(e, [&](const EventEnded& ended) {
        done = s.post("DELETE FROM wall_events WHERE province_id = $1 AND event_id = $2",
                      {province, ended.event_id});
      });
  return done;
}

Result<void> apply_wall(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<WallDescribed>(
      e,
      [&](const WallDescribed& d) {
        done = s.post(
            "INSERT INTO walls (province_id, wall_id, name, accepts_incidents, accepts_pictures,"
            " tiles, cameras, version) VALUES ($1, $2, $3, $4, $5, 9, $6, 0)"
            " ON CONFLICT (province_id, wall_id) DO UPDATE SET name = excluded.name,"
            " accepts_incidents = excluded.accepts_incidents,"
            " accepts_pictures = excluded.accepts_pictures",
            {province, id, d.wall.name, std::int64_t{d.wall.accepts_incidents},
             std::int64_t{d.wall.accepts_pictures}, Bytes{}});
      }) ||
      when<WallShown>(
          e,
          [&](const WallShown& w) {
            done = s.post(
                "UPDATE walls SET tiles = $3, cameras = $4, layout_id = $5, shown_by = $6,"
                " shown_us = $7 WHERE province_id = $1 AND wall_id = $2",
                {province, id, w.shows.tiles, packed(w.shows.cameras),
                 w.layout_id ? Value(*w.layout_id) : Value(), w.by, e.wall});
          }) ||
      when<WallRetired>(e, [&](const WallRetired&) {
        done = s.post("DELETE FROM wall_events WHERE province_id = $1 AND wall_id = $2",
                      {province, id});
        if (done)
          done =
              s.post("DELETE FROM walls WHERE province_id = $1 AND wall_id = $2", {province, id});
      });
  VL_CHECK(done);
  VL_CHECK(apply_event(e, province, s));
  return s.post("UPDATE walls SET version = $3 WHERE province_id = $1 AND wall_id = $2",
                {province, id, e.stream_version});
}

Result<void> apply_layout(const Event& e, ProvinceId province, store::Session& s) {
  Result<void> done;
  const auto& id = e.stream.id;
  when<LayoutSaved>(
      e,
      [&](const LayoutSaved& l) {
        done = s.post(
            "INSERT INTO wall_layouts (province_id, layout_id, name, tiles, cameras, version)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (province_id, layout_id) DO UPDATE SET"
            " name = excluded.name, tiles = excluded.tiles, cameras = excluded.cameras,"
            " version = excluded.version",
            {province, id, l.name, l.shows.tiles, packed(l.shows.cameras), e.stream_version});
      }) ||
      when<LayoutRemoved>(e, [&](const LayoutRemoved&) {
        done = s.post("DELETE FROM wall_layouts WHERE province_id = $1 AND layout_id = $2",
                      {province, id});
      });
  return done;
}

#define VL_WALL_COLUMNS                                                            \
  "wall_id, name, accepts_incidents, accepts_pictures, tiles, cameras, layout_id," \
  " shown_by, shown_us, version"

WallRow wall_of(const store::Row& row) {
  WallRow w;
  w.id = row.id<WallId>(0);
  w.name = row.text(1);
  w.accepts_incidents = row.integer(2) != 0;
  w.accepts_pictures = row.integer(3) != 0;
  w.tiles = row.integer(4);
  w.cameras = unpacked(row.bytes(5));
  if (const auto layout = row.optional_uuid(6)) w.layout_id = LayoutId{*layout};
  if (const auto by = row.optional_uuid(7)) w.shown_by = PersonId{*by};
  if (const auto at = row.optional_integer(8)) w.shown_us = WallTime{*at};
  w.version = row.integer(9);
  return w;
}

LayoutRow layout_of(const store::Row& row) {
  return {row.id<LayoutId>(0), std::string(row.text(1)), row.integer(2), unpacked(row.bytes(3)),
          row.integer(4)};
}

Result<void> add_events(store::Session& session, ProvinceId province, std::vector<WallRow>& walls) {
  return session.query(
      "SELECT wall_id, event_id, cause, cause_id, cameras, since_us, until_us FROM wall_events"
      " WHERE province_id = $1 ORDER BY sequence, event_id",
      {province}, [&](const store::Row& row) {
        const auto found = std::ranges::find(walls, row.id<WallId>(0), &WallRow::id);
        if (found != walls.end())
          found->events.push_back({row.id<WallEventId>(1),
                                   std::string(row.text(2)),
                                   row.uuid(3),
                                   unpacked(row.bytes(4)),
                                   {row.integer(5)},
                                   {row.integer(6)}});
        return true;
      });
}

}  // namespace

store::MigrationSet migrations() {
  return {"walls",
          {{1, "walls", R"(
CREATE TABLE walls (
  province_id {integer} NOT NULL,
  wall_id {bytes} NOT NULL,
  name {text} NOT NULL,
  accepts_incidents {integer} NOT NULL,
  accepts_pictures {integer} NOT NULL,
  tiles {integer} NOT NULL,
  cameras {bytes} NOT NULL,
  layout_id {bytes},
  shown_by {bytes},
  shown_us {integer},
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, wall_id)
){strict};
CREATE UNIQUE INDEX walls_by_name ON walls (province_id, name);

CREATE TABLE wall_events (
  province_id {integer} NOT NULL,
  event_id {bytes} NOT NULL,
  wall_id {bytes} NOT NULL,
  cause {text} NOT NULL,
  cause_id {bytes} NOT NULL,
  cameras {bytes} NOT NULL,
  since_us {integer} NOT NULL,
  until_us {integer} NOT NULL,
  sequence {integer} NOT NULL,
  PRIMARY KEY (province_id, event_id)
){strict};
CREATE INDEX wall_events_by_wall ON wall_events (province_id, wall_id, sequence);

CREATE TABLE wall_layouts (
  province_id {integer} NOT NULL,
  layout_id {bytes} NOT NULL,
  name {text} NOT NULL,
  tiles {integer} NOT NULL,
  cameras {bytes} NOT NULL,
  version {integer} NOT NULL,
  PRIMARY KEY (province_id, layout_id)
){strict};
CREATE UNIQUE INDEX wall_layouts_by_name ON wall_layouts (province_id, name);
)",
            "", ""}}};
}

Result<void> WallTables::apply(const Event& event, ProvinceId province, store::Session& session) {
  if (event.stream.kind == Wall::kStream) return apply_wall(event, province, session);
  if (event.stream.kind == WallLayout::kStream) return apply_layout(event, province, session);
  return {};
}

Result<std::vector<WallRow>> walls(store::Session& session, ProvinceId province) {
  std::vector<WallRow> out;
  VL_CHECK(session.query("SELECT " VL_WALL_COLUMNS " FROM walls WHERE province_id = $1"
                         " ORDER BY name",
                         {province}, [&](const store::Row& row) {
                           out.push_back(wall_of(row));
                           return true;
                         }));
  VL_CHECK(add_events(session, province, out));
  return out;
}

Result<WallRow> wall(store::Session& session, ProvinceId province, WallId id) {
  std::vector<WallRow> out;
  VL_CHECK(session.query("SELECT " VL_WALL_COLUMNS " FROM walls WHERE province_id = $1"
                         " AND wall_id = $2",
                         {province, id}, [&](const store::Row& row) {
                           out.push_back(wall_of(row));
                           return false;
                         }));
  if (out.empty()) return fail(WallError::not_found, "there is no such wall", "id");
  VL_CHECK(add_events(session, province, out));
  return std::move(out.front());
}

Result<std::vector<LayoutRow>> layouts(store::Session& session, ProvinceId province) {
  std::vector<LayoutRow> out;
  VL_CHECK(
      session.query("SELECT layout_id, name, tiles, cameras, version FROM wall_layouts"
                    " WHERE province_id = $1 ORDER BY name",
                    {province}, [&](const store::Row& row) {
                      out.push_back(layout_of(row));
                      return true;
                    }));
  return out;
}

Result<LayoutRow> layout(store::Session& session, ProvinceId province, LayoutId id) {
  std::optional<LayoutRow> out;
  VL_CHECK(
      session.query("SELECT layout_id, name, tiles, cameras, version FROM wall_layouts"
                    " WHERE province_id = $1 AND layout_id = $2",
                    {province, id}, [&](const store::Row& row) {
                      out = layout_of(row);
                      return false;
                    }));
  if (!out) return fail(WallError::layout_not_found, "there is no such layout", "id");
  return *out;
}

}  // namespace vl::walls
