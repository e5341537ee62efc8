// Which seconds of a camera had motion, as the camera itself told: beside the footage, in a file a
// camera and day (UTC) with two bits a second (known, moving), so that a camera that tells a
// thousand events a second takes no more room than one that tells none: 21.6 KB a day.
//
// It is not evidence and not synced: a power loss may cost its last half minute. Any thread.
#pragma once

#include <array>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <vonglau/base/ids.hpp>
#include <vonglau/base/result.hpp>

namespace vl::recorder {

class MotionLog {
 public:
  explicit MotionLog(std::filesystem::path folder);

  /// Every second that the span touches is known; a moving one stays moving. At most a day.
  void mark(const Uuid& camera, std::int64_t from_us, std::int64_t to_us, bool moving);
  /// For `parts` equal parts of a time the percentage of their known seconds that had motion, -1
  /// where nothing is known; empty when nothing is known at all. A part under a second is its
  /// second.
  std::vector<int> percentages(const Uuid& camera, std::int64_t from_us, std::int64_t to_us,
                               std::size_t parts) const;
  /// Forgets the days that were over before this moment.
  void forget(const Uuid& camera, std::int64_t before_us);
  /// Cameras that have anything.
  std::vector<Uuid> cameras() const;

 private:
  static constexpr std::size_t bytes_a_day = 86'400 / 4;
  using Day = std::array<std::uint8_t, bytes_a_day>;
  std::filesystem::path file_of(const Uuid& camera, std::int64_t day) const;
  bool read(const Uuid& camera, std::int64_t day, Day& out) const;

  const std::filesystem::path folder_;
  mutable std::mutex mutex_;
};

}  // namespace vl::recorder
