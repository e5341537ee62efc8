#include "cameras_onvif.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <pugixml.hpp>

#include <vonglau/rtsp/auth.hpp>

#include "cameras_profiles.hpp"
#include "cameras_question.hpp"
#include "cameras_soap.hpp"

namespace vl::sim {
namespace {

using pugi::xml_node;
using soap::anywhere;
using soap::child;
using soap::duration_s;
using soap::envelope;
using soap::fault;
using soap::local;
using soap::safe;
using soap::seconds_of;
using soap::token_digest;

constexpr std::size_t kMostPresets = 64;
constexpr double kTokenAge_s = 30;

double number(const xml_node& node, const char* attribute) {
  const double value = node.attribute(attribute).as_double();
  return std::isfinite(value) ? value : 0;
}

std::string profile_xml(const char* token, const VideoProfile& video, bool ptz) {
  return fmt::format(
      R"(<trt:Profiles token="{0}" fixed="true"><tt:Name>{0}</tt:Name>)"
      R"(<tt:VideoSourceConfiguration token="lens"><tt:Name>lens</tt:Name>)"
      R"(<tt:SourceToken>lens</tt:SourceToken></tt:VideoSourceConfiguration>)"
      R"(<tt:VideoEncoderConfiguration token="{0}"><tt:Name>{0}</tt:Name>)"
      R"(<tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>{1}</tt:Width>)"
      R"(<tt:Height>{2}</tt:Height></tt:Resolution><tt:RateControl><tt:FrameRateLimit>{3}</tt:FrameRateLimit>)"
      R"(<tt:BitrateLimit>{4}</tt:BitrateLimit></tt:RateControl></tt:VideoEncoderConfiguration>{5}</trt:Profiles>)",
      token, video.width, video.height, video.fps, video.kbit_s,
      ptz ? R"(<tt:PTZConfiguration token="head"><tt:Name>head</tt:Name><tt:NodeToken>head</tt:NodeToken></tt:PTZConfiguration>)"
          : "");
}

std::string position_xml(std::string_view element, const HeadPosition& at) {
  return fmt::format(
      R"(<tt:{0}><tt:PanTilt x="{1:.4f}" y="{2:.4f}"/><tt:Zoom x="{3:.4f}"/></tt:{0}>)", element,
      at.pan, at.tilt, at.zoom);
}

}  // namespace

OnvifServices::OnvifServices(Hub& hub, std::filesystem::path memory_file)
    : hub_(hub), memory_(std::move(memory_file)) {
  for (auto& [code, camera] : hub_.cameras()) {
    Told& told = told_[code];
    told.clock_offset_s = camera.spec.clock_offset_s;
    told.nonce = fmt::format("{:016x}", hub_.chance().bits());
    if (const auto* kept = memory_.find(code)) {
      told.kept = *kept;
      camera.spec.password = kept->password;
      if (camera.head) camera.head->aim({kept->home.pan, kept->home.tilt, kept->home.zoom});
    }
    told.kept.code = code;
    told.kept.password = camera.spec.password;
  }
}

void OnvifServices::keep(const Told& told) {
  memory_.keep(told.kept);
}

std::string OnvifServices::address_of(const std::string& code) const {
  return fmt::format("http://{}:{}/onvif/{}/device_service", hub_.config().address, port_, code);
}

http::Response OnvifServices::answer(const http::Request& request) {
  Camera* camera = hub_.find(request.parameter("code"));
  if (camera == nullptr || camera->has(FaultKind::refuse) || camera->has(FaultKind::stall))
    return http::Response::text("no such camera", 404);
  pugi::xml_document document;
  if (!document.load_buffer(request.body.data(), request.body.size()))
    return soap::response(fault("WellFormed", "not well-formed"));
  const auto body = child(document.document_element(), "Body");
  Question question{*camera,
                    told_[camera->spec.code],
                    child(document.document_element(), "Header"),
                    body.first_child(),
                    {},
                    std::string(request.parameter("service"))};
  question.name = local(question.action);
  const bool open = question.name == "GetSystemDateAndTime";
  if (!open && !authorised(question, request)) {
    if (camera->spec.http_digest) {
      rtsp::Challenge challenge;
      challenge.realm = "VL camera";
      challenge.nonce = question.told.nonce;
      challenge.qop_auth = true;
      return http::Response::text("", 401).with("WWW-Authenticate", rtsp::to_text(challenge));
    }
    return soap::response(fault("NotAuthorized", "the sender is not authorised"));
  }
  return soap::response(act(question));
}

bool OnvifServices::authorised(const Question& q, const http::Request& request) const {
  const CameraSpec& spec = q.camera.spec;
  if (q.camera.has(FaultKind::wrong_password)) return false;
  if (spec.password.empty()) return true;
  if (spec.http_digest) {
    rtsp::Challenge challenge;
    challenge.realm = "VL camera";
    challenge.nonce = q.told.nonce;
    challenge.qop_auth = true;
    const auto given = request.header("Authorization");
    return !given.empty() &&
           rtsp::verify_authorization(given, challenge, {spec.user, spec.password}, "POST",
                                      request.path) == rtsp::Verdict::accepted;
  }
  const auto token = anywhere(q.header, "UsernameToken");
  const std::string_view created = child(token, "Created").text().get();
  const double now_s = static_cast<double>(hub_.clock().wall().us) / 1e6 + q.told.clock_offset_s;
  return child(token, "Username").text().get() == spec.user &&
         std::abs(seconds_of(created) - now_s) < kTokenAge_s &&
         child(token, "Password").text().get() ==
             token_digest(child(token, "Nonce").text().get(), created, spec.password);
}

std::string OnvifServices::act(Question& q) {
  if (auto answer = act_on_device(q); !answer.empty()) return answer;
  if (auto answer = act_on_media(q); !answer.empty()) return answer;
  if (auto answer = act_on_events(q); !answer.empty()) return answer;
  if (q.camera.storage)
    if (auto answer = act_on_storage(q); !answer.empty()) return answer;
  if (q.camera.head)
    if (auto answer = act_on_ptz(q); !answer.empty()) return answer;
  return fault("ActionNotSupported", "this camera does not do that");
}

std::string OnvifServices::act_on_device(Question& q) {
  const auto base =
      fmt::format("http://{}:{}/onvif/{}", hub_.config().address, port_, q.camera.spec.code);
  if (q.name == "GetSystemDateAndTime") {
    const auto text = format_utc(
        hub_.clock().wall().plus_us(static_cast<std::int64_t>(q.told.clock_offset_s * 1e6)));
    return fmt::format(
        "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual"
        "</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings><tt:UTCDateTime><tt:Time>"
        "<tt:Hour>{}</tt:Hour><tt:Minute>{}</tt:Minute><tt:Second>{}</tt:Second></tt:Time><tt:Date>"
        "<tt:Year>{}</tt:Year><tt:Month>{}</tt:Month><tt:Day>{}</tt:Day></tt:Date></tt:UTCDateTime>"
        "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>",
        text.substr(11, 2), text.substr(14, 2), text.substr(17, 2), text.substr(0, 4),
        text.substr(5, 2), text.substr(8, 2));
  }
  if (q.name == "SetSystemDateAndTime") {
    const auto part = [&](const char* name) { return anywhere(q.action, name).text().as_int(); };
    const auto told_s =
        seconds_of(fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", part("Year"), part("Month"),
                               part("Day"), part("Hour"), part("Minute"), part("Second")));
    if (told_s <= 0) return fault("InvalidDateTime", "no such time");
    q.told.clock_offset_s = told_s - static_cast<double>(hub_.clock().wall().us) / 1e6;
    q.camera.clock_shift_s = q.told.clock_offset_s;
    return "<tds:SetSystemDateAndTimeResponse/>";
  }
  if (q.name == "GetDeviceInformation")
    return fmt::format(
        "<tds:GetDeviceInformationResponse><tds:Manufacturer>Vọng Lâu"
        "</tds:Manufacturer><tds:Model>{}</tds:Model><tds:FirmwareVersion>1.0"
        "</tds:FirmwareVersion><tds:SerialNumber>SIM-{}</tds:SerialNumber>"
        "<tds:HardwareId>sim</tds:HardwareId></tds:GetDeviceInformationResponse>",
        q.camera.head ? "Sim PTZ 720" : "Sim 720", q.camera.spec.code);
  if (q.name == "GetServices") {
    std::string services;
    const auto add = [&](std::string_view space, std::string_view path) {
      services += fmt::format(
          "<tds:Service><tds:Namespace>{}</tds:Namespace><tds:XAddr>{}/{}"
          "</tds:XAddr></tds:Service>",
          space, base, path);
    };
    add("http://www.onvif.org/ver10/device/wsdl", "device_service");
    add("http://www.onvif.org/ver10/media/wsdl", "media");
    add("http://www.onvif.org/ver10/events/wsdl", "events");
    if (q.camera.head) add("http://www.onvif.org/ver20/ptz/wsdl", "ptz");
    if (q.camera.storage) {
      add("http://www.onvif.org/ver10/recording/wsdl", "recording");
      add("http://www.onvif.org/ver10/replay/wsdl", "replay");
    }
    return "<tds:GetServicesResponse>" + services + "</tds:GetServicesResponse>";
  }
  if (q.name == "GetUsers")
    return fmt::format(
        "<tds:GetUsersResponse><tds:User><tt:Username>{}</tt:Username>"
        "<tt:UserLevel>Administrator</tt:UserLevel></tds:User>"
        "</tds:GetUsersResponse>",
        safe(q.camera.spec.user));
  if (q.name == "SetUser") {
    const auto user = child(q.action, "User");
    const std::string password = child(user, "Password").text().get();
    if (q.camera.spec.fixed_password)
      return fault("PasswordsFixed", "the password of this camera cannot be changed");
    if (child(user, "Username").text().get() != q.camera.spec.user)
      return fault("UsernameMissing", "there is no such user");
    if (password.size() < 4) return fault("PasswordTooWeak", "the password is too short");
    q.camera.spec.password = q.told.kept.password = password;
    keep(q.told);
    return "<tds:SetUserResponse/>";
  }
  return "";
}

