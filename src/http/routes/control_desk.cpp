#include <vonglau/devices/commands.hpp>
#include <vonglau/devices/schema.hpp>
#include <vonglau/routes/control_desk.hpp>

namespace vl::routes {

void ControlDesk::note(const Uuid& camera) {
  const std::scoped_lock lock(mutex_);
  active_[camera] = clock_.mono();
}

Result<void> ControlDesk::turn() {
  VL_TRY(auto session, readers_.take());
  VL_TRY(const auto held, devices::held(*session, province_));
  std::vector<devices::HeldCamera> idle;
  {
    const std::scoped_lock lock(mutex_);
    std::map<Uuid, MonoTime> kept;
    for (const auto& one : held) {
      const auto known = active_.find(one.camera_id.value);
      const auto last = known == active_.end() ? clock_.mono() : known->second;
      kept[one.camera_id.value] = last;
      if (clock_.mono().us - last.us > idle_us) idle.push_back(one);
    }
    active_ = std::move(kept);
  }
  for (const auto& one : idle) {
    auto done = journal_.execute(devices::return_control(
        {journal::Actor::system(), {}}, one.camera_id, one.person_id, devices::ReturnReason::idle));
    // Handed back or taken over meanwhile.
    if (!done && done.error().code.category != Category::conflict)
      return std::unexpected(done.error());
  }
  return {};
}

}  // namespace vl::routes
