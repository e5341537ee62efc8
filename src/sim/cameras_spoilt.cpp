#include "cameras_spoilt.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <vonglau/base/log.hpp>
#include <vonglau/sim/spoil.hpp>

#include "scene_math.hpp"

namespace vl::sim {
namespace {

/// A mean over a square, by rows and then by columns: an edge becomes a ramp.
void blur(Bytes& plane, int width, int height, int radius) {
  std::vector<std::uint8_t> line(static_cast<std::size_t>(std::max(width, height)));
  const auto along = [&](std::size_t start, std::size_t step, int length) {
    int sum = 0;
    const auto at = [&](int i) -> std::uint8_t& {
      return plane[start + static_cast<std::size_t>(std::clamp(i, 0, length - 1)) * step];
    };
    for (int i = -radius; i <= radius; ++i) sum += at(i);
    for (int i = 0; i < length; ++i) {
      line[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(sum / (2 * radius + 1));
      sum += at(i + radius + 1) - at(i - radius);
    }
    for (int i = 0; i < length; ++i) at(i) = line[static_cast<std::size_t>(i)];
  };
  for (int y = 0; y < height; ++y) along(static_cast<std::size_t>(y * width), 1, width);
  for (int x = 0; x < width; ++x)
    along(static_cast<std::size_t>(x), static_cast<std::size_t>(width), height);
}

/// The camera turned to the side and up: what was right is left of the middle, and mirrored, so
/// that the street goes elsewhere.
void turn(Bytes& plane, int width, int height) {
  const Bytes was = plane;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const int from_x = (width - 1 - x + width * 2 / 5) % width;
      const int from_y = (y + height / 4) % height;
      plane[static_cast<std::size_t>(y * width + x)] =
          was[static_cast<std::size_t>(from_y * width + from_x)];
    }
}

void flat(Picture& picture, std::uint8_t luma) {
  std::ranges::fill(picture.luma, luma);
  std::ranges::fill(picture.cb, 128);
  std::ranges::fill(picture.cr, 128);
}

Result<void> draw(StreamClip& stream, const VideoProfile& profile, const SceneSpec& spec,
                  FaultKind kind, const std::stop_token& stop) {
  // Longer than what is looked at twice in a row; a still or a flat picture needs no length.
  const bool moves = kind == FaultKind::blur || kind == FaultKind::move;
  const int pictures = (moves ? 8 : 2) * profile.fps;
  stream.profile = profile;
  VL_TRY(stream.parameter_sets, parameter_sets_of(profile));
  VL_TRY(auto encoder, H264Encoder::open(profile));
  SceneRenderer renderer(std::make_shared<const Scene>(spec), profile.width, profile.height, 1);
  Picture picture;
  std::vector<CodedPicture> coded;
  for (int i = 0; i < pictures && !stop.stop_requested(); ++i) {
    if (moves || i == 0) renderer.render(static_cast<double>(i) / profile.fps, picture);
    if (moves || i == 0) spoil(picture, kind);
    VL_CHECK(encoder->encode(picture, i % profile.key_distance == 0, coded));
  }
  VL_CHECK(encoder->finish(coded));
  for (const auto& one : coded) stream.units.push_back(packetise(one));
  // Whole key distances only, so that it can be left at a key picture.
  const auto distance = static_cast<std::size_t>(profile.key_distance);
  stream.units.resize(stream.units.size() / distance * distance);
  stream.ready.store(stream.units.size(), std::memory_order_release);
  return {};
}

}  // namespace

bool spoils_picture(FaultKind kind) {
  return kind == FaultKind::black || kind == FaultKind::freeze || kind == FaultKind::blur ||
         kind == FaultKind::cover || kind == FaultKind::move;
}

void spoil(Picture& picture, FaultKind kind) {
  if (kind == FaultKind::black) flat(picture, 16);
  // A cloth or a hand: grey, a little lighter to one side.
  if (kind == FaultKind::cover) {
    flat(picture, 70);
    for (std::size_t i = 0; i < picture.luma.size(); ++i)
      picture.luma[i] =
          static_cast<std::uint8_t>(60 + 30 * (i % static_cast<std::size_t>(picture.width)) /
                                             static_cast<std::size_t>(picture.width));
  }
  if (kind == FaultKind::blur)
    blur(picture.luma, picture.width, picture.height, picture.width / 100);
  if (kind == FaultKind::move) {
    turn(picture.luma, picture.width, picture.height);
    turn(picture.cb, picture.width / 2, picture.height / 2);
    turn(picture.cr, picture.width / 2, picture.height / 2);
  }
}

const Clip* SpoiltClips::of(const Clip& clip, FaultKind kind) {
  const std::scoped_lock lock(mutex_);
  auto& made = made_[{&clip, kind}];
  if (!made) {
    made = std::make_unique<Made>();
    made->clip.scene = clip.scene;
    made->thread = std::jthread([one = made.get(), kind, main = clip.main.profile,
                                 sub = clip.sub.profile](const std::stop_token& stop) {
      auto drawn = draw(one->clip.sub, sub, one->clip.scene, kind, stop);
      if (drawn) drawn = draw(one->clip.main, main, one->clip.scene, kind, stop);
      if (drawn)
        one->whole = true;
      else
        log::error("sim.clip_failed", {{"why", drawn.error().message}});
    });
  }
  return made->whole ? &made->clip : nullptr;
}

}  // namespace vl::sim
