// Cameras' answers: every reader takes anything.
#include <vonglau/onvif/messages.hpp>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vl::onvif;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(read_device_time(text));
  static_cast<void>(read_information(text));
  static_cast<void>(read_services(text));
  static_cast<void>(read_users(text));
  static_cast<void>(read_profiles(text));
  static_cast<void>(read_uri(text));
  static_cast<void>(read_recordings(text));
  static_cast<void>(read_presets(text));
  static_cast<void>(read_preset_token(text));
  static_cast<void>(read_status(text));
  static_cast<void>(read_done(text, "StopResponse"));
  static_cast<void>(refuses_login(text));
  static_cast<void>(read_pull_point(text));
  std::size_t total = 0;
  static_cast<void>(read_motion(text, total));
  return 0;
}
