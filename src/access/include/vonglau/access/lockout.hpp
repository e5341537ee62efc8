// How often a password may be guessed: every attempt is counted, durably, before the password
// is looked at, for the account and for the address it comes from; from a few failures on each
// has to wait twice as long as the last. Neither logins nor addresses are stored, only keyed
// digests of them.
//
// Any thread, each with a session of its own; attempts are counted one after another.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>

#include <vonglau/access/error.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/base/ids.hpp>
#include <vonglau/store/session.hpp>
#include <vonglau/vault/secret.hpp>

namespace vl::access {

struct LockoutPolicy {
  std::int64_t account_free = 5;   // failures without waiting
  std::int64_t address_free = 30;  // a station's people share one address
  std::int64_t first_wait_us = 30LL * 1'000'000;
  std::int64_t longest_wait_us = 15LL * 60 * 1'000'000;
  std::int64_t forget_us = 24LL * 3600 * 1'000'000;  // without a failure
};

class Lockout {
 public:
  /// `key` separates the digests of one site from another's (a blind index key will do).
  Lockout(ProvinceId province, const vault::Key& key, const Clock& clock,
          LockoutPolicy policy = {});

  struct Attempt {
    Digest account{};
    Digest address{};
    std::int64_t failures = 0;             // of the account, this one included
    std::optional<WallTime> locked_until;  // the account, if this one fails too
  };
  struct Refused {
    Error error;
    std::int64_t retry_after_s = 0;
  };
  /// Counts a failure in advance, or says how long to wait.
  std::expected<Attempt, Refused> begin(store::Session& session, std::string_view login,
                                        std::string_view address);
  /// It was no failure: the account starts anew, the address loses the one.
  Result<void> succeeded(store::Session& session, const Attempt& attempt);
  /// It came to nothing for a reason of ours: it counts for neither.
  Result<void> undo(store::Session& session, const Attempt& attempt);
  /// An administrator lets somebody in again.
  Result<void> clear_account(store::Session& session, std::string_view login);
  /// Drops what is forgotten. Hourly.
  Result<std::int64_t> sweep(store::Session& session);

 private:
  struct Count {
    std::int64_t failures = 0;
    std::int64_t locked_until_us = 0;
  };
  Digest digest(std::string_view scope, std::string_view value) const;
  Result<Count> count(store::Session& session, const Digest& key, WallTime now);
  Result<void> write(store::Session& session, const Digest& key, const Count& count, WallTime now);
  Count one_more(Count count, std::int64_t free, WallTime now) const;
  Result<void> in_transaction(store::Session& session, const std::function<Result<void>()>& work);

  const ProvinceId province_;
  const vault::Key key_;
  const Clock& clock_;
  const LockoutPolicy policy_;
  std::mutex mutex_;
};

}  // namespace vl::access
