// Cuts pictures that a camera stored itself into fragments of one gap: with the recorder's times,
// from the gap's start to its end and not a moment beyond. Pure; one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include <vonglau/recording/fragment.hpp>
#include <vonglau/recording/stream_recorder.hpp>

namespace vl::recorder {

/// The camera's clock less the recorder's, at both ends of a gap; between them it is taken to
/// drift evenly.
struct ClockBetween {
  std::int64_t from_us = 0;  // by the recorder's clock
  std::int64_t to_us = 0;
  std::int64_t offset_us = 0;  // at `from_us`
  std::int64_t drift_us = 0;   // more at `to_us`

  std::int64_t camera_us(std::int64_t wall_us) const;
  std::int64_t wall_us(std::int64_t camera_us) const;
};

class FetchedCut {
 public:
  /// False: the fragment cannot be taken now or ever; nothing more is wanted.
  using Give = std::function<bool(recording::NewFragment&&)>;
  FetchedCut(recording::StreamKey stream, std::uint32_t session, std::int64_t from_us,
             std::int64_t to_us, ClockBetween clock, Give give, recording::CutRules rules = {});

  /// As it came, with the camera's time. False: enough.
  bool add(media::Sample&& sample);
  /// `whole`: pictures of after the gap's end were seen, or the camera said that it has no more.
  void finish(bool whole);

  /// Microseconds of the gap that were given.
  std::int64_t given_us() const { return given_us_; }

 private:
  bool begin(const media::Sample& first);
  void take(recording::SamplePtr sample);
  bool cut(std::int64_t end_us);

  const recording::StreamKey stream_;
  const std::uint32_t session_;
  const std::int64_t from_us_;
  const std::int64_t to_us_;
  const ClockBetween clock_;
  const Give give_;
  const recording::CutRules rules_;
  std::vector<recording::SamplePtr> before_;  // the gap: a key picture and what follows it
  std::size_t before_bytes_ = 0;
  std::vector<recording::SamplePtr> samples_;
  std::size_t bytes_ = 0;
  std::int64_t start_us_ = 0;
  std::int64_t last_us_ = 0;  // of the last picture, before the gap or in it
  std::int64_t interval_us_ = 40'000;
  std::int64_t given_us_ = 0;
  bool refused_ = false;
};

}  // namespace vl::recorder
