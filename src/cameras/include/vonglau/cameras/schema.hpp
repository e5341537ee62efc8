// The tables of the camera registry, the projection that fills them, and queries.
#pragma once

#include <vector>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::cameras {

store::MigrationSet migrations();

class CameraTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"cameras", "camera_gaps", "camera_fills", "player_addresses"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct CameraRow {
  CameraId id;
  std::string code, name;
  std::optional<double> lat, lon;
  std::optional<std::string> unit_code;
  bool main_url_set = false;
  bool sub_url_set = false;
  bool replay_url_set = false;
  std::string state;
  WallTime state_since_us;
  std::optional<std::string> state_cause;
  bool recording = false;
  std::int64_t retention_days = 0;
  std::int64_t version = 0;
  // Not shown outside: addresses may lead into the cameras' network.
  std::string main_url;
  std::optional<std::string> sub_url;
  std::optional<std::string> replay_url;
  std::optional<Uuid> credentials_item;
};
BOOST_DESCRIBE_STRUCT(CameraRow, (),
                      (id, code, name, lat, lon, unit_code, main_url_set, sub_url_set,
                       replay_url_set, state, state_since_us, state_cause, recording,
                       retention_days, version))

struct GapRow {
  std::string media_stream;
  WallTime start_us;
  WallTime end_us;
  std::string cause;
  std::int64_t filled_us = 0;  // of it, fetched later from the camera's own storage
};
BOOST_DESCRIBE_STRUCT(GapRow, (), (media_stream, start_us, end_us, cause, filled_us))
/// Of the main stream and since `from`, the latest first.
Result<std::vector<GapRow>> gaps(store::Session& session, ProvinceId province, CameraId id,
                                 WallTime from, std::int64_t limit);

Result<std::vector<CameraRow>> cameras(store::Session& session, ProvinceId province);
Result<CameraRow> camera(store::Session& session, ProvinceId province, CameraId id);

}  // namespace vl::cameras
