#include <future>

#include <vonglau/access/accounts.hpp>
#include <vonglau/access/totp.hpp>
#include <vonglau/journal/typed_event.hpp>
#include <vonglau/vault/journalled.hpp>

namespace vl::access {

using journal::Actor;
using journal::Decision;
using journal::draft_of;
using store::Value;

namespace {

/// What a password is checked against when there is no such login: the same work, so that the
/// time taken tells nothing.
const std::string& nobodys_hash(const PasswordPolicy& policy) {
  static const std::string hash = hash_password("nobody has this password", policy).value_or("");
  return hash;
}

std::unexpected<Error> wrong_credentials() {
  return fail(AccessError::wrong_credentials, "login, password or code is wrong");
}

Result<void> last_administrator_stays(Decision& d, PersonId leaving) {
  VL_TRY(const auto others,
         d.tables().query_integer(
             "SELECT count(*) FROM access_person_roles r, access_people p WHERE"
             " r.province_id = $1 AND p.province_id = $1 AND r.person_id = p.person_id AND"
             " r.role = 'administrator' AND p.disabled = 0 AND p.person_id <> $2",
             {d.province(), leaving}));
  if (others.value_or(0) > 0) return {};
  return fail(AccessError::last_administrator,
              "this is the last administrator; appoint another one first");
}

}  // namespace

struct Accounts::Credentials {
  PersonId person;
  std::string password_hash;
  bool must_change = false;
  std::optional<std::int64_t> one_time_until_us;
  std::optional<Uuid> totp_item;
  std::optional<Uuid> totp_pending_item;
  std::int64_t totp_last_step = 0;
  bool disabled = false;
  Roles roles;
};

Result<std::string> Accounts::hash(std::string_view password) {
  std::promise<Result<std::string>> promise;
  auto answer = promise.get_future();
  VL_CHECK(p_.pool.submit([&] { promise.set_value(hash_password(password, p_.policy)); }));
  return answer.get();
}

Result<bool> Accounts::verify(std::string_view hash, std::string_view password) {
  std::promise<bool> promise;
  auto answer = promise.get_future();
  VL_CHECK(p_.pool.submit([&] { promise.set_value(verify_password(hash, password)); }));
  return answer.get();
}

Result<std::optional<PersonId>> Accounts::person_of(store::Session& session,
                                                    std::string_view login) {
  VL_TRY(const auto matches, p_.vault.find(session, vault::Kind::login, login));
  if (matches.empty()) return std::nullopt;
  return PersonId{matches.front().subject.value};
}

Result<std::optional<Accounts::Credentials>> Accounts::credentials(store::Session& session,
                                                                   PersonId person) {
  std::optional<Credentials> out;
  VL_CHECK(session.query(
      "SELECT c.password_hash, c.must_change, c.one_time_until_us, c.totp_item,"
      " c.totp_pending_item, c.totp_last_step, p.disabled FROM access_credentials c,"
      " access_people p WHERE c.province_id = $1 AND c.person_id = $2 AND p.province_id = $1 AND"
      " p.person_id = $2",
      {p_.province, person}, [&](const store::Row& row) {
        out = Credentials{person,
                          std::string(row.text(0)),
                          row.integer(1) != 0,
                          row.optional_integer(2),
                          row.optional_uuid(3),
                          row.optional_uuid(4),
                          row.integer(5),
                          row.integer(6) != 0,
                          {}};
        return false;
      }));
  if (!out) return out;
  VL_CHECK(session.query(
      "SELECT role FROM access_person_roles WHERE province_id = $1 AND person_id = $2",
      {p_.province, person}, [&](const store::Row& row) {
        Role role{};
        if (boost::describe::enum_from_string(std::string(row.text(0)).c_str(), role))
          out->roles.add(role);
        return true;
      }));
  return out;
}

Result<bool> Accounts::nobody_yet() {
  VL_TRY(auto session, reader());
  VL_TRY(const auto count,
         session->query_integer("SELECT count(*) FROM access_people WHERE province_id = $1",
                                {p_.province}));
  return count.value_or(0) == 0;
}

Result<CreatedAccount> Accounts::create(Actor actor, std::optional<Uuid> idempotency_key,
                                        const NewAccount& account) {
  if (account.display_name.empty() || account.display_name.size() > 200)
    return fail(AccessError::bad_name, "display_name: 1 to 200 bytes", "display_name");
  const PersonId id{p_.ids.next()};
  const vault::SubjectId subject{id.value};
  CreatedAccount created{id, ""};
  std::string password;
  if (account.password) {
    password = *account.password;
  } else {
    created.one_time_password = std::string(one_time_password().text());
    password = created.one_time_password;
  }
  VL_TRY(const auto password_hash, hash(password));
  VL_TRY(auto login, p_.vault.seal(subject, vault::Kind::login, account.login));
  VL_TRY(auto name, p_.vault.seal(subject, vault::Kind::display_name, account.display_name));
  const bool one_time = !account.password;
  journal::Command command{actor, "people.create", idempotency_key, {}};
  command.decide = [&](Decision& d) -> Result<std::string> {
    // Asked inside the transaction, where the one writer sees every login there is.
    VL_TRY(const auto taken, p_.vault.find(d.tables(), vault::Kind::login, account.login));
    if (!taken.empty())
      return fail(AccessError::login_taken, "somebody has this login; choose another", "login");
    VL_CHECK(d.record(draft_of(Person::kStream, id.value,
                               PersonCreated{vault::reference_to(login), vault::reference_to(name),
                                             account.unit_id, account.roles})));
    d.also_write([&](store::Session& s) -> Result<void> {
      VL_CHECK(p_.vault.write(s, login));
      VL_CHECK(p_.vault.write(s, name));
      const auto now = d.now();
      const Value until = one_time ? Value(now.us + p_.policy.one_time_valid_us) : Value();
      return s.post(
          "INSERT INTO access_credentials (province_id, person_id, password_hash,"
          " must_change, one_time_until_us, totp_last_step, changed_us) VALUES"
          " ($1, $2, $3, $4, $5, 0, $6)",
          {p_.province, id, password_hash, one_time, until, now});
    });
    return id.text();
  };
  VL_TRY(const auto receipt, p_.journal.execute(std::move(command)));
  if (receipt.repeated)
    return fail(AccessError::wrong_state,
                "this account was made already; its one-time password is told only once");
  return created;
}

Result<std::optional<std::int64_t>> Accounts::check_totp(store::Session& session,
                                                         const Credentials& known,
                                                         const std::optional<std::string>& code) {
  if (!known.totp_item) return std::nullopt;
  if (!code) return fail(AccessError::totp_required, "give the code of your authenticator", "totp");
  VL_TRY(const auto secret,
         p_.vault.read(session, vault::ItemId{*known.totp_item}, vault::Kind::secret));
  const auto step =
      accept_totp(secret.plaintext.bytes(), *code, p_.clock.wall(), known.totp_last_step);
  if (!step) return wrong_credentials();
  return step;
}

std::expected<NewSession, Error> Accounts::admit(const SignInRequest& request,
                                                 const Lockout::Attempt& attempt) {
  static_cast<void>(attempt);
  VL_TRY(auto session, reader());
  VL_TRY(const auto person, person_of(*session, request.login));
  std::optional<Credentials> known;
  if (person) {
    VL_TRY(known, credentials(*session, *person));
  }
  VL_TRY(const bool right,
         verify(known ? known->password_hash : nobodys_hash(p_.policy), request.password));
  const std::int64_t now_us = p_.clock.wall().us;
  if (!known || !right || known->disabled ||
      (known->one_time_until_us && *known->one_time_until_us < now_us))
    return wrong_credentials();
  VL_TRY(const auto step, check_totp(*session, *known, request.totp));
  std::optional<std::string> better_hash;
  if (is_outdated(known->password_hash, p_.policy)) {
    VL_TRY(better_hash, hash(request.password));
  }
  const NewSession fresh = p_.sessions.prepare(*person, known->roles);
  const auto receipt = p_.journal.execute(
      {Actor::person(person->value), "people.sign_in", std::nullopt,
       [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(person->value));
         VL_TRY(const auto event, decide_sign_in(*state, step.has_value()));
         if (step) {
           // The step is raised where it is checked: of two sign-ins with one code, one passes.
           VL_TRY(const auto last,
                  d.tables().query_integer("SELECT totp_last_step FROM access_credentials WHERE"
                                           " province_id = $1 AND person_id = $2",
                                           {p_.province, *person}));
           if (*step <= last.value_or(0)) return wrong_credentials();
         }
         VL_CHECK(d.record(draft_of(Person::kStream, person->value, event)));
         d.also_write([&](store::Session& s) -> Result<void> {
           VL_CHECK(p_.sessions.write(s, fresh));
           if (step)
             VL_CHECK(
                 s.post("UPDATE access_credentials SET totp_last_step = $3 WHERE"
                        " province_id = $1 AND person_id = $2",
                        {p_.province, *person, *step}));
           if (better_hash)
             VL_CHECK(
                 s.post("UPDATE access_credentials SET password_hash = $3 WHERE"
                        " province_id = $1 AND person_id = $2",
                        {p_.province, *person, *better_hash}));
           return {};
         });
         return "";
       }});
  if (!receipt) return fail(receipt.error());
  p_.sessions.admit(fresh);
  return fresh;
}

