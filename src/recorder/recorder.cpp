#include <filesystem>
#include <fstream>

#include <boost/describe/enum_to_string.hpp>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vonglau/base/json.hpp>
#include <vonglau/base/log.hpp>
#include <vonglau/recorder/recorder.hpp>

#include "backfill.hpp"
#include "device_work.hpp"
#include "health_reports.hpp"
#include "media_routes.hpp"
#include "motion_watch.hpp"
#include "picture_watch.hpp"
#include "storage_reports.hpp"

namespace vl::recorder {

namespace {

/// Tells operators that room runs out: when it begins, and hourly.
class PressureReports final : public recording::StoreObserver {
 public:
  PressureReports(CoreReports& reports, const Clock& clock) : reports_(reports), clock_(clock) {}
  void set_store(recording::FragmentStore& store) { store_ = &store; }

  void on_reclaimed(const recording::StreamKey&, std::uint64_t bytes, std::int64_t,
                    bool for_room) override {
    if (!for_room) return;
    freed_ += bytes;
    tell(false);
  }
  void on_mostly_locked(const recording::Usage&) override { tell(true); }
  void on_disk_full(const std::string& detail) override {
    log::error("recorder.disk_full", {{"why", detail}});
    tell(true);
  }
  void on_disk_failed(const std::string& detail) override {
    log::error("recorder.disk_failed", {{"why", detail}});
    tell(true);
  }
  void on_torn_tail(const recording::StreamKey& stream, std::uint64_t bytes) override {
    log::info("recorder.torn_tail",
              {{"camera", stream.camera.text()}, {"bytes", std::to_string(bytes)}});
  }

 private:
  void tell(bool only_locked_left) {
    const auto now = clock_.mono();
    const std::scoped_lock lock(mutex_);
    // A full ring frees all the time: said when it begins, and hourly while it goes on.
    if (last_ && now.us - last_->us < 3'600'000'000 && only_locked_left == last_locked_) return;
    last_ = now;
    last_locked_ = only_locked_left;
    const auto free = store_ != nullptr ? store_->usage().free_bytes : 0;
    reports_.pressure({static_cast<std::int64_t>(free),
                       static_cast<std::int64_t>(freed_.exchange(0)), only_locked_left});
  }
  CoreReports& reports_;
  const Clock& clock_;
  recording::FragmentStore* store_ = nullptr;
  std::mutex mutex_;
  std::optional<MonoTime> last_;
  bool last_locked_ = false;
  std::atomic<std::uint64_t> freed_ = 0;
};

/// Replaced whole, readable by its owner alone.
Result<void> write_private(const std::string& path, const std::string& text) {
  const std::string fresh = path + ".new";
  const int file = ::open(fresh.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) return fail(recording::RecordingError::disk_failed, "cannot write " + fresh);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  ::close(file);
  std::error_code error;
  if (written) std::filesystem::rename(fresh, path, error);
  if (!written || error)
    return fail(recording::RecordingError::disk_failed, "cannot write " + path);
  return {};
}

class Running final : public Recorder {
 public:
  Running(RecorderOptions options, const Clock& clock, node::Spool& spool,
          std::function<void()> spooled)
      : options_(std::move(options)),
        reports_(spool, clock, std::move(spooled)),
        pressure_(reports_, clock),
        clock_(clock),
        tickets_(options_.province, clock),
        devices_({options_.discovery_port}, reports_, clock),
        health_(
            clock,
            [this](const Uuid& camera) {
              return store_->end_us({cameras::CameraId{camera}, recording::StreamKind::main});
            },
            [this](const node::CameraHealthItem& item) { reports_.health(item); }) {}

