// What a camera keeps on a card of its own: the last minutes of its main stream, also while nobody
// can reach it. Pictures are not kept twice: a clip is, and which of it was filmed when.
// Belongs to the simulator's network thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "cameras_clips.hpp"

namespace vl::sim {

struct StoredPicture {
  std::int64_t at_us = 0;  // by the camera's clock
  const Unit* unit = nullptr;
  bool follows = false;       // the picture before it
  bool ends_section = false;  // none follows it without a hole
};

class CameraStorage {
 public:
  explicit CameraStorage(std::int64_t seconds) : most_us_(seconds * 1'000'000) {}

  /// From now on this clip is filmed; null: nothing is. `clock_us`: what the camera's own clock
  /// says; `phase_us`: where in the clip it begins.
  void film(std::int64_t mono_us, std::int64_t clock_us, const StreamClip* clip,
            std::int64_t phase_us);
  /// From the key picture at or before `from_us`, if there is one, to the last before `to_us`.
  std::vector<StoredPicture> between(std::int64_t from_us, std::int64_t to_us,
                                     std::int64_t now_mono_us) const;
  /// The clip filmed last; null when there is none.
  const StreamClip* latest() const;

 private:
  struct Section {
    std::int64_t from_us = 0;  // monotonic
    std::optional<std::int64_t> to_us;
    std::int64_t to_clock_us = 0;  // to be added for the camera's clock
    const StreamClip* clip = nullptr;
    std::size_t first = 0;  // unit, a key picture
    std::size_t units = 0;  // of the clip, that are shown again and again
  };
  std::int64_t most_us_;
  std::deque<Section> sections_;
};

}  // namespace vl::sim
