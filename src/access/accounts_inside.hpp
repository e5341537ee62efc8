// What Accounts' files share. Internal to access.
#pragma once

#include <mutex>

#include <vonglau/access/accounts.hpp>

namespace vl::access {

/// A few open sessions, so that a sign-in does not connect anew.
class Accounts::Leases {
 public:
  explicit Leases(store::Database& database) : database_(database) {}
  Result<std::unique_ptr<store::Session>> take() {
    {
      const std::scoped_lock lock(mutex_);
      if (!idle_.empty()) {
        auto session = std::move(idle_.back());
        idle_.pop_back();
        return session;
      }
    }
    return database_.open_session();
  }
  void give_back(std::unique_ptr<store::Session> session) {
    session->rollback();
    const std::scoped_lock lock(mutex_);
    if (idle_.size() < kKept) idle_.push_back(std::move(session));
  }

 private:
  static constexpr std::size_t kKept = 8;
  store::Database& database_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;
};

class Accounts::Lease {
 public:
  Lease(Leases& leases, std::unique_ptr<store::Session> session)
      : leases_(&leases), session_(std::move(session)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (session_) leases_->give_back(std::move(session_));
  }
  store::Session& operator*() const { return *session_; }

 private:
  Leases* leases_;
  std::unique_ptr<store::Session> session_;
};

struct Accounts::Credentials {
  std::string hash;
  bool must_change = false;
  std::optional<WallTime> one_time_until;
  std::optional<Uuid> totp_item;
  std::optional<Uuid> totp_pending_item;
  std::int64_t totp_last_step = 0;
};

struct Accounts::Row {
  PersonId id;
  Uuid login_item;
  Uuid display_name_item;
  std::optional<Uuid> unit_id;
  bool disabled = false;
  bool totp_enrolled = false;
  std::optional<std::int64_t> last_sign_in_us;
  std::optional<std::int64_t> locked_until_us;
  bool must_change = false;
};

inline std::unexpected<Error> wrong_credentials() {
  return fail(AccessError::wrong_credentials, "the login, password or code is wrong");
}

}  // namespace vl::access
