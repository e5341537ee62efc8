#include <vonglau/access/accounts.hpp>
#include <vonglau/base/assert.hpp>
#include <vonglau/base/json.hpp>

#include "accounts_inside.hpp"

namespace vl::access {
namespace {

constexpr std::int64_t kSweepEveryUs = 3600LL * 1'000'000;

std::optional<Role> role_of(std::string_view name) {
  Role role{};
  if (boost::describe::enum_from_string(std::string(name).c_str(), role)) return role;
  return {};
}

}  // namespace

Accounts::Accounts(Parts parts)
    : p_(std::move(parts)),
      leases_(std::make_unique<Leases>(p_.database)),
      last_sweep_(p_.clock.mono()) {}

Accounts::~Accounts() = default;

Result<Accounts::Lease> Accounts::writing() {
  VL_TRY(auto session, leases_->take());
  return Lease(*leases_, std::move(session));
}

Result<Accounts::Lease> Accounts::reading() {
  VL_TRY(auto lease, writing());
  VL_CHECK((*lease).begin_read());
  return lease;
}

Result<void> Accounts::run(journal::Actor actor, std::string name,
                           std::function<Result<void>(journal::Decision&)> decide) {
  journal::Command command;
  command.actor = actor;
  command.name = std::move(name);
  command.decide = [decide = std::move(decide)](journal::Decision& d) -> Result<std::string> {
    VL_CHECK(decide(d));
    return std::string();
  };
  VL_CHECK(p_.journal.execute(std::move(command)));
  return {};
}

Result<std::optional<PersonId>> Accounts::person_of(store::Session& session,
                                                    std::string_view login) {
  VL_TRY(const auto matches, p_.vault.find(session, vault::Kind::login, login));
  if (matches.empty()) return std::nullopt;
  return PersonId{matches.front().subject.value};
}

Result<std::optional<Accounts::Credentials>> Accounts::credentials(store::Session& session,
                                                                   PersonId person) {
  std::optional<Credentials> found;
  VL_CHECK(session.query(
      "SELECT password_hash, must_change, one_time_until_us, totp_item, totp_pending_item, "
      "totp_last_step FROM access_credentials WHERE province_id = $1 AND person_id = $2",
      {p_.province, person}, [&](const store::Row& row) {
        found.emplace();
        found->hash = row.text(0);
        found->must_change = row.integer(1) != 0;
        if (!row.is_null(2)) found->one_time_until = WallTime{row.integer(2)};
        found->totp_item = row.optional_uuid(3);
        found->totp_pending_item = row.optional_uuid(4);
        found->totp_last_step = row.integer(5);
        return false;
      }));
  return found;
}

Result<std::vector<Accounts::Row>> Accounts::rows(store::Session& session,
                                                  std::optional<PersonId> only) {
  constexpr std::string_view kAll =
      "SELECT p.person_id, p.login_item, p.display_name_item, p.unit_id, p.disabled, "
      "p.totp_enrolled, p.last_sign_in_us, p.locked_until_us, c.must_change "
      "FROM access_people p JOIN access_credentials c ON c.province_id = p.province_id "
      "AND c.person_id = p.person_id WHERE p.province_id = $1 "
      "ORDER BY p.created_us, p.person_id";
  constexpr std::string_view kOne =
      "SELECT p.person_id, p.login_item, p.display_name_item, p.unit_id, p.disabled, "
      "p.totp_enrolled, p.last_sign_in_us, p.locked_until_us, c.must_change "
      "FROM access_people p JOIN access_credentials c ON c.province_id = p.province_id "
      "AND c.person_id = p.person_id WHERE p.province_id = $1 AND p.person_id = $2";
  std::vector<Row> rows;
  const auto add = [&](const store::Row& row) {
    rows.push_back({{row.uuid(0)},
                    row.uuid(1),
                    row.uuid(2),
                    row.optional_uuid(3),
                    row.integer(4) != 0,
                    row.integer(5) != 0,
                    row.optional_integer(6),
                    row.optional_integer(7),
                    row.integer(8) != 0});
    return true;
  };
  if (only) {
    VL_CHECK(session.query(kOne, {p_.province, *only}, add));
  } else {
    VL_CHECK(session.query(kAll, {p_.province}, add));
  }
  return rows;
}

Result<Accounts::Row> Accounts::known_row(store::Session& session, PersonId person) {
  VL_TRY(auto found, rows(session, person));
  if (found.empty()) return fail(AccessError::unknown_person, "there is no such person");
  return std::move(found.front());
}

Result<Roles> Accounts::roles(store::Session& session, PersonId person) {
  Roles held;
  VL_CHECK(session.query(
      "SELECT role FROM access_person_roles WHERE province_id = $1 AND person_id = $2",
      {p_.province, person}, [&](const store::Row& row) {
        if (const auto role = role_of(row.text(0))) held.add(*role);
        return true;
      }));
  return held;
}

Result<std::string> Accounts::text(store::Session& session, const Uuid& item, vault::Kind kind) {
  auto opened = p_.vault.read(session, {item}, kind);
  if (opened) return std::string(opened->plaintext.text());
  if (opened.error().code == code_of(vault::VaultError::erased)) return std::string();
  return fail(std::move(opened).error());
}

Result<AccountRow> Accounts::account_of(store::Session& session, const Row& row) {
  AccountRow account;
  account.id = row.id;
  VL_TRY(account.login, text(session, row.login_item, vault::Kind::login));
  VL_TRY(account.display_name, text(session, row.display_name_item, vault::Kind::display_name));
  VL_TRY(account.roles, roles(session, row.id));
  account.disabled = row.disabled;
  account.totp_enrolled = row.totp_enrolled;
  account.must_change_password = row.must_change;
  account.unit_id = row.unit_id;
  account.last_sign_in_us = row.last_sign_in_us;
  account.locked_until_us = row.locked_until_us;
  return account;
}

Result<AccountRow> Accounts::find(PersonId person) {
  VL_TRY(const Lease lease, reading());
  VL_TRY(const Row row, known_row(*lease, person));
  return account_of(*lease, row);
}

Result<std::vector<AccountRow>> Accounts::list() {
  VL_TRY(const Lease lease, reading());
  VL_TRY(const auto all, rows(*lease, {}));
  std::vector<AccountRow> accounts;
  for (const Row& row : all) {
    VL_TRY(auto account, account_of(*lease, row));
    accounts.push_back(std::move(account));
  }
  return accounts;
}

Result<bool> Accounts::nobody_yet() {
  VL_TRY(const Lease lease, reading());
  VL_TRY(const auto anybody,
         (*lease).query_integer("SELECT 1 FROM access_people WHERE province_id = $1 LIMIT 1",
                                {p_.province}));
  return !anybody.has_value();
}

Result<std::string> Accounts::reason_of(const Approval& approval) {
  const auto change = json::read_text<RoleChangeRequested>(approval.payload);
  VL_ASSERT(change.has_value());
  VL_TRY(const Lease lease, reading());
  return text(*lease, change->reason.item, vault::Kind::remark);
}

Result<void> Accounts::upkeep() {
  VL_TRY(const Lease lease, writing());
  VL_CHECK(p_.sessions.flush(*lease));
  {
    const std::scoped_lock lock(mutex_);
    const MonoTime now = p_.clock.mono();
    if (now.us - last_sweep_.us < kSweepEveryUs) return {};
    last_sweep_ = now;
  }
  VL_CHECK(p_.lockout.sweep(*lease));
  return {};
}

}  // namespace vl::access
