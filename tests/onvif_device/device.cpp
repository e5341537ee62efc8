// An ONVIF camera on a SOAP stack that is not ours (gSOAP, with its WS-Security, HTTP digest and
// WS-Discovery plugins): what our client is tested against. A process of its own; no program of
// the product is linked with any of it.
//
//   onvif_device [user=admin] [password=admin] [clock_s=0] [discovery=PORT] [rtsp=PORT] WORDS...
//     chunked        answers come in chunks, without a length
//     keep_alive     connections stay open
//     http_digest    wants HTTP's digest instead of WS-Security's
//     old            knows no GetServices, only GetCapabilities
//     fixed          another password is refused
//     no_head        cannot be moved
//     no_card        has no storage
//     no_events      tells no motion
//     no_filter      refuses to leave anything out of its events
//
// Writes "port N" when it listens. Reads lines and answers "set": "clock S" sets its clock S
// seconds from ours, "motion 1" and "motion 0" begin and end motion, "forget" ends its
// subscriptions. It ends when its standard input does.
#include "device.nsmap"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "camera.hpp"
#include "httpda.h"
#include "soapH.h"
#include "wsaapi.h"
#include "wsddapi.h"
#include "wsseapi.h"

namespace {

std::atomic<long> clock_shift_s = 0;

}  // namespace

// The device's clock is also what gSOAP's plugins look at (linked with --wrap=time): a camera
// whose clock is wrong judges by that clock.
extern "C" time_t __real_time(time_t* out);
extern "C" time_t __wrap_time(time_t* out) {
  const time_t now = __real_time(nullptr) + clock_shift_s;
  if (out != nullptr) *out = now;
  return now;
}

int refusal(soap* s) {
  const std::scoped_lock lock(camera.mutex);
  if (camera.http_digest) {
    if (s->authrealm != nullptr && s->userid != nullptr && s->userid == camera.user &&
        http_da_verify_post(s, camera.password.c_str()) == SOAP_OK)
      return SOAP_OK;
    s->authrealm = "onvif_device";
    return 401;
  }
  const char* user = soap_wsse_get_Username(s);
  int error = SOAP_OK;
  if (user == nullptr)
    error = s->error;
  else if (user != camera.user)
    error = soap_wsse_fault(s, wsse__FailedAuthentication, nullptr);
  else
    error = soap_wsse_verify_Password(s, camera.password.c_str());
  soap_wsse_delete_Security(s);
  return error;
}

namespace {

onv__PTZVector* vector_of(soap* s, const Position& at) {
  auto* out = soap_new_onv__PTZVector(s);
  out->PanTilt = soap_new_onv__Vector2D(s);
  out->PanTilt->x = at.pan;
  out->PanTilt->y = at.tilt;
  out->Zoom = soap_new_onv__Vector1D(s);
  out->Zoom->x = at.zoom;
  return out;
}

onv__Profile profile(soap* s, const char* token, const char* encoding, int width, int height) {
  onv__Profile out;
  out.soap_default(s);
  out.token = text(s, token);
  out.fixed = true;
  out.Name = text(s, std::string("Luồng ") + token);
  auto* video = soap_new_onv__VideoEncoderConfiguration(s);
  video->token = video->Name = text(s, token);
  video->Encoding = text(s, encoding);
  video->Resolution.Width = width;
  video->Resolution.Height = height;
  video->RateControl.FrameRateLimit = 25;
  out.VideoEncoderConfiguration = video;
  if (camera.head && width == 1920) {
    out.PTZConfiguration = soap_new_onv__PTZConfiguration(s);
    out.PTZConfiguration->token = out.PTZConfiguration->Name = text(s, "head");
    out.PTZConfiguration->NodeToken = text(s, "head");
  }
  return out;
}

int head_refusal(soap* s, const char* profile) {
  if (const int error = refusal(s)) return error;
  if (!camera.head) return SOAP_NO_METHOD;
  if (std::strcmp(profile, "p<1>") != 0) return fault(s, "ter:NoProfile", "no such profile");
  return SOAP_OK;
}

}  // namespace

// --- Device ---------------------------------------------------------------------------------