std::string OnvifServices::act_on_media(Question& q) {
  if (q.name == "GetProfiles")
    return "<trt:GetProfilesResponse>" +
           profile_xml("main", kMainProfile, q.camera.head != nullptr) +
           profile_xml("sub", kSubProfile, q.camera.head != nullptr) + "</trt:GetProfilesResponse>";
  if (q.name != "GetStreamUri") return "";
  const auto token = q.child_text("ProfileToken");
  if (token != "main" && token != "sub") return fault("NoProfile", "there is no such profile");
  return fmt::format(
      "<trt:GetStreamUriResponse><trt:MediaUri><tt:Uri>{}/{}/{}</tt:Uri>"
      "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>"
      "</trt:MediaUri></trt:GetStreamUriResponse>",
      hub_.base_url(), q.camera.spec.code, token);
}

/// Profile G, as much of it as leads to what is on the card.
std::string OnvifServices::act_on_storage(Question& q) {
  const bool is_in = !q.camera.has(FaultKind::no_storage);
  if (q.name == "GetRecordings")
    return fmt::format(
        "<trc:GetRecordingsResponse>{}</trc:GetRecordingsResponse>",
        is_in ? "<trc:RecordingItem><tt:RecordingToken>card</tt:RecordingToken></trc:RecordingItem>"
              : "");
  if (q.name != "GetReplayUri") return "";
  if (!is_in || q.child_text("RecordingToken") != "card")
    return fault("NoRecording", "there is no such recording");
  return fmt::format(
      "<trp:GetReplayUriResponse><trp:Uri>{}/{}/replay</trp:Uri>"
      "</trp:GetReplayUriResponse>",
      hub_.base_url(), q.camera.spec.code);
}

