#include <vonglau/access/totp.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/vault/normalise.hpp>

#include "accounts_inside.hpp"

namespace vl::access {
namespace {

std::unexpected<SignInRefused> refused(Error error) {
  return std::unexpected(SignInRefused{std::move(error), {}});
}

/// What failures are counted under: one spelling, and no more than a login can have.
std::string counted_login(std::string_view login) {
  return vault::normalise_login(login).value_or(std::string(login.substr(0, 64)));
}

void warn(std::string_view event, const Result<void>& outcome) {
  if (!outcome) log::warn(event, {{"code", std::string(outcome.error().code.name)}});
}

}  // namespace

Result<std::string> Accounts::hash(std::string_view password) {
  VL_TRY(auto hashed, p_.pool.run([&] { return hash_password(password, p_.policy); }));
  return hashed;
}

Result<bool> Accounts::verify(const std::string& hash, std::string_view password) {
  return p_.pool.run([&] { return verify_password(hash, password); });
}

// Somebody who does not exist is given as much work as somebody who does.
std::string Accounts::nobodys_hash() {
  const std::scoped_lock lock(mutex_);
  if (nobodys_hash_.empty()) nobodys_hash_ = hash(one_time_password().text()).value_or("");
  return nobodys_hash_;
}

std::expected<NewSession, SignInRefused> Accounts::sign_in(const SignInRequest& request) {
  const auto lease = writing();
  if (!lease) return refused(lease.error());
  store::Session& session = **lease;
  const auto attempt = p_.lockout.begin(session, counted_login(request.login), request.address);
  if (!attempt) {
    SignInRefused wait{attempt.error().error, {}};
    if (attempt.error().retry_after_s > 0) wait.retry_after_s = attempt.error().retry_after_s;
    return std::unexpected(std::move(wait));
  }
  auto admitted = admit(session, request, *attempt);
  if (admitted) {
    warn("access.lockout_not_cleared", p_.lockout.succeeded(session, *attempt));
    return *std::move(admitted);
  }
  // A code is still to come, or the store is away: neither is a guess.
  if (admitted.error().code != code_of(AccessError::wrong_credentials))
    warn("access.lockout_not_undone", p_.lockout.undo(session, *attempt));
  return refused(std::move(admitted).error());
}

Result<NewSession> Accounts::admit(store::Session& session, const SignInRequest& request,
                                   const Lockout::Attempt& attempt) {
  VL_TRY(const auto person, person_of(session, request.login));
  std::optional<Credentials> known;
  std::vector<Row> found;
  if (person) {
    VL_TRY(known, credentials(session, *person));
    VL_TRY(found, rows(session, *person));
  }
  VL_TRY(const bool right, verify(known ? known->hash : nobodys_hash(), request.password));
  const bool expired = known && known->one_time_until && *known->one_time_until < p_.clock.wall();
  if (!right || !known || found.empty() || found.front().disabled || expired) {
    if (!found.empty()) VL_CHECK(say_locked(*person, attempt));
    return wrong_credentials();
  }
  if (known->totp_item) {
    if (!request.totp)
      return fail(AccessError::totp_required, "send the code of the second factor as well", "totp");
    VL_TRY(const bool accepted, accept_code(session, *person, *known, *request.totp));
    if (!accepted) {
      VL_CHECK(say_locked(*person, attempt));
      return wrong_credentials();
    }
  }
  if (is_outdated(known->hash, p_.policy)) {
    VL_TRY(const std::string stronger, hash(request.password));
    VL_CHECK(
        session.execute("UPDATE access_credentials SET password_hash = $3 "
                        "WHERE province_id = $1 AND person_id = $2 AND password_hash = $4",
                        {p_.province, *person, stronger, known->hash}));
  }
  VL_TRY(const Roles held, roles(session, *person));
  return begin_session(*person, held, known->totp_item.has_value());
}

Result<bool> Accounts::accept_code(store::Session& session, PersonId person,
                                   const Credentials& known, std::string_view code) {
  VL_TRY(const auto seed, p_.vault.read(session, {*known.totp_item}, vault::Kind::secret));
  const auto step =
      accept_totp(seed.plaintext.bytes(), code, p_.clock.wall(), known.totp_last_step);
  if (!step) return false;
  // Of two sign-ins with one code the database lets one raise the step.
  VL_TRY(const std::int64_t raised,
         session.execute("UPDATE access_credentials SET totp_last_step = $3 "
                         "WHERE province_id = $1 AND person_id = $2 AND totp_last_step < $3",
                         {p_.province, person, *step}));
  return raised == 1;
}

Result<NewSession> Accounts::begin_session(PersonId person, Roles held, bool second_factor) {
  NewSession fresh = p_.sessions.prepare(person, held);
  VL_CHECK(run(journal::Actor::person(person.value), "people.sign_in",
               [&](journal::Decision& d) -> Result<void> {
                 VL_TRY(const Person* state, d.state<Person>(person.value));
                 VL_TRY(const auto event, decide_sign_in(*state, second_factor));
                 VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
                 d.also_write([&](store::Session& s) { return p_.sessions.write(s, fresh); });
                 return {};
               }));
  p_.sessions.admit(fresh);
  return fresh;
}

Result<void> Accounts::say_locked(PersonId person, const Lockout::Attempt& attempt) {
  if (!attempt.locked_until) return {};
  const PersonLocked event{attempt.failures, *attempt.locked_until};
  return run(journal::Actor::system(), "people.locked", [&](journal::Decision& d) {
    return d.record(journal::draft_of(Person::kStream, person.value, event));
  });
}

Result<void> Accounts::change_password(PersonId person, std::string_view current,
                                       std::string_view next, std::string_view keep_token) {
  VL_TRY(const Lease lease, writing());
  store::Session& session = *lease;
  // Counted before anything else, under the login and, in place of an address, the person.
  VL_TRY(const AccountRow account, find(person));
  const auto attempt =
      p_.lockout.begin(session, counted_login(account.login), "person " + person.text());
  if (!attempt) return fail(attempt.error().error);
  VL_TRY(const auto known, credentials(session, person));
  VL_TRY(const bool right, verify(known ? known->hash : nobodys_hash(), current));
  if (!right) {
    VL_CHECK(say_locked(person, *attempt));
    return fail(AccessError::wrong_password, "the present password is wrong", "current_password");
  }
  VL_CHECK(p_.lockout.succeeded(session, *attempt));
  if (current == next)
    return fail(AccessError::weak_password, "choose a password that differs from the present one",
                "new_password");
  VL_CHECK(check_password(next, account.login, p_.policy));
  VL_TRY(const std::string hashed, hash(next));
  VL_CHECK(run(journal::Actor::person(person.value), "people.change_password",
               [&](journal::Decision& d) -> Result<void> {
                 VL_TRY(const Person* state, d.state<Person>(person.value));
                 VL_TRY(const auto event, decide_password_reset(*state, false));
                 VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, event)));
                 d.also_write([&](store::Session& s) -> Result<void> {
                   VL_CHECK(
                       s.post("UPDATE access_credentials SET password_hash = $3, "
                              "must_change = 0, one_time_until_us = NULL, changed_us = $4 "
                              "WHERE province_id = $1 AND person_id = $2",
                              {p_.province, person, hashed, p_.clock.wall()}));
                   return p_.sessions.write_end_all(s, person, keep_token);
                 });
                 return {};
               }));
  p_.sessions.forget_all(person, keep_token);
  return {};
}