int __dev__GetSystemDateAndTime(soap* s, _dev__GetSystemDateAndTime*,
                                _dev__GetSystemDateAndTimeResponse& out) {
  const time_t now = ::time(nullptr);
  tm utc{};
  ::gmtime_r(&now, &utc);
  auto* told = soap_new_onv__SystemDateTime(s);
  told->DateTimeType = text(s, "Manual");
  told->DaylightSavings = false;
  told->UTCDateTime = soap_new_onv__DateTime(s);
  told->UTCDateTime->Time.Hour = utc.tm_hour;
  told->UTCDateTime->Time.Minute = utc.tm_min;
  told->UTCDateTime->Time.Second = utc.tm_sec;
  told->UTCDateTime->Date.Year = utc.tm_year + 1900;
  told->UTCDateTime->Date.Month = utc.tm_mon + 1;
  told->UTCDateTime->Date.Day = utc.tm_mday;
  out.SystemDateAndTime = told;
  return SOAP_OK;
}

int __dev__SetSystemDateAndTime(soap* s, _dev__SetSystemDateAndTime* in,
                                _dev__SetSystemDateAndTimeResponse&) {
  if (const int error = refusal(s)) return error;
  if (in->UTCDateTime == nullptr) return fault(s, "ter:InvalidDateTime", "no time was given");
  tm utc{};
  utc.tm_hour = in->UTCDateTime->Time.Hour;
  utc.tm_min = in->UTCDateTime->Time.Minute;
  utc.tm_sec = in->UTCDateTime->Time.Second;
  utc.tm_year = in->UTCDateTime->Date.Year - 1900;
  utc.tm_mon = in->UTCDateTime->Date.Month - 1;
  utc.tm_mday = in->UTCDateTime->Date.Day;
  clock_shift_s = ::timegm(&utc) - __real_time(nullptr);
  return SOAP_OK;
}

int __dev__GetDeviceInformation(soap* s, _dev__GetDeviceInformation*,
                                _dev__GetDeviceInformationResponse& out) {
  if (const int error = refusal(s)) return error;
  out.Manufacturer = text(s, "Genivia & Vọng Lâu");
  out.Model = text(s, "gSOAP <test>");
  out.FirmwareVersion = text(s, "2.8");
  out.SerialNumber = text(s, "G-1");
  out.HardwareId = text(s, "none");
  return SOAP_OK;
}

int __dev__GetServices(soap* s, _dev__GetServices*, _dev__GetServicesResponse& out) {
  if (const int error = refusal(s)) return error;
  if (camera.old) {
    // As gSOAP's dispatcher says it of what it does not know.
    soap_strcpy(s->tag, sizeof s->tag, "GetServices");
    return SOAP_NO_METHOD;
  }
  const auto add = [&](const char* space, const char* path) {
    dev__Service service;
    service.soap_default(s);
    service.Namespace = text(s, space);
    service.XAddr = text(s, own_address(path));
    service.Version.Major = 2;
    out.Service.push_back(service);
  };
  add("http://www.onvif.org/ver10/device/wsdl", "device");
  add("http://www.onvif.org/ver10/media/wsdl", "media?of=1");
  if (camera.head) add("http://www.onvif.org/ver20/ptz/wsdl", "head");
  if (camera.events) add("http://www.onvif.org/ver10/events/wsdl", "events");
  if (camera.card) {
    add("http://www.onvif.org/ver10/recording/wsdl", "card");
    add("http://www.onvif.org/ver10/replay/wsdl", "play");
  }
  return SOAP_OK;
}

int __dev__GetCapabilities(soap* s, _dev__GetCapabilities*, _dev__GetCapabilitiesResponse& out) {
  if (const int error = refusal(s)) return error;
  const auto at = [&](const char* path) {
    auto* address = soap_new_onv__XAddr(s);
    address->XAddr = text(s, own_address(path));
    return address;
  };
  out.Capabilities = soap_new_onv__Capabilities(s);
  out.Capabilities->Device = at("device");
  out.Capabilities->Media = at("media");
  if (camera.head) out.Capabilities->PTZ = at("head");
  if (camera.events) out.Capabilities->Events = at("events");
  if (camera.card) {
    out.Capabilities->Extension = soap_new_onv__Extension(s);
    out.Capabilities->Extension->Recording = at("card");
    out.Capabilities->Extension->Replay = at("play");
  }
  return SOAP_OK;
}

