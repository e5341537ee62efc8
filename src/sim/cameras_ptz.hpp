// The motors of a camera that can be turned: where it looks at any moment. Any thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <mutex>

#include <vonglau/base/clock.hpp>
#include <vonglau/sim/scene.hpp>

namespace vl::sim {

/// In ONVIF's generic spaces: pan and tilt -1 to 1, zoom 0 to 1.
struct HeadPosition {
  double pan = 0, tilt = 0, zoom = 0;
  friend bool operator==(const HeadPosition&, const HeadPosition&) = default;
};

class PtzHead {
 public:
  explicit PtzHead(const Clock& clock) : clock_(clock), at_us_(clock.mono().us) {}

  /// Speeds are parts of the full one; it stops by itself after `for_s`.
  void move(HeadPosition speed, double for_s) {
    const std::scoped_lock lock(mutex_);
    advance();
    speed_ = speed;
    aimed_ = false;
    ends_us_ = at_us_ + static_cast<std::int64_t>(std::clamp(for_s, 0.0, 60.0) * 1e6);
  }
  void stop() { move({}, 0); }
  void aim(HeadPosition target) {
    const std::scoped_lock lock(mutex_);
    advance();
    target_ = {within(target.pan, -1), within(target.tilt, -1), within(target.zoom, 0)};
    aimed_ = true;
  }
  HeadPosition position() {
    const std::scoped_lock lock(mutex_);
    advance();
    return position_;
  }
  bool moving() {
    const std::scoped_lock lock(mutex_);
    advance();
    return aimed_ || speed_ != HeadPosition{};
  }
  /// Wide: 40 degrees to each side, 20 up and down, six times nearer.
  SceneView view() {
    const auto at = position();
    return {static_cast<float>(at.pan * 40), static_cast<float>(at.tilt * 20),
            static_cast<float>(std::pow(6.0, at.zoom))};
  }

 private:
  static constexpr double kTurn_s = 0.6, kZoom_s = 0.4;  // at full speed, of the whole range
  static double within(double v, double low) {
    return std::isfinite(v) ? std::clamp(v, low, 1.0) : 0;
  }
  void advance() {
    const auto now_us = clock_.mono().us;
    double seconds = static_cast<double>(now_us - at_us_) / 1e6;
    if (aimed_) {
      const auto near = [&](double from, double to, double speed) {
        return from + std::clamp(to - from, -speed * seconds, speed * seconds);
      };
      position_ = {near(position_.pan, target_.pan, kTurn_s),
                   near(position_.tilt, target_.tilt, kTurn_s),
                   near(position_.zoom, target_.zoom, kZoom_s)};
      aimed_ = position_ != target_;
    } else if (speed_ != HeadPosition{}) {
      seconds = static_cast<double>(std::min(now_us, ends_us_) - at_us_) / 1e6;
      position_ = {within(position_.pan + speed_.pan * kTurn_s * seconds, -1),
                   within(position_.tilt + speed_.tilt * kTurn_s * seconds, -1),
                   within(position_.zoom + speed_.zoom * kZoom_s * seconds, 0)};
      if (now_us >= ends_us_) speed_ = {};
    }
    at_us_ = now_us;
  }

  const Clock& clock_;
  std::mutex mutex_;
  std::int64_t at_us_, ends_us_ = 0;
  HeadPosition position_, speed_, target_;
  bool aimed_ = false;
};

}  // namespace vl::sim
