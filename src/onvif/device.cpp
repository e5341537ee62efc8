#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <vonglau/base/assert.hpp>
#include <vonglau/http/client.hpp>
#include <vonglau/onvif/device.hpp>
#include <vonglau/rtsp/auth.hpp>

namespace vl::onvif {
namespace {

constexpr std::string_view kDevice = "http://www.onvif.org/ver10/device/wsdl";
constexpr std::string_view kMedia = "http://www.onvif.org/ver10/media/wsdl";
constexpr std::string_view kPtz = "http://www.onvif.org/ver20/ptz/wsdl";
constexpr std::string_view kRecording = "http://www.onvif.org/ver10/recording/wsdl";
constexpr std::string_view kReplay = "http://www.onvif.org/ver10/replay/wsdl";
constexpr std::string_view kSecurity =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
constexpr std::string_view kUtility =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
constexpr std::string_view kToken =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0";
constexpr std::string_view kMessage =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0";

Bytes random_bytes(std::size_t count) {
  Bytes out(count);
  VL_ASSERT(RAND_bytes(out.data(), static_cast<int>(count)) == 1);
  return out;
}

std::string security_header(const Login& login, WallTime camera_time) {
  const Bytes nonce = random_bytes(16);
  const std::string created = format_utc(camera_time).substr(0, 19) + "Z";
  return fmt::format(
      R"(<wsse:Security s:mustUnderstand="1" xmlns:wsse="{}" xmlns:wsu="{}"><wsse:UsernameToken>)"
      R"(<wsse:Username>{}</wsse:Username><wsse:Password Type="{}#PasswordDigest">{}</wsse:Password>)"
      R"(<wsse:Nonce EncodingType="{}#Base64Binary">{}</wsse:Nonce><wsu:Created>{}</wsu:Created>)"
      R"(</wsse:UsernameToken></wsse:Security>)",
      kSecurity, kUtility, escaped(login.user), kToken,
      password_digest(nonce, created, login.password), kMessage, to_base64(nonce), created);
}

std::string envelope(std::string_view header, std::string_view body) {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope">)"
      R"(<s:Header>{}</s:Header><s:Body>{}</s:Body></s:Envelope>)",
      header, body);
}

std::string element(std::string_view space, std::string_view name, std::string_view inside = "") {
  return fmt::format(R"(<{0} xmlns="{1}" xmlns:tt="http://www.onvif.org/ver10/schema">{2}</{0}>)",
                     name, space, inside);
}

// Less is what whole seconds and the way there make.
constexpr std::int64_t kClockJump_us = 2'000'000;

double part(double value) {
  return std::isfinite(value) ? std::clamp(value, -1.0, 1.0) : 0;
}

}  // namespace