void Accounts::tell_locked(const SignInRequest& request, const Lockout::Attempt& attempt) {
  if (!attempt.locked_until) return;
  auto session = reader();
  if (!session) return;
  const auto person = person_of(**session, request.login);
  if (!person || !*person) return;
  p_.journal.submit(
      {Actor::system(), "people.locked", std::nullopt,
       [id = **person, attempt](Decision& d) -> Result<std::string> {
         VL_CHECK(d.record(draft_of(Person::kStream, id.value,
                                    PersonLocked{attempt.failures, *attempt.locked_until})));
         return "";
       }},
      [](auto) {});
}

std::expected<NewSession, SignInRefused> Accounts::sign_in(const SignInRequest& request) {
  auto session = p_.database.open_session();
  if (!session) return std::unexpected(SignInRefused{session.error(), {}});
  auto attempt = p_.lockout.begin(**session, request.login, request.address);
  if (!attempt)
    return std::unexpected(SignInRefused{attempt.error().error, attempt.error().retry_after_s});
  auto admitted = admit(request, *attempt);
  if (admitted) {
    static_cast<void>(p_.lockout.succeeded(**session, *attempt));
    return std::move(*admitted);
  }
  const auto& code = admitted.error().code;
  if (code == code_of(AccessError::wrong_credentials))
    tell_locked(request, *attempt);
  else
    static_cast<void>(p_.lockout.undo(**session, *attempt));
  return std::unexpected(SignInRefused{std::move(admitted).error(), {}});
}

