// The events of people and their roles, all in the stream ("person", the person's id). Who did
// it is the event's actor. Names and reasons are in the vault, under the person's id as subject.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include <vonglau/access/role.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/journal/personal_ref.hpp>

namespace vl::access {

struct PersonCreated {
  static constexpr std::string_view kType = "person.created";
  static constexpr std::uint32_t kVersion = 1;
  journal::PersonalRef login;
  journal::PersonalRef display_name;
  std::optional<Uuid> unit_id;
  std::vector<Role> roles;  // of founders only; everybody else's are requested and approved
};
BOOST_DESCRIBE_STRUCT(PersonCreated, (), (login, display_name, unit_id, roles))

struct PersonDisabled {
  static constexpr std::string_view kType = "person.disabled";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(PersonDisabled, (), ())

struct PersonEnabled {
  static constexpr std::string_view kType = "person.enabled";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(PersonEnabled, (), ())

struct PersonPasswordReset {
  static constexpr std::string_view kType = "person.password_reset";
  static constexpr std::uint32_t kVersion = 1;
  bool one_time = false;  // handed out by an administrator, which also takes the second factor off
};
BOOST_DESCRIBE_STRUCT(PersonPasswordReset, (), (one_time))

struct PersonTotpEnrolled {
  static constexpr std::string_view kType = "person.totp_enrolled";
  static constexpr std::uint32_t kVersion = 1;
};
BOOST_DESCRIBE_STRUCT(PersonTotpEnrolled, (), ())

struct PersonSignedIn {
  static constexpr std::string_view kType = "person.signed_in";
  static constexpr std::uint32_t kVersion = 1;
  bool second_factor = false;
};
BOOST_DESCRIBE_STRUCT(PersonSignedIn, (), (second_factor))

struct PersonLocked {
  static constexpr std::string_view kType = "person.locked";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t failures = 0;
  WallTime until_us;
};
BOOST_DESCRIBE_STRUCT(PersonLocked, (), (failures, until_us))

struct RoleChangeRequested {
  static constexpr std::string_view kType = "role.change_requested";
  static constexpr std::uint32_t kVersion = 1;
  ApprovalId approval_id;
  PersonId subject_id;
  std::vector<Role> grant;
  std::vector<Role> revoke;
  journal::PersonalRef reason;
};
BOOST_DESCRIBE_STRUCT(RoleChangeRequested, (), (approval_id, subject_id, grant, revoke, reason))

struct RoleChangeApproved {
  static constexpr std::string_view kType = "role.change_approved";
  static constexpr std::uint32_t kVersion = 1;
  ApprovalId approval_id;
};
BOOST_DESCRIBE_STRUCT(RoleChangeApproved, (), (approval_id))

struct RoleChangeRejected {
  static constexpr std::string_view kType = "role.change_rejected";
  static constexpr std::uint32_t kVersion = 1;
  ApprovalId approval_id;
  std::optional<journal::PersonalRef> reason;
};
BOOST_DESCRIBE_STRUCT(RoleChangeRejected, (), (approval_id, reason))

}  // namespace vl::access
