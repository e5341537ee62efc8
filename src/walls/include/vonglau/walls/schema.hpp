// The tables of walls, and what is read from them.
#pragma once

#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>
#include <vonglau/walls/wall.hpp>

namespace vl::walls {

store::MigrationSet migrations();

class WallTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"walls", "wall_events", "wall_layouts"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct WallEventRow {
  WallEventId id;
  std::string cause;
  Uuid cause_id;
  std::vector<CameraId> cameras;
  WallTime since_us, until_us;
};
BOOST_DESCRIBE_STRUCT(WallEventRow, (), (id, cause, cause_id, cameras, since_us, until_us))

struct WallRow {
  WallId id;
  std::string name;
  bool accepts_incidents = false, accepts_pictures = false;
  std::int64_t tiles = 9;
  std::vector<CameraId> cameras;
  std::optional<LayoutId> layout_id;
  std::optional<PersonId> shown_by;
  std::optional<WallTime> shown_us;
  std::vector<WallEventRow> events;  // the oldest first
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(WallRow, (),
                      (id, name, accepts_incidents, accepts_pictures, tiles, cameras, layout_id,
                       shown_by, shown_us, events, version))

struct LayoutRow {
  LayoutId id;
  std::string name;
  std::int64_t tiles = 9;
  std::vector<CameraId> cameras;
  std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(LayoutRow, (), (id, name, tiles, cameras, version))

/// By name.
Result<std::vector<WallRow>> walls(store::Session& session, ProvinceId province);
Result<WallRow> wall(store::Session& session, ProvinceId province, WallId id);
Result<std::vector<LayoutRow>> layouts(store::Session& session, ProvinceId province);
Result<LayoutRow> layout(store::Session& session, ProvinceId province, LayoutId id);

}  // namespace vl::walls
