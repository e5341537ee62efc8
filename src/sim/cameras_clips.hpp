// The clips that the simulated cameras share: rendered and encoded by one thread, kept in a
// folder, so that a second start has them at once.
//
// A clip can be played while it grows: units are written once, before `ready` counts them, and
// never change. The library may be asked from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include <vonglau/base/clock.hpp>
#include <vonglau/sim/cameras.hpp>
#include <vonglau/sim/scene.hpp>

#include "cameras_encoder.hpp"
#include "cameras_packets.hpp"

namespace vl::sim {

struct StreamClip {
  VideoProfile profile;
  std::vector<Bytes> parameter_sets;  // known from the start
  std::vector<Unit> units;            // its size is that of the whole loop from the start
  std::vector<std::uint8_t> motion;   // whether each second of the loop has any; of a whole one
  std::atomic<std::size_t> ready{0};  // always a whole number of key distances

  bool whole() const { return ready.load(std::memory_order_acquire) == units.size(); }
};

struct Clip {
  SceneSpec scene;
  StreamClip main, sub;
  std::atomic<bool> failed{false};
};

class ClipLibrary {
 public:
  /// Opens encoders to learn the parameter sets; draws nothing yet.
  static Result<std::unique_ptr<ClipLibrary>> open(std::filesystem::path folder,
                                                   const std::vector<SceneSpec>& scenes,
                                                   const VideoProfile& main,
                                                   const VideoProfile& sub);
  ~ClipLibrary();
  ClipLibrary(const ClipLibrary&) = delete;
  ClipLibrary& operator=(const ClipLibrary&) = delete;

  /// Loads what the folder has and draws the rest, one clip after another.
  void start();
  std::size_t size() const { return clips_.size(); }
  /// The wanted clip when it is whole, else the first, which is drawn first.
  const Clip& playable(std::size_t wanted) const;
  std::size_t whole_count() const;
  std::size_t loaded_count() const { return loaded_.load(); }

 private:
  ClipLibrary() = default;
  void work(const std::stop_token& stop);
  bool load(Clip& clip) const;
  void save(const Clip& clip) const;
  Result<void> draw(Clip& clip, const std::stop_token& stop) const;
  std::filesystem::path file_of(const Clip& clip) const;

  std::filesystem::path folder_;
  std::vector<std::unique_ptr<Clip>> clips_;
  std::atomic<std::size_t> loaded_{0};
  std::jthread thread_;
};

}  // namespace vl::sim
