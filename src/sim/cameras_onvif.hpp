// The ONVIF services of the simulated cameras, as far as a centre speaks to them: device, media,
// PTZ, events of motion, and where there is a card recording and replay. Belongs to the simulator's
// one network thread; the server in front of it does not.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vonglau/http/message.hpp>

#include "cameras_hub.hpp"
#include "cameras_memory.hpp"

namespace vl::sim {

class OnvifServices {
 public:
  OnvifServices(Hub& hub, std::filesystem::path memory_file);

  /// A POST to /onvif/{code}/{service}.
  http::Response answer(const http::Request& request);
  /// Answers to a WS-Discovery datagram, one a camera; none to what is no probe.
  std::vector<std::string> answer_probe(std::string_view datagram) const;
  void set_port(std::uint16_t port) { port_ = port; }
  std::string address_of(const std::string& code) const;

 private:
  struct PullPoint {  // somebody who asks for motion
    int number = 0;
    std::int64_t ends_us = 0;     // monotonic
    std::int64_t told_to_us = 0;  // monotonic; what came until then was told
    std::optional<bool> moves;    // as was told last
  };
  struct Told {  // what a camera has been told, on top of its spec
    double clock_offset_s = 0;
    std::string nonce;  // of HTTP's digest
    std::vector<PullPoint> pull_points;
    int next_pull_point = 1;
    KeptCamera kept;
  };
  struct Question;
  std::string act(Question& question);
  std::string act_on_device(Question& question);
  std::string act_on_media(Question& question);
  std::string act_on_storage(Question& question);
  std::string act_on_ptz(Question& question);
  std::string act_on_events(Question& question);
  std::string pull(Question& question, PullPoint& point);
  std::optional<bool> moves(const Camera& camera, std::int64_t mono_us) const;
  bool authorised(const Question& question, const http::Request& request) const;
  void keep(const Told& told);

  Hub& hub_;
  CameraMemory memory_;
  std::map<std::string, Told, std::less<>> told_;
  std::uint16_t port_ = 0;
};

}  // namespace vl::sim
