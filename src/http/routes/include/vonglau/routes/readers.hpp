// A bounded pool of read sessions. Any thread; a session is one caller's until it goes.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include <vonglau/store/session.hpp>

namespace vl::routes {

class Readers {
 public:
  explicit Readers(store::Database& database, std::size_t keep = 16)
      : database_(database), keep_(keep) {}

  class Lease {
   public:
    Lease(Readers& pool, std::unique_ptr<store::Session> session)
        : pool_(&pool), session_(std::move(session)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (session_) pool_->give_back(std::move(session_));
    }
    /// Before something is waited for that is not the store.
    void give_back() {
      if (session_) pool_->give_back(std::move(session_));
    }
    store::Session& operator*() const { return *session_; }
    store::Session* operator->() const { return session_.get(); }

   private:
    Readers* pool_;
    std::unique_ptr<store::Session> session_;
  };

  Result<Lease> take();

 private:
  void give_back(std::unique_ptr<store::Session> session);
  store::Database& database_;
  const std::size_t keep_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<store::Session>> idle_;
};

}  // namespace vl::routes
