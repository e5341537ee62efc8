#include "core_reports.hpp"

#include <boost/describe/enum_to_string.hpp>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>

namespace vl::recorder {

namespace {
std::string text_of(cameras::GapCause cause) {
  return boost::describe::enum_to_string(cause, "unexplained");
}
}  // namespace

CoreReports::CoreReports(node::Spool& spool, const Clock& clock, std::function<void()> on_spooled)
    : spool_(spool), clock_(clock), on_spooled_(std::move(on_spooled)) {
  thread_ = std::thread([this] { run(); });
}

CoreReports::~CoreReports() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void CoreReports::online(const cameras::CameraId& camera, WallTime at) {
  put({"camera.online", at, json::value_of(node::CameraOnlineItem{camera.value})});
}

void CoreReports::offline(const cameras::CameraId& camera, WallTime at, cameras::GapCause cause) {
  put({"camera.offline", at,
       json::value_of(node::CameraOfflineItem{camera.value, text_of(cause)})});
}

void CoreReports::gap(const cameras::CameraId& camera, std::string stream, std::int64_t start_us,
                      std::int64_t end_us, cameras::GapCause cause) {
  put({"gap", clock_.wall(),
       json::value_of(
           node::GapItem{camera.value, std::move(stream), {start_us}, {end_us}, text_of(cause)})});
}

void CoreReports::gap_filled(const cameras::CameraId& camera, std::int64_t start_us,
                             std::int64_t end_us, std::int64_t fetched_us) {
  put({"gap.filled", clock_.wall(),
       json::value_of(
           node::GapFilledItem{camera.value, "main", {start_us}, {end_us}, {fetched_us}})});
}

void CoreReports::pressure(const node::StoragePressureItem& pressure) {
  put({"storage.pressure", clock_.wall(), json::value_of(pressure)});
}

void CoreReports::health(const node::CameraHealthItem& health) {
  if (spool_.waiting() > most_spooled_with_health) return;
  put({"camera.health", clock_.wall(), json::value_of(health)});
}

void CoreReports::tell(const node::StorageStateItem& storage) {
  if (spool_.waiting() > most_spooled_with_health) return;
  put({"storage.state", clock_.wall(), json::value_of(storage)});
}

void CoreReports::export_locked(const Uuid& id) {
  put({"export.locked", clock_.wall(), json::value_of(node::ExportLockedItem{id})});
}

void CoreReports::tell(const node::ExportProgressItem& progress) {
  put({"export.progress", clock_.wall(), json::value_of(progress)});
}

void CoreReports::tell(const node::ExportMadeItem& made) {
  put({"export.made", clock_.wall(), json::value_of(made)});
}

void CoreReports::tell(const node::ExportReadyItem& ready) {
  put({"export.ready", clock_.wall(), json::value_of(ready)});
}

void CoreReports::tell(const node::ExportPartItem& part) {
  put({"export.part", clock_.wall(), json::value_of(part)});
}

void CoreReports::tell(const node::ExportPartFailedItem& failed) {
  put({"export.part_failed", clock_.wall(), json::value_of(failed)});
}

void CoreReports::tell(const node::ExportStampedItem& stamped) {
  put({"export.stamped", clock_.wall(), json::value_of(stamped)});
}

void CoreReports::tell(const node::ExportDeliveredItem& delivered) {
  put({"export.delivered", clock_.wall(), json::value_of(delivered)});
}

void CoreReports::export_failed(const Uuid& id, std::string why) {
  put({"export.failed", clock_.wall(), json::value_of(node::ExportFailedItem{id, std::move(why)})});
}

void CoreReports::picture(const Uuid& camera, std::string state, WallTime at) {
  put({"camera.picture", at, json::value_of(node::CameraPictureItem{camera, std::move(state)})});
}

void CoreReports::clock_set(const Uuid& camera, std::int64_t offset_ms) {
  put({"camera.clock", clock_.wall(), json::value_of(node::CameraClockItem{camera, offset_ms})});
}

std::uint64_t CoreReports::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

void CoreReports::put(node::BatchItem item) {
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= most_waiting) {
      ++dropped_;
      return;
    }
    waiting_.push_back(std::move(item));
  }
  changed_.notify_one();
}

void CoreReports::run() {
  for (;;) {
    std::deque<node::BatchItem> items;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      items.swap(waiting_);
    }
    for (const auto& item : items)
      if (auto put = spool_.put(item); !put) {
        log::error("recorder.spool", {{"kind", item.kind}, {"why", put.error().message}});
        const std::scoped_lock lock(mutex_);
        ++dropped_;
      }
    on_spooled_();
  }
}

}  // namespace vl::recorder
