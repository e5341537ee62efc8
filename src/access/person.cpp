#include <vonglau/access/person.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::access {

using journal::when;

void Person::apply(const journal::Event& event) {
  when<PersonCreated>(event,
                      [&](const PersonCreated& e) {
                        exists = true;
                        roles = Roles::of(e.roles);
                        unit_id = e.unit_id;
                      }) ||
      when<PersonDisabled>(event, [&](const auto&) { disabled = true; }) ||
      when<PersonEnabled>(event, [&](const auto&) { disabled = false; }) ||
      when<RoleChangeRequested>(event,
                                [&](const RoleChangeRequested& e) {
                                  changes[e.approval_id] = {
                                      {event.actor.id}, Roles::of(e.grant), Roles::of(e.revoke)};
                                }) ||
      when<RoleChangeApproved>(event,
                               [&](const RoleChangeApproved& e) {
                                 Change& change = changes[e.approval_id];
                                 change.pending = false;
                                 for (const Role role : change.grant.list()) roles.add(role);
                                 for (const Role role : change.revoke.list()) roles.remove(role);
                               }) ||
      when<RoleChangeRejected>(
          event, [&](const RoleChangeRejected& e) { changes[e.approval_id].pending = false; });
}

namespace {

Result<void> must_exist(const Person& person) {
  if (person.exists) return {};
  return fail(AccessError::unknown_person, "there is no such person");
}

Result<void> may_decide(const Person& person, ApprovalId approval, PersonId by) {
  const auto found = person.changes.find(approval);
  if (found == person.changes.end())
    return fail(AccessError::unknown_approval, "there is no such request");
  if (found->second.author == by)
    return fail(AccessError::same_person,
                "the author of a change may not decide on it; ask a second person");
  if (!found->second.pending)
    return fail(AccessError::already_decided, "somebody else has decided on this request");
  return {};
}

}  // namespace

Result<PersonDisabled> decide_disable(const Person& person) {
  VL_CHECK(must_exist(person));
  if (person.disabled) return fail(AccessError::wrong_state, "this person is disabled already");
  return PersonDisabled{};
}

Result<PersonEnabled> decide_enable(const Person& person) {
  VL_CHECK(must_exist(person));
  if (!person.disabled) return fail(AccessError::wrong_state, "this person is enabled already");
  return PersonEnabled{};
}

Result<PersonPasswordReset> decide_password_reset(const Person& person, bool one_time) {
  VL_CHECK(must_exist(person));
  return PersonPasswordReset{one_time};
}

Result<PersonSignedIn> decide_sign_in(const Person& person, bool second_factor) {
  VL_CHECK(must_exist(person));
  if (person.disabled)
    return fail(AccessError::wrong_credentials, "the login, password or code is wrong");
  return PersonSignedIn{second_factor};
}

Result<RoleChangeRequested> decide_request(const Person& person, PersonId id, ApprovalId approval,
                                           Roles grant, Roles revoke, journal::PersonalRef reason) {
  VL_CHECK(must_exist(person));
  if (grant.empty() && revoke.empty())
    return fail(AccessError::wrong_state, "name at least one role to grant or revoke", "grant");
  if (grant.meets(revoke))
    return fail(AccessError::wrong_state, "a role is either granted or revoked", "revoke");
  if (grant.meets(person.roles))
    return fail(AccessError::wrong_state, "the person holds a role to be granted", "grant");
  for (const Role role : revoke.list())
    if (!person.roles.has(role))
      return fail(AccessError::wrong_state, "the person lacks a role to be revoked", "revoke");
  return RoleChangeRequested{approval, id, grant.list(), revoke.list(), reason};
}

Result<RoleChangeApproved> decide_approve(const Person& person, ApprovalId approval, PersonId by) {
  VL_CHECK(may_decide(person, approval, by));
  return RoleChangeApproved{approval};
}

Result<RoleChangeRejected> decide_reject(const Person& person, ApprovalId approval, PersonId by,
                                         std::optional<journal::PersonalRef> reason) {
  VL_CHECK(may_decide(person, approval, by));
  return RoleChangeRejected{approval, reason};
}

}  // namespace vl::access
