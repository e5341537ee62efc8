// Who is signed in, on the server: a random token in a cookie, of which only the SHA-256 is
// stored; idle and absolute limits; a CSRF token for each session.
//
// Owned by the composition root, one per province. Any thread. Memory is what counts while the
// process runs; the table access_sessions carries sessions over a restart, with the time of
// last use exact to `touch_every_us`. Bounded: the oldest session of a person, or of all, goes
// when there are too many.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <vonglau/access/error.hpp>
#include <vonglau/access/role.hpp>
#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>
#include <vonglau/store/session.hpp>

namespace vl::access {

struct SessionPolicy {
  std::int64_t idle_us = 60LL * 60 * 1'000'000;
  std::int64_t administrator_idle_us = 15LL * 60 * 1'000'000;
  std::int64_t absolute_us = 12LL * 3600 * 1'000'000;  // a shift
  std::int64_t touch_every_us = 30LL * 1'000'000;
  std::size_t per_person = 8;
  std::size_t total = 10'000;
};

struct SessionInfo {
  PersonId person;
  std::string csrf_token;
  WallTime expires;
  WallTime idle_expires;
};

/// A session about to begin. The token is told once, to the browser.
struct NewSession {
  std::string token;
  Digest id{};
  PersonId person;
  WallTime created;
  std::int64_t idle_us = 0;
  std::int64_t absolute_us = 0;
};

class SessionTable {
 public:
  SessionTable(ProvinceId province, const Clock& clock, SessionPolicy policy = {});

  /// At start: takes over what an earlier process left and has not ended since.
  Result<void> load(store::Session& session);

  NewSession prepare(PersonId person, Roles roles) const;
  /// In the transaction that records the sign-in.
  Result<void> write(store::Session& session, const NewSession& fresh) const;
  /// After its commit: from now on the token is good.
  void admit(const NewSession& fresh);

  /// The session of a token, used just now; `access.not_signed_in` for any other text.
  Result<SessionInfo> find(std::string_view token);
  /// For methods that change something.
  Result<void> check_csrf(std::string_view token, std::string_view csrf_token) const;

  /// Sign-out. Well when there is none.
  Result<void> end(store::Session& session, std::string_view token);
  /// In a transaction: all of a person's but the one to keep, if any; after the commit,
  /// forget_all.
  Result<void> write_end_all(store::Session& session, PersonId person,
                             std::string_view keep_token = {}) const;
  void forget_all(PersonId person, std::string_view keep_token = {});

  /// Writes times of use and drops what has ended. Every `touch_every_us`, and at the end.
  Result<void> flush(store::Session& session);
  std::size_t size() const;

 private:
  struct Entry {
    PersonId person;
    WallTime created;
    WallTime last_used;
    MonoTime last_used_mono;
    MonoTime ends_mono;
    std::int64_t idle_us = 0;
    std::int64_t absolute_us = 0;
    bool touched = false;
  };
  struct DigestHash {
    std::size_t operator()(const Digest& digest) const noexcept;
  };
  using Entries = std::unordered_map<Digest, Entry, DigestHash>;

  bool has_ended(const Entry& entry, MonoTime now) const;
  void drop(Entries::iterator entry);
  void make_room(PersonId person);

  const ProvinceId province_;
  const Clock& clock_;
  const SessionPolicy policy_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::map<PersonId, std::vector<Digest>> by_person_;  // oldest first
  std::vector<Digest> ended_;                          // rows to delete at the next flush
};

/// The cookie that carries the token: __Host-vonglau, HttpOnly, Secure, SameSite=Strict.
std::string set_cookie(std::string_view token);
std::string clear_cookie();
/// The token in a Cookie header; "" when there is none. Of two, the first.
std::string_view token_in_cookies(std::string_view header);

}  // namespace vl::access