int __dev__GetUsers(soap* s, _dev__GetUsers*, _dev__GetUsersResponse& out) {
  if (const int error = refusal(s)) return error;
  for (const auto& [name, level] :
       {std::pair{std::string("guest"), "User"}, std::pair{camera.user, "Administrator"}}) {
    onv__User user;
    user.soap_default(s);
    user.Username = text(s, name);
    user.UserLevel = text(s, level);
    out.User.push_back(user);
  }
  return SOAP_OK;
}

int __dev__SetUser(soap* s, _dev__SetUser* in, _dev__SetUserResponse&) {
  if (const int error = refusal(s)) return error;
  const std::scoped_lock lock(camera.mutex);
  const auto& user = in->User.front();
  if (camera.fixed) return fault(s, "ter:OperationProhibited", "passwords are fixed here");
  if (user.Username != camera.user) return fault(s, "ter:UsernameMissing", "no such user");
  if (user.Password == nullptr || std::strlen(user.Password) < 8)
    return fault(s, "ter:PasswordTooWeak", "give 8 characters");
  if (std::strcmp(user.UserLevel, "Administrator") != 0)
    return fault(s, "ter:FixedUserLevel", "the level cannot be changed");
  camera.password = user.Password;
  return SOAP_OK;
}

// --- Media ----------------------------------------------------------------------------------

int __med__GetProfiles(soap* s, _med__GetProfiles*, _med__GetProfilesResponse& out) {
  if (const int error = refusal(s)) return error;
  out.Profiles.push_back(profile(s, "p2", "H264", 640, 360));
  out.Profiles.push_back(profile(s, "p<1>", "H265", 1920, 1080));
  out.Profiles.push_back(profile(s, "p3", "JPEG", 3840, 2160));
  return SOAP_OK;
}

int __med__GetStreamUri(soap* s, _med__GetStreamUri* in, _med__GetStreamUriResponse& out) {
  if (const int error = refusal(s)) return error;
  const std::string token = in->ProfileToken;
  if (token != "p<1>" && token != "p2") return fault(s, "ter:NoProfile", "no such profile");
  if (std::strcmp(in->StreamSetup.Stream, "RTP-Unicast") != 0 ||
      std::strcmp(in->StreamSetup.Transport.Protocol, "RTSP") != 0)
    return fault(s, "ter:InvalidStreamSetup", "only RTP over RTSP");
  out.MediaUri = soap_new_onv__MediaUri(s);
  out.MediaUri->Uri = text(
      s, "rtsp://192.0.2.77:" + camera.rtsp + (token == "p2" ? "/sub?a=1&b=2" : "/main?a=1&b=2"));
  out.MediaUri->Timeout = text(s, "PT60S");
  return SOAP_OK;
}

// --- PTZ ------------------------------------------------------------------------------------

int __head__ContinuousMove(soap* s, _head__ContinuousMove* in, _head__ContinuousMoveResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.advance();
  camera.speed = {};
  if (const auto* by = in->Velocity.PanTilt) {
    camera.speed.pan = by->x;
    camera.speed.tilt = by->y;
  }
  if (in->Velocity.Zoom != nullptr) camera.speed.zoom = in->Velocity.Zoom->x;
  camera.moving_since = std::chrono::steady_clock::now();
  camera.moving_until = camera.moving_since +
                        std::chrono::milliseconds(in->Timeout != nullptr ? *in->Timeout : 10'000);
  return SOAP_OK;
}

int __head__Stop(soap* s, _head__Stop* in, _head__StopResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.advance();
  camera.moving_until = {};
  return SOAP_OK;
}

int __head__GetStatus(soap* s, _head__GetStatus* in, _head__GetStatusResponse& out) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.advance();
  out.PTZStatus = soap_new_onv__PTZStatus(s);
  out.PTZStatus->Position = vector_of(s, camera.at);
  out.PTZStatus->MoveStatus = soap_new_onv__PTZMoveStatus(s);
  out.PTZStatus->MoveStatus->PanTilt = out.PTZStatus->MoveStatus->Zoom =
      text(s, camera.is_moving() ? "MOVING" : "IDLE");
  out.PTZStatus->UtcTime = text(s, soap_dateTime2s(s, ::time(nullptr)));
  return SOAP_OK;
}

