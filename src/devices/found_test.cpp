#include <gtest/gtest.h>

#include <vonglau/devices/found.hpp>

namespace vl::devices {
namespace {

CameraId id(std::uint8_t number) {
  CameraId out;
  out.value.bytes[15] = number;
  return out;
}
cameras::CameraRow camera(std::uint8_t number, std::string code, std::string url) {
  cameras::CameraRow out;
  out.id = id(number);
  out.code = std::move(code);
  out.main_url = std::move(url);
  return out;
}
DeviceRow enrolled(std::uint8_t number, std::string address, bool is_over = true) {
  DeviceRow out;
  out.camera_id = id(number);
  out.address = std::move(address);
  out.enrolled = is_over;
  return out;
}

TEST(FoundDevices, OneThatWasEnrolledIsKnownByItsAddressAlsoUnderAnotherPath) {
  const std::vector<DeviceRow> devices{enrolled(1, "http://10.0.0.7/onvif/device_service"),
                                       enrolled(2, "http://10.0.0.8/onvif/device_service", false)};
  const auto known = registered_among({{"http://10.0.0.7/onvif/device_service", ""},
                                       {"http://10.0.0.8/onvif/device_service", ""},
                                       {"http://10.0.0.9/onvif/device_service", ""}},
                                      {}, devices);
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{id(1), std::nullopt, std::nullopt}))
      << "an attempt that is not over is none";
  EXPECT_EQ(registered_among({{"http://10.0.0.7:80/other", ""}}, {}, devices)[0], id(1));
  EXPECT_EQ(registered_among({{"http://10.0.0.7:8080/other", ""}}, {}, devices)[0], std::nullopt);
}

TEST(FoundDevices, OneThatWasRegisteredByItsStreamIsKnownByItsHost) {
  const std::vector<cameras::CameraRow> cameras{
      camera(1, "BN-001", "rtsp://viewer@10.0.0.7:8554/Streaming/101"),
      camera(2, "BN-002", "rtsp://[FE80::2]/live"), camera(3, "BN-003", "rtsp://Gate.local/1")};
  const auto known = registered_among({{"http://10.0.0.7/onvif/device_service", "IPC"},
                                       {"http://[fe80::2]:8000/onvif/device_service", "IPC"},
                                       {"http://gate.local/onvif/device_service", ""},
                                       {"http://10.0.0.70/onvif/device_service", "IPC"}},
                                      cameras, {});
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{id(1), id(2), id(3), std::nullopt}));
}

TEST(FoundDevices, OfSeveralBehindOneHostOnlyTheNamedAreKnown) {
  const std::vector<cameras::CameraRow> cameras{
      camera(1, "BN-001", "rtsp://10.0.0.7:554/CAM-1/main"),
      camera(2, "CAM-2", "rtsp://10.0.0.7:554/2/main"),
      camera(3, "CAM-3", "rtsp://10.0.0.8:554/x")};
  const auto known = registered_among({{"http://10.0.0.7/onvif/1", "CAM-1"},
                                       {"http://10.0.0.7/onvif/2", "CAM-2"},
                                       {"http://10.0.0.7/onvif/3", "CAM-3"},
                                       {"http://10.0.0.7/onvif/4", "main?"},
                                       {"http://10.0.0.7/onvif/5", ""}},
                                      cameras, {});
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{id(1), id(2), std::nullopt, std::nullopt,
                                                         std::nullopt}));
}

TEST(FoundDevices, AnAddressThatIsNoneIsOfNoCamera) {
  const auto known =
      registered_among({{"", ""}, {"http://", "x"}, {"http:///x", ""}, {"[", ""}},
                       {camera(1, "A", ""), camera(2, "B", "rtsp://"), camera(3, "C", "[")}, {});
  EXPECT_EQ(known[0], std::nullopt);
  EXPECT_EQ(known[1], std::nullopt);
  EXPECT_EQ(known[2], std::nullopt);
}

}  // namespace
}  // namespace vl::devices
