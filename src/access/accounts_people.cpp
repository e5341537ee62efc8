#include <vonglau/journal/typed_event.hpp>
#include <vonglau/vault/journalled.hpp>
#include <vonglau/vault/normalise.hpp>

#include "accounts_inside.hpp"

namespace vl::access {

Result<void> Accounts::write_credentials(store::Session& session, PersonId person,
                                         const std::string& hash, bool one_time) const {
  const WallTime now = p_.clock.wall();
  std::optional<WallTime> until;
  if (one_time) until = now.plus_us(p_.policy.one_time_valid_us);
  return session.post(
      "INSERT INTO access_credentials (province_id, person_id, password_hash, must_change, "
      "one_time_until_us, totp_last_step, changed_us) VALUES ($1, $2, $3, $4, $5, 0, $6) "
      "ON CONFLICT (province_id, person_id) DO UPDATE SET "
      "password_hash = excluded.password_hash, must_change = excluded.must_change, "
      "one_time_until_us = excluded.one_time_until_us, totp_item = NULL, "
      "totp_pending_item = NULL, totp_last_step = 0, changed_us = excluded.changed_us",
      {p_.province, person, hash, one_time, until, now});
}

Result<CreatedAccount> Accounts::create(journal::Actor actor, std::optional<Uuid> idempotency_key,
                                        const NewAccount& account) {
  if (account.display_name.empty() || account.display_name.size() > 200)
    return fail(AccessError::bad_name, "display_name: 1 to 200 bytes", "display_name");
  if (!account.roles.empty() && actor.kind != journal::ActorKind::system)
    return fail(AccessError::forbidden, "roles are requested, and approved by a second person");
  const PersonId id{p_.ids.next()};
  VL_TRY(const auto login, p_.vault.seal({id.value}, vault::Kind::login, account.login));
  VL_TRY(const auto name,
         p_.vault.seal({id.value}, vault::Kind::display_name, account.display_name));
  CreatedAccount created{id, ""};
  if (account.password) {
    VL_CHECK(check_password(*account.password, account.login, p_.policy));
  } else {
    created.one_time_password = std::string(one_time_password().text());
  }
  const bool one_time = !account.password;
  VL_TRY(const std::string hashed, hash(one_time ? created.one_time_password : *account.password));
  journal::Command command;
  command.actor = actor;
  command.name = "people.create";
  command.idempotency_key = idempotency_key;
  command.decide = [&](journal::Decision& d) -> Result<std::string> {
    // Asked inside the transaction, where the one writer sees every login there is.
    VL_TRY(const auto taken, person_of(d.tables(), account.login));
    if (taken)
      return fail(AccessError::login_taken, "somebody has this login; choose another", "login");
    VL_CHECK(d.record(
        journal::draft_of(Person::kStream, id.value,
                          PersonCreated{vault::reference_to(login), vault::reference_to(name),
                                        account.unit_id, account.roles})));
    d.also_write([&](store::Session& s) -> Result<void> {
      VL_CHECK(p_.vault.write(s, login));
      VL_CHECK(p_.vault.write(s, name));
      return write_credentials(s, id, hashed, one_time);
    });
    return id.text();
  };
  VL_TRY(const auto receipt, p_.journal.execute(std::move(command)));
  if (receipt.repeated)
    return fail(AccessError::wrong_state,
                "this account was made already, and its one-time password told; reset it");
  return created;
}

Result<void> Accounts::keep_an_administrator(journal::Decision& d, PersonId without) const {
  VL_TRY(const auto others,
         d.tables().query_integer(
             "SELECT count(*) FROM access_person_roles r JOIN access_people p "
             "ON p.province_id = r.province_id AND p.person_id = r.person_id "
             "WHERE r.province_id = $1 AND r.role = 'administrator' AND p.disabled = 0 "
             "AND r.person_id <> $2",
             {p_.province, without}));
  if (others.value_or(0) > 0) return {};
  return fail(AccessError::last_administrator,
              "nobody else could administer the centre; make another administrator first");
}

Result<void> Accounts::set_disabled(journal::Actor actor, PersonId person, bool disabled) {
  VL_CHECK(run(actor, disabled ? "people.disable" : "people.enable",
               [&](journal::Decision& d) -> Result<void> {
                 VL_TRY(const Person* state, d.state<Person>(person.value));
                 if (!disabled) {
                   VL_TRY(const auto event, decide_enable(*state));
                   return d.record(journal::draft_of(Person::kStream, person.value, event));
                 }
                 VL_TRY(const auto event, decide_disable(*state));
                 if (state->roles.has(Role::administrator))
                   VL_CHECK(keep_an_administrator(d, person));
                 VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
                 d.also_write(
                     [&](store::Session& s) { return p_.sessions.write_end_all(s, person); });
                 return {};
               }));
  if (disabled) p_.sessions.forget_all(person);
  return {};
}

Result<void> Accounts::disable(journal::Actor actor, PersonId person) {
  return set_disabled(actor, person, true);
}
Result<void> Accounts::enable(journal::Actor actor, PersonId person) {
  return set_disabled(actor, person, false);
}

Result<std::string> Accounts::reset_password(journal::Actor actor, PersonId person) {
  std::string one_time(one_time_password().text());
  VL_TRY(const std::string hashed, hash(one_time));
  VL_CHECK(run(actor, "people.reset_password", [&](journal::Decision& d) -> Result<void> {
    VL_TRY(const Person* state, d.state<Person>(person.value));
    VL_TRY(const auto event, decide_password_reset(*state, true));
    VL_TRY(const auto known, credentials(d.tables(), person));
    VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
    d.also_write([&, known](store::Session& s) -> Result<void> {
      if (known && known->totp_item) VL_CHECK(p_.vault.remove(s, {*known->totp_item}));
      if (known && known->totp_pending_item)
        VL_CHECK(p_.vault.remove(s, {*known->totp_pending_item}));
      VL_CHECK(write_credentials(s, person, hashed, true));
      return p_.sessions.write_end_all(s, person);
    });
    return {};
  }));
  p_.sessions.forget_all(person);
  VL_TRY(const AccountRow account, find(person));
  VL_TRY(const Lease lease, writing());
  if (const auto counted = vault::normalise_login(account.login))
    VL_CHECK(p_.lockout.clear_account(*lease, *counted));
  return one_time;
}

Result<ApprovalId> Accounts::request_roles(journal::Actor actor, PersonId person,
                                           const std::vector<Role>& grant,
                                           const std::vector<Role>& revoke, std::string_view reason,
                                           std::optional<Uuid> idempotency_key) {
  VL_TRY(const auto why, p_.vault.seal({person.value}, vault::Kind::remark, reason));
  const ApprovalId fresh{p_.ids.next()};
  journal::Command command;
  command.actor = actor;
  command.name = "people.request_roles";
  command.idempotency_key = idempotency_key;
  command.decide = [&](journal::Decision& d) -> Result<std::string> {
    VL_TRY(const Person* state, d.state<Person>(person.value));
    VL_TRY(const auto event, decide_request(*state, person, fresh, Roles::of(grant),
                                            Roles::of(revoke), vault::reference_to(why)));
    VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
    d.also_write([&](store::Session& s) { return p_.vault.write(s, why); });
    return fresh.text();
  };
  // The id is the reply, so that a retried request gets the first one's.
  VL_TRY(const auto receipt, p_.journal.execute(std::move(command)));
  return ApprovalId{Uuid::parse(receipt.reply).value_or(fresh.value)};
}

Result<Approval> Accounts::known_approval(ApprovalId approval) {
  VL_TRY(const Lease lease, reading());
  VL_TRY(auto found, find_approval(*lease, p_.province, approval));
  if (!found) return fail(AccessError::unknown_approval, "there is no such request");
  return *std::move(found);
}

Result<void> Accounts::approve(PersonId by, ApprovalId approval) {
  VL_TRY(const Approval asked, known_approval(approval));
  const PersonId person{asked.subject};
  return run(journal::Actor::person(by.value), "approvals.approve",
             [&](journal::Decision& d) -> Result<void> {
               VL_TRY(const Person* state, d.state<Person>(person.value));
               VL_TRY(const auto event, decide_approve(*state, approval, by));
               if (state->changes.at(approval).revoke.has(Role::administrator))
                 VL_CHECK(keep_an_administrator(d, person));
               return d.record(journal::draft_of(Person::kStream, person.value, event));
             });
}

Result<void> Accounts::reject(PersonId by, ApprovalId approval,
                              std::optional<std::string_view> reason) {
  VL_TRY(const Approval asked, known_approval(approval));
  const PersonId person{asked.subject};
  std::optional<vault::Sealed> why;
  if (reason && !reason->empty()) {
    VL_TRY(why, p_.vault.seal({person.value}, vault::Kind::remark, *reason));
  }
  return run(journal::Actor::person(by.value), "approvals.reject",
             [&](journal::Decision& d) -> Result<void> {
               VL_TRY(const Person* state, d.state<Person>(person.value));
               std::optional<journal::PersonalRef> ref;
               if (why) ref = vault::reference_to(*why);
               VL_TRY(const auto event, decide_reject(*state, approval, by, ref));
               VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
               if (why) d.also_write([&](store::Session& s) { return p_.vault.write(s, *why); });
               return {};
             });
}

}  // namespace vl::access