Result<void> Accounts::change_password(PersonId person, std::string_view current,
                                       std::string_view next, std::string_view keep_token) {
  VL_TRY(auto session, reader());
  VL_TRY(const auto known, credentials(*session, person));
  if (!known) return fail(AccessError::unknown_person, "there is no such person");
  VL_TRY(const auto row, find(person));
  VL_TRY(const bool right, verify(known->password_hash, current));
  if (!right)
    return fail(AccessError::wrong_password, "the present password is wrong", "current_password");
  if (current == next)
    return fail(AccessError::weak_password, "choose another password than the present one",
                "new_password");
  VL_CHECK(check_password(next, row.login, p_.policy));
  VL_TRY(const auto password_hash, hash(next));
  VL_CHECK(p_.journal.execute(
      {Actor::person(person.value), "people.change_password", std::nullopt,
       [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(person.value));
         VL_TRY(const auto event, decide_password_reset(*state, false));
         VL_CHECK(d.record(draft_of(Person::kStream, person.value, event)));
         d.also_write([&](store::Session& s) -> Result<void> {
           VL_CHECK(
               s.post("UPDATE access_credentials SET password_hash = $3, must_change = 0,"
                      " one_time_until_us = NULL, changed_us = $4 WHERE province_id = $1 AND"
                      " person_id = $2",
                      {p_.province, person, password_hash, d.now()}));
           return p_.sessions.write_end_all(s, person, keep_token);
         });
         return "";
       }}));
  p_.sessions.forget_all(person, keep_token);
  return {};
}

Result<std::string> Accounts::reset_password(Actor actor, PersonId person) {
  const std::string password(one_time_password().text());
  VL_TRY(const auto password_hash, hash(password));
  VL_CHECK(p_.journal.execute(
      {actor, "people.reset_password", std::nullopt, [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(person.value));
         VL_TRY(const auto event, decide_password_reset(*state, true));
         VL_CHECK(d.record(draft_of(Person::kStream, person.value, event)));
         d.also_write([&](store::Session& s) -> Result<void> {
           VL_CHECK(
               s.post("UPDATE access_credentials SET password_hash = $3, must_change = 1,"
                      " one_time_until_us = $4, totp_item = NULL, totp_pending_item = NULL,"
                      " changed_us = $5 WHERE province_id = $1 AND person_id = $2",
                      {p_.province, person, password_hash, d.now().us + p_.policy.one_time_valid_us,
                       d.now()}));
           return p_.sessions.write_end_all(s, person);
         });
         return "";
       }}));
  p_.sessions.forget_all(person);
  return password;
}