std::string OnvifServices::act_on_ptz(Question& q) {
  PtzHead& head = *q.camera.head;
  auto& kept = q.told.kept;
  const auto preset = [&] {
    const auto token = q.child_text("PresetToken");
    return std::ranges::find(kept.presets, token, &KeptPreset::token);
  };
  if (q.name == "ContinuousMove") {
    const auto speed = child(q.action, "Velocity");
    head.move({number(child(speed, "PanTilt"), "x"), number(child(speed, "PanTilt"), "y"),
               number(child(speed, "Zoom"), "x")},
              duration_s(q.child_text("Timeout")));
    return "<tptz:ContinuousMoveResponse/>";
  }
  if (q.name == "Stop") {
    head.stop();
    return "<tptz:StopResponse/>";
  }
  if (q.name == "AbsoluteMove") {
    const auto to = child(q.action, "Position");
    head.aim({number(child(to, "PanTilt"), "x"), number(child(to, "PanTilt"), "y"),
              number(child(to, "Zoom"), "x")});
    return "<tptz:AbsoluteMoveResponse/>";
  }
  if (q.name == "GetStatus")
    return fmt::format(
        "<tptz:GetStatusResponse><tptz:PTZStatus>{0}<tt:MoveStatus><tt:PanTilt>{1}"
        "</tt:PanTilt><tt:Zoom>{1}</tt:Zoom></tt:MoveStatus></tptz:PTZStatus>"
        "</tptz:GetStatusResponse>",
        position_xml("Position", head.position()), head.moving() ? "MOVING" : "IDLE");
  if (q.name == "GotoHomePosition") {
    head.aim({kept.home.pan, kept.home.tilt, kept.home.zoom});
    return "<tptz:GotoHomePositionResponse/>";
  }
  const auto at = head.position();
  if (q.name == "SetHomePosition") {
    kept.home = {"", "", at.pan, at.tilt, at.zoom};
    keep(q.told);
    return "<tptz:SetHomePositionResponse/>";
  }
  if (q.name == "GetPresets") {
    std::string out;
    for (const auto& one : kept.presets)
      out += fmt::format(R"(<tptz:Preset token="{}"><tt:Name>{}</tt:Name>{}</tptz:Preset>)",
                         safe(one.token), safe(one.name),
                         position_xml("PTZPosition", {one.pan, one.tilt, one.zoom}));
    return "<tptz:GetPresetsResponse>" + out + "</tptz:GetPresetsResponse>";
  }
  if (q.name == "SetPreset") {
    if (kept.presets.size() >= kMostPresets) return fault("TooManyPresets", "no room for another");
    int highest = 0;
    for (const auto& one : kept.presets) highest = std::max(highest, std::atoi(one.token.c_str()));
    const auto token = std::to_string(highest + 1);
    kept.presets.push_back({token, q.child_text("PresetName"), at.pan, at.tilt, at.zoom});
    keep(q.told);
    return "<tptz:SetPresetResponse><tptz:PresetToken>" + token +
           "</tptz:PresetToken></tptz:SetPresetResponse>";
  }
  if (q.name == "GotoPreset" || q.name == "RemovePreset") {
    const auto found = preset();
    if (found == kept.presets.end()) return fault("NoToken", "there is no such preset");
    if (q.name == "GotoPreset") {
      head.aim({found->pan, found->tilt, found->zoom});
      return "<tptz:GotoPresetResponse/>";
    }
    kept.presets.erase(found);
    keep(q.told);
    return "<tptz:RemovePresetResponse/>";
  }
  return "";
}

