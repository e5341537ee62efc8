// One stream of one camera while it is taken: what comes goes to the live feed and, where it is
// recorded, to disk; whether the camera is there is told to the core.
//
// Callbacks come on the thread of rtsp::Connections; stop() and feed() may be called from any
// other. stop() comes after Connections::close(): nothing is called at the same time then.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include <vonglau/recording/fragment_store.hpp>
#include <vonglau/recording/stream_recorder.hpp>
#include <vonglau/rtsp/connections.hpp>

#include "core_reports.hpp"
#include "live_feed.hpp"
#include "told_gaps.hpp"

namespace vl::recorder {

recording::GapCause gap_cause_of(rtsp::StopCause cause);

class CameraStream final : public rtsp::Listener {
 public:
  /// A camera that is back within this was never away: one event less for the operators.
  static constexpr std::int64_t hold_off_us = 2'500'000;

  /// `sink` null: live only, and the core hears nothing of it. All outlive the stream.
  CameraStream(recording::StreamKey key, recording::FragmentSink* sink, CoreReports* reports,
               const Clock& clock, recording::CutRules rules = {});

  /// Viewers may be shown what is stored. Before anything comes.
  void show_stored(const recording::FragmentStore& store);
  /// Before the connection opens; `known_end_us` and `open_gap` are what the store says.
  void begin(std::optional<std::int64_t> known_end_us,
             const std::optional<recording::Gap>& open_gap);
  /// The connection is closed; `cause`: footage is not wanted any more. Nothing: the recorder
  /// ends and goes on later.
  void stop(std::optional<recording::GapCause> cause);
  /// The next tick tells how the camera is, whatever was told before.
  void tell_again() { tell_again_ = true; }

  LiveFeed& feed() { return feed_; }
  /// As LiveFeed::join(); reads from the store if need be.
  bool join(const std::shared_ptr<Viewer>& viewer);
  const recording::StreamKey& key() const { return key_; }
  bool online() const { return online_; }

  void on_playing(const rtsp::SessionDescription& description) override;
  void on_sample(media::Sample&& sample) override;
  void on_problem(const rtsp::Problem& problem) override;
  void on_stopped(rtsp::StopCause cause, const std::string& detail) override;
  void on_tick(WallTime wall, MonoTime mono) override;
  bool in_haste() const override { return !recorder_ || feed_.viewers() > 0; }

 private:
  struct Stopped {
    rtsp::StopCause cause;
    MonoTime since;
    WallTime wall;
  };
  void tell(WallTime wall);
  std::vector<recording::SamplePtr> stored_pictures(std::int64_t before_us) const;

  const recording::StreamKey key_;
  CoreReports* const reports_;
  const Clock& clock_;
  std::optional<ToldGaps> gaps_;
  std::optional<recording::StreamRecorder> recorder_;
  LiveFeed feed_;
  const recording::FragmentStore* store_ = nullptr;
  unsigned ticks_ = 0;
  std::uint32_t session_;
  std::optional<Stopped> stopped_;
  std::int64_t last_sample_us_ = 0;
  bool receiving_ = false;  // samples have come since the last stop
  std::optional<recording::GapCause> told_offline_;
  bool told_online_ = false;
  std::atomic<bool> tell_again_ = false;
  std::atomic<bool> online_ = false;
};

}  // namespace vl::recorder