Result<Accounts::TotpEnrolment> Accounts::start_totp(PersonId person, std::string_view issuer) {
  VL_TRY(const Lease lease, writing());
  store::Session& session = *lease;
  VL_CHECK(session.begin_write());
  VL_TRY(const Row found, known_row(session, person));
  VL_TRY(const auto known, credentials(session, person));
  if (!known || known->totp_item)
    return fail(AccessError::wrong_state,
                "a second factor is set up already; an administrator takes it off by resetting "
                "the password");
  VL_TRY(const auto login, text(session, found.login_item, vault::Kind::login));
  const vault::Secret seed = new_totp_secret();
  VL_TRY(const auto sealed, p_.vault.seal({person.value}, vault::Kind::secret, seed.text()));
  if (known->totp_pending_item) VL_CHECK(p_.vault.remove(session, {*known->totp_pending_item}));
  VL_CHECK(p_.vault.write(session, sealed));
  VL_CHECK(
      session.execute("UPDATE access_credentials SET totp_pending_item = $3 "
                      "WHERE province_id = $1 AND person_id = $2",
                      {p_.province, person, sealed.item}));
  VL_CHECK(session.commit());
  return TotpEnrolment{to_base32(seed.bytes()), otpauth_uri(issuer, login, seed.bytes())};
}

Result<void> Accounts::confirm_totp(PersonId person, std::string_view code) {
  std::int64_t step = 0;
  Uuid item;
  {
    VL_TRY(const Lease lease, reading());
    VL_TRY(const auto known, credentials(*lease, person));
    if (!known || !known->totp_pending_item)
      return fail(AccessError::wrong_state, "begin to set up the second factor first");
    item = *known->totp_pending_item;
    VL_TRY(const auto seed, p_.vault.read(*lease, {item}, vault::Kind::secret));
    const auto accepted = accept_totp(seed.plaintext.bytes(), code, p_.clock.wall(), 0);
    if (!accepted)
      return fail(AccessError::wrong_code,
                  "the code is wrong; look whether the telephone's clock is right", "code");
    step = *accepted;
  }
  return run(
      journal::Actor::person(person.value), "people.enrol_totp",
      [&](journal::Decision& d) -> Result<void> {
        VL_CHECK(d.record(journal::draft_of(Person::kStream, person.value, PersonTotpEnrolled{})));
        d.also_write([&](store::Session& s) -> Result<void> {
          VL_TRY(const std::int64_t set,
                 s.execute("UPDATE access_credentials SET totp_item = $3, "
                           "totp_pending_item = NULL, totp_last_step = $4 "
                           "WHERE province_id = $1 AND person_id = $2 AND totp_pending_item = $3",
                           {p_.province, person, item, step}));
          if (set == 1) return {};
          return fail(AccessError::wrong_state,
                      "the second factor was begun anew meanwhile; use its newest secret");
        });
        return {};
      });
}

}  // namespace vl::access
