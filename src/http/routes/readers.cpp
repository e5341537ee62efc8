#include <vonglau/routes/readers.hpp>

namespace vl::routes {

Result<Readers::Lease> Readers::take() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      Lease lease(*this, std::move(idle_.back()));
      idle_.pop_back();
      return lease;
    }
  }
  VL_TRY(auto session, database_.open_reader());
  return Lease(*this, std::move(session));
}

void Readers::give_back(std::unique_ptr<store::Session> session) {
  session->rollback();  // whatever a handler left open
  const std::scoped_lock lock(mutex_);
  if (idle_.size() < keep_) idle_.push_back(std::move(session));
}

}  // namespace vl::routes