int __head__GetPresets(soap* s, _head__GetPresets* in, _head__GetPresetsResponse& out) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  for (const auto& [token, kept] : camera.presets) {
    onv__PTZPreset preset;
    preset.soap_default(s);
    preset.token = text(s, token);
    preset.Name = text(s, kept.name);
    preset.PTZPosition = vector_of(s, kept.at);
    out.Preset.push_back(preset);
  }
  return SOAP_OK;
}

int __head__SetPreset(soap* s, _head__SetPreset* in, _head__SetPresetResponse& out) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.advance();
  const std::string token = "preset \"" + std::to_string(camera.next_preset++) + "\"";
  camera.presets[token] = {in->PresetName != nullptr ? in->PresetName : "", camera.at};
  out.PresetToken = text(s, token);
  return SOAP_OK;
}

int __head__GotoPreset(soap* s, _head__GotoPreset* in, _head__GotoPresetResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  const auto found = camera.presets.find(in->PresetToken);
  if (found == camera.presets.end()) return fault(s, "ter:NoToken", "no such preset");
  camera.moving_until = {};
  camera.at = found->second.at;
  return SOAP_OK;
}

int __head__RemovePreset(soap* s, _head__RemovePreset* in, _head__RemovePresetResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  return camera.presets.erase(in->PresetToken) == 1 ? SOAP_OK
                                                    : fault(s, "ter:NoToken", "no such preset");
}

int __head__GotoHomePosition(soap* s, _head__GotoHomePosition* in,
                             _head__GotoHomePositionResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.moving_until = {};
  camera.at = camera.home;
  return SOAP_OK;
}

int __head__SetHomePosition(soap* s, _head__SetHomePosition* in, _head__SetHomePositionResponse&) {
  if (const int error = head_refusal(s, in->ProfileToken)) return error;
  const std::scoped_lock lock(camera.mutex);
  camera.advance();
  camera.home = camera.at;
  return SOAP_OK;
}

// --- What is on its card --------------------------------------------------------------------

int __card__GetRecordings(soap* s, _card__GetRecordings*, _card__GetRecordingsResponse& out) {
  if (const int error = refusal(s)) return error;
  onv__RecordingItem item;
  item.soap_default(s);
  item.RecordingToken = text(s, "R&1");
  out.RecordingItem.push_back(item);
  return SOAP_OK;
}

int __play__GetReplayUri(soap* s, _play__GetReplayUri* in, _play__GetReplayUriResponse& out) {
  if (const int error = refusal(s)) return error;
  if (std::strcmp(in->RecordingToken, "R&1") != 0)
    return fault(s, "ter:InvalidToken", "no such recording");
  out.Uri = text(s, "rtsp://192.0.2.77:" + camera.rtsp + "/replay?r=1&x=2");
  return SOAP_OK;
}

// --- Discovery: gSOAP's plugin reads and writes, these say what of -----------------------------

soap_wsdd_mode wsdd_event_Probe(soap* s, const char*, const char*, const char* types, const char*,
                                const char*, wsdd__ProbeMatchesType* matches) {
  if (types != nullptr && std::strstr(types, "NetworkVideoTransmitter") == nullptr)
    return SOAP_WSDD_ADHOC;
  soap_wsdd_init_ProbeMatches(s, matches);
  const std::string address =
      own_address("device") + " http://[2001:db8::7]:" + std::to_string(camera.port) + "/device";
  soap_wsdd_add_ProbeMatch(s, matches, "urn:uuid:67500000-0000-4000-8000-000000000001",
                           "\"http://www.onvif.org/ver10/network/wsdl\":NetworkVideoTransmitter",
                           "onvif://www.onvif.org/name/C%E1%BB%95ng%20b%E1%BA%BFn "
                           "onvif://www.onvif.org/hardware/gSOAP "
                           "onvif://www.onvif.org/location/B%E1%BA%BFn%20xe",
                           nullptr, text(s, address), 1);
  return SOAP_WSDD_MANAGED;
}
soap_wsdd_mode wsdd_event_Resolve(soap*, const char*, const char*, const char*,
                                  wsdd__ResolveMatchType*) {
  return SOAP_WSDD_ADHOC;
}
void wsdd_event_Hello(soap*, unsigned int, const char*, unsigned int, const char*, const char*,
                      const char*, const char*, const char*, const char*, const char*,
                      unsigned int) {}
