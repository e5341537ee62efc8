#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <sodium.h>

#include <vonglau/access/lockout.hpp>

namespace vl::access {
namespace {

/// An IPv6 host has a whole /64 to choose addresses from: count those as one.
std::string network_of(std::string_view address) {
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, std::string(address).c_str(), bytes.data()) != 1)
    return std::string(address);
  static constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const ByteView view(bytes);
  if (std::ranges::equal(view.first(12), kMapped)) {
    std::array<char, INET_ADDRSTRLEN> text{};
    return ::inet_ntop(AF_INET, bytes.data() + 12, text.data(), text.size());
  }
  return to_hex(view.first(8));
}

}  // namespace

Lockout::Lockout(ProvinceId province, const vault::Key& key, const Clock& clock,
                 LockoutPolicy policy)
    : province_(province), key_(key), clock_(clock), policy_(policy) {
  vault::start_crypto();
}

Digest Lockout::digest(std::string_view scope, std::string_view value) const {
  const std::string text = "vonglau.lockout.1|" + std::string(scope) + "|" + std::string(value);
  Digest out;
  crypto_auth_hmacsha256(out.data(), reinterpret_cast<const std::uint8_t*>(text.data()),
                         text.size(), key_.bytes.data());
  return out;
}

Result<Lockout::Count> Lockout::count(store::Session& session, const Digest& key, WallTime now) {
  Count count;
  VL_CHECK(session.query(
      "SELECT failures, last_failure_us, locked_until_us FROM access_lockouts "
      "WHERE province_id = $1 AND counted = $2",
      {province_, key}, [&](const store::Row& row) {
        if (now.us - row.integer(1) < policy_.forget_us) {
          // A clock set back must not lock anybody out for longer than the policy has it.
          count = {row.integer(0), std::min(row.integer(2), now.us + policy_.longest_wait_us)};
        }
        return false;
      }));
  return count;
}

Result<void> Lockout::write(store::Session& session, const Digest& key, const Count& count,
                            WallTime now) {
  VL_CHECK(session.execute(
      "INSERT INTO access_lockouts (province_id, counted, failures, last_failure_us, "
      "locked_until_us) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (province_id, counted) "
      "DO UPDATE SET failures = excluded.failures, last_failure_us = excluded.last_failure_us, "
      "locked_until_us = excluded.locked_until_us",
      {province_, key, count.failures, now, count.locked_until_us}));
  return {};
}

Lockout::Count Lockout::one_more(Count count, std::int64_t free, WallTime now) const {
  ++count.failures;
  count.locked_until_us = 0;
  if (count.failures < free) return count;
  const auto doublings = std::min<std::int64_t>(count.failures - free, 30);
  count.locked_until_us =
      now.us + std::min(policy_.first_wait_us << doublings, policy_.longest_wait_us);
  return count;
}

Result<void> Lockout::in_transaction(store::Session& session,
                                     const std::function<Result<void>()>& work) {
  const std::scoped_lock lock(mutex_);
  VL_CHECK(session.begin_write());
  auto done = work();
  if (done) done = session.commit();
  if (!done) session.rollback();
  return done;
}

std::expected<Lockout::Attempt, Lockout::Refused> Lockout::begin(store::Session& session,
                                                                 std::string_view login,
                                                                 std::string_view address) {
  Attempt attempt;
  attempt.account = digest("account", login);
  attempt.address = digest("address", network_of(address));
  std::int64_t wait_us = 0;
  const auto counted = in_transaction(session, [&]() -> Result<void> {
    const WallTime now = clock_.wall();
    VL_TRY(const Count account, count(session, attempt.account, now));
    VL_TRY(const Count from_here, count(session, attempt.address, now));
    wait_us = std::max(account.locked_until_us, from_here.locked_until_us) - now.us;
    if (wait_us > 0) return {};
    const Count next = one_more(account, policy_.account_free, now);
    attempt.failures = next.failures;
    if (next.locked_until_us > 0) attempt.locked_until = WallTime{next.locked_until_us};
    VL_CHECK(write(session, attempt.account, next, now));
    return write(session, attempt.address, one_more(from_here, policy_.address_free, now), now);
  });
  if (!counted) return std::unexpected(Refused{counted.error(), 0});
  if (wait_us <= 0) return attempt;
  const std::int64_t retry_after_s = (wait_us + 999'999) / 1'000'000;
  return std::unexpected(Refused{
      Error(code_of(AccessError::locked),
            "too many failed sign-ins; try again in " + std::to_string(retry_after_s) + " s"),
      retry_after_s});
}

Result<void> Lockout::succeeded(store::Session& session, const Attempt& attempt) {
  return in_transaction(session, [&]() -> Result<void> {
    VL_CHECK(session.execute("DELETE FROM access_lockouts WHERE province_id = $1 AND counted = $2",
                             {province_, attempt.account}));
    VL_CHECK(
        session.execute("UPDATE access_lockouts SET failures = failures - 1, locked_until_us = 0 "
                        "WHERE province_id = $1 AND counted = $2 AND failures > 0",
                        {province_, attempt.address}));
    return {};
  });
}

Result<void> Lockout::undo(store::Session& session, const Attempt& attempt) {
  return in_transaction(session, [&]() -> Result<void> {
    for (const Digest& key : {attempt.account, attempt.address})
      VL_CHECK(
          session.execute("UPDATE access_lockouts SET failures = failures - 1, locked_until_us = 0 "
                          "WHERE province_id = $1 AND counted = $2 AND failures > 0",
                          {province_, key}));
    return {};
  });
}

Result<void> Lockout::clear_account(store::Session& session, std::string_view login) {
  VL_CHECK(session.execute("DELETE FROM access_lockouts WHERE province_id = $1 AND counted = $2",
                           {province_, digest("account", login)}));
  return {};
}

Result<std::int64_t> Lockout::sweep(store::Session& session) {
  return session.execute(
      "DELETE FROM access_lockouts WHERE province_id = $1 AND last_failure_us < $2",
      {province_, clock_.wall().us - policy_.forget_us});
}

}  // namespace vl::access
