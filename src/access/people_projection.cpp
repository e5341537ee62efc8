#include <vonglau/access/approvals.hpp>
#include <vonglau/access/events.hpp>
#include <vonglau/access/people_projection.hpp>
#include <vonglau/access/person.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::access {
namespace {

using journal::when;

std::string text_of(Role role) {
  return boost::describe::enum_to_string(role, "");
}

// One statement a column: the statements stay constant, and are prepared once.
constexpr std::string_view kDisabled =
    "UPDATE access_people SET disabled = $3 WHERE province_id = $1 AND person_id = $2";
constexpr std::string_view kTotpEnrolled =
    "UPDATE access_people SET totp_enrolled = $3 WHERE province_id = $1 AND person_id = $2";
constexpr std::string_view kLockedUntil =
    "UPDATE access_people SET locked_until_us = $3 WHERE province_id = $1 AND person_id = $2";
constexpr std::string_view kSignedIn =
    "UPDATE access_people SET last_sign_in_us = $3, locked_until_us = NULL "
    "WHERE province_id = $1 AND person_id = $2";

Result<void> grant(store::Session& session, ProvinceId province, const Uuid& person, Role role) {
  return session.post(
      "INSERT INTO access_person_roles (province_id, person_id, role) VALUES ($1, $2, $3) "
      "ON CONFLICT DO NOTHING",
      {province, person, text_of(role)});
}

Result<void> created(const PersonCreated& e, const journal::Event& event, ProvinceId province,
                     store::Session& session) {
  VL_CHECK(session.post(
      "INSERT INTO access_people (province_id, person_id, login_item, display_name_item, "
      "unit_id, disabled, totp_enrolled, created_us) VALUES ($1, $2, $3, $4, $5, 0, 0, $6)",
      {province, event.stream.id, e.login.item, e.display_name.item, e.unit_id, event.wall}));
  for (const Role role : e.roles) VL_CHECK(grant(session, province, event.stream.id, role));
  return {};
}

Result<void> approved(const RoleChangeApproved& e, const journal::Event& event, ProvinceId province,
                      store::Session& session) {
  VL_CHECK(write_decision(session, province, e.approval_id, ApprovalState::approved,
                          {event.actor.id}, event.wall));
  VL_TRY(const auto approval, find_approval(session, province, e.approval_id));
  VL_ASSERT(approval.has_value());
  const auto change = json::read_text<RoleChangeRequested>(approval->payload);
  VL_ASSERT(change.has_value());
  for (const Role role : change->grant) VL_CHECK(grant(session, province, approval->subject, role));
  for (const Role role : change->revoke)
    VL_CHECK(
        session.post("DELETE FROM access_person_roles "
                     "WHERE province_id = $1 AND person_id = $2 AND role = $3",
                     {province, approval->subject, text_of(role)}));
  return {};
}

}  // namespace

Result<void> PeopleProjection::apply(const journal::Event& event, ProvinceId province,
                                     store::Session& session) {
  if (event.stream.kind != Person::kStream) return {};
  const Uuid& person = event.stream.id;
  Result<void> done;
  const auto set = [&](std::string_view statement, const store::Value& value) {
    done = session.post(statement, {province, person, value});
  };
  when<PersonCreated>(event, [&](const auto& e) { done = created(e, event, province, session); }) ||
      when<PersonDisabled>(event, [&](const auto&) { set(kDisabled, 1); }) ||
      when<PersonEnabled>(event, [&](const auto&) { set(kDisabled, 0); }) ||
      when<PersonPasswordReset>(event,
                                [&](const PersonPasswordReset& e) {
                                  if (e.one_time) set(kTotpEnrolled, 0);
                                }) ||
      when<PersonTotpEnrolled>(event, [&](const auto&) { set(kTotpEnrolled, 1); }) ||
      when<PersonLocked>(event, [&](const PersonLocked& e) { set(kLockedUntil, e.until_us); }) ||
      when<PersonSignedIn>(event, [&](const auto&) { set(kSignedIn, event.wall); }) ||
      when<RoleChangeRequested>(event,
                                [&](const RoleChangeRequested& e) {
                                  done = write_request(session, province,
                                                       {e.approval_id,
                                                        "role_change",
                                                        person,
                                                        {event.actor.id},
                                                        json::write(e),
                                                        event.wall,
                                                        {},
                                                        {},
                                                        {}});
                                }) ||
      when<RoleChangeApproved>(
          event, [&](const auto& e) { done = approved(e, event, province, session); }) ||
      when<RoleChangeRejected>(event, [&](const RoleChangeRejected& e) {
        done = write_decision(session, province, e.approval_id, ApprovalState::rejected,
                              {event.actor.id}, event.wall);
      });
  return done;
}

}  // namespace vl::access
