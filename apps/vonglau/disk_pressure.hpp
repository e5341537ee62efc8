// Watches the room that is reserved for the journal: gives it up in time, takes it again, and
// says so in the journal (`storage.pressure`, `storage.relieved`), in the log and as a gauge.
// One thread.
#pragma once

#include <atomic>
#include <memory>

#include <vonglau/http/metrics.hpp>
#include <vonglau/journal/journal.hpp>
#include <vonglau/store/reserve.hpp>

namespace vl::app {

struct StoragePressure {
  static constexpr std::string_view kType = "storage.pressure";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t free_bytes = 0;
  std::int64_t reserve_bytes = 0;
  std::int64_t reserve_left_bytes = 0;
};

struct StorageRelieved {
  static constexpr std::string_view kType = "storage.relieved";
  static constexpr std::uint32_t kVersion = 1;
  std::int64_t free_bytes = 0;
  std::int64_t reserve_bytes = 0;
};

class DiskPressure {
 public:
  /// `reserve` may be null: a store on another machine has its own.
  DiskPressure(journal::Journal& journal, store::DiskReserve* reserve, http::Metrics& metrics);
  void turn();
  /// Records what has changed since the last time; a part of turn().
  void tell();

 private:
  enum class State { whole, in_use, used_up };
  State look() const;
  journal::Command record(State state) const;

  journal::Journal& journal_;
  store::DiskReserve* const reserve_;
  http::Gauge held_;
  /// What the journal last said; shared with answers that may come after this is gone.
  std::shared_ptr<std::atomic<State>> recorded_;
  std::shared_ptr<std::atomic<bool>> recording_;
};

}  // namespace vl::app
