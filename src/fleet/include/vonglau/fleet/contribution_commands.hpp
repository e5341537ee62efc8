// The commands and tables of contributed cameras.
#pragma once

#include <functional>
#include <vector>

#include <vonglau/fleet/commands.hpp>
#include <vonglau/fleet/contribution.hpp>
#include <vonglau/store/session.hpp>

namespace vl::fleet {

/// `also` writes what must be there with the event (the owner in the vault, the link's hash).
journal::Command declare_contribution(Request request, CameraId camera, ContributionDeclared terms,
                                      std::function<Result<void>(store::Session&)> also);
journal::Command withdraw_contribution(Request request, CameraId camera, bool by_owner);
journal::Command request_view(Request request, CameraId camera, ViewRequested wanted);
/// By the owner, who is no person of the journal: recorded as the system's.
journal::Command decide_request(CameraId camera, Uuid request_id, bool granted);
/// Refused where decide_view() refuses; recorded where it is a contributed camera and this look was
/// not noted within the hour. The reply is the end of the permit in microseconds, "" where it has
/// none.
journal::Command note_view(journal::Actor person, CameraId camera, ViewKind kind,
                           std::optional<Uuid> incident_id);

struct ContributionRow {
  CameraId camera_id;
  std::string consent, owner_kind;
  WallTime declared_us;
  WallTime expires_us;
  bool withdrawn = false;
  // Not shown outside.
  std::optional<Uuid> owner_item;
};
BOOST_DESCRIBE_STRUCT(ContributionRow, (),
                      (camera_id, consent, owner_kind, declared_us, expires_us, withdrawn))
struct ViewRequestRow {
  Uuid id;
  CameraId camera_id;
  Uuid person_id;
  std::string reason;
  std::optional<Uuid> incident_id;
  std::int64_t hours = 0;
  WallTime asked_us;
  std::optional<bool> granted;
  std::optional<WallTime> until_us;
};
BOOST_DESCRIBE_STRUCT(ViewRequestRow, (),
                      (id, camera_id, person_id, reason, incident_id, hours, asked_us, granted,
                       until_us))
struct ViewRow {
  WallTime at_us;
  Uuid person_id;
  std::string kind, reason;
  std::optional<Uuid> request_id, incident_id;
};
BOOST_DESCRIBE_STRUCT(ViewRow, (), (at_us, person_id, kind, reason, request_id, incident_id))

Result<std::vector<ContributionRow>> contributions(store::Session& session, ProvinceId province);
/// Of all contributed cameras, or of one; the latest first.
Result<std::vector<ViewRequestRow>> view_requests(store::Session& session, ProvinceId province,
                                                  std::optional<CameraId> camera,
                                                  std::int64_t limit);
Result<std::vector<ViewRow>> views(store::Session& session, ProvinceId province, CameraId camera,
                                   std::int64_t limit);
/// Contributed cameras whose stream may not be taken now, and when that changes by time alone.
struct NotTaken {
  std::vector<CameraId> cameras;
  std::optional<WallTime> next;
};
Result<NotTaken> not_taken(store::Session& session, ProvinceId province, WallTime now);

/// The camera whose owner holds this link; wrong_link for any other text.
Result<CameraId> camera_of_link(store::Session& session, ProvinceId province,
                                std::string_view token);
/// Replaces the link of the camera: the one before ends.
Result<void> write_link(store::Session& session, ProvinceId province, CameraId camera,
                        const Digest& hash);

}  // namespace vl::fleet