std::vector<std::string> OnvifServices::answer_probe(std::string_view datagram) const {
  pugi::xml_document document;
  if (!document.load_buffer(datagram.data(), datagram.size())) return {};
  const auto envelope_node = document.document_element();
  const auto probe = child(child(envelope_node, "Body"), "Probe");
  const std::string types = child(probe, "Types").text().get();
  if (!probe || (!types.empty() && types.find("NetworkVideoTransmitter") == std::string::npos))
    return {};
  const std::string asked = child(child(envelope_node, "Header"), "MessageID").text().get();
  std::vector<std::string> out;
  for (const auto& [code, camera] : hub_.cameras()) {
    if (camera.has(FaultKind::refuse) || camera.has(FaultKind::stall)) continue;
    const auto header = fmt::format(
        "<wsa:MessageID>urn:uuid:51000000-0000-4000-8000-{0:012x}</wsa:MessageID><wsa:RelatesTo>{1}"
        "</wsa:RelatesTo><wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches"
        "</wsa:Action>",
        camera.number, safe(asked));
    const auto body = fmt::format(
        "<d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>"
        "urn:uuid:51000000-{0:04x}-4000-8000-{1:012x}</wsa:Address></wsa:EndpointReference>"
        "<d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/{2}"
        " onvif://www.onvif.org/hardware/{3} onvif://www.onvif.org/Profile/Streaming</d:Scopes>"
        "<d:XAddrs>{4}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch>"
        "</d:ProbeMatches>",
        port_, camera.number, code, camera.head ? "Sim%20PTZ%20720" : "Sim%20720",
        address_of(code));
    out.push_back(envelope(header, body));
  }
  return out;
}

}  // namespace vl::sim