void wsdd_event_Bye(soap*, unsigned int, const char*, unsigned int, const char*, const char*,
                    const char*, const char*, const char*, const char*, const char*,
                    unsigned int*) {}
void wsdd_event_ProbeMatches(soap*, unsigned int, const char*, unsigned int, const char*,
                             const char*, wsdd__ProbeMatchesType*) {}
void wsdd_event_ResolveMatches(soap*, unsigned int, const char*, unsigned int, const char*,
                               const char*, wsdd__ResolveMatchType*) {}
int SOAP_ENV__Fault(soap*, char*, char*, char*, SOAP_ENV__Detail*, SOAP_ENV__Code*,
                    SOAP_ENV__Reason*, char*, char*, SOAP_ENV__Detail*) {
  return SOAP_OK;
}

namespace {

void serve(soap* s) {
  soap_serve(s);
  soap_destroy(s);
  soap_end(s);
  soap_free(s);
}

bool listen_for_probes(int port) {
  auto* s = soap_new1(SOAP_IO_UDP);
  soap_register_plugin(s, soap_wsa);
  s->bind_flags = SO_REUSEADDR;
  if (!soap_valid_socket(soap_bind(s, "0.0.0.0", port, 100))) return false;
  for (const char* interface : {"127.0.0.1", "0.0.0.0"}) {
    ip_mreq group{};
    ::inet_pton(AF_INET, "239.255.255.250", &group.imr_multiaddr);
    ::inet_pton(AF_INET, interface, &group.imr_interface);
    ::setsockopt(s->master, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
  }
  std::thread([s] {
    for (;;) soap_wsdd_listen(s, 1);
  }).detach();
  return true;
}

/// Where a word has a value: what it is; else whether it is this one.
bool is(const std::string& word, const std::string& name, std::string* value = nullptr) {
  if (value == nullptr) return word == name;
  if (!word.starts_with(name + "=")) return false;
  *value = word.substr(name.size() + 1);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  soap_mode mode = SOAP_C_UTFSTRING;
  int discovery = 0;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    std::string value;
    if (is(word, "user", &value)) camera.user = value;
    if (is(word, "password", &value)) camera.password = value;
    if (is(word, "rtsp", &value)) camera.rtsp = value;
    if (is(word, "clock_s", &value)) clock_shift_s = std::atol(value.c_str());
    if (is(word, "discovery", &value)) discovery = std::atoi(value.c_str());
    if (is(word, "chunked")) mode |= SOAP_IO_CHUNK;
    if (is(word, "keep_alive")) mode |= SOAP_IO_KEEPALIVE;
    if (is(word, "http_digest")) camera.http_digest = true;
    if (is(word, "old")) camera.old = true;
    if (is(word, "fixed")) camera.fixed = true;
    if (is(word, "no_head")) camera.head = false;
    if (is(word, "no_card")) camera.card = false;
    if (is(word, "no_events")) camera.events = false;
    if (is(word, "no_filter")) camera.filters = false;
  }
  auto* listening = soap_new1(mode);
  soap_register_plugin(listening, soap_wsse);
  soap_register_plugin(listening, http_da);
  listening->recv_timeout = listening->send_timeout = 10;
  if (!soap_valid_socket(soap_bind(listening, "127.0.0.1", 0, 100))) return 1;
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(listening->master, reinterpret_cast<sockaddr*>(&own), &size);
  camera.port = ntohs(own.sin_port);
  if (discovery != 0 && !listen_for_probes(discovery)) return 2;
  std::thread([] {
    for (std::string line; std::getline(std::cin, line);) {
      if (line.starts_with("clock ")) clock_shift_s = std::atol(line.c_str() + 6);
      if (line.starts_with("motion ")) tell_motion(line == "motion 1");
      if (line == "forget") {
        const std::scoped_lock lock(camera.mutex);
        camera.subscriptions.clear();
      }
      std::puts("set");
      std::fflush(stdout);
    }
    std::_Exit(0);
  }).detach();
  std::printf("port %d\n", camera.port);
  std::fflush(stdout);
  while (soap_valid_socket(soap_accept(listening)))
    std::thread(serve, soap_copy(listening)).detach();
  return 3;
}
