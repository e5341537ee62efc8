// People's accounts as the service keeps them: created with a one-time password, signed in with
// password and second factor, disabled and enabled, their roles changed by two persons.
//
// Owned by the composition root, one per province. Any thread; calls block (password work waits
// for the CredentialPool, changes for the journal's commit), so never from the writer's thread.
#pragma once

#include <functional>
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
  std::string login;
  std::string display_name;
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
  std::string display_name;
  std::optional<Uuid> unit_id;
  std::vector<Role> roles;  // of founders only (init, demonstration)
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
  std::optional<std::int64_t> retry_after_s;
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
  explicit Accounts(Parts parts) : p_(std::move(parts)) {}

  Result<CreatedAccount> create(journal::Actor actor, std::optional<Uuid> idempotency_key,
                                const NewAccount& account);
  /// Nobody at all has an account yet: the first start.
  Result<bool> nobody_yet();

  std::expected<NewSession, SignInRefused> sign_in(const SignInRequest& request);
  Result<void> change_password(PersonId person, std::string_view current, std::string_view next,
                               std::string_view keep_token);
  /// A new one-time password; ends all sessions and takes the second factor off.
  Result<std::string> reset_password(journal::Actor actor, PersonId person);

  struct TotpEnrolment {
    std::string secret;  // Base32
    std::string uri;
  };
  Result<TotpEnrolment> start_totp(PersonId person, std::string_view issuer);
  Result<void> confirm_totp(PersonId person, std::string_view code);

  Result<void> disable(journal::Actor actor, PersonId person);
  Result<void> enable(journal::Actor actor, PersonId person);

  Result<ApprovalId> request_roles(journal::Actor actor, PersonId person,
                                   const std::vector<Role>& grant, const std::vector<Role>& revoke,
                                   std::string_view reason);
  Result<void> approve(PersonId by, ApprovalId approval);
  Result<void> reject(PersonId by, ApprovalId approval, std::optional<std::string_view> reason);

  Result<std::vector<AccountRow>> list();
  Result<AccountRow> find(PersonId person);

 private:
  struct Credentials;
  Result<std::unique_ptr<store::Session>> reader() { return p_.database.open_reader(); }
  Result<std::optional<Credentials>> credentials(store::Session& session, PersonId person);
  Result<std::optional<PersonId>> person_of(store::Session& session, std::string_view login);
  Result<std::string> hash(std::string_view password);
  Result<bool> verify(std::string_view hash, std::string_view password);
  std::expected<NewSession, Error> admit(const SignInRequest& request,
                                         const Lockout::Attempt& attempt);
  Result<std::optional<std::int64_t>> check_totp(store::Session& session, const Credentials& known,
                                                 const std::optional<std::string>& code);
  Result<void> set_disabled(journal::Actor actor, PersonId person, bool disabled);
  void tell_locked(const SignInRequest& request, const Lockout::Attempt& attempt);
  Result<AccountRow> row_of(store::Session& session, const store::Row& row);
  Parts p_;
};

}  // namespace vl::access
