// One camera, spoken to by ONVIF (device, media, PTZ, recording and replay services) over HTTP.
//
// Calls block, at most `call_ms` each, and wait for each other; any thread. Passwords leave only
// as digests: of WS-Security (UsernameToken, over the camera's own time, so that its wrong clock
// does not matter; it is looked at again when the camera refuses), or of HTTP where the camera
// asks for that. What it answers is bounded
// (messages.hpp), and its answers lead nowhere else: of the addresses it gives, only port and
// path are used, with the host that was asked.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/bytes.hpp>
#include <vonglau/onvif/messages.hpp>

namespace vl::onvif {

struct Address {
  std::string base_url;  // "http://10.20.1.77" or with a port
  std::string host;      // as it stands in an address: IPv6 in brackets
  std::string path;      // of the device service
};
/// "10.20.1.77", "10.20.1.77:8080" or "http://10.20.1.77/onvif/device_service".
Result<Address> parse_address(std::string_view text);
std::string text_of(const Address& address);
/// The same stream at the host that was asked, without user and password.
Result<std::string> at_host(std::string_view rtsp_uri, const std::string& host);

struct Login {
  std::string user, password;
};

struct PtzMove {  // parts of full speed, -1 to 1; nothing but zeros stops
  double pan = 0, tilt = 0, zoom = 0;
};

class Device {
 public:
  Device(Address address, Login login, const Clock& clock, std::uint32_t call_ms = 5'000);
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const Address& address() const;
  /// For the calls from now on.
  void set_login(Login login);

  /// Its clock less ours, from one question; its answers have whole seconds.
  Result<std::int64_t> clock_offset_us();
  /// Sets its clock to ours when a second begins, and measures again: the offset that is left.
  Result<std::int64_t> set_clock();
  Result<DeviceInformation> information();
  Result<Services> services();
  Result<std::vector<User>> users();
  Result<void> set_password(const User& user, const std::string& password);

  Result<std::vector<Profile>> profiles();
  Result<std::string> stream_uri(const std::string& profile);
  /// Where its own storage is played from; nothing where it has none.
  Result<std::optional<std::string>> replay_uri();

  /// All of PTZ moves its first profile that can be moved.
  Result<void> move(const PtzMove& move, std::uint32_t for_ms);
  Result<void> stop();
  Result<void> go_to(const std::string& preset);
  Result<void> go_home();
  Result<void> set_home();
  Result<PtzStatus> ptz_status();
  Result<std::vector<Preset>> presets();
  Result<std::string> save_preset(const std::string& name);
  Result<void> remove_preset(const std::string& token);

  /// Any question to a service at this path of it: XML for the header beside the login, and the
  /// body. The answer's text; a fault is left to who reads it.
  Result<std::string> ask(const std::string& path, const std::string& header,
                          const std::string& body);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// WS-Security's PasswordDigest: Base64(SHA-1(nonce + created + password)).
std::string password_digest(ByteView nonce, std::string_view created, std::string_view password);
std::string to_base64(ByteView bytes);

}  // namespace vl::onvif
