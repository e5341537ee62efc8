#include "disk_pressure.hpp"

#include <vonglau/base/log.hpp>
#include <vonglau/journal/typed_event.hpp>

namespace vl::app {

BOOST_DESCRIBE_STRUCT(StoragePressure, (), (free_bytes, reserve_bytes, reserve_left_bytes))
BOOST_DESCRIBE_STRUCT(StorageRelieved, (), (free_bytes, reserve_bytes))

namespace {

constexpr std::string_view kStream = "storage";
// There is one store a province: its stream's id is fixed (a UUID of version 8, RFC 9562).
constexpr Uuid kStore{{0, 0, 0, 0, 0, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0, 0, 1}};

}  // namespace

DiskPressure::DiskPressure(journal::Journal& journal, store::DiskReserve* reserve,
                           http::Metrics& metrics)
    : journal_(journal),
      reserve_(reserve),
      held_(metrics.gauge("vonglau_journal_reserve_bytes", "Disk set aside for the journal")),
      recorded_(std::make_shared<std::atomic<State>>(State::whole)),
      recording_(std::make_shared<std::atomic<bool>>(false)) {}

DiskPressure::State DiskPressure::look() const {
  const std::int64_t held = reserve_->held_bytes();
  if (held == 0) return State::used_up;
  return held < reserve_->size_bytes() ? State::in_use : State::whole;
}

journal::Command DiskPressure::record(State state) const {
  const StoragePressure pressure{reserve_->free_bytes(), reserve_->size_bytes(),
                                 reserve_->held_bytes()};
  return {journal::Actor::system(), "storage.pressure", std::nullopt,
          [state, pressure](journal::Decision& d) -> Result<std::string> {
            if (state == State::whole) {
              const StorageRelieved relieved{pressure.free_bytes, pressure.reserve_bytes};
              VL_CHECK(d.record(journal::draft_of(kStream, kStore, relieved)));
            } else {
              VL_CHECK(d.record(journal::draft_of(kStream, kStore, pressure)));
            }
            return std::string();
          }};
}

void DiskPressure::turn() {
  if (reserve_ == nullptr) return;
  if (reserve_->keep())
    log::warn("storage.reserve", {{"held_bytes", std::to_string(reserve_->held_bytes())},
                                  {"free_bytes", std::to_string(reserve_->free_bytes())}});
  tell();
}

void DiskPressure::tell() {
  held_.set(static_cast<double>(reserve_->held_bytes()));
  const State now = look();
  // While an earlier one is on its way, or none can be written, it is said later.
  if (now == *recorded_ || !journal_.healthy() || recording_->exchange(true)) return;
  journal_.submit(record(now), [now, recorded = recorded_, recording = recording_](auto receipt) {
    if (receipt) *recorded = now;
    *recording = false;
  });
}

}  // namespace vl::app
