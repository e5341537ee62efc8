// A person as the journal knows them. Pure: decide functions look at the state and give events;
// apply folds them.
#pragma once

#include <map>

#include <vonglau/access/error.hpp>
#include <vonglau/access/events.hpp>
#include <vonglau/journal/event.hpp>

namespace vl::access {

struct Person {
  static constexpr std::string_view kStream = "person";
  struct Change {
    PersonId author;
    Roles grant;
    Roles revoke;
    bool pending = true;
  };
  bool exists = false;
  bool disabled = false;
  Roles roles;
  std::optional<Uuid> unit_id;
  std::map<ApprovalId, Change> changes;

  void apply(const journal::Event& event);
};

Result<PersonDisabled> decide_disable(const Person& person);
Result<PersonEnabled> decide_enable(const Person& person);
Result<PersonPasswordReset> decide_password_reset(const Person& person, bool one_time);
Result<PersonSignedIn> decide_sign_in(const Person& person, bool second_factor);
/// Refuses what changes nothing: granting a role that is held, revoking one that is not.
Result<RoleChangeRequested> decide_request(const Person& person, PersonId id, ApprovalId approval,
                                           Roles grant, Roles revoke, journal::PersonalRef reason);
/// Refuses the author, whoever that is: `access.same_person`.
Result<RoleChangeApproved> decide_approve(const Person& person, ApprovalId approval, PersonId by);
Result<RoleChangeRejected> decide_reject(const Person& person, ApprovalId approval, PersonId by,
                                         std::optional<journal::PersonalRef> reason);

}  // namespace vl::access