  Result<void> start(recording::Disk& disk, IdSource& ids) {
    VL_TRY(store_, recording::open_fragment_store(options_.store, disk, clock_, ids, pressure_));
    pressure_.set_store(*store_);
    worker_ = std::make_unique<recording::DiskWorker>(*store_, clock_, options_.worker);
    players_ = std::make_unique<PlayLoop>(*store_, clock_);
    stations_ = std::make_unique<Stations>(options_, *store_, *worker_, reports_, clock_);
    if (!options_.exports.folder.empty())
      exports_ = std::make_unique<ExportWork>(options_.exports, options_.store.reserve_bytes,
                                              *store_, reports_, clock_, ids);
    if (options_.backfill.sessions > 0)
      backfill_ =
          std::make_unique<Backfill>(options_.backfill, *store_, *worker_, reports_, clock_);
    hls_.emplace(*store_, clock_);
    if (!options_.motion.folder.empty()) {
      motion_log_.emplace(options_.motion.folder);
      motion_ =
          std::make_unique<MotionWatch>(options_.motion, *motion_log_, clock_,
                                        [this](const Uuid& camera) { return oldest(camera); });
    }
    parts_.emplace(MediaParts{tickets_, *stations_, *players_, *store_, exports_.get(), *hls_,
                              motion_log_ ? &*motion_log_ : nullptr});
    storage_ = std::make_unique<StorageReports>(
        *store_, options_.store.folder,
        options_.store.default_retention.most_age_s.value_or(0) / 86'400, clock_);
    load_assignment();
    if (options_.pictures.helper)
      pictures_ = std::make_unique<PictureWatch>(
          PictureOptions{options_.pictures.helper,
                         options_.pictures.least_us,
                         options_.pictures.looks_a_second,
                         {}},
          *store_, clock_, [this](const Uuid& camera, picture::PictureState state, WallTime at) {
            if (state == picture::PictureState::moved && devices_.is_turned(camera)) return;
            reports_.picture(camera, boost::describe::enum_to_string(state, "good"), at);
          });
    return {};
  }

  void take_task(node::Task task, std::function<void(node::TaskDone)> answer) override {
    devices_.take(std::move(task), std::move(answer));
  }
  void assign(const node::Assignment& assignment) override {
    stations_->assign(assignment);
    devices_.assign(assignment);
    if (motion_) motion_->assign(assignment);
    if (assignment.ended_addresses) tickets_.set_ended(*assignment.ended_addresses);
    if (exports_ && assignment.exports) exports_->assign(*assignment.exports);
    if (options_.assignment_file.empty()) return;
    // Exports are not kept: they carry what people wrote, and wait for the core anyway.
    node::Assignment cameras{assignment.revision, assignment.cameras, std::nullopt,
                             assignment.ended_addresses};
    if (auto kept = write_private(options_.assignment_file, json::write(cameras)); !kept)
      log::warn("recorder.assignment_not_kept", {{"why", kept.error().message}});
  }
  void tell_all() override {
    stations_->tell_all();
    if (pictures_) pictures_->tell_again();
  }
  void keep() override {
    stations_->keep();
    devices_.keep();
    if (motion_) motion_->keep();
    if (storage_->due()) reports_.tell(storage_->look(worker_->counters().bytes));
    if (!health_.due()) return;
    if (backfill_) backfill_->set_cameras(stations_->storing_cameras());
    const auto cameras = stations_->cameras();
    health_.look(cameras);
    if (!pictures_) return;
    std::vector<Uuid> streaming;
    for (const auto& camera : cameras)
      if (camera.online) streaming.push_back(camera.id);
    pictures_->set_cameras(std::move(streaming));
  }
  void set_ticket_key(Bytes key) override { tickets_.set_key(std::move(key)); }
  void add_routes(http::Router& router) override { add_media_routes(router, *parts_); }
  std::vector<CameraNow> cameras() const override { return stations_->cameras(); }
  recording::FragmentStore& store() override { return *store_; }
  void drain() override { worker_->drain(); }

  void measure(http::Metrics& metrics) override {
    const auto all = stations_->cameras();
    std::size_t online = 0, viewers = 0;
    std::uint64_t lost = 0, received = 0;
    for (const auto& camera : all) {
      online += camera.online ? 1 : 0;
      viewers += camera.viewers;
      lost += camera.main.video.lost;
      received += camera.main.video.bytes;
    }
    const auto set = [&](const char* name, const char* help, double value) {
      metrics.gauge(name, help).set(value);
    };
    const auto number = [](auto value) { return static_cast<double>(value); };
    set("vonglau_recorder_cameras", "Cameras assigned", number(all.size()));
    set("vonglau_recorder_online", "Cameras that stream", number(online));
    set("vonglau_recorder_viewers", "Live viewers", number(viewers));
    set("vonglau_recorder_hls_players", "Players served by HLS", number(hls_->players()));
    set("vonglau_recorder_players", "Playback sessions", number(players_->players()));
    set("vonglau_recorder_received_bytes", "RTP of present connections", number(received));
    set("vonglau_recorder_lost_packets", "RTP of present connections", number(lost));
    const auto written = worker_->counters();
    set("vonglau_recorder_fragments", "Fragments made durable", number(written.fragments));
    set("vonglau_recorder_bytes", "Bytes made durable", number(written.bytes));
    set("vonglau_recorder_dropped", "Fragments dropped: queue full", number(written.dropped));
    set("vonglau_recorder_refused", "Fragments the disk refused", number(written.refused));
    set("vonglau_recorder_longest_sync_s", "Longest sync", number(written.longest_sync_us) / 1e6);
    const auto usage = store_->usage();
    set("vonglau_recorder_stored_bytes", "Footage on disk", number(usage.stored_bytes));
    set("vonglau_recorder_locked_bytes", "Footage locked", number(usage.locked_bytes));
    set("vonglau_recorder_free_bytes", "Free on the disk", number(usage.free_bytes));
    if (backfill_) {
      const auto filled = backfill_->counters();
      set("vonglau_recorder_backfill_sessions", "Cameras asked for what they stored",
          number(filled.sessions));
      set("vonglau_recorder_backfilled_s", "Fetched from cameras' own storage",
          number(filled.filled_us) / 1e6);
      set("vonglau_recorder_backfill_bytes", "Received from it", number(filled.bytes));
      set("vonglau_recorder_backfill_failed", "Stretches asked for in vain", number(filled.failed));
    }
    if (motion_) {
      const auto told = motion_->counters();
      set("vonglau_recorder_motion_cameras", "Cameras that tell motion", number(told.cameras));
      set("vonglau_recorder_motion_events", "Motion told by cameras", number(told.events));
      set("vonglau_recorder_motion_failed", "Times that a camera was asked in vain",
          number(told.failed));
    }
    if (pictures_) {
      set("vonglau_recorder_looks", "Pictures looked at", number(pictures_->looks()));
      set("vonglau_recorder_looks_failed", "Pictures that did not decode",
          number(pictures_->failures()));
    }
    set("vonglau_recorder_reports_dropped", "Reports to the core", number(reports_.dropped()));
  }

 private:
  void load_assignment() {
    if (options_.assignment_file.empty()) return;
    std::ifstream in(options_.assignment_file);
    if (!in) return;
    const std::string text(std::istreambuf_iterator<char>(in), {});
    const auto kept = json::read_text<node::Assignment>(text, json::Unknown::ignore);
    if (!kept) {
      log::warn("recorder.assignment_unreadable", {{"why", kept.error().message}});
      return;
    }
    stations_->assign(*kept);
    if (kept->ended_addresses) tickets_.set_ended(*kept->ended_addresses);
    devices_.assign(*kept);
    if (motion_) motion_->assign(*kept);
  }
  std::optional<std::int64_t> oldest(const Uuid& camera) const {
    const recording::StreamKey stream{cameras::CameraId{camera}, recording::StreamKind::main};
    const auto first = store_->find(stream, 0, clock_.wall().us, 1);
    if (!first) return 0;  // not known: nothing is forgotten
    if (first->empty()) return std::nullopt;
    return first->front().start_us;
  }

  const RecorderOptions options_;
  CoreReports reports_;
  PressureReports pressure_;
  const Clock& clock_;
  TicketGate tickets_;
  DeviceWork devices_;
  HealthReports health_;
  // In the order in which each stands on the one before it.
  std::unique_ptr<recording::FragmentStore> store_;
  std::unique_ptr<recording::DiskWorker> worker_;
  std::unique_ptr<PlayLoop> players_;
  std::unique_ptr<Stations> stations_;
  std::unique_ptr<StorageReports> storage_;
  std::unique_ptr<ExportWork> exports_;
  std::unique_ptr<PictureWatch> pictures_;
  std::unique_ptr<Backfill> backfill_;
  std::optional<Hls> hls_;
  std::optional<MotionLog> motion_log_;
  std::unique_ptr<MotionWatch> motion_;
  std::optional<MediaParts> parts_;
};

}  // namespace

Result<std::unique_ptr<Recorder>> Recorder::open(RecorderOptions options, recording::Disk& disk,
                                                 const Clock& clock, IdSource& ids,
                                                 node::Spool& spool,
                                                 std::function<void()> spooled) {
  auto recorder = std::make_unique<Running>(std::move(options), clock, spool, std::move(spooled));
  VL_CHECK(recorder->start(disk, ids));
  return recorder;
}

}  // namespace vl::recorder
