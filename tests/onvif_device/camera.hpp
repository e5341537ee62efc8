// The test device's state, and how its services answer. Everything under `camera.mutex` but what is
// set before it listens.
#pragma once

#include <algorithm>
#include <chrono>
#include <ctime>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "soapH.h"

struct Position {
  double pan = 0, tilt = 0, zoom = 0;
};
struct Preset {
  std::string name;
  Position at;
};

/// Happened, and waits to be pulled.
struct Told {
  time_t at;
  const char* topic;
  bool moving;
  const char* operation;
};
struct Subscription {
  std::vector<Told> waiting;
  time_t ends;
};

struct Camera {
  std::mutex mutex;
  std::string user = "admin", password = "admin", rtsp = "554";
  bool http_digest = false, old = false, fixed = false, head = true, card = true, events = true,
       filters = true;
  bool motion = false;
  int next_subscription = 1;
  std::map<int, Subscription> subscriptions;
  int port = 0;
  Position at, speed, home;
  std::chrono::steady_clock::time_point moving_since, moving_until;
  std::map<std::string, Preset> presets;
  int next_preset = 1;

  /// Where its motors have got it meanwhile: full speed is the whole way in a second.
  void advance() {
    const auto now = std::min(std::chrono::steady_clock::now(), moving_until);
    const double s = std::chrono::duration<double>(now - moving_since).count();
    if (s <= 0) return;
    at.pan = std::clamp(at.pan + speed.pan * s, -1.0, 1.0);
    at.tilt = std::clamp(at.tilt + speed.tilt * s, -1.0, 1.0);
    at.zoom = std::clamp(at.zoom + speed.zoom * s, 0.0, 1.0);
    moving_since = now;
  }
  bool is_moving() const { return std::chrono::steady_clock::now() < moving_until; }
};
inline Camera camera;

inline char* text(soap* s, const std::string& value) {
  return soap_strdup(s, value.c_str());
}
/// A fault as ONVIF wants it: a sender's, with a subcode of its own.
inline int fault(soap* s, const char* subcode, const char* reason) {
  return soap_sender_fault_subcode(s, subcode, reason, nullptr);
}

/// Whoever asks without the right password gets what gSOAP says then.
int refusal(soap* s);
/// Motion begins or ends, and those who subscribed are told.
void tell_motion(bool moving);

inline std::string own_address(const std::string& path) {
  // A host that nobody can reach: clients are to stay with the one that they asked.
  return "http://192.0.2.77:" + std::to_string(camera.port) + "/" + path;
}
