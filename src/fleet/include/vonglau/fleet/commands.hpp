// The commands of the fleet, ready for the journal.
#pragma once

#include <functional>
#include <span>

#include <vonglau/fleet/alarm.hpp>
#include <vonglau/fleet/import.hpp>
#include <vonglau/journal/writer.hpp>

namespace vl::fleet {

struct Request {
  journal::Actor actor;
  std::optional<Uuid> idempotency_key;
};

journal::Command register_asset(Request request, AssetId id, AssetDescription asset);
journal::Command change_asset(Request request, AssetId id, AssetDescription asset);
/// Refused while cameras or other assets hang on it.
journal::Command retire_asset(Request request, AssetId id);
journal::Command link_camera(Request request, CameraId camera, std::vector<AssetId> hangs_on);
/// All of it or nothing. `fresh` gives the ids of what is new. The reply says what was done:
/// {"assets_added":1,"assets_changed":2,"cameras_linked":3,"unchanged":4}
journal::Command import_topology(Request request, std::vector<ImportRow> rows,
                                 std::vector<AssetId> fresh);

journal::Command plan_work(Request request, Uuid id, WorkPlanned work);
journal::Command end_work(Request request, Uuid id);

/// What recorders report of pictures; what is known already, and the first "good", records nothing.
struct PictureReport {
  CameraId camera;
  Picture picture{};
  WallTime at;
};
journal::Command take_pictures(Request request, std::vector<PictureReport> reports);

/// Looks at all cameras and opens, changes and closes alarms: at most three events an alarm, none
/// when nothing changed. `recorder_of` must not touch the journal. The reply is the moment from
/// which time alone may change the answer (microseconds), or "".
journal::Command review_alarms(std::function<std::optional<Uuid>(CameraId)> recorder_of,
                               std::function<AlarmId()> new_id, CauseRules rules = {});

}  // namespace vl::fleet
