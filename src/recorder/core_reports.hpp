// What the recorder tells the core: put into the spool by a thread of its own, because each item
// is synced to disk and the thread that receives media must not wait for that. Bounded: beyond
// `most_waiting` the newest are dropped and counted; the state of all cameras is told again
// after each connection, so what is lost mends itself. Any thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include <vonglau/cameras/footage.hpp>
#include <vonglau/node/spool.hpp>

namespace vl::recorder {

class CoreReports {
 public:
  /// `on_spooled` is called on this thread after something was put.
  CoreReports(node::Spool& spool, const Clock& clock, std::function<void()> on_spooled);
  /// Puts what waits, then ends the thread.
  ~CoreReports();
  CoreReports(const CoreReports&) = delete;
  CoreReports& operator=(const CoreReports&) = delete;

  void online(const cameras::CameraId& camera, WallTime at);
  void offline(const cameras::CameraId& camera, WallTime at, cameras::GapCause cause);
  void gap(const cameras::CameraId& camera, std::string stream, std::int64_t start_us,
           std::int64_t end_us, cameras::GapCause cause);
  void gap_filled(const cameras::CameraId& camera, std::int64_t start_us, std::int64_t end_us,
                  std::int64_t fetched_us);
  void pressure(const node::StoragePressureItem& pressure);
  /// Left out while much waits for the core already: old measurements are worth little.
  void health(const node::CameraHealthItem& health);
  /// Left out as health is.
  void tell(const node::StorageStateItem& storage);
  void export_locked(const Uuid& id);
  void export_failed(const Uuid& id, std::string why);
  void tell(const node::ExportProgressItem& progress);
  void tell(const node::ExportPartItem& part);
  void tell(const node::ExportPartFailedItem& failed);
  void tell(const node::ExportMadeItem& made);
  void tell(const node::ExportReadyItem& ready);
  void tell(const node::ExportStampedItem& stamped);
  void tell(const node::ExportDeliveredItem& delivered);
  /// A camera's clock was this far off, and was set.
  void clock_set(const Uuid& camera, std::int64_t offset_ms);
  void picture(const Uuid& camera, std::string state, WallTime at);
  std::uint64_t dropped() const;

 private:
  static constexpr std::size_t most_waiting = 50'000;
  static constexpr std::int64_t most_spooled_with_health = 2'000;
  void put(node::BatchItem item);
  void run();

  node::Spool& spool_;
  const Clock& clock_;
  const std::function<void()> on_spooled_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<node::BatchItem> waiting_;
  std::uint64_t dropped_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace vl::recorder
