#include <gtest/gtest.h>

#include <vonglau/devices/found.hpp>

namespace vl::devices {
namespace {

CameraId camera_no(std::uint8_t number) {
  CameraId out;
  out.value.bytes[15] = number;
  return out;
}
cameras::CameraRow streaming(std::uint8_t number, std::string code, std::string url) {
  cameras::CameraRow out;
  out.id = camera_no(number);
  out.code = std::move(code);
  out.main_url = std::move(url);
  return out;
}
DeviceRow taken_in(std::uint8_t number, std::string address, bool is_over = true) {
  DeviceRow out;
  out.camera_id = camera_no(number);
  out.address = std::move(address);
  out.enrolled = is_over;
  return out;
}

TEST(FoundDevices, OneThatWasEnrolledIsKnownByItsAddressAlsoUnderAnotherPath) {
  const std::vector<DeviceRow> devices{taken_in(1, "http://10.0.0.7/onvif/device_service"),
                                       taken_in(2, "http://10.0.0.8/onvif/device_service", false)};
  const auto known = registered_among({{"http://10.0.0.7/onvif/device_service", ""},
                                       {"http://10.0.0.8/onvif/device_service", ""},
                                       {"http://10.0.0.9/onvif/device_service", ""}},
                                      {}, devices);
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{camera_no(1), std::nullopt, std::nullopt}))
      << "an attempt that is not over is none";
  EXPECT_EQ(registered_among({{"http://10.0.0.7:80/other", ""}}, {}, devices)[0], camera_no(1));
  EXPECT_EQ(registered_among({{"http://10.0.0.7:8080/other", ""}}, {}, devices)[0], std::nullopt);
}

TEST(FoundDevices, OneThatWasRegisteredByItsStreamIsKnownByItsHost) {
  const std::vector<cameras::CameraRow> cameras{
      streaming(1, "BN-001", "rtsp://viewer@10.0.0.7:8554/Streaming/101"),
      streaming(2, "BN-002", "rtsp://[FE80::2]/live"),
      streaming(3, "BN-003", "rtsp://Gate.local/1")};
  const auto known = registered_among({{"http://10.0.0.7/onvif/device_service", "IPC"},
                                       {"http://[fe80::2]:8000/onvif/device_service", "IPC"},
                                       {"http://gate.local/onvif/device_service", ""},
                                       {"http://10.0.0.70/onvif/device_service", "IPC"}},
                                      cameras, {});
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{camera_no(1), camera_no(2), camera_no(3),
                                                         std::nullopt}));
}

TEST(FoundDevices, OfSeveralBehindOneHostOnlyTheNamedAreKnown) {
  const std::vector<cameras::CameraRow> cameras{
      streaming(1, "BN-001", "rtsp://10.0.0.7:554/CAM-1/main"),
      streaming(2, "CAM-2", "rtsp://10.0.0.7:554/2/main"),
      streaming(3, "CAM-3", "rtsp://10.0.0.8:554/x")};
  const auto known = registered_among({{"http://10.0.0.7/onvif/1", "CAM-1"},
                                       {"http://10.0.0.7/onvif/2", "CAM-2"},
                                       {"http://10.0.0.7/onvif/3", "CAM-3"},
                                       {"http://10.0.0.7/onvif/4", "main?"},
                                       {"http://10.0.0.7/onvif/5", ""}},
                                      cameras, {});
  EXPECT_EQ(known, (std::vector<std::optional<CameraId>>{camera_no(1), camera_no(2), std::nullopt,
                                                         std::nullopt, std::nullopt}));
}

TEST(FoundDevices, AnAddressThatIsNoneIsOfNoCamera) {
  const auto known = registered_among(
      {{"", ""}, {"http://", "x"}, {"http:///x", ""}, {"[", ""}},
      {streaming(1, "A", ""), streaming(2, "B", "rtsp://"), streaming(3, "C", "[")}, {});
  EXPECT_EQ(known[0], std::nullopt);
  EXPECT_EQ(known[1], std::nullopt);
  EXPECT_EQ(known[2], std::nullopt);
}

}  // namespace
}  // namespace vl::devices
