// What cameras stored themselves of the time that is missing here: gaps that have ended are filled
// from there (ONVIF's replay), a stretch at a time, a few cameras at once, slowly, and only while
// the disk has time to spare.
//
// What comes is stored as fetched footage with its true times: the camera's, moved by what its
// clock was off before and after the gap. Edges are those of the gap, so that nothing comes twice;
// before the first of its pictures lie those that it needs to be decoded (they are older than the
// fragment's start). What the camera does not have stays a gap. Nothing is remembered: what is
// still missing is what the store says, so that a recorder that was killed goes on where it was.
//
// Threads of its own, one for each session at once. Any thread may call.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <vonglau/recorder/recorder.hpp>
#include <vonglau/recording/disk_worker.hpp>
#include <vonglau/recording/footage_view.hpp>
#include <vonglau/rtsp/replay.hpp>

#include "core_reports.hpp"

namespace vl::recorder {

/// A camera with storage of its own.
struct StoringCamera {
  recording::CameraId id;
  rtsp::Source replay;
  bool online = false;
};

class Backfill {
 public:
  Backfill(BackfillOptions options, recording::FragmentStore& store, recording::DiskWorker& worker,
           CoreReports& reports, const Clock& clock);
  ~Backfill();
  Backfill(const Backfill&) = delete;
  Backfill& operator=(const Backfill&) = delete;

  /// All of them, now and then. One that came back is looked at soon.
  void set_cameras(std::vector<StoringCamera> cameras);

  struct Counters {
    std::uint64_t stretches = 0;  // asked for
    std::uint64_t failed = 0;
    std::int64_t filled_us = 0;
    std::uint64_t bytes = 0;
    std::size_t sessions = 0;  // at this moment
  };
  Counters counters() const;

 private:
  /// When a stretch that was asked for in vain is asked for again.
  struct Tried {
    int failures = 0;
    std::int64_t due_us = 0;
  };
  struct Job {
    StoringCamera camera;
    std::int64_t due_us = 0;
    bool busy = false;
    unsigned seen = 0;
    std::map<std::int64_t, Tried> tried;  // by the stretch's start
  };
  struct Stretch {
    std::int64_t from_us = 0;
    std::int64_t to_us = 0;
    recording::Gap gap;  // as it was recorded
  };

  void run();
  /// One stretch. When the camera wants to be looked at again.
  std::int64_t turn(const StoringCamera& camera);
  /// Nothing: not now; `wait_us` is made as short as need be.
  std::optional<Stretch> next_stretch(const StoringCamera& camera, std::int64_t& wait_us);
  Result<std::int64_t> fetch(const StoringCamera& camera, const Stretch& stretch);
  void note(const recording::CameraId& camera, const Stretch& stretch, bool failed, bool nothing);
  bool goes_on(const recording::CameraId& camera) const;

  const BackfillOptions options_;
  recording::FragmentStore& store_;
  const recording::FootageView view_;
  recording::DiskWorker& worker_;
  CoreReports& reports_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<recording::CameraId, Job> jobs_;
  unsigned round_ = 0;
  Counters counters_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace vl::recorder
