// Cuts one stream's samples into fragments and says where footage is missing, and why.
//
// Pure: what it makes goes to a sink, time comes with the calls. One thread at a time; owned by
// whoever records the stream. Holds at most one fragment's samples.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <vonglau/recording/fragment.hpp>

namespace vl::recording {

class FragmentSink {
 public:
  virtual ~FragmentSink() = default;
  virtual void on_fragment(NewFragment&& fragment) = 0;
  /// A stretch without footage. One without end is ended by the next fragment, or goes on under
  /// another cause from where the next one begins.
  virtual void on_gap(const StreamKey& stream, const Gap& gap) = 0;
};

struct CutRules {
  /// A fragment is closed when its samples span this. With the store's sync interval it makes
  /// the most that a crash can take: 0.6 s + 0.3 s.
  std::int64_t target_us = 600'000;
  /// A key picture begins a new fragment, so that playing can begin there, unless the current
  /// one is younger than this.
  std::int64_t key_cut_us = 200'000;
  std::size_t target_bytes = 4 * 1024 * 1024;
};

class StreamRecorder {
 public:
  StreamRecorder(StreamKey stream, FragmentSink& sink, CutRules rules = {})
      : stream_(stream), sink_(sink), rules_(rules) {}

  /// Recording is wanted from now on; `known_end_us` is where the store's footage ends.
  void begin(std::int64_t wall_us, std::optional<std::int64_t> known_end_us);
  /// A connection plays: samples of another session follow.
  void connected(std::uint32_t session);
  void add(SamplePtr sample);
  /// Samples are missing before the next one (packets lost, format unreadable).
  void missing(GapCause cause, std::string detail);
  /// No samples come for now. Repeated with another cause, the gap goes on under it from
  /// `wall_us`.
  void interrupted(GapCause cause, std::string detail, std::int64_t wall_us);
  /// To be called often (every 100 ms): closes a fragment that no sample closes.
  void tick(std::int64_t wall_us);
  /// Closes the fragment at hand.
  void flush();

  std::optional<std::int64_t> end_us() const { return end_us_; }

 private:
  void cut(std::optional<std::int64_t> next_us);

  StreamKey stream_;
  FragmentSink& sink_;
  CutRules rules_;
  std::uint32_t session_ = 0;
  std::vector<SamplePtr> samples_;
  std::size_t bytes_ = 0;
  std::int64_t last_interval_us_ = 40'000;
  std::int64_t last_video_us_ = 0;
  std::optional<std::int64_t> end_us_;  // of all footage so far
  std::optional<GapCause> missing_;     // before the next sample
  std::string missing_detail_;
  bool interrupted_ = false;
};

}  // namespace vl::recording
