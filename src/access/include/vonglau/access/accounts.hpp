// People's accounts as the service keeps them: created with a one-time password, signed in with
// password and second factor, disabled and enabled, their roles changed by two persons. What
// changes a person is an event; what is secret lies beside it, in the same transaction.
//
// Owned by the composition root, one per province. Any thread; calls block (password work waits
// for the CredentialPool, changes for the journal's commit), so never from the writer's thread
// or one of the pool's.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/access/approvals.hpp>
#include <vonglau/access/credential_pool.hpp>
#include <vonglau/access/lockout.hpp>
#include <vonglau/access/password.hpp>
#include <vonglau/access/person.hpp>
#include <vonglau/access/session_table.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/vault/vault.hpp>

namespace vl::access {

struct AccountRow {
  PersonId id;
  std::string login;         // "" once the person's data is erased
  std::string display_name;  // likewise
  Roles roles;
  bool disabled = false;
  bool totp_enrolled = false;
  bool must_change_password = false;
  std::optional<Uuid> unit_id;
  std::optional<std::int64_t> last_sign_in_us;
  std::optional<std::int64_t> locked_until_us;
};

struct NewAccount {
  std::string login;
  std::string display_name;  // 1 to 200 bytes
  std::optional<Uuid> unit_id;
  /// Of founders (init, demonstration), whom the system itself creates; refused from persons:
  /// roles are requested and approved.
  std::vector<Role> roles;
  /// Given in a demonstration only; else a one-time password is made.
  std::optional<std::string> password;
};
struct CreatedAccount {
  PersonId id;
  std::string one_time_password;  // "" when the password was given
};

struct SignInRequest {
  std::string login;
  std::string password;
  std::optional<std::string> totp;
  std::string address;  // of the peer, for the lock-out
};
struct SignInRefused {
  Error error;
  std::optional<std::int64_t> retry_after_s;  // with access.locked
};

class Accounts {
 public:
  struct Parts {
    ProvinceId province;
    const Clock& clock;
    IdSource& ids;
    journal::Journal& journal;
    store::Database& database;
    vault::Vault& vault;
    SessionTable& sessions;
    Lockout& lockout;
    CredentialPool& pool;
    PasswordPolicy policy;
  };
  explicit Accounts(Parts parts);
  ~Accounts();

  /// A retry with the same key is refused: the one-time password is told once.
  Result<CreatedAccount> create(journal::Actor actor, std::optional<Uuid> idempotency_key,
                                const NewAccount& account);
  /// Nobody at all has an account yet: the first start.
  Result<bool> nobody_yet();

  /// Login, password and code are wrong in one and the same way.
  std::expected<NewSession, SignInRefused> sign_in(const SignInRequest& request);
  /// Ends the person's other sessions. Wrong guesses at the current one count like sign-ins.
  Result<void> change_password(PersonId person, std::string_view current, std::string_view next,
                               std::string_view keep_token);
  /// A new one-time password; ends all sessions, takes the second factor and any lock off.
  Result<std::string> reset_password(journal::Actor actor, PersonId person);

  struct TotpEnrolment {
    std::string secret;  // Base32, to be typed
    std::string uri;     // otpauth, to be shown as a QR code
  };
  /// A new secret, which counts once a code of it is confirmed. Refused while there is a second
  /// factor: a session left open must not exchange it.
  Result<TotpEnrolment> start_totp(PersonId person, std::string_view issuer);
  Result<void> confirm_totp(PersonId person, std::string_view code);

  /// Ends their sessions. Refuses the last enabled administrator.
  Result<void> disable(journal::Actor actor, PersonId person);
  Result<void> enable(journal::Actor actor, PersonId person);

  /// A retry with the same key gives the first one's id.
  Result<ApprovalId> request_roles(journal::Actor actor, PersonId person,
                                   const std::vector<Role>& grant, const std::vector<Role>& revoke,
                                   std::string_view reason,
                                   std::optional<Uuid> idempotency_key = {});
  Result<void> approve(PersonId by, ApprovalId approval);
  Result<void> reject(PersonId by, ApprovalId approval, std::optional<std::string_view> reason);
  /// Why a change was asked for; "" once erased.
  Result<std::string> reason_of(const Approval& approval);

  Result<std::vector<AccountRow>> list();
  Result<AccountRow> find(PersonId person);

  /// Every 30 s: times of use of sessions, and once an hour what may be forgotten.
  Result<void> upkeep();

 private:
  class Leases;
  class Lease;
  struct Credentials;
  struct Row;

  /// In a read transaction: one view of all tables, and a session that is sure to be connected.
  Result<Lease> reading();
  Result<Lease> writing();

  Result<std::string> hash(std::string_view password);
  Result<bool> verify(const std::string& hash, std::string_view password);
  std::string nobodys_hash();

  Result<std::optional<PersonId>> person_of(store::Session& session, std::string_view login);
  Result<std::optional<Credentials>> credentials(store::Session& session, PersonId person);
  Result<std::vector<Row>> rows(store::Session& session, std::optional<PersonId> only);
  Result<Row> known_row(store::Session& session, PersonId person);
  Result<Roles> roles(store::Session& session, PersonId person);
  Result<std::string> text(store::Session& session, const Uuid& item, vault::Kind kind);
  Result<AccountRow> account_of(store::Session& session, const Row& row);

  Result<NewSession> admit(store::Session& session, const SignInRequest& request,
                           const Lockout::Attempt& attempt);
  Result<bool> accept_code(store::Session& session, PersonId person, const Credentials& known,
                           std::string_view code);
  Result<NewSession> begin_session(PersonId person, Roles roles, bool second_factor);
  Result<void> say_locked(PersonId person, const Lockout::Attempt& attempt);

  Result<void> write_credentials(store::Session& session, PersonId person, const std::string& hash,
                                 bool one_time) const;
  Result<void> set_disabled(journal::Actor actor, PersonId person, bool disabled);
  Result<void> keep_an_administrator(journal::Decision& decision, PersonId without) const;
  Result<Approval> known_approval(ApprovalId approval);
  Result<void> run(journal::Actor actor, std::string name,
                   std::function<Result<void>(journal::Decision&)> decide);

  const Parts p_;
  std::unique_ptr<Leases> leases_;
  std::mutex mutex_;
  std::string nobodys_hash_;
  MonoTime last_sweep_;
};

}  // namespace vl::access
