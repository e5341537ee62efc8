#include "registry.hpp"

#include <vector>

namespace vl::http {

Admission::~Admission() {
  registry_.leave(*this);
}

void Admission::set_owner(std::weak_ptr<Live> owner) {
  bool is_late = false;
  {
    const std::scoped_lock lock(registry_.mutex_);
    owner_ = owner;
    is_late = registry_.stopping_;
  }
  // Let in before the others were told to stop, and not among them yet.
  if (const auto live = is_late ? owner.lock() : nullptr) live->stop(false);
}

std::shared_ptr<Admission> Registry::admit(const std::string& address) {
  auto admission = std::make_shared<Admission>(*this, address);
  {
    const std::scoped_lock lock(mutex_);
    const auto at = per_address_.find(address);
    const std::size_t here = at == per_address_.end() ? 0 : at->second;
    const bool room =
        !closed_ && admitted_.size() < limit_ && (address.empty() || here < limit_per_address_);
    if (room) {
      admitted_.insert(admission.get());
      ++per_address_[address];
      return admission;
    }
  }
  return nullptr;
}

void Registry::leave(Admission& admission) {
  const std::scoped_lock lock(mutex_);
  if (admitted_.erase(&admission) == 0) return;  // was never let in
  const auto at = per_address_.find(admission.address_);
  if (--at->second == 0) per_address_.erase(at);
  if (admitted_.empty()) empty_.notify_all();
}

std::size_t Registry::size() const {
  const std::scoped_lock lock(mutex_);
  return admitted_.size();
}

void Registry::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
}

void Registry::stop_all(bool at_once) {
  std::vector<std::shared_ptr<Live>> all;
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    for (const Admission* admission : admitted_)
      if (auto owner = admission->owner_.lock()) all.push_back(std::move(owner));
  }
  for (const auto& each : all) each->stop(at_once);
}

bool Registry::wait_until_empty(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, timeout, [this] { return admitted_.empty(); });
}

}  // namespace vl::http
