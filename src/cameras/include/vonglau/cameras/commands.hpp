// The commands of the camera registry, ready for the journal.
#pragma once

#include <functional>
#include <vector>

#include <vonglau/cameras/camera.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::cameras {

struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
};
using WriteRows = std::function<Result<void>(store::Session&)>;

journal::Command register_camera(Request request, CameraId id, CameraDescription camera,
                                 WriteRows seal_rows);
journal::Command change_camera(Request request, CameraId id, CameraDescription camera,
                               WriteRows seal_rows);
/// Inside another room's command: registers the camera, or changes it if it is known.
Result<void> record_described(journal::Decision& decision, CameraId id,
                              const CameraDescription& camera);
journal::Command set_disabled(Request request, CameraId id, bool disabled);

journal::Command grant_playback(Request request, CameraId id, Uuid incident, Uuid person);

/// What a recorder reports about its cameras, in one command: a batch is taken once (its id is
/// the idempotency key). Reports on unknown cameras are left out.
struct NodeReport {
  enum class Kind { online, offline, gap, filled };
  Kind kind{};
  CameraId camera;
  WallTime at;
  GapCause cause{};          // offline, gap
  std::string media_stream;  // gap, filled; `at` is its start
  WallTime end;              // gap, filled
  WallTime fetched;          // filled
};
journal::Command take_reports(Request request, std::vector<NodeReport> reports);

}  // namespace vl::cameras
