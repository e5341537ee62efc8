// Pictures of a Vietnamese street, drawn by us from nothing but a seed: road, houses, signals,
// cars, lorries, buses, motorcycles with riders, people, plates. What the demonstration's
// cameras show.
//
// A Scene is built once and then only read (any thread); a SceneRenderer belongs to one thread.
// The same spec, size and time give the same picture. Motion repeats after `loop_s`.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <vonglau/base/bytes.hpp>
#include <vonglau/base/clock.hpp>

namespace vl::sim {

enum class Layout : std::uint8_t { junction, straight_road, market_gate, industrial_gate };
enum class Light : std::uint8_t { day, dusk };

struct SceneSpec {
  Layout layout = Layout::junction;
  Light light = Light::day;
  std::uint64_t seed = 1;
  float loop_s = 16;
};
std::string_view name_of(Layout layout);
std::string_view name_of(Light light);

/// One picture: planar 4:2:0, BT.709, limited range. Width and height are even.
struct Picture {
  int width = 0;
  int height = 0;
  Bytes luma, cb, cr;
  void resize(int new_width, int new_height);
};

class Scene {
 public:
  explicit Scene(const SceneSpec& spec);
  ~Scene();
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  const SceneSpec& spec() const;
  struct Inside;
  const Inside& inside() const { return *inside_; }

 private:
  std::unique_ptr<Inside> inside_;
};

/// Where a camera that can be turned looks, from where its scene has it look.
struct SceneView {
  float pan_deg = 0, tilt_deg = 0;  // to the right, up
  float zoom = 1;                   // 2: twice as near
  friend bool operator==(const SceneView&, const SceneView&) = default;
};

class SceneRenderer {
 public:
  /// `quality` 1 to 4: passes over the still part of the picture, which is drawn here, once.
  SceneRenderer(std::shared_ptr<const Scene> scene, int width, int height, int quality = 2,
                SceneView view = {});
  ~SceneRenderer();
  SceneRenderer(const SceneRenderer&) = delete;
  SceneRenderer& operator=(const SceneRenderer&) = delete;

  /// The picture at `time_s` (any value; taken modulo the loop).
  void render(double time_s, Picture& out);
  const SceneView& view() const;
  /// Turns a picture of this renderer's into what another view shows, as far as it is in it:
  /// quick, and blurred at the edges and in what comes nearer.
  void turn(const Picture& drawn, const SceneView& to, Picture& out) const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// Text burned into the upper left corner: the camera's code and the local time (UTC+7).
void burn_caption(Picture& picture, std::string_view code, std::optional<WallTime> time);

/// A machine-readable clock: one row of 64 squares, white for 1 and black for 0, the highest bit
/// left. 48 bits of milliseconds since 1970 UTC, then CRC-16/CCITT-FALSE of those six bytes.
/// A square is width / 80 pixels wide and high (rounded down to even); the row starts 8 squares
/// from the left edge and ends one square above the bottom edge.
void burn_clock(Picture& picture, std::int64_t wall_ms);
/// Reads the row back from luma; empty when the checksum does not agree.
std::optional<std::int64_t> read_clock(const std::uint8_t* luma, int width, int height, int stride);

}  // namespace vl::sim
