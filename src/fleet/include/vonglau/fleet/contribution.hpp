// Cameras that citizens and businesses contribute: what their owners allow, until when, and what
// was looked at. Pure. The stream is `contribution`, its id the camera's.
//
// Denied unless allowed: a camera with a contribution is seen only as its consent says. A camera
// without one is the province's own, and access's permissions alone decide.
#pragma once

#include <map>
#include <optional>
#include <string>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include <vonglau/base/result.hpp>
#include <vonglau/cameras/footage.hpp>
#include <vonglau/journal/event.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::fleet {

using cameras::CameraId;

enum class ContributionError {
  not_found,
  not_allowed,  // by the owner's consent
  expired,
  not_granted,  // on request, and no request of this person is granted
  bad_expiry,
  bad_span,
  decided,
  wrong_link,
  no_change,
};
constexpr ErrorCode code_of(ContributionError e) {
  switch (e) {
    case ContributionError::not_found:
      return {Category::not_found, "contribution.not_found"};
    case ContributionError::not_allowed:
      return {Category::forbidden, "contribution.not_allowed"};
    case ContributionError::expired:
      return {Category::forbidden, "contribution.expired"};
    case ContributionError::not_granted:
      return {Category::forbidden, "contribution.not_granted"};
    case ContributionError::bad_expiry:
      return {Category::invalid, "contribution.bad_expiry"};
    case ContributionError::bad_span:
      return {Category::invalid, "contribution.bad_span"};
    case ContributionError::decided:
      return {Category::conflict, "contribution.decided"};
    case ContributionError::wrong_link:
      return {Category::not_found, "contribution.wrong_link"};
    case ContributionError::no_change:
      break;
  }
  return {Category::conflict, "contribution.no_change"};
}

enum class Consent {
  registry_only,  // it is known where it hangs; its stream is never taken
  on_request,     // taken and seen only under a request that the owner granted
  live,           // recorded and seen like the province's own; what was looked at is told the owner
};
BOOST_DESCRIBE_ENUM(Consent, registry_only, on_request, live)
enum class OwnerKind { citizen, business };
BOOST_DESCRIBE_ENUM(OwnerKind, citizen, business)
enum class ViewReason { crime, traffic, fire, missing_person, public_order, maintenance, watch };
BOOST_DESCRIBE_ENUM(ViewReason, crime, traffic, fire, missing_person, public_order, maintenance,
                    watch)
enum class ViewKind { live, playback, copy };
BOOST_DESCRIBE_ENUM(ViewKind, live, playback, copy)

struct ContributionDeclared {
  static constexpr std::string_view kType = "contribution.declared";
  static constexpr std::uint32_t kVersion = 1;
  Consent consent{};
  OwnerKind owner_kind{};
  WallTime expires_us;
  std::optional<journal::PersonalRef> owner;  // name and how to reach them, in the vault
};
BOOST_DESCRIBE_STRUCT(ContributionDeclared, (), (consent, owner_kind, expires_us, owner))
struct ContributionWithdrawn {
  static constexpr std::string_view kType = "contribution.withdrawn";
  static constexpr std::uint32_t kVersion = 1;
  bool by_owner = false;
};
BOOST_DESCRIBE_STRUCT(ContributionWithdrawn, (), (by_owner))
struct ViewRequested {
  static constexpr std::string_view kType = "contribution.view_requested";
  static constexpr std::uint32_t kVersion = 1;
  Uuid request_id;
  ViewReason reason{};
  std::optional<Uuid> incident_id;
  std::int64_t hours = 1;  // how long, from when it is granted
};
BOOST_DESCRIBE_STRUCT(ViewRequested, (), (request_id, reason, incident_id, hours))
struct ViewDecided {
  static constexpr std::string_view kType = "contribution.view_decided";
  static constexpr std::uint32_t kVersion = 1;
  Uuid request_id;
  bool granted = false;
  WallTime until_us;  // while granted
};
BOOST_DESCRIBE_STRUCT(ViewDecided, (), (request_id, granted, until_us))
struct ContributionViewed {
  static constexpr std::string_view kType = "contribution.viewed";
  static constexpr std::uint32_t kVersion = 1;
  ViewKind kind{};
  ViewReason reason{};
  std::optional<Uuid> request_id;
  std::optional<Uuid> incident_id;
};
BOOST_DESCRIBE_STRUCT(ContributionViewed, (), (kind, reason, request_id, incident_id))

struct Contribution {
  static constexpr std::string_view kStream = "contribution";
  struct Request {
    Uuid person;
    ViewReason reason{};
    std::int64_t hours = 0;
    std::optional<bool> granted;
    WallTime until;
  };
  bool exists = false;  // withdrawn ones do: they deny
  bool withdrawn = false;
  ContributionDeclared terms;
  std::map<Uuid, Request> requests;
  /// When each person's last look of each kind was noted.
  std::map<std::pair<Uuid, ViewKind>, WallTime> noted;
  void apply(const journal::Event& event);
};

/// Whether this person may look now, and by which request. Nothing in it: the province's own.
struct Permit {
  bool contributed = false;
  std::optional<Uuid> request_id;
  ViewReason reason = ViewReason::watch;
  std::optional<WallTime> until;  // of the permit
};
Result<Permit> decide_view(const Contribution& contribution, const Uuid& person, WallTime now);
/// Whether its stream may be taken from the camera at all now.
bool may_take(const Contribution& contribution, WallTime now);
/// Looks of one person and kind within an hour are one line for the owner.
constexpr std::int64_t one_look_us = 3'600'000'000;

Result<void> check(const ContributionDeclared& terms, WallTime now);

}  // namespace vl::fleet
