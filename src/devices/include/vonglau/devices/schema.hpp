// The tables of cameras as devices, the projection that fills them, and queries.
#pragma once

#include <vector>

#include <vonglau/devices/device.hpp>
#include <vonglau/journal/projection.hpp>
#include <vonglau/store/migrations.hpp>

namespace vl::devices {

store::MigrationSet migrations();

class DeviceTables final : public journal::Projection {
 public:
  std::vector<std::string> tables() const override {
    return {"camera_devices", "camera_presets", "camera_tours"};
  }
  Result<void> apply(const journal::Event& event, ProvinceId province,
                     store::Session& session) override;
};

struct HolderRow {
  Uuid person_id;
  std::string priority;
  std::optional<Uuid> incident_id;
  WallTime since_us;
};
BOOST_DESCRIBE_STRUCT(HolderRow, (), (person_id, priority, incident_id, since_us))
struct TourRow {
  Uuid id;
  std::string name;
  std::vector<TourStep> steps;
  bool running = false;
};
BOOST_DESCRIBE_STRUCT(TourRow, (), (id, name, steps, running))
struct DeviceRow {
  CameraId camera_id;
  bool enrolled = false;
  std::string manufacturer, model, firmware, serial;
  std::vector<DeviceProfile> profiles;
  bool ptz = false;
  bool own_storage = false;
  std::optional<WallTime> enrolled_us;
  std::optional<std::int64_t> clock_offset_ms;  // as found the last time it was set or enrolled
  std::optional<WallTime> clock_set_us;
  bool password_replaced = false;
  std::optional<std::string> failure;  // code of the last attempt
  std::optional<HolderRow> holder;
  std::vector<DevicePreset> presets;
  std::vector<TourRow> tours;
  // Not shown outside: addresses may lead into the cameras' network.
  std::string address;
  std::optional<Uuid> begun_item;  // credentials of an attempt that is not over
};
BOOST_DESCRIBE_STRUCT(DeviceRow, (),
                      (camera_id, enrolled, manufacturer, model, firmware, serial, profiles, ptz,
                       own_storage, enrolled_us, clock_offset_ms, clock_set_us, password_replaced,
                       failure, holder, presets, tours))

/// With presets and tours. One that was never tried to enrol is an empty row.
Result<DeviceRow> device(store::Session& session, ProvinceId province, CameraId camera);
/// All, without presets; of tours the running one.
Result<std::vector<DeviceRow>> devices(store::Session& session, ProvinceId province);

struct HeldCamera {
  CameraId camera_id;
  Uuid person_id;
};
Result<std::vector<HeldCamera>> held(store::Session& session, ProvinceId province);

}  // namespace vl::devices