std::string to_base64(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int n = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes.data(),
                                static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string password_digest(ByteView nonce, std::string_view created, std::string_view password) {
  Bytes all(nonce.begin(), nonce.end());
  all.insert(all.end(), created.begin(), created.end());
  all.insert(all.end(), password.begin(), password.end());
  Bytes digest(20);
  unsigned int size = 0;
  VL_ASSERT(EVP_Digest(all.data(), all.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  return to_base64(digest);
}

struct Device::Inside {
  const Address address;
  Login login;
  const Clock& clock;
  http::HttpsClient client;
  std::recursive_mutex mutex;
  std::optional<std::int64_t> offset_us;
  std::optional<Services> known;
  std::optional<std::string> ptz_profile;
  std::optional<rtsp::Authenticator> digest;  // the camera wants HTTP's

  Inside(Address a, Login l, const Clock& k, std::uint32_t call_ms)
      : address(std::move(a)),
        login(std::move(l)),
        clock(k),
        client({.base_url = address.base_url,
                .trust = {},
                .connect_timeout_ms = call_ms,
                .request_timeout_ms = call_ms,
                .response_limit_bytes = kMessageBytes,
                .plain_network = true}) {}

  Result<http::Response> post(const std::string& path, const std::string& message) {
    http::ClientRequest request;
    request.method = http::Method::post;
    request.target = path;
    request.headers.set("Content-Type", "application/soap+xml; charset=utf-8");
    request.body = message;
    if (digest)
      request.headers.set("Authorization",
                          digest->authorization("POST", path, to_hex(random_bytes(8))));
    auto response = client.request(request);
    // A kept connection that the camera had closed meanwhile: once more, on a new one. Nothing of
    // ours does harm when it is done twice.
    if (!response && response.error().code.name == "http.closed")
      response = client.request(request);
    if (!response)
      return fail(OnvifError::unreachable,
                  fmt::format("the camera at {} does not answer: {}", address.base_url,
                              response.error().message),
                  "address");
    return response;
  }

  Result<void> take_challenge(const http::Response& response) {
    std::vector<std::string_view> values;
    for (const auto& [name, value] : response.headers)
      if (name.size() == 16 && (name[0] == 'W' || name[0] == 'w')) values.push_back(value);
    const auto challenges = rtsp::parse_challenges(values);
    if (!challenges || challenges->empty())
      return fail(OnvifError::wrong_password,
                  "the camera refuses the login or the password: check both", "password");
    const auto& best = rtsp::strongest(*challenges);
    if (best.scheme == rtsp::Scheme::basic)
      return fail(OnvifError::clear_password,
                  "the camera takes passwords in the clear alone: set it to digest authentication");
    digest.emplace(best, rtsp::Credentials{login.user, login.password});
    return {};
  }

  /// The answer's text; an HTTP error with a SOAP fault in it is left to who reads it.
  Result<std::string> call(const std::string& path, const std::string& body, bool open = false,
                           const std::string& header = "") {
    const std::scoped_lock lock(mutex);
    const bool is_new = !offset_us;
    if (!open && is_new) VL_CHECK(learn_offset());
    auto answer = ask(path, body, open, header);
    if (open || is_new || digest || login.user.empty() || !is_refused(answer)) return answer;
    // Its clock may have been set since we looked at it, and it judges by that.
    const auto before_us = *offset_us;
    if (!learn_offset() || std::abs(*offset_us - before_us) < kClockJump_us) return answer;
    return ask(path, body, open, header);
  }

  static bool is_refused(const Result<std::string>& answer) {
    if (answer) return refuses_login(*answer);
    return answer.error().code == code_of(OnvifError::wrong_password);
  }

  Result<std::string> ask(const std::string& path, const std::string& body, bool open,
                          const std::string& header) {
    const auto message = [&] {
      const bool token = !open && !digest && !login.user.empty();
      return envelope(
          (token ? security_header(login, clock.wall().plus_us(offset_us.value_or(0))) : "") +
              header,
          body);
    };
    VL_TRY(auto response, post(path, message()));
    // Twice: a nonce of HTTP's may have grown old.
    for (int again = 0; response.status == 401 && !open && again < 2; ++again) {
      const bool stale = digest.has_value();
      VL_CHECK(take_challenge(response));
      if (stale && !digest->challenge().stale && again > 0) break;
      VL_TRY(response, post(path, message()));
    }
    if (response.status == 401)
      return fail(OnvifError::wrong_password,
                  "the camera refuses the login or the password: check both", "password");
    const auto text = response.body_text();
    if (text.find("Envelope") == std::string_view::npos)
      return fail(OnvifError::bad_answer,
                  fmt::format("{}{} does not speak ONVIF (HTTP {}): check the address and its path",
                              address.base_url, path, response.status),
                  "address");
    return std::string(text);
  }

  Result<std::string> device(std::string_view name, std::string_view inside = "") {
    return call(address.path, element(kDevice, name, inside));
  }

  Result<void> learn_offset() {
    const auto began = clock.mono().us;
    VL_TRY(const auto text,
           call(address.path, element(kDevice, "GetSystemDateAndTime"), /*open=*/true));
    VL_TRY(const auto told, read_device_time(text));
    const auto round_us = clock.mono().us - began;
    // It told whole seconds, half the way ago: on average half a second more.
    offset_us = told.us + 500'000 + round_us / 2 - clock.wall().us;
    return {};
  }

  Result<Services> services() {
    if (known) return *known;
    VL_TRY(const auto text, device("GetServices", "<IncludeCapability>false</IncludeCapability>"));
    auto read = read_services(text);
    // Older ones refuse it in words of their own.
    if (!read && (read.error().code == code_of(OnvifError::not_supported) ||
                  read.error().code == code_of(OnvifError::refused))) {
      VL_TRY(const auto older, device("GetCapabilities", "<Category>All</Category>"));
      read = read_services(older);
    }
    if (!read) return fail(std::move(read).error());
    known = *read;
    return *known;
  }

  Result<std::string> service(std::optional<std::string> Services::* which, const char* name) {
    VL_TRY(const auto all, services());
    if (!(all.*which))
      return fail(OnvifError::not_supported, fmt::format("the camera has no {} service", name));
    return *(all.*which);
  }

  Result<std::vector<Profile>> profiles() {
    VL_TRY(const auto path, service(&Services::media, "media"));
    VL_TRY(const auto text, call(path, element(kMedia, "GetProfiles")));
    return read_profiles(text);
  }

  /// One question to the PTZ service, about the profile that moves.
  Result<std::string> ptz(std::string_view name, std::string_view inside = "") {
    const std::scoped_lock lock(mutex);
    VL_TRY(const auto path, service(&Services::ptz, "PTZ"));
    if (!ptz_profile) {
      VL_TRY(const auto all, profiles());
      const auto moves = std::ranges::find_if(all, &Profile::ptz);
      if (moves == all.end())
        return fail(OnvifError::not_supported, "none of the camera's profiles can be moved");
      ptz_profile = moves->token;
    }
    return call(path, element(kPtz, name,
                              fmt::format("<ProfileToken>{}</ProfileToken>{}",
                                          escaped(*ptz_profile), inside)));
  }
  Result<void> ptz_done(std::string_view name, std::string_view inside = "") {
    VL_TRY(const auto text, ptz(name, inside));
    return read_done(text, std::string(name) + "Response");
  }
};

Device::Device(Address address, Login login, const Clock& clock, std::uint32_t call_ms)
    : inside_(std::make_unique<Inside>(std::move(address), std::move(login), clock, call_ms)) {}
Device::~Device() = default;

const Address& Device::address() const {
  return inside_->address;
}

void Device::set_login(Login login) {
  const std::scoped_lock lock(inside_->mutex);
  inside_->login = std::move(login);
  inside_->digest.reset();
}

Result<std::int64_t> Device::clock_offset_us() {
  const std::scoped_lock lock(inside_->mutex);
  VL_CHECK(inside_->learn_offset());
  return *inside_->offset_us;
}

Result<std::int64_t> Device::set_clock() {
  const std::scoped_lock lock(inside_->mutex);
  // The message has whole seconds, so it goes when one begins.
  const auto into_second_us = inside_->clock.wall().us % 1'000'000;
  std::this_thread::sleep_for(std::chrono::microseconds(1'000'000 - into_second_us));
  const auto text = format_utc(inside_->clock.wall());  // 2026-11-22T09:42:17...
  const auto number = [&](std::size_t from, std::size_t count) {
    return std::stoi(text.substr(from, count));
  };
  VL_TRY(
      const auto answer,
      inside_->device(
          "SetSystemDateAndTime",
          fmt::format("<DateTimeType>Manual</DateTimeType><DaylightSavings>false</DaylightSavings>"
                      "<UTCDateTime><tt:Time><tt:Hour>{}</tt:Hour><tt:Minute>{}</tt:Minute>"
                      "<tt:Second>{}</tt:Second></tt:Time><tt:Date><tt:Year>{}</tt:Year>"
                      "<tt:Month>{}</tt:Month><tt:Day>{}</tt:Day></tt:Date></UTCDateTime>",
                      number(11, 2), number(14, 2), number(17, 2), number(0, 4), number(5, 2),
                      number(8, 2))));
  VL_CHECK(read_done(answer, "SetSystemDateAndTimeResponse"));
  return clock_offset_us();
}

Result<DeviceInformation> Device::information() {
  VL_TRY(const auto text, inside_->device("GetDeviceInformation"));
  return read_information(text);
}

Result<Services> Device::services() {
  const std::scoped_lock lock(inside_->mutex);
  return inside_->services();
}

Result<std::vector<User>> Device::users() {
  VL_TRY(const auto text, inside_->device("GetUsers"));
  return read_users(text);
}

Result<void> Device::set_password(const User& user, const std::string& password) {
  VL_TRY(const auto text,
         inside_->device("SetUser",
                         fmt::format("<User><tt:Username>{}</tt:Username><tt:Password>{}"
                                     "</tt:Password><tt:UserLevel>{}</tt:UserLevel></User>",
                                     escaped(user.name), escaped(password), escaped(user.level))));
  return read_done(text, "SetUserResponse");
}

Result<std::vector<Profile>> Device::profiles() {
  return inside_->profiles();
}

Result<std::string> Device::stream_uri(const std::string& profile) {
  VL_TRY(const auto path, inside_->service(&Services::media, "media"));
  VL_TRY(const auto text,
         inside_->call(path, element(kMedia, "GetStreamUri",
                                     fmt::format("<StreamSetup><tt:Stream>RTP-Unicast</tt:Stream>"
                                                 "<tt:Transport><tt:Protocol>RTSP</tt:Protocol>"
                                                 "</tt:Transport></StreamSetup><ProfileToken>{}"
                                                 "</ProfileToken>",
                                                 escaped(profile)))));
  VL_TRY(const auto uri, read_uri(text));
  return at_host(uri, inside_->address.host);
}

Result<std::optional<std::string>> Device::replay_uri() {
  VL_TRY(const auto all, services());
  if (!all.recording || !all.replay) return std::nullopt;
  VL_TRY(const auto list, inside_->call(*all.recording, element(kRecording, "GetRecordings")));
  VL_TRY(const auto recordings, read_recordings(list));
  if (recordings.empty()) return std::nullopt;
  VL_TRY(const auto text,
         inside_->call(*all.replay,
                       element(kReplay, "GetReplayUri",
                               fmt::format("<StreamSetup><tt:Stream>RTP-Unicast</tt:Stream>"
                                           "<tt:Transport><tt:Protocol>RTSP</tt:Protocol>"
                                           "</tt:Transport></StreamSetup><RecordingToken>{}"
                                           "</RecordingToken>",
                                           escaped(recordings.front())))));
  VL_TRY(const auto uri, read_uri(text));
  VL_TRY(auto ours, at_host(uri, inside_->address.host));
  return std::optional<std::string>(std::move(ours));
}

Result<void> Device::move(const PtzMove& move, std::uint32_t for_ms) {
  if (move.pan == 0 && move.tilt == 0 && move.zoom == 0) return stop();
  return inside_->ptz_done(
      "ContinuousMove",
      fmt::format(R"(<Velocity><tt:PanTilt x="{:.3f}" y="{:.3f}"/><tt:Zoom x="{:.3f}"/></Velocity>)"
                  "<Timeout>PT{:.1f}S</Timeout>",
                  part(move.pan), part(move.tilt), part(move.zoom), for_ms / 1000.0));
}

Result<void> Device::stop() {
  return inside_->ptz_done("Stop", "<PanTilt>true</PanTilt><Zoom>true</Zoom>");
}

Result<void> Device::go_to(const std::string& preset) {
  return inside_->ptz_done("GotoPreset",
                           fmt::format("<PresetToken>{}</PresetToken>", escaped(preset)));
}

Result<void> Device::go_home() {
  return inside_->ptz_done("GotoHomePosition");
}

Result<void> Device::set_home() {
  return inside_->ptz_done("SetHomePosition");
}

Result<PtzStatus> Device::ptz_status() {
  VL_TRY(const auto text, inside_->ptz("GetStatus"));
  return read_status(text);
}

Result<std::vector<Preset>> Device::presets() {
  VL_TRY(const auto text, inside_->ptz("GetPresets"));
  return read_presets(text);
}

Result<std::string> Device::save_preset(const std::string& name) {
  VL_TRY(const auto text,
         inside_->ptz("SetPreset", fmt::format("<PresetName>{}</PresetName>", escaped(name))));
  return read_preset_token(text);
}

Result<std::string> Device::ask(const std::string& path, const std::string& header,
                                const std::string& body) {
  return inside_->call(path, body, false, header);
}

Result<void> Device::remove_preset(const std::string& token) {
  return inside_->ptz_done("RemovePreset",
                           fmt::format("<PresetToken>{}</PresetToken>", escaped(token)));
}

}  // namespace vl::onvif
