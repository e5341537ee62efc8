// Between a stream's recorder and the disk: passes everything on and tells the core the gaps
// worth an event, each once, when its end is known. Short losses are in the footage's own index
// only: with a thousand cameras on bad lines they would flood the journal.
// One thread at a time, as for FragmentSink.
#pragma once

#include <optional>

#include <vonglau/recording/stream_recorder.hpp>

#include "core_reports.hpp"

namespace vl::recorder {

constexpr std::int64_t least_told_gap_us = 2'000'000;

class ToldGaps final : public recording::FragmentSink {
 public:
  ToldGaps(recording::FragmentSink& next, CoreReports& reports) : next_(next), reports_(reports) {}
  /// A gap that was open when the recorder started.
  void resume(const recording::Gap& gap) { open_ = gap; }

  void on_fragment(recording::NewFragment&& fragment) override {
    if (open_) tell(fragment.stream, *open_, fragment.start_us);
    open_.reset();
    next_.on_fragment(std::move(fragment));
  }
  void on_gap(const recording::StreamKey& stream, const recording::Gap& gap) override {
    if (gap.end_us) {
      tell(stream, gap, *gap.end_us);
    } else if (!open_) {
      open_ = gap;
    } else if (open_->cause != gap.cause) {
      tell(stream, *open_, gap.start_us);
      open_ = gap;
    }
    next_.on_gap(stream, gap);
  }

 private:
  void tell(const recording::StreamKey& stream, const recording::Gap& gap, std::int64_t end_us) {
    if (end_us - gap.start_us < least_told_gap_us) return;
    reports_.gap(stream.camera, std::string(name_of(stream.kind)), gap.start_us, end_us, gap.cause);
  }
  recording::FragmentSink& next_;
  CoreReports& reports_;
  std::optional<recording::Gap> open_;
};

}  // namespace vl::recorder