Result<Accounts::TotpEnrolment> Accounts::start_totp(PersonId person, std::string_view issuer) {
  const vault::Secret secret = new_totp_secret();
  VL_TRY(const auto row, find(person));
  VL_TRY(auto sealed,
         p_.vault.seal(vault::SubjectId{person.value}, vault::Kind::secret, secret.text()));
  VL_TRY(auto session, p_.database.open_session());
  VL_CHECK(session->begin_write());
  auto written = p_.vault.write(*session, sealed);
  if (written)
    written = session->post(
        "UPDATE access_credentials SET totp_pending_item = $3 WHERE"
        " province_id = $1 AND person_id = $2",
        {p_.province, person, sealed.item});
  if (!written) {
    session->rollback();
    return fail(std::move(written).error());
  }
  VL_CHECK(session->commit());
  return TotpEnrolment{to_base32(secret.bytes()), otpauth_uri(issuer, row.login, secret.bytes())};
}

Result<void> Accounts::confirm_totp(PersonId person, std::string_view code) {
  VL_TRY(auto session, reader());
  VL_TRY(const auto known, credentials(*session, person));
  if (!known || !known->totp_pending_item)
    return fail(AccessError::wrong_state, "begin the enrolment first");
  VL_TRY(const auto secret,
         p_.vault.read(*session, vault::ItemId{*known->totp_pending_item}, vault::Kind::secret));
  const auto step = accept_totp(secret.plaintext.bytes(), code, p_.clock.wall(), 0);
  if (!step)
    return fail(AccessError::wrong_code, "the code does not fit; check the device's clock", "code");
  VL_CHECK(p_.journal.execute(
      {Actor::person(person.value), "people.enrol_totp", std::nullopt,
       [&](Decision& d) -> Result<std::string> {
         VL_CHECK(d.record(draft_of(Person::kStream, person.value, PersonTotpEnrolled{})));
         d.also_write([&](store::Session& s) {
           return s.post(
               "UPDATE access_credentials SET totp_item = totp_pending_item,"
               " totp_pending_item = NULL, totp_last_step = $3 WHERE province_id = $1"
               " AND person_id = $2",
               {p_.province, person, *step});
         });
         return "";
       }}));
  return {};
}

Result<void> Accounts::set_disabled(Actor actor, PersonId person, bool disabled) {
  VL_CHECK(p_.journal.execute(
      {actor, disabled ? "people.disable" : "people.enable", std::nullopt,
       [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(person.value));
         if (disabled) {
           VL_TRY(const auto event, decide_disable(*state));
           if (state->roles.has(Role::administrator)) VL_CHECK(last_administrator_stays(d, person));
           VL_CHECK(d.record(draft_of(Person::kStream, person.value, event)));
           d.also_write([&](store::Session& s) { return p_.sessions.write_end_all(s, person); });
         } else {
           VL_TRY(const auto event, decide_enable(*state));
           VL_CHECK(d.record(draft_of(Person::kStream, person.value, event)));
         }
         return "";
       }}));
  if (disabled) p_.sessions.forget_all(person);
  return {};
}

Result<void> Accounts::disable(Actor actor, PersonId person) {
  return set_disabled(actor, person, true);
}
Result<void> Accounts::enable(Actor actor, PersonId person) {
  return set_disabled(actor, person, false);
}

Result<ApprovalId> Accounts::request_roles(Actor actor, PersonId person,
                                           const std::vector<Role>& grant,
                                           const std::vector<Role>& revoke,
                                           std::string_view reason) {
  const ApprovalId approval{p_.ids.next()};
  VL_TRY(auto sealed,
         p_.vault.seal(vault::SubjectId{person.value}, vault::Kind::display_name, reason));
  VL_CHECK(p_.journal.execute(
      {actor, "people.request_roles", std::nullopt, [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(person.value));
         VL_TRY(const auto event, decide_request(*state, person, approval, Roles::of(grant),
                                                 Roles::of(revoke), vault::reference_to(sealed)));
         VL_CHECK(d.record(draft_of(Person::kStream, person.value, event)));
         d.also_write([&](store::Session& s) { return p_.vault.write(s, sealed); });
         return approval.text();
       }}));
  return approval;
}

Result<void> Accounts::approve(PersonId by, ApprovalId approval) {
  VL_TRY(auto session, reader());
  VL_TRY(const auto found, find_approval(*session, p_.province, approval));
  if (!found) return fail(AccessError::unknown_approval, "there is no such request");
  const PersonId subject{found->subject};
  VL_CHECK(p_.journal.execute({Actor::person(by.value), "approvals.approve", std::nullopt,
                               [&](Decision& d) -> Result<std::string> {
                                 VL_TRY(const auto* state, d.state<Person>(subject.value));
                                 VL_TRY(const auto event, decide_approve(*state, approval, by));
                                 if (state->changes.at(approval).revoke.has(Role::administrator))
                                   VL_CHECK(last_administrator_stays(d, subject));
                                 VL_CHECK(
                                     d.record(draft_of(Person::kStream, subject.value, event)));
                                 return "";
                               }}));
  return {};
}

Result<void> Accounts::reject(PersonId by, ApprovalId approval,
                              std::optional<std::string_view> reason) {
  VL_TRY(auto session, reader());
  VL_TRY(const auto found, find_approval(*session, p_.province, approval));
  if (!found) return fail(AccessError::unknown_approval, "there is no such request");
  const Uuid subject = found->subject;
  std::optional<vault::Sealed> sealed;
  if (reason && !reason->empty()) {
    VL_TRY(sealed, p_.vault.seal(vault::SubjectId{subject}, vault::Kind::display_name, *reason));
  }
  VL_CHECK(p_.journal.execute(
      {Actor::person(by.value), "approvals.reject", std::nullopt,
       [&](Decision& d) -> Result<std::string> {
         VL_TRY(const auto* state, d.state<Person>(subject));
         std::optional<std::decay_t<decltype(vault::reference_to(*sealed))>> why;
         if (sealed) why = vault::reference_to(*sealed);
         VL_TRY(const auto event, decide_reject(*state, approval, by, why));
         VL_CHECK(d.record(draft_of(Person::kStream, subject, event)));
         if (sealed) d.also_write([&](store::Session& s) { return p_.vault.write(s, *sealed); });
         return "";
       }}));
  return {};
}

Result<AccountRow> Accounts::row_of(store::Session& session, const store::Row& row) {
  AccountRow out;
  out.id = row.id<PersonId>(0);
  const auto read = [&](int column, vault::Kind kind) -> Result<std::string> {
    VL_TRY(const auto opened, p_.vault.read(session, vault::ItemId{row.uuid(column)}, kind));
    return std::string(opened.plaintext.text());
  };
  VL_TRY(out.login, read(1, vault::Kind::login));
  VL_TRY(out.display_name, read(2, vault::Kind::display_name));
  out.unit_id = row.optional_uuid(3);
  out.disabled = row.integer(4) != 0;
  out.totp_enrolled = row.integer(5) != 0;
  out.last_sign_in_us = row.optional_integer(6);
  out.locked_until_us = row.optional_integer(7);
  out.must_change_password = row.integer(8) != 0;
  return out;
}

Result<std::vector<AccountRow>> Accounts::list() {
  VL_TRY(auto session, reader());
  VL_TRY(auto names, reader());
  std::vector<AccountRow> out;
  Result<void> read;
  VL_CHECK(session->query(
      "SELECT p.person_id, p.login_item, p.display_name_item, p.unit_id, p.disabled,"
      " p.totp_enrolled, p.last_sign_in_us, p.locked_until_us, c.must_change FROM access_people p,"
      " access_credentials c WHERE p.province_id = $1 AND c.province_id = $1 AND"
      " c.person_id = p.person_id ORDER BY p.created_us, p.person_id",
      {p_.province}, [&](const store::Row& row) {
        auto one = row_of(*names, row);
        if (!one) {
          if (one.error().code == code_of(vault::VaultError::erased)) return true;
          read = fail(std::move(one).error());
          return false;
        }
        out.push_back(std::move(*one));
        return true;
      }));
  VL_CHECK(read);
  for (auto& account : out) {
    VL_TRY(const auto known, credentials(*session, account.id));
    if (known) account.roles = known->roles;
  }
  return out;
}

Result<AccountRow> Accounts::find(PersonId person) {
  VL_TRY(const auto all, list());
  for (const auto& account : all)
    if (account.id == person) return account;
  return fail(AccessError::unknown_person, "there is no such person");
}

}  // namespace vl::access
